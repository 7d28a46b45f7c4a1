"""Verdicts on arrays of simulated families are those that a comparison gives, family by family."""

from itertools import combinations

import numpy as np
import pytest

from seqcli.statistics.array_verdicts import judged
from seqcli.statistics.calibration import POPULATIONS, answers
from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge_family


def compared(right: np.ndarray, rule: Rule) -> tuple[Judgement, ...]:
    """What a comparison concludes of the models' answers (models, seeds, examples), pair by pair."""
    views = [
        Evidence(
            paired_difference(a.mean(axis=1), b.mean(axis=1), resolution=1 / a.shape[1]),
            crossed(a.astype(float) - b),
        )
        for a, b in combinations(right.astype(float), 2)
    ]
    return judge_family(views, rule)


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize(
    ("shape", "margin", "alpha"),
    [((6, 2, 3, 50), 0.2, 0.05), ((4, 4, 5, 80), 0.1, 0.0197), ((3, 3, 4, 400), 0.06, 0.05)],
)
def test_arrays_of_answers_get_the_verdicts_of_a_comparison(
    population: str, shape: tuple[int, int, int, int], margin: float, alpha: float
) -> None:
    """The word, the adjusted p-values, and the interval that is printed with its level."""
    generator = np.random.Generator(np.random.Philox(sum(shape)))
    right = answers(population, generator, shape, 0.05)
    result = judged(right, margin, alpha)
    rule = Rule(margin=margin, alpha=alpha, cap=1)
    for family, first in enumerate(right):
        for pair, verdict in enumerate(compared(first, rule)):
            assert result.words[family, pair] == verdict.verdict
            assert result.mean[family, pair] == pytest.approx(verdict.mean, abs=1e-12)
            assert result.claims.different[family, pair] == pytest.approx(verdict.p_different, rel=1e-7)
            assert result.claims.equivalent[family, pair] == pytest.approx(verdict.p_equivalent, rel=1e-7)
            interval, level = verdict.deciding
            assert interval is not None
            assert 1 - result.alpha[family, pair] == pytest.approx(level, rel=1e-12)
            assert result.half_width[family, pair] == pytest.approx(interval.width / 2, rel=1e-7)


def test_the_random_families_get_every_word() -> None:
    """Else the test above would show less than it says."""
    generator = np.random.Generator(np.random.Philox(1))
    right = answers("smooth", generator, (60, 3, 4, 400), 0.08)
    assert set(judged(right, 0.06, 0.05).words.ravel()) >= {"better", "equivalent", "undecided"}


def test_models_that_answer_all_alike_are_known_only_to_the_grid() -> None:
    right = np.ones((1, 2, 3, 40), dtype=np.float32)
    result = judged(right, 0.01, 0.05)
    assert result.words.item() == compared(right[0], Rule(margin=0.01, cap=1))[0].verdict
    assert result.half_width.item() > 0


@pytest.mark.parametrize("population", POPULATIONS)
@pytest.mark.parametrize("ahead", [0.0, 0.01])
def test_a_population_has_the_true_difference_that_it_says(population: str, ahead: float) -> None:
    generator = np.random.Generator(np.random.Philox(2))
    shape = (400, 3, 4, 200)
    chances = np.broadcast_to(POPULATIONS[population](generator, shape, ahead), shape)
    assert chances.min() >= 0
    assert chances.max() <= 1
    by_model = chances.mean(axis=(2, 3), dtype=np.float64)
    first, others = by_model[:, 0] - by_model[:, 1], by_model[:, 1] - by_model[:, 2]
    assert first.mean() == pytest.approx(ahead, abs=4 * first.std() / 20)
    assert others.mean() == pytest.approx(0.0, abs=4 * others.std() / 20)
