"""Independent means: intervals and tests against scipy and statsmodels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.weightstats import ttost_ind

from seqcli.statistics.intervals import Estimate, estimate
from seqcli.statistics.satterthwaite import independent, independent_difference
from seqcli.statistics.verdicts import Rule, judge

SAMPLES = st.lists(st.floats(-100, 100), min_size=2, max_size=12).filter(lambda x: np.std(x) > 1e-3)


@given(SAMPLES, SAMPLES)
def test_a_difference_of_independent_means_is_welchs(a, b):
    found = independent_difference(estimate(a), estimate(b))
    told = stats.ttest_ind(a, b, equal_var=False)
    interval = told.confidence_interval(0.95)
    assert found.interval() == pytest.approx((interval.low, interval.high), rel=1e-9, abs=1e-9)
    assert found.claims(0.1).different == pytest.approx(told.pvalue, abs=1e-9)
    assert found.degrees == pytest.approx(told.df, rel=1e-9)


@given(SAMPLES, SAMPLES, st.floats(0.1, 50))
def test_equivalence_of_independent_means_is_statsmodels_tost(a, b, margin):
    found = independent_difference(estimate(a), estimate(b))
    expected = ttost_ind(np.array(a), np.array(b), -margin, margin, usevar="unequal")[0]
    assert found.claims(margin).equivalent == pytest.approx(expected, abs=1e-9)


@given(SAMPLES)
def test_the_sum_of_one_mean_is_student_s(values):
    found = independent([estimate(values)])
    assert found.interval() == pytest.approx(tuple(estimate(values).ci95), rel=1e-9, abs=1e-9)


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
    found = independent_difference(estimate(a), estimate(b))
    assert judge(found, Rule(margin=0.1)).verdict == word


def test_figures_without_spread_are_compared_exactly():
    found = independent_difference(Estimate(2.0, 0.0, 3), Estimate(2.0, 0.0, 3))
    assert (found.claims(0.1).different, found.claims(0.1).equivalent) == (1.0, 0.0)
    assert independent_difference(Estimate(2.0, 0.0, 3), Estimate(1.0, 0.0, 3)).claims(0.1).different == 0.0


def test_one_value_of_unknown_spread_is_refused():
    with pytest.raises(ValueError, match="at least two"):
        independent([estimate([1.0])])
