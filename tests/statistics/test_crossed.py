"""Seeds crossed with examples: the closed form against a mixed model by hand, and how often it is wrong."""

import math

import numpy as np
import pytest
from scipy import stats

from seqcli.statistics import crossed as crossed_module
from seqcli.statistics.crossed import (
    CorpusScores,
    corpus_scores,
    crossed,
    crossed_corpus,
    crossed_variances,
)
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdict_claims import t_claims
from seqcli.statistics.verdicts import Evidence


def table(
    rng: np.random.Generator, seeds: int, examples: int, *, of: tuple[float, float, float]
) -> np.ndarray:
    """Seed, example and rest effects of these spreads, (S, N)."""
    seed_sd, example_sd, rest_sd = of
    return (
        rng.normal(0, seed_sd, (seeds, 1))
        + rng.normal(0, example_sd, (1, examples))
        + rng.normal(0, rest_sd, (seeds, examples))
    )


def test_the_mean_squares_are_those_of_two_way_analysis_of_variance() -> None:
    values = table(np.random.default_rng(0), 4, 30, of=(0.5, 2.0, 1.0))
    grand, rows, columns = values.mean(), values.mean(1), values.mean(0)
    of_seeds = 30 * np.sum((rows - grand) ** 2) / 3
    of_examples = 4 * np.sum((columns - grand) ** 2) / 29
    of_rest = np.sum((values - rows[:, None] - columns + grand) ** 2) / (3 * 29)
    interval_of = crossed(values)
    assert interval_of.variance == pytest.approx((of_seeds + of_examples - of_rest) / 120, rel=1e-12)
    assert interval_of.examples_variance == pytest.approx((of_examples - of_rest) / 120, rel=1e-12)
    parts = of_seeds**2 / 3 + of_examples**2 / 29 + of_rest**2 / (3 * 29)
    assert interval_of.degrees == pytest.approx((of_seeds + of_examples - of_rest) ** 2 / parts, rel=1e-12)
    half = stats.t.ppf(0.975, interval_of.degrees) * math.sqrt(interval_of.variance)
    assert interval_of.interval() == pytest.approx((grand - half, grand + half), rel=1e-9)


def test_the_variance_is_on_average_the_true_one() -> None:
    rng, of = np.random.default_rng(1), (0.3, 2.0, 1.5)
    tables = np.stack([table(rng, 5, 100, of=of) for _ in range(1500)])
    expected = 0.3**2 / 5 + 2.0**2 / 100 + 1.5**2 / 500
    assert crossed_variances(tables).variance.mean() == pytest.approx(expected, rel=0.05)
    assert tables.mean(axis=(1, 2)).var() == pytest.approx(expected, rel=0.12)


def test_examples_without_an_effect_of_their_own_leave_the_seeds_t_test() -> None:
    values = np.repeat([[1.0], [2.0], [4.0]], 10, axis=1)
    interval_of = crossed(values)
    assert interval_of.examples_variance == 0.0
    assert interval_of.degrees == 2
    assert interval_of.interval() == pytest.approx(paired_difference([1, 2, 4], [0, 0, 0]).ci95, rel=1e-9)


def test_degrees_are_never_fewer_than_the_seeds_give() -> None:
    for trial in range(50):
        values = table(np.random.default_rng(trial), 3, 20, of=(1.0, 0.1, 1.0))
        assert crossed(values).degrees >= 2


def test_one_run_has_the_variance_of_its_examples() -> None:
    right = np.array([[1, 0, 1, 1, 0, 1, 1, 1]])
    interval_of = crossed(right)
    assert interval_of.variance == pytest.approx(right.var(ddof=1) / 8)
    assert (interval_of.degrees, interval_of.seeds, interval_of.examples_variance) == (
        7,
        1,
        interval_of.variance,
    )


