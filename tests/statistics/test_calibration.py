"""How often verdicts are wrong, and how often they come, over simulated seeds.

Every rate may exceed its level by three standard errors of the simulation (`allowance`): over 40,000 trials
5 % becomes 5.33 %. A claim made at any of the looks counts, so the rates hold for stopping at the first
verdict and for looking on. Simulations call the functions that give a single verdict, on arrays; that the two
say the same is the first test.
"""

import math

import numpy as np
import pytest
from scipy import stats

from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import Estimate, paired_difference, paired_ratio
from seqcli.statistics.looks import AUTO, Looks, fixed
from seqcli.statistics.verdict_claims import Claims, adjust, conclude, paired_claims
from seqcli.statistics.verdicts import Evidence, Rule, judge

TRIALS = 40_000
MARGINS = (0.3, 1.0, 2.0)
"""Margins in units of the spread of paired differences: hopeless, the table's first column, easy."""


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """Paired differences of two equal models, (trials, seeds), of spread 1."""
    return np.random.Generator(np.random.Philox(2024)).standard_normal((TRIALS, AUTO.last))


def allowance(rate: float, trials: int = TRIALS) -> float:
    """The rate plus three standard errors of its estimate."""
    return rate + 3 * math.sqrt(rate * (1 - rate) / trials)


def at(differences: np.ndarray, count: int, margin: float) -> tuple[Claims, np.ndarray]:
    """The claims after `count` seeds, and the mean difference then."""
    value = differences[..., :count]
    mean = value.mean(axis=-1)
    return paired_claims(mean, value.std(axis=-1, ddof=1), count, margin), mean


def words(differences: np.ndarray, margin: float, looks: Looks) -> np.ndarray:
    """The word at every look, (looks, trials)."""
    values = [at(differences, count, margin) for count in looks.counts]
    return np.array([conclude(claims, mean, looks.alpha) for claims, mean in values])


def rate(words_at_looks: np.ndarray, *wanted: str) -> float:
    """The share of trials in which one of the words is said at any look."""
    return float(np.isin(words_at_looks, wanted).any(axis=0).mean())


@pytest.mark.parametrize("count", [2, 3, 5, 20])
def test_arrays_of_seeds_get_the_words_of_single_verdicts(noise: np.ndarray, count: int) -> None:
    rows = noise[:60] + 0.4
    expected = [
        judge(Estimate(row[:count].mean(), row[:count].std(ddof=1), count), Rule(margin=1.0, cap=1)).verdict
        for row in rows
    ]
    assert words(rows, 1.0, fixed(count))[0].tolist() == expected


@pytest.mark.parametrize("margin", [0.001, *MARGINS])
@pytest.mark.parametrize("looks", [AUTO, fixed(3), fixed(5), fixed(10)], ids=str)
def test_of_equal_models_at_most_5_percent_are_called_better_or_worse(
    noise: np.ndarray, margin: float, looks: Looks
) -> None:
    assert rate(words(noise, margin, looks), "better", "worse") <= allowance(0.05)


@pytest.mark.parametrize("margin", MARGINS)
@pytest.mark.parametrize("looks", [AUTO, fixed(3), fixed(5), fixed(10)], ids=str)
def test_of_models_a_margin_apart_at_most_5_percent_are_called_equivalent(
    noise: np.ndarray, margin: float, looks: Looks
) -> None:
    assert rate(words(noise + margin, margin, looks), "equivalent") <= allowance(0.05)
    assert rate(words(noise - margin, margin, looks), "equivalent") <= allowance(0.05)


@pytest.mark.parametrize("margin", MARGINS)
def test_of_models_a_margin_apart_at_most_5_percent_are_called_meaningfully_different(
    noise: np.ndarray, margin: float
) -> None:
    meaningful = [at(noise + margin, count, margin)[0].meaningful <= AUTO.alpha for count in AUTO.counts]
    assert np.any(meaningful, axis=0).mean() <= allowance(0.05)


def test_the_looks_spend_their_5_percent_and_no_less(noise: np.ndarray) -> None:
    assert rate(words(noise, 0.001, AUTO), "better", "worse") == pytest.approx(0.0504, abs=0.004)
    assert rate(words(noise + 4, 4.0, AUTO), "equivalent") == pytest.approx(0.0478, abs=0.004)


def test_adding_a_seed_until_p_is_small_would_be_wrong_in_about_a_fifth_of_null_cases(
    noise: np.ndarray,
) -> None:
    small = [stats.ttest_1samp(noise[:, :count], 0.0, axis=1).pvalue <= 0.05 for count in range(4, 21)]
    assert 0.16 <= np.any(small, axis=0).mean() <= 0.23


@pytest.mark.parametrize(
    ("count", "promised"), [(5, [0.29, 0.73, 0.95, 1]), (10, [0.79, 0.99, 1, 1]), (20, [0.99, 1, 1, 1])]
)
def test_equal_models_are_called_equivalent_as_often_as_the_table_says(
    noise: np.ndarray, count: int, promised: list[float]
) -> None:
    values = [rate(words(noise, margin, fixed(count)), "equivalent") for margin in (1, 1.5, 2, 3)]
    assert values == pytest.approx(promised, abs=0.03)


