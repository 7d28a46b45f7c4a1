"""Nadeau and Bengio's corrected resampled t-test, against arithmetic by hand and scipy's t distribution."""

import math

import numpy as np
import pytest
from scipy import stats

from seqcli.statistics.folds import Folds, corrected
from seqcli.statistics.intervals import estimate
from seqcli.statistics.verdicts import Evidence, Rule, judge

A = [0.80, 0.82, 0.78, 0.81, 0.84]
B = [0.77, 0.80, 0.78, 0.77, 0.79]
"""Differences .03, .02, 0, .04, .05: mean .028, sum of squares about it .00148, s² = .00037."""


def test_the_variance_of_the_mean_is_one_over_k_plus_test_over_train_times_that_of_the_folds() -> None:
    """s² = .00037 and (1/5 + 1/4) · .00037 = .0001665; the naive 1/5 would be .000074."""
    over_folds = Folds(5, 0.25).difference(A, B)
    assert over_folds.mean == pytest.approx(0.028)
    assert over_folds.standard_error == pytest.approx(math.sqrt(0.0001665))
    assert over_folds.n == 5


def test_the_interval_and_the_p_value_are_those_of_t_with_k_less_one_degrees_of_freedom() -> None:
    over_folds = Folds(5, 0.25).difference(A, B)
    half = stats.t.ppf(0.975, 4) * math.sqrt(0.0001665)
    low, high = over_folds.ci95 or (0.0, 0.0)
    assert (low, high) == pytest.approx((0.028 - half, 0.028 + half), abs=1e-12)
    verdict = judge(Evidence(over_folds), Rule(margin=0.01))
    assert verdict.p_different == pytest.approx(2 * stats.t.sf(0.028 / math.sqrt(0.0001665), 4))
    assert verdict.verdict == "undecided"  # the naive test would say better: t = 3.25, p = .031
    assert stats.ttest_rel(A, B).pvalue < 0.05


def test_runs_of_one_fold_are_averaged_so_that_folds_are_counted_and_never_runs() -> None:
    """Run i is of fold i mod K: .7 and .9 are the two runs of the first fold."""
    folds = Folds(2, 1.0)
    assert folds.means([0.7, 0.5, 0.9, 0.6]) == pytest.approx([0.8, 0.55])
    assert folds.mean([0.7, 0.5, 0.9, 0.6]).n == 2


def test_a_failed_run_takes_its_partner_out_of_its_fold_alone() -> None:
    folds = Folds(2, 1.0)
    over_folds = folds.difference([0.7, 0.5, None, 0.6], [0.6, 0.5, 0.1, 0.4])
    assert over_folds.mean == pytest.approx(np.mean([0.1, 0.1]))
    assert folds.difference([0.7, None], [0.6, 0.5]).ci95 is None


def test_one_fold_tells_no_spread() -> None:
    assert corrected(estimate([0.5]), 0.25).sd is None


def test_run_number_i_is_tested_on_fold_i_mod_k() -> None:
    assert [Folds(3, 0.5).of(place) for place in range(7)] == [0, 1, 2, 0, 1, 2, 0]
