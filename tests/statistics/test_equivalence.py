"""TOST against statsmodels, and against the interval that says the same."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_paired

from seqcli.statistics.intervals import Estimate, exact_ratio, paired_difference
from seqcli.statistics.student import COST_MARGIN, check_margin, tost_p

proof = settings(deadline=None, max_examples=50, derandomize=True)


def tost(estimate: Estimate, margin: float) -> tuple[float, float]:
    """The two p-values of one estimate of known spread."""
    assert estimate.sd is not None
    lower, upper = tost_p(estimate.mean, estimate.sd, estimate.n, margin)
    return float(lower), float(upper)


@proof
@given(st.integers(0, 2**32 - 1), st.integers(2, 30), st.floats(0.05, 3), st.floats(-2, 2))
def test_both_p_values_are_statsmodels(seed: int, n: int, margin: float, shift: float) -> None:
    a, b = np.random.default_rng(seed).normal(size=(2, n))
    _, (_, lower, _), (_, upper, _) = ttost_paired(a + shift, b, -margin, margin)
    assert tost(paired_difference(a + shift, b), margin) == pytest.approx((lower, upper), abs=1e-9)


@proof
@given(st.floats(-2, 2), st.floats(0.01, 2), st.integers(2, 30))
def test_equivalence_at_5_percent_is_the_90_percent_interval_inside_the_margin(
    mean: float, sd: float, n: int
) -> None:
    estimate = Estimate(mean, sd, n)
    interval = estimate.ci90
    assert interval is not None
    assert (max(tost(estimate, 1.0)) <= 0.05) == (interval.low >= -1.0 and interval.high <= 1.0)


def test_an_exact_figure_inside_the_margin_is_equivalent_and_one_outside_is_not() -> None:
    assert max(tost(exact_ratio(0.969, 1.0).log, COST_MARGIN)) == 0.0
    assert max(tost(exact_ratio(0.750, 1.0).log, COST_MARGIN)) == 1.0


@pytest.mark.parametrize("margin", [0.0, -1.0, float("inf"), float("nan")])
def test_a_margin_that_decides_everything_or_nothing_is_refused(margin: float) -> None:
    with pytest.raises(ValueError, match="margin above 0"):
        check_margin(margin)