def test_three_noisy_equal_models_are_mostly_undecided_with_a_seed_count(noise: np.ndarray) -> None:
    rule = Rule(margin=0.5)
    values = [judge(paired_difference(row, np.zeros(3)), rule) for row in noise[:60, :3]]
    undecided = [verdict for verdict in values if not verdict.decided]
    assert len(undecided) >= 50
    assert all(verdict.seeds_needed is None or verdict.seeds_needed >= 2 for verdict in undecided)
    assert sum(verdict.advice is not None for verdict in undecided) >= 0.95 * len(undecided)


@pytest.mark.parametrize("first_seeds", [3, 5])
@pytest.mark.parametrize("shift", [0.0, 0.5, 1.0])
def test_a_fresh_run_of_the_seeds_advised_settles_what_was_undecided_as_often_as_promised(
    noise: np.ndarray, shift: float, first_seeds: int
) -> None:
    """True differences of 0, half the margin and the margin: 80 % promised whatever the truth."""
    rng, rule = np.random.Generator(np.random.Philox(9)), Rule(margin=1.0)
    settled = []
    for row in noise[:250, :first_seeds] + shift:
        verdict = judge(paired_difference(row, np.zeros(first_seeds)), rule)
        if verdict.seeds_needed:
            fresh = rng.standard_normal((1, verdict.seeds_needed)) + shift
            settled.append(conclude(*at(fresh, verdict.seeds_needed, 1.0), 0.05).item() != "undecided")
    assert len(settled) > 60
    assert np.mean(settled) >= 0.8 - 3 * math.sqrt(0.16 / len(settled))


def three_models(levels: tuple[float, ...], margin: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Words and 'meaningful' at every look for the three pairs of models, Holm-adjusted; true differences."""
    draws = np.random.Generator(np.random.Philox(7)).standard_normal((20_000, 3, AUTO.last)) / math.sqrt(2)
    runs, first, second = draws + np.array(levels)[:, None], [0, 0, 1], [1, 2, 2]
    differences = runs[:, first] - runs[:, second]
    values = [(adjust(claims), mean) for claims, mean in (at(differences, n, margin) for n in AUTO.counts)]
    result = np.array([conclude(claims, mean, AUTO.alpha) for claims, mean in values])
    meaningful = np.array([claims.meaningful <= AUTO.alpha for claims, _ in values])
    return result, meaningful, np.array(levels)[first] - np.array(levels)[second]


@pytest.mark.parametrize("levels", [(0.0, 0.0, 0.0), (0.0, 0.0, 3.0)])
def test_among_three_models_any_false_better_stays_within_5_percent(levels: tuple[float, ...]) -> None:
    result, _, true = three_models(levels, 0.001)
    false = np.isin(result, ["better", "worse"]) & (true == 0)
    assert false.any(axis=(0, 2)).mean() <= allowance(0.05, 20_000)


@pytest.mark.parametrize("levels", [(0.0, 0.0, 2.0), (0.0, 2.0, 4.0), (0.0, 1.0, 2.0), (0.0, 2.0, 2.0)])
def test_among_three_models_any_false_equivalent_or_meaningful_stays_within_5_percent(
    levels: tuple[float, ...],
) -> None:
    result, meaningful, true = three_models(levels, 2.0)
    false = (result == "equivalent") & (np.abs(true) >= 2.0)
    assert false.any(axis=(0, 2)).mean() <= allowance(0.05, 20_000)
    assert (meaningful & (np.abs(true) <= 2.0)).any(axis=(0, 2)).mean() <= allowance(0.05, 20_000)


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_a_model_against_itself_is_not_better_in_accuracy_on_few_examples(seeds: int) -> None:
    """Accuracy on 50 examples is a grid on which two seeds often agree: that alone must not be certainty."""
    rng, trials = np.random.Generator(np.random.Philox(3)), 4_000
    a, b = rng.binomial(50, 0.75, (2, trials, seeds)) / 50
    estimates = [paired_difference(x, y, resolution=1 / 50) for x, y in zip(a, b, strict=True)]
    p_values = [Evidence(estimate).claims(0.001).different for estimate in estimates]
    assert np.mean(np.array(p_values) <= 0.05) <= allowance(0.05, trials)


def test_a_model_against_itself_is_not_better_in_speed() -> None:
    """Five blocks of lognormal times in which one block in ten is half as slow again."""
    rng, trials = np.random.Generator(np.random.Philox(4)), 4_000
    times = np.exp(rng.normal(0, 0.03, (2, trials, 5)) + 0.4 * (rng.uniform(size=(2, trials, 5)) < 0.1))
    ratios = [paired_ratio(x, y).log for x, y in zip(*times, strict=True)]
    p_values = [Evidence(ratio).claims(math.log(1.05)).different for ratio in ratios]
    assert np.mean(np.array(p_values) <= 0.05) <= allowance(0.05, trials)


def test_models_that_differ_only_in_which_examples_suit_them_are_not_better() -> None:
    """Over other test sets the two are equal; seeds alone mistake the luck of this one for skill."""
    rng, trials = np.random.Generator(np.random.Philox(5)), 400
    alone, both = [], []
    for _ in range(trials):
        ease = rng.beta(2, 1, (2, 1, 100))
        a, b = rng.uniform(size=(2, 10, 100)) < ease
        estimate = paired_difference(a.mean(axis=1), b.mean(axis=1))
        alone.append(Evidence(estimate).claims(0.001).different <= 0.05)
        both.append(Evidence(estimate, crossed(a.astype(float) - b)).claims(0.001).different <= 0.05)
    assert np.mean(alone) > 0.1
    assert np.mean(both) <= allowance(0.05, trials)
