"""Powers against statsmodels, against plain simulation, and against the table that the project promises."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.power import TTestPower

from seqcli.statistics.planning import (
    Clearing,
    Spread,
    clearing,
    decision_power,
    detectable_effect,
    detection_power,
    equivalence_power,
    least_decision_power,
    margin_to_decide,
    seeds_to_decide,
    verdict_chance,
)


@pytest.mark.parametrize("n", [2, 3, 5, 10, 20, 100])
@pytest.mark.parametrize("alpha", [0.05, 0.0197, 0.001])
def test_detection_is_statsmodels(n: int, alpha: float) -> None:
    effects = [0.0, 0.2, 0.5, 1.0]
    values = [detection_power(n, effect, alpha=alpha) for effect in effects]
    assert values == pytest.approx([TTestPower().power(effect, n, alpha) for effect in effects], abs=1e-9)


@pytest.mark.parametrize("n", [3, 5, 10, 20])
def test_the_detectable_effect_is_statsmodels(n: int) -> None:
    expected = TTestPower().solve_power(nobs=n, alpha=0.05, power=0.8)
    assert detectable_effect(n) == pytest.approx(expected, abs=1e-6)
    assert detection_power(n, detectable_effect(n)) == pytest.approx(0.8, abs=1e-9)


@pytest.mark.parametrize("n", [2, 5, 20, 300])
@pytest.mark.parametrize("alpha", [0.05, 0.0197, 0.003])
def test_without_room_for_equivalence_a_decision_is_a_detection(n: int, alpha: float) -> None:
    for effect in (0.0, 0.3, 1.0, 4.0):
        expected = detection_power(n, effect, alpha=alpha)
        assert decision_power(n, 1e-12, alpha=alpha, effect=effect) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("n", "promised"), [(5, [0.29, 0.73, 0.95, 1]), (10, [0.79, 0.99, 1, 1]), (20, [0.99, 1, 1, 1])]
)
def test_the_table_of_equivalence_is_one_look_at_5_percent_over_the_paired_spread(
    n: int, promised: list[float]
) -> None:
    values = [equivalence_power(n, margin) for margin in (1, 1.5, 2, 3)]
    assert values == pytest.approx(promised, abs=0.006)


@pytest.mark.parametrize(
    ("n", "margin", "effect"), [(2, 9.0, 0.0), (5, 1.0, 0.3), (5, 2.0, 1.5), (20, 0.8, 0.4)]
)
def test_powers_are_those_of_simulated_seeds(n: int, margin: float, effect: float) -> None:
    draws = np.random.Generator(np.random.Philox(n)).normal(effect, 1.0, (40_000, n))
    p_different = stats.ttest_1samp(draws, 0.0, axis=1).pvalue
    above = stats.ttest_1samp(draws, -margin, axis=1, alternative="greater").pvalue
    below = stats.ttest_1samp(draws, margin, axis=1, alternative="less").pvalue
    equivalent = np.maximum(above, below) <= 0.05
    assert equivalence_power(n, margin, effect=effect) == pytest.approx(equivalent.mean(), abs=0.01)
    decided = equivalent | (p_different <= 0.05)
    assert decision_power(n, margin, effect=effect) == pytest.approx(decided.mean(), abs=0.01)


def test_at_the_margin_equivalence_is_shown_at_the_level_of_the_test() -> None:
    assert equivalence_power(50, 3.0, effect=3.0) == pytest.approx(0.05, abs=1e-9)


@pytest.mark.parametrize(("n", "margin"), [(5, 1.0), (12, 1.0), (20, 0.5), (3, 4.0)])
def test_the_least_power_is_the_smallest_over_all_true_differences(n: int, margin: float) -> None:
    powers = [decision_power(n, margin, effect=float(effect)) for effect in np.linspace(0, 2 * margin, 200)]
    assert least_decision_power(n, margin) == pytest.approx(min(powers), abs=0.005)


@pytest.mark.parametrize("margin", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("alpha", [0.05, 0.0197])
def test_the_seeds_to_decide_are_the_first_that_decide(margin: float, alpha: float) -> None:
    n = seeds_to_decide(margin, alpha=alpha)
    assert n is not None
    assert least_decision_power(n, margin, alpha=alpha) >= 0.8
    assert least_decision_power(n - 1, margin, alpha=alpha) < 0.8


def test_what_the_cap_does_not_decide_has_no_number_of_seeds() -> None:
    needed = seeds_to_decide(0.3)
    assert needed is not None
    assert seeds_to_decide(0.3, cap=needed) == needed
    assert seeds_to_decide(0.3, cap=needed - 1) is None


def test_noise_of_the_test_examples_asks_for_more_seeds_and_then_for_more_than_any() -> None:
    counts = [seeds_to_decide(1.0, floor=floor) for floor in (0.0, 0.05, 0.1)]
    assert counts == sorted(counts, key=lambda count: count or 0)
    assert seeds_to_decide(1.0, floor=0.2) is None


def test_the_margin_that_decides_on_known_spread_is_where_the_normal_s_worst_chance_is_reached() -> None:
    margin = margin_to_decide(alpha=0.05, power=0.8)
    two, result = stats.norm.ppf(0.975), stats.norm.ppf(0.95)
    effects = np.linspace(0, margin, 400)
    room = margin - result
    undecided = (stats.norm.cdf(two - effects) - stats.norm.cdf(room - effects)) + (
        stats.norm.cdf(-room - effects) - stats.norm.cdf(-two - effects)
    )
    assert (1 - undecided).min() == pytest.approx(0.8, abs=0.005)


@pytest.mark.parametrize(("n", "margin"), [(3, 4.0), (5, 1.0), (12, 1.0), (20, 0.5)])
@pytest.mark.parametrize("alpha", [0.05, 0.0197])
def test_the_chance_of_a_verdict_on_a_known_spread_is_the_least_power_by_quadrature(
    n: int, margin: float, alpha: float
) -> None:
    chance = verdict_chance(n, np.array([2.0]), 2.0 * margin, alpha=alpha)
    assert chance == pytest.approx(least_decision_power(n, margin, alpha=alpha), abs=0.01)


def test_noise_of_the_test_examples_widens_what_a_verdict_rests_on() -> None:
    """Errors of the seeds and of the examples add up as variances: 1/5 + .3 is the error of 2 seeds."""
    both = verdict_chance(5, np.array([1.0]), 3.0, alpha=0.05, examples_variance=0.3)
    wide = verdict_chance(5, np.array([np.sqrt(2.5)]), 3.0, alpha=0.05)
    assert both == pytest.approx(wide, abs=1e-9)


def test_the_seeds_that_clear_a_limit_are_the_first_with_that_power_at_either_plausible_spread() -> None:
    """The true spread lies between s · √(4/χ²) at the 10 and 90 % points of χ² with 4 degrees."""
    spreads = [0.02 * np.sqrt(4 / stats.chi2.isf(point, 4)) for point in (0.1, 0.9)]
    first = [
        next(n for n in range(2, 200) if TTestPower().power(0.03 / spread, n, 0.05) >= 0.8)
        for spread in spreads
    ]
    result = clearing(Spread(0.02, 4), 0.03, alpha=0.05, chance=0.8, cap=200)
    assert result == Clearing("seeds", seeds=(first[0], first[1]))


def test_a_limit_that_only_more_examples_clear_asks_for_as_many_times_more() -> None:
    """An interval of 1.96 errors clears 4 with 80 % where 4 = (1.96 + .84) errors: a variance of 2.04."""
    enough = (4 / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))) ** 2 - 1 / 100
    result = clearing(Spread(1.0, 4, 8.0, 500), 4.0, alpha=0.05, chance=0.8, cap=100)
    assert result == Clearing("examples", times=pytest.approx(8.0 / enough))