def test_its_p_values_are_students() -> None:
    interval_of = crossed(table(np.random.default_rng(3), 6, 40, of=(0.5, 1.0, 1.0)) + 0.7)
    t = interval_of.mean / math.sqrt(interval_of.variance)
    assert interval_of.claims(0.5).different == pytest.approx(
        2 * stats.t.sf(abs(t), interval_of.degrees), rel=1e-9
    )
    beyond = stats.t.sf((abs(interval_of.mean) - 0.5) / math.sqrt(interval_of.variance), interval_of.degrees)
    assert interval_of.claims(0.5).meaningful == pytest.approx(min(1, 2 * beyond), rel=1e-9)
    assert interval_of.claims(0.5).equivalent == pytest.approx(1 - beyond, rel=1e-9)


def test_many_tables_at_once_have_the_variances_of_each() -> None:
    tables = np.stack([table(np.random.default_rng(k), 4, 25, of=(0.5, 1.0, 1.0)) for k in range(5)])
    result = crossed_variances(tables)
    for k, first in enumerate(map(crossed, tables)):
        assert result.variance[k] == pytest.approx(first.variance)
        assert result.degrees[k] == pytest.approx(first.degrees)


@pytest.mark.parametrize("shape", [(3,), (0, 5), (5, 1), (2, 3, 4)])
def test_what_is_no_table_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected a table"):
        crossed(np.zeros(shape))


def test_values_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        crossed(np.full((2, 3), np.nan))


def answers(
    rng: np.random.Generator, trials: int, seeds: int, examples: int, *, lead: float = 0.0
) -> np.ndarray:
    """Differences of right answers of two models, `lead` apart over all test sets, (trials, S, N).

    Each model has a skill of its own on each example, each training run a luck of its own.
    """
    ease = rng.normal(1.2, 1.0, (trials, 1, examples))
    models = []
    for shift in (lead, 0.0):
        skill = ease + rng.normal(0, 0.35, (trials, 1, examples)) + rng.normal(0, 0.05, (trials, seeds, 1))
        chance = 1 / (1 + np.exp(-skill))
        models.append(rng.uniform(size=(trials, seeds, examples)) < chance + shift)
    return models[0].astype(float) - models[1]


def hulled_p(differences: np.ndarray) -> np.ndarray:
    """P-values of no difference as `Evidence` has them, (trials,)."""
    seeds = differences.shape[1]
    result, by_seed = crossed_variances(differences), differences.mean(axis=2)
    over_both = t_claims(result.mean, np.sqrt(result.variance), result.degrees, 0.01).different
    spread = by_seed.std(axis=1, ddof=1) / math.sqrt(seeds)
    return np.maximum(over_both, t_claims(result.mean, spread, seeds - 1, 0.01).different)


def allowed(rate: float, trials: int) -> float:
    """Three standard errors of a simulated rate."""
    return 3 * math.sqrt(rate * (1 - rate) / trials)


def test_the_simulated_p_values_are_those_of_the_evidence() -> None:
    differences = answers(np.random.default_rng(0), 5, 4, 60)
    for difference, p in zip(differences, hulled_p(differences), strict=True):
        evidence = Evidence(paired_difference(difference.mean(axis=1), np.zeros(4)), crossed(difference))
        assert evidence.claims(0.01).different == pytest.approx(p, rel=1e-9)


@pytest.mark.parametrize(("seeds", "examples"), [(3, 200), (5, 200), (10, 200), (20, 200), (5, 853)])
def test_of_equal_models_about_five_percent_are_told_apart(seeds: int, examples: int) -> None:
    trials = 1500 if examples == 200 else 600
    rate = np.mean(hulled_p(answers(np.random.default_rng(seeds), trials, seeds, examples)) <= 0.05)
    assert 0.03 - allowed(0.03, trials) <= rate <= 0.055 + allowed(0.055, trials)


def plain(counts: np.ndarray) -> np.ndarray:
    """Values as counts of a score that is their mean, (S, N, 2)."""
    return np.stack([counts, np.ones_like(counts)], axis=-1)


def share(sums: list[float]) -> float:
    """A corpus score that is a mean."""
    return sums[0] / sums[1]


