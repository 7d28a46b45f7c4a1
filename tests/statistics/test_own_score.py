"""A score's own interval: Wilson's for one run, never outside the metric's range, none from two seeds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import estimate
from seqcli.statistics.own_score import run_interval, score_interval


def test_one_run_s_share_has_wilsons_interval_over_its_examples() -> None:
    right = np.arange(10_000) < 7_300
    actual = run_interval(crossed(right[None].astype(float)), most=1.0, share=True)
    expected = stats.binomtest(7_300, 10_000).proportion_ci(method="wilson")
    assert actual == pytest.approx((expected.low, expected.high), abs=2e-5)


def test_a_run_that_is_always_right_on_few_examples_is_not_sure_to_be() -> None:
    low, high = run_interval(crossed(np.ones((1, 57))), most=1.0, share=True)
    assert high == pytest.approx(1.0)
    assert low == pytest.approx(1 / (1 + stats.t.ppf(0.975, 56) ** 2 / 57), abs=1e-9)


def test_examples_that_all_score_alike_give_no_interval_but_that_of_a_share() -> None:
    alike = crossed(np.full((1, 4), 2 / 3))
    assert run_interval(alike, most=1.0, share=False) is None
    low, high = run_interval(alike, most=1.0, share=True)
    assert low < 2 / 3 < high


def test_two_seeds_have_values_and_no_interval() -> None:
    assert score_interval(estimate([0.4, 0.9]), None, most=1.0, share=True) is None
    assert score_interval(estimate([0.4]), None, most=1.0, share=True) is None


@given(st.lists(st.floats(0, 1), min_size=3, max_size=8), st.booleans())
def test_no_interval_leaves_the_metric_s_range(values: list[float], share: bool) -> None:
    interval = score_interval(estimate(values), None, most=1.0, share=share)
    assert interval is not None
    assert 0.0 <= interval.low <= interval.high <= 1.0
    assert interval.low - 1e-9 <= np.mean(values) <= interval.high + 1e-9


def test_few_examples_widen_what_seeds_that_agree_seem_to_know() -> None:
    """Three seeds right on the same 54 of 57 examples: 94.7 % is no figure of ± 0."""
    right = np.tile(np.arange(57) < 54, (3, 1)).astype(float)
    actual = score_interval(estimate(right.mean(1), resolution=1 / 57), crossed(right), most=1.0, share=True)
    expected = stats.binomtest(54, 57).proportion_ci(method="wilson")
    assert actual is not None
    assert actual.low <= expected.low + 0.005
    assert actual.high >= expected.high - 0.005


def test_its_interval_holds_the_true_share_as_often_as_it_says() -> None:
    rng, inside, trials = np.random.default_rng(0), 0, 1500
    for _ in range(trials):
        ease = rng.beta(4, 1, (1, 80))
        right = (rng.uniform(size=(5, 80)) < ease).astype(float)
        interval = score_interval(estimate(right.mean(1)), crossed(right), most=1.0, share=True)
        inside += interval is not None and interval.low <= 0.8 <= interval.high
    assert 0.94 - 3 * 0.0058 <= inside / trials <= 0.98


def test_losses_end_at_zero() -> None:
    interval = score_interval(estimate([0.01, 0.2, 0.03]), None, most=float("inf"), share=False)
    assert interval is not None
    assert interval.low == 0.0
