import math

import pytest
import torch

from seqcli.probes.horizon import (
    FLOAT32_LARGEST,
    FLOAT32_SMALLEST,
    first_below,
    measured_lags,
    memory_length,
    overflow_lag,
    rate,
    shown_lags,
    steps_to_double,
    steps_to_halve,
    underflow_lag,
)


def halving(every, lags):
    return [-math.log10(2) * lag / every for lag in lags]


@pytest.mark.parametrize("half_life", [0.7, 1.3, 25.0, 165.0, 1e6])
@pytest.mark.parametrize("steps", [2, 3, 20, 200, 12_345])
def test_a_norm_that_halves_evenly_has_that_half_life(half_life, steps):
    lags = measured_lags(steps)
    assert steps_to_halve(rate(lags, halving(half_life, lags))) == pytest.approx(half_life, rel=1e-6)


def test_a_norm_that_grows_has_a_doubling_time_and_no_half_life():
    lags = measured_lags(100)
    slope = rate(lags, halving(-2.4, lags))
    assert steps_to_double(slope) == pytest.approx(2.4)
    assert steps_to_halve(slope) is None
    assert steps_to_double(0.0) is steps_to_halve(0.0) is None


def test_the_slope_is_that_of_least_squares_over_evenly_spaced_lags():
    lags = measured_lags(40)
    bent = [-0.1 * lag if lag < 20 else -2.0 for lag in lags]
    xs = range(1, 41)
    ys = [-0.1 * x if x < 20 else -2.0 for x in xs]
    centre = sum(xs) / 40
    expected = sum((x - centre) * y for x, y in zip(xs, ys, strict=True)) / sum((x - centre) ** 2 for x in xs)
    assert rate(lags, bent) == pytest.approx(expected)


@pytest.mark.parametrize("steps", [1, 2, 7, 10, 99, 1_000_000])
def test_lags_begin_at_the_identity_and_end_at_the_first_state(steps):
    lags = measured_lags(steps)
    assert (lags[0], lags[-1]) == (0, steps)
    assert lags == sorted(set(lags))
    assert set(shown_lags(steps)) <= set(lags)
    assert len(lags) < 80


def test_memory_ends_where_a_thousandth_of_lag_1_is_left():
    lags = measured_lags(200)
    curve = halving(10.0, lags)
    assert memory_length(lags, curve) == pytest.approx(1 + 10 * math.log2(1000), rel=1e-6)
    assert memory_length(lags, halving(50.0, lags)) is None


def test_float32_underflows_at_the_first_whole_lag_below_its_smallest_number():
    lags = measured_lags(500)
    curve = halving(1.0, lags)
    assert underflow_lag(lags, curve) in (149, 150)
    assert underflow_lag(lags, halving(10.0, lags)) is None
    smallest = torch.finfo(torch.float32).smallest_normal * torch.finfo(torch.float32).eps
    assert pytest.approx(math.log10(smallest)) == FLOAT32_SMALLEST


def test_float32_overflows_at_the_first_whole_lag_above_its_largest_number():
    lags = measured_lags(500)
    assert overflow_lag(lags, halving(-1.0, lags)) in (128, 129)
    assert overflow_lag(lags, halving(-10.0, lags)) is None
    assert pytest.approx(math.log10(torch.finfo(torch.float32).max)) == FLOAT32_LARGEST


def test_what_dies_at_once_is_forgotten_at_lag_1():
    lags = measured_lags(10)
    dead = [0.0] + [-math.inf] * (len(lags) - 1)
    assert rate(lags, dead) == -math.inf
    assert memory_length(lags, dead) == 1.0
    assert underflow_lag(lags, dead) == 1


def test_what_dies_later_has_the_slope_of_the_part_before():
    lags = measured_lags(10)
    curve = [-0.5 * lag if lag <= 4 else -math.inf for lag in lags]
    assert rate(lags, curve) == pytest.approx(-0.5)
    assert first_below(lags, curve, -1.25) == pytest.approx(2.5)
    assert first_below(lags, curve, -3.0) == 5.0


def test_a_curve_that_comes_back_counts_where_it_first_falls():
    assert first_below([0, 1, 2, 3, 4], [0.0, 0.0, -5.0, 0.0, -5.0], -1.0) == pytest.approx(1.2)