def test_a_corpus_score_that_is_a_mean_has_the_mean_s_variance() -> None:
    for trial in range(3):
        values = table(np.random.default_rng(trial), 5, 120, of=(0.1, 1.0, 1.0)) + 5
        actual = crossed_corpus(corpus_scores(plain(values), share, replicates=4000))
        expected = crossed(values)
        assert actual.mean == pytest.approx(expected.mean)
        assert actual.variance == pytest.approx(expected.variance, rel=0.1)
        assert actual.degrees == pytest.approx(expected.degrees, rel=0.15)


def test_corpus_scores_of_models_are_combined_replicate_by_replicate() -> None:
    rng = np.random.default_rng(2)
    a, b = rng.normal(3, 1, (2, 4, 50))
    first, other = (corpus_scores(plain(values), share, replicates=50) for values in (a, b))
    both = first.plus(other, weight=-1.0)
    direct = corpus_scores(plain(a - b), share, replicates=50)
    assert both.values == pytest.approx(direct.values)
    assert both.replicates == pytest.approx(direct.replicates)
    single = corpus_scores(plain(b[:1]), share, replicates=50)
    assert first.plus(single, weight=-1.0).values == pytest.approx(a.mean(1) - b[0].mean())


def test_corpora_of_other_sentences_are_refused() -> None:
    result, other = (
        CorpusScores(np.zeros(2), np.zeros((5, 2)), 4),
        CorpusScores(np.zeros(2), np.zeros((5, 2)), 6),
    )
    with pytest.raises(ValueError, match="same sentences"):
        result.plus(other)
    with pytest.raises(ValueError, match="seeds, sentences, sums"):
        corpus_scores(np.zeros((2, 1, 3)), share)


def f_score(sums: list[float]) -> float:
    """A corpus score that is no mean: the geometric mean of two ratios, as BLEU's kind are."""
    return math.sqrt(max(sums[0], 0.0) / sums[1] * max(sums[2], 0.0) / sums[3])


def corpora(rng: np.random.Generator, seeds: int, sentences: int) -> list[np.ndarray]:
    """Matches and totals of two equal models' translations, two orders, (S, N, 4)."""
    length = rng.integers(4, 20, (1, sentences))
    ease = rng.normal(0.3, 0.8, (1, sentences))
    values = []
    for _ in range(2):
        skill = ease + rng.normal(0, 0.5, (1, sentences)) + rng.normal(0, 0.03, (seeds, 1))
        skill = skill + rng.normal(0, 0.5, (seeds, sentences))
        chance = 1 / (1 + np.exp(-skill))
        once, twice = rng.binomial(length, chance), rng.binomial(length - 1, chance**2)
        totals = np.broadcast_to(length, once.shape)
        values.append(np.stack([once, totals, twice, totals - 1], axis=-1).astype(float))
    return values


@pytest.mark.parametrize("seeds", [3, 8])
def test_of_equal_translators_about_five_percent_are_told_apart(seeds: int) -> None:
    rng, trials, rejected = np.random.default_rng(seeds), 300, 0
    for _ in range(trials):
        first, other = (corpus_scores(each, f_score, replicates=200) for each in corpora(rng, seeds, 100))
        difference = first.plus(other, weight=-1.0)
        evidence = Evidence(paired_difference(difference.values, np.zeros(seeds)), crossed_corpus(difference))
        rejected += bool(evidence.claims(0.01).different <= 0.05)
    assert 0.03 - allowed(0.03, trials) <= rejected / trials <= 0.06 + allowed(0.06, trials)


def test_many_examples_are_resampled_some_at_a_time_to_the_same_scores(monkeypatch):
    counts = np.random.default_rng(3).random((2, 30, 2))
    whole = corpus_scores(counts, share, replicates=7)
    monkeypatch.setattr(crossed_module, "MOST_DRAWS_KEPT", 100)
    monkeypatch.setattr(crossed_module, "DRAWN_TOGETHER", 60)
    in_parts = corpus_scores(counts, share, replicates=7)
    assert [len(part) for part in crossed_module.resampled_in_parts(30, 7, 0)] == [2, 2, 2, 1]
    np.testing.assert_allclose(in_parts.replicates, whole.replicates, rtol=1e-14)
