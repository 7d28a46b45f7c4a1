"""Slopes over a varied factor, L50, and trainings that were still improving."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from seqcli.statistics.curves import (
    compare_slopes,
    fit_half_length,
    half_length,
    lines,
    over_seeds,
    slope_margin,
    still_improving,
)

proof = settings(deadline=None, max_examples=50, derandomize=True)
LENGTHS = [25, 50, 100, 200]


def curves(
    seed: int, *, seeds: int = 5, slope: float = -0.05, noise: float = 0.01
) -> tuple[np.ndarray, np.ndarray]:
    """Accuracies of a model that falls with each doubling of the length, and of one that does not."""
    rng = np.random.default_rng(seed)
    doublings = np.log2(LENGTHS)
    a = 0.8 + slope * (doublings - doublings.mean()) + rng.normal(0, noise, (seeds, 4))
    return a, 0.8 + rng.normal(0, noise, (seeds, 4))


@proof
@given(st.integers(0, 2**32 - 1))
def test_slopes_are_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values, x = rng.normal(size=(4, 6)), rng.uniform(0, 10, 6)
    heights, slopes = lines(values, x)
    for row, height, slope in zip(values, heights, slopes, strict=True):
        expected = stats.linregress(x, row)
        assert slope == pytest.approx(expected.slope, abs=1e-9)
        assert height == pytest.approx(expected.intercept + expected.slope * x.mean(), abs=1e-9)


def test_the_difference_of_slopes_has_scipys_paired_interval() -> None:
    a, b = curves(0)
    actual = compare_slopes(a, b, LENGTHS, scale="log2")
    slopes = [[stats.linregress(np.log2(LENGTHS), row).slope for row in rows] for rows in (a, b)]
    expected = stats.ttest_rel(*slopes).confidence_interval(0.95)
    assert actual.difference.ci95 == pytest.approx((expected.low, expected.high), abs=1e-9)
    assert actual.a.mean == pytest.approx(np.mean(slopes[0]), abs=1e-9)
    assert actual.b.mean == pytest.approx(np.mean(slopes[1]), abs=1e-9)


def test_a_slope_on_the_log_scale_is_the_change_per_doubling() -> None:
    slopes = compare_slopes([[0.9, 0.8, 0.7, 0.6]], [[0.5] * 4], LENGTHS, scale="log2")
    assert slopes.a.mean == pytest.approx(-0.1)
    assert (slopes.difference.n, slopes.difference.ci95) == (1, None)


def test_lines_cross_where_they_were_drawn_to_cross() -> None:
    """A lead of .025 in the middle is used up half a doubling later, at .05 a doubling."""
    a, b = curves(0)
    crossing = compare_slopes(a + 0.025, b, LENGTHS, scale="log2").crossing
    assert crossing is not None
    drawn = 2 ** (np.log2(LENGTHS).mean() + 0.5)
    assert crossing.at == pytest.approx(drawn, rel=0.1)
    assert crossing.interval.low < drawn < crossing.interval.high


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", ["linear", "log2"])
def test_at_the_ends_of_the_interval_the_lines_differ_just_significantly(seed: int, scale: str) -> None:
    a, b = curves(seed)
    crossing = compare_slopes(a, b, LENGTHS, scale=scale).crossing
    assert crossing is not None
    transform = np.log2 if scale == "log2" else np.asarray
    x = transform(LENGTHS)
    heights, slopes = lines(a - b, x)
    for end in crossing.interval:
        there = heights + slopes * (transform(end) - x.mean())
        assert stats.ttest_1samp(there, 0.0).pvalue == pytest.approx(0.05, abs=1e-9)


def test_the_crossings_interval_covers_the_truth_in_95_percent_of_trials() -> None:
    trials = [
        compare_slopes(*curves(seed, noise=0.02), LENGTHS, scale="log2").crossing for seed in range(1500)
    ]
    values = [crossing for crossing in trials if crossing is not None]
    middle = 2 ** np.log2(LENGTHS).mean()
    covered = np.mean([crossing.interval.low <= middle <= crossing.interval.high for crossing in values])
    assert len(values) > 1400
    assert covered == pytest.approx(0.95, abs=3 * (0.05 * 0.95 / len(values)) ** 0.5)


def test_lines_that_are_not_shown_to_differ_in_slope_have_no_crossing() -> None:
    assert compare_slopes(*curves(0, slope=0.0), LENGTHS).crossing is None


def test_lines_that_meet_outside_the_values_tried_have_no_crossing() -> None:
    a, b = curves(0)
    assert compare_slopes(a + 0.5, b, LENGTHS, scale="log2").crossing is None


def test_one_seed_has_no_crossing() -> None:
    a, b = curves(0, seeds=1)
    assert compare_slopes(a, b, LENGTHS).crossing is None


def test_lines_without_noise_cross_in_a_point() -> None:
    crossing = compare_slopes([[0.0, 2.0]] * 3, [[1.0, 1.0]] * 3, [10, 20]).crossing
    assert crossing is not None
    assert crossing.at == pytest.approx(15)
    assert crossing.interval == pytest.approx((15, 15))


def test_the_margin_of_a_slope_is_the_margin_over_the_range() -> None:
    assert slope_margin(0.03, LENGTHS, scale="log2") == pytest.approx(0.01)
    assert slope_margin(1.75, LENGTHS) == pytest.approx(0.01)
    with pytest.raises(ValueError, match="margin above 0"):
        slope_margin(0.0, LENGTHS)


@pytest.mark.parametrize(
    ("values", "factor", "message"),
    [
        ([[1.0, 2.0]], [5, 5], "different"),
        ([[1.0, 2.0]], [0, 5], "above 0"),
        ([[1.0, 2.0]], [1, 2, 3], r"\(seeds, 3\)"),
        ([1.0, 2.0], [1, 2], r"\(seeds, 2\)"),
        ([[1.0, float("nan")]], [1, 2], "finite"),
    ],
)
def test_what_makes_no_line_is_refused(values: list[list[float]], factor: list[float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        compare_slopes(values, values, factor, scale="log2")


def test_unequal_numbers_of_seeds_are_refused() -> None:
    with pytest.raises(ValueError, match="got 1 and 2"):
        compare_slopes([[1.0, 2.0]], [[1.0, 2.0]] * 2, [1, 2])


def test_seeds_that_agree_only_because_a_score_is_counted_in_examples_are_not_taken_as_certain() -> None:
    a, b = [[0.50, 0.60], [0.50, 0.60]], [[0.50, 0.50], [0.50, 0.50]]
    assert compare_slopes(a, b, [1, 2]).difference.ci95 == pytest.approx((0.1, 0.1))
    slopes = compare_slopes(a, b, [1, 2], resolution=0.1)
    # A line through two values rounded to 0.1 has the spread 0.1/√12 · √2; the difference of two, √2 more.
    spread = 0.1 / 12**0.5 * 2**0.5 * 2**0.5
    half = stats.t.ppf(0.975, 1) * spread / 2**0.5
    assert slopes.difference.ci95 == pytest.approx((0.1 - half, 0.1 + half))


EVERY_LENGTH = list(range(1, 21))


def planted(at, steepness=4.0, first=1.0):
    return first / (1 + (np.array(EVERY_LENGTH) / at) ** (steepness / np.log(2)))


@pytest.mark.parametrize("at", [2.5, 5.2, 9, 16])
@pytest.mark.parametrize("first", [1.0, 0.6])
def test_a_planted_half_length_is_found_again(at, first):
    shares = planted(at, first=first)
    result = fit_half_length(EVERY_LENGTH, shares, [1000] * 20)
    assert result.at == pytest.approx(at, rel=0.05)
    assert result.interval.low < result.at < result.interval.high


def test_its_interval_covers_as_often_as_it_says():
    generator, hits = np.random.default_rng(0), 0
    for _ in range(200):
        right = generator.binomial(50, planted(7.0))
        result = fit_half_length(EVERY_LENGTH, right / 50, [50] * 20)
        hits += result.interval.low <= 7.0 <= result.interval.high
    assert 0.9 <= hits / 200 <= 0.99


def test_lengths_that_do_not_reach_half_say_on_which_side_it_lies():
    counts = [50] * 20
    flat, gone = (
        fit_half_length(EVERY_LENGTH, [0.9] * 20, counts),
        fit_half_length(EVERY_LENGTH, [0.019] * 20, counts),
    )
    assert (flat.at, flat.interval, flat.beyond, flat.learnt) == (None, None, 20, True)
    assert (gone.at, gone.below, gone.beyond, gone.learnt) == (None, None, None, False)


def test_seeds_that_differ_widen_the_interval():
    each = [fit_half_length(EVERY_LENGTH, planted(at), [1000] * 20) for at in (5, 7, 10)]
    whole = fit_half_length(EVERY_LENGTH, np.mean([planted(at) for at in (5, 7, 10)], axis=0), [3000] * 20)
    wide = over_seeds(whole, each)
    assert wide.low < whole.interval.low
    assert wide.high > whole.interval.high
    assert over_seeds(whole, each[:2]) == whole.interval


def test_half_lengths_lie_between_lengths_on_a_log_scale():
    assert half_length([4, 16], [1.0, 0.0]) == pytest.approx(8)
    assert half_length([5, 10, 20], [0.8, 0.8, 0.4]) == pytest.approx(20)
    assert half_length([5, 10], [1.0, 0.6]) is None
    assert half_length([5, 10], [0.0, 0.0]) is None
    assert half_length([5, 10], [0.019, 0.0]) is None, "nothing was learnt"
    assert half_length([5, 10], [32.0, 11.0], most=100.0) is not None


@pytest.mark.parametrize(
    ("scores", "improving"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], True),
        ([0.1, 0.5, 0.6, 0.6, 0.605, 0.6], False),
        ([1.0] * 30, False),
        ([0.02 * n for n in range(40)], True),
        ([*[0.02 * n for n in range(40)], *[0.79] * 5], False),
        ([0.3], False),
        ([], False),
    ],
)
def test_a_training_is_still_improving_where_its_last_epochs_gain_what_matters(scores, improving):
    assert still_improving(scores, 0.01) is improving
    assert still_improving([-score for score in scores], 0.01, higher_is_better=False) is improving


@pytest.mark.parametrize(("epochs", "last"), [(20, 3), (50, 5)])
def test_the_last_epochs_are_a_tenth_of_all_and_three_at_least(epochs, last):
    """A gain in the earliest of them counts, and one epoch before it no longer does."""
    for place, improving in ((epochs - last, True), (epochs - last - 1, False)):
        scores = [0.5] * epochs
        scores[place] = 0.6
        assert still_improving(scores, 0.01) is improving
