"""Intervals against scipy and statsmodels, and what they say where there is little to say."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW, ttost_ind

from seqcli.statistics.intervals import (
    ConfidenceInterval,
    Estimate,
    complete_pairs,
    estimate,
    exact_difference,
    exact_ratio,
    geometric_mean,
    independent,
    independent_difference,
    paired_difference,
    paired_ratio,
)
from seqcli.statistics.verdicts import Rule, judge

values = st.floats(-100, 100, allow_subnormal=False)
samples = st.lists(values, min_size=2, max_size=20).filter(lambda sample: np.std(sample) > 1e-3)
positive_pairs = st.lists(
    st.tuples(st.floats(0.1, 100), st.floats(0.1, 100)), min_size=2, max_size=20
).filter(lambda pairs: np.std([math.log(a / b) for a, b in pairs]) > 1e-3)
proof = settings(deadline=None, max_examples=50, derandomize=True)
levels = st.sampled_from([0.05, 0.1, 0.0197, 0.001, 0.5])


@proof
@given(samples, levels)
def test_the_interval_of_a_mean_is_statsmodels(sample: list[float], alpha: float) -> None:
    result = estimate(sample).interval(alpha)
    assert result == pytest.approx(DescrStatsW(sample).tconfint_mean(alpha), rel=1e-9, abs=1e-9)


@proof
@given(samples, levels, st.integers(0, 2**32 - 1))
def test_the_interval_of_a_difference_is_scipys_paired_one(
    sample: list[float], alpha: float, seed: int
) -> None:
    noise = np.random.default_rng(seed).normal(size=len(sample))
    expected = stats.ttest_rel(sample, sample + noise).confidence_interval(1 - alpha)
    actual = paired_difference(sample, sample + noise).interval(alpha)
    assert actual == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9)


@proof
@given(positive_pairs, levels)
def test_the_interval_of_a_ratio_is_scipys_on_logarithms(
    pairs: list[tuple[float, float]], alpha: float
) -> None:
    a, b = np.array(pairs).T
    ratio = paired_ratio(a, b)
    expected = stats.ttest_rel(np.log(a), np.log(b)).confidence_interval(1 - alpha)
    assert ratio.value == pytest.approx(stats.gmean(a / b), rel=1e-9)
    actual = ratio.log.interval(alpha)
    assert actual == pytest.approx((expected.low, expected.high), rel=1e-9, abs=1e-9)
    assert ratio.interval(0.5) == pytest.approx(np.exp(ratio.log.interval(0.5)), rel=1e-9)


@proof
@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=20))
def test_the_geometric_mean_is_scipys(sample: list[float]) -> None:
    assert geometric_mean(sample).value == pytest.approx(stats.gmean(sample), rel=1e-9)


@proof
@given(positive_pairs)
def test_swapping_the_models_mirrors_difference_and_ratio(pairs: list[tuple[float, float]]) -> None:
    a, b = np.array(pairs).T
    there, back = paired_difference(a, b).ci95, paired_difference(b, a).ci95
    assert there is not None
    assert back is not None
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert paired_ratio(a, b).value == pytest.approx(1 / paired_ratio(b, a).value)


def test_one_seed_has_a_mean_and_no_interval() -> None:
    difference = paired_difference([0.8], [0.7])
    assert difference.mean == pytest.approx(0.1)
    assert (difference.sd, difference.standard_error, difference.ci95, difference.ci90) == (
        None,
        None,
        None,
        None,
    )
    assert paired_ratio([2.0], [1.0]).ci95 is None


def test_equal_values_have_an_interval_without_width() -> None:
    assert estimate([0.1, 0.1, 0.1]).ci95 == pytest.approx((0.1, 0.1), abs=1e-15)
    assert estimate([0.1, 0.1, 0.1]).sd == 0.0


def test_a_difference_of_rounding_is_no_difference() -> None:
    same = paired_difference([0.1 + 0.2, 0.8], [0.3, 0.8])
    assert (same.mean, same.sd) == (0.0, 0.0)
    shifted = paired_difference([0.3, 0.4, 0.7], [0.2, 0.3, 0.6])
    assert shifted.sd == 0.0
    assert shifted.mean == pytest.approx(0.1)


def test_a_metric_on_a_grid_keeps_the_spread_of_its_grid() -> None:
    agreeing = paired_difference([0.80, 0.82], [0.79, 0.81], resolution=0.01)
    assert agreeing.sd == pytest.approx(0.01 / math.sqrt(6))
    spread = paired_difference([0.80, 0.92], [0.79, 0.81], resolution=0.01)
    assert spread.sd == pytest.approx(0.1 / math.sqrt(2))


def test_one_model_s_scores_on_a_grid_keep_the_spread_of_a_value_rounded_to_it() -> None:
    """A value anywhere within a step of .01 has a spread of .01/√12, that of a uniform distribution."""
    assert estimate([0.80, 0.80, 0.80], resolution=0.01).sd == pytest.approx(stats.uniform(0, 0.01).std())
    assert estimate([0.80, 0.90], resolution=0.01).sd == pytest.approx(0.1 / math.sqrt(2))


def test_an_interval_holds_its_ends_and_two_have_a_hull_that_reaches_over_both() -> None:
    interval = ConfidenceInterval(-1.0, 2.0)
    assert [interval.excludes(value) for value in (-1.1, -1.0, 0.0, 2.0, 2.1)] == [
        True,
        False,
        False,
        False,
        True,
    ]
    assert interval.hull(ConfidenceInterval(0.0, 3.0)) == (-1.0, 3.0)
    assert ConfidenceInterval(0.0, 3.0).hull(interval) == (-1.0, 3.0)
    assert interval.hull(ConfidenceInterval(0.0, 1.0)) == interval
    assert interval.width == 3.0


def test_an_exact_figure_has_no_width_at_one_value() -> None:
    assert exact_difference(5.0, 3.0).ci95 == (2.0, 2.0)
    assert exact_ratio(98688, 131584).value == pytest.approx(0.75)
    assert exact_ratio(98688, 131584).ci95 == pytest.approx((0.75, 0.75))


def test_a_failed_leg_takes_its_partner_out() -> None:
    a, b = complete_pairs([0.8, None, 0.7, 0.6], [0.9, 0.5, None, 0.4])
    assert a.tolist() == [0.8, 0.6]
    assert b.tolist() == [0.9, 0.4]
    assert [side.size for side in complete_pairs([None], [0.5])] == [0, 0]


@pytest.mark.parametrize("bad", [[], [float("nan")], [0.1, float("inf")], [[0.1, 0.2]]])
def test_what_is_no_row_of_finite_values_is_refused(bad: list[float]) -> None:
    with pytest.raises(ValueError, match="expected"):
        estimate(bad)


def test_pairs_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="equal lengths, got 2 and 1"):
        paired_difference([0.1, 0.2], [0.1])
    with pytest.raises(ValueError, match="shorter"):
        complete_pairs([0.1, 0.2], [0.1])


def test_a_ratio_needs_positive_values() -> None:
    with pytest.raises(ValueError, match="above 0"):
        paired_ratio([1.0, 0.0], [1.0, 1.0])


def test_the_interval_of_a_hopeless_ratio_stays_finite() -> None:
    interval = paired_ratio([1.0, 1.0], [1.0, 1e9]).interval(0.001)
    assert interval is not None
    assert interval.low == 0.0
    assert interval.high == pytest.approx(np.finfo(float).max)


SAMPLES = st.lists(st.floats(-100, 100), min_size=2, max_size=12).filter(lambda x: np.std(x) > 1e-3)


@given(SAMPLES, SAMPLES)
def test_a_difference_of_independent_means_is_welchs(a, b):
    difference = independent_difference(estimate(a), estimate(b))
    result = stats.ttest_ind(a, b, equal_var=False)
    interval = result.confidence_interval(0.95)
    assert difference.interval() == pytest.approx((interval.low, interval.high), rel=1e-9, abs=1e-9)
    assert difference.claims(0.1).different == pytest.approx(result.pvalue, abs=1e-9)
    assert difference.degrees == pytest.approx(result.df, rel=1e-9)


@given(SAMPLES, SAMPLES, st.floats(0.1, 50))
def test_equivalence_of_independent_means_is_statsmodels_tost(a, b, margin):
    actual = independent_difference(estimate(a), estimate(b))
    expected = ttost_ind(np.array(a), np.array(b), -margin, margin, usevar="unequal")[0]
    assert actual.claims(margin).equivalent == pytest.approx(expected, abs=1e-9)


@given(SAMPLES)
def test_the_sum_of_one_mean_is_student_s(values):
    result = independent([estimate(values)])
    assert result.interval() == pytest.approx(tuple(estimate(values).ci95), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("a", "b", "word"),
    [
        ([1.0, 1.1, 0.9, 1.05], [0.1, 0.0, 0.2, 0.1], "better"),
        ([0.1, 0.0, 0.2, 0.1], [1.0, 1.1, 0.9, 1.05], "worse"),
        ([1.0, 1.01, 0.99, 1.0], [1.0, 1.01, 0.99, 1.0], "equivalent"),
        ([1.0, 3.0], [0.0, 2.5], "undecided"),
    ],
)
def test_independent_means_have_the_same_four_verdicts(a, b, word):
    difference = independent_difference(estimate(a), estimate(b))
    assert judge(difference, Rule(margin=0.1)).verdict == word


def test_figures_without_spread_are_compared_exactly():
    difference = independent_difference(Estimate(2.0, 0.0, 3), Estimate(2.0, 0.0, 3))
    assert (difference.claims(0.1).different, difference.claims(0.1).equivalent) == (1.0, 0.0)
    assert independent_difference(Estimate(2.0, 0.0, 3), Estimate(1.0, 0.0, 3)).claims(0.1).different == 0.0


def test_one_value_of_unknown_spread_is_refused():
    with pytest.raises(ValueError, match="at least two"):
        independent([estimate([1.0])])
