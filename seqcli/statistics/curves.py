"""A model's curve: its slope along a varied factor, its half length, and a training that still gained.

Slopes compare models over seeds: each seed gives one least-squares line per model, and what is compared are
those lines. A slope is the average trend; where a curve bends it says no more than that.

L50 is the length at which a score has fallen to half of its first value. Over single lengths a logistic curve
is fitted by the likelihood of the answers; over a few values that were varied, where there are too few for a
curve, the place is read between two of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, xlogy

from seqcli.statistics import student
from seqcli.statistics.intervals import ConfidenceInterval, Estimate, estimate, paired_difference
from seqcli.statistics.student import Floats, check_margin

Scale = Literal["linear", "log2"]
"""The scale of the factor: 'log2' makes a slope the change per doubling."""


@dataclass(frozen=True)
class Crossing:
    """The point where the two models' mean lines meet, in the factor's own unit.

    Args:
        at: The meeting point.
        interval: The values at which the seeds cannot tell the lines apart (Fieller, 1954).
    """

    at: float
    interval: ConfidenceInterval


@dataclass(frozen=True)
class Slopes:
    """Two models' trends over the same values of a factor.

    Args:
        a: The slope of a, over seeds.
        b: The slope of b, over seeds.
        difference: Slope of a minus slope of b, paired by seed: its interval says whether the factor favours
            one of the models, and `judge` with `slope_margin` gives the verdict.
        crossing: Where the lines meet; None when the slopes are not shown to differ at alpha, or when the
            lines meet outside the values that were tried.
    """

    a: Estimate
    b: Estimate
    difference: Estimate
    crossing: Crossing | None


def compare_slopes(
    values_a: ArrayLike,
    values_b: ArrayLike,
    factor: Sequence[float],
    *,
    scale: Scale = "linear",
    alpha: float = 0.05,
    resolution: float = 0.0,
) -> Slopes:
    """Slopes of two models over seeds, with their paired difference and crossing.

    Args:
        values_a: The figure of a at each seed and each value of the factor, (S, X).
        values_b: That of b at the same seeds and values, (S, X).
        factor: The values tried, at least two different ones, (X,).
        scale: How the factor counts.
        alpha: Level of the crossing's interval, and of the difference in slopes that it needs.
        resolution: The figure's smallest step, as in `estimate`: two seeds on a grid often agree by chance.

    Raises:
        ValueError: Shapes do not fit, a value is not finite, the factor does not vary, or a factor on a log
            scale is not above 0.
    """
    x = _scaled(factor, scale)
    a, b = _rows(values_a, x), _rows(values_b, x)
    (_, slopes_a), (_, slopes_b) = lines(a, x), lines(b, x)
    step = resolution / float(np.linalg.norm(x - x.mean()))  # the spread of a line through rounded values
    return Slopes(
        a=estimate(slopes_a, resolution=step),
        b=estimate(slopes_b, resolution=step),
        difference=paired_difference(slopes_a, slopes_b, resolution=step),
        crossing=_crossing(a - b, x, scale=scale, alpha=alpha),
    )


def slope_weights(factor: Sequence[float], *, scale: Scale = "linear") -> list[float]:
    """Return the weight of each value's figure in the least-squares slope, (X,): they add up to 0.

    Raises:
        ValueError: The factor is as in `compare_slopes`.
    """
    x = _scaled(factor, scale)
    centred = x - x.mean()
    weights: list[float] = (centred / np.sum(centred**2)).tolist()
    return weights


def lines(values: Floats, x: Floats) -> tuple[Floats, Floats]:
    """Least-squares lines, one a row: their heights at the mean of x, and their slopes, each (S,)."""
    centred = x - x.mean()
    return values.mean(axis=-1), values @ centred / np.sum(centred**2)


def slope_margin(margin: float, factor: Sequence[float], *, scale: Scale = "linear") -> float:
    """The slope at which a difference grows by the margin over all the values tried.

    Raises:
        ValueError: The margin is not finite and above 0, or the factor is as in `compare_slopes`.
    """
    check_margin(margin)
    return margin / float(np.ptp(_scaled(factor, scale)))


def _crossing(differences: Floats, x: Floats, *, scale: Scale, alpha: float) -> Crossing | None:
    """Return the zero of the line of differences a − b, with Fieller's interval if it is bounded."""
    seeds = differences.shape[0]
    if seeds < 2:
        return None
    heights, slopes = lines(differences, x)
    height, slope = float(heights.mean()), float(slopes.mean())
    t2 = student.quantile(alpha / 2, seeds) ** 2
    (hh, hs), (_, ss) = np.cov(heights, slopes) * (t2 / seeds)
    square, half, constant = slope**2 - ss, height * slope - hs, height**2 - hh
    if slope == 0.0 or square <= 0.0:
        return None
    meeting = x.mean() - height / slope
    if not x.min() <= meeting <= x.max():
        return None
    reach = math.sqrt(max(half**2 - square * constant, 0.0))
    low, high = ((x.mean() + (-half + sign * reach) / square) for sign in (-1, 1))
    return Crossing(
        _unscaled(meeting, scale), ConfidenceInterval(_unscaled(low, scale), _unscaled(high, scale))
    )


def _rows(values: ArrayLike, x: Floats) -> Floats:
    rows = np.asarray(values, dtype=np.float64)
    if rows.ndim != 2 or rows.shape[0] == 0 or rows.shape[1] != x.size:
        raise ValueError(f"expected values of shape (seeds, {x.size}), got {rows.shape}")
    return rows


def _scaled(factor: Sequence[float], scale: Scale) -> Floats:
    x = np.asarray(factor, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all() or np.unique(x).size < 2:
        raise ValueError(f"expected at least two different finite values, got {list(factor)}")
    if scale == "linear":
        return x
    if (x <= 0.0).any():
        raise ValueError(f"expected values above 0 on a log scale, got {list(factor)}")
    return np.log2(x)


def _unscaled(x: float, scale: Scale) -> float:
    # 2 ** 1024 is beyond a float64.
    return float(x) if scale == "linear" else float(np.exp2(min(x, 1023.0)))


LEARNT = 0.1
"""The first score, as a share of its scale, below which a model never learnt: half of nothing is nothing."""
FIRST_EXAMPLES = 30
"""Examples of the shortest lengths that make the first score; its standard error is then .09 at most."""
DEVIANCE = 3.841458820694124 / 2
"""Half the 95 % quantile of χ² with one degree of freedom (Wilks, 1938)."""
# The likelihood is read off a grid: 600 steps over the range of lengths, an octave more on either side.
PLACES = 601
STEEPNESS = np.geomspace(0.25, 64, 65)
"""Of the curve, in powers of e a doubling of the length."""


@dataclass(frozen=True)
class HalfLength:
    """The point at which a falling curve is at half of its first value.

    Attributes:
        at: L50; None where it lies outside the lengths tried, or the model never learnt.
        interval: Its 95 % interval, no wider than the lengths tried; None where `at` is.
        first: The first score, a share: the curve's ceiling.
        steepness: Of the curve; None without L50.
        below: The shortest length, where the curve is below half from there on.
        beyond: The longest length, where the curve never reached half.
    """

    at: float | None = None
    interval: ConfidenceInterval | None = None
    first: float = 0.0
    steepness: float | None = None
    below: float | None = None
    beyond: float | None = None

    @property
    def learnt(self) -> bool:
        """Return whether there was anything to lose."""
        return self.first >= LEARNT


def fit_half_length(lengths: Sequence[float], scores: ArrayLike, counts: Sequence[int]) -> HalfLength:
    """L50 by the logistic curve p(n) = first · σ(s log2(L50 / n)), fitted to shares of right answers.

    The floor is 0, which chance is for whole sequences; the ceiling is the first score. The interval is the
    profile likelihood's: it knows the test examples and nothing of other seeds, see `over_seeds`. Scores that
    are no counts (BLEU as a share) are weighed by their examples as if they were.

    Args:
        lengths: Ascending, above 0, (X).
        scores: A share at each, (X).
        counts: How many examples each share is of, (X).

    Raises:
        ValueError: The shapes do not fit, or there is nothing.
    """
    x, shares, weights = (np.asarray(part, dtype=np.float64) for part in (lengths, scores, counts))
    if x.size == 0 or not x.shape == shares.shape == weights.shape:
        raise ValueError(f"expected as many scores and counts as lengths, got {x.shape}, {shares.shape}")
    first = _first(shares, weights)
    if first < LEARNT:
        return HalfLength(first=first)
    x = np.log2(x)
    places = np.linspace(x[0] - 1, x[-1] + 1, PLACES)
    curve = first * expit(STEEPNESS[:, None, None] * (places[:, None] - x))  # (steepnesses, places, X)
    fit = (xlogy(weights * shares, curve) + xlogy(weights * (1 - shares), 1 - curve)).sum(axis=-1)
    profile = fit.max(axis=0)
    # A flat top has many best places, equal up to rounding: its middle is taken.
    middle = float(np.median(places[profile >= profile.max() - 1e-9]))
    if middle < x[0]:
        return HalfLength(first=first, below=float(lengths[0]))
    if middle > x[-1]:
        return HalfLength(first=first, beyond=float(lengths[-1]))
    inside = places[profile >= profile.max() - DEVIANCE]
    step = places[1] - places[0]  # an end lies within the grid's next step
    return HalfLength(
        at=2**middle,
        interval=ConfidenceInterval(
            *(float(2**end) for end in np.clip([inside[0] - step, inside[-1] + step], x[0], x[-1]))
        ),
        first=first,
        steepness=float(STEEPNESS[fit.max(axis=1).argmax()]),
    )


def over_seeds(of_mean: HalfLength, of_seeds: Sequence[HalfLength]) -> ConfidenceInterval | None:
    """The interval of L50 that knows the seeds too: the hull of the pooled one and of t over log L50.

    One or two seeds leave the pooled one, which is of these runs alone.
    """
    known = [crossing.at for crossing in of_seeds if crossing.at is not None]
    if of_mean.interval is None or len(known) < 3 or len(known) < len(of_seeds):
        return of_mean.interval
    ends = estimate(np.log2(known)).interval()
    if ends is None:
        return of_mean.interval
    return ConfidenceInterval(
        min(of_mean.interval.low, 2**ends.low), max(of_mean.interval.high, 2**ends.high)
    )


def half_length(lengths: Sequence[float], scores: Sequence[float], *, most: float = 1.0) -> float | None:
    """L50 read between values: where scores first fall to half of the first one, on a log scale.

    Args:
        lengths: Ascending.
        scores: One a length.
        most: The score of perfect answers.

    Returns:
        None where they never do, or where the first one says that nothing was learnt.
    """
    half = scores[0] / 2
    if scores[0] < LEARNT * most:
        return None
    for i in range(1, len(scores)):
        if scores[i] <= half:
            share = (scores[i - 1] - half) / (scores[i - 1] - scores[i])
            low, high = np.log2(lengths[i - 1]), np.log2(lengths[i])
            return float(2 ** (low + share * (high - low)))
    return None


def _first(shares: Floats, counts: Floats) -> float:
    """The score at the shortest lengths that together have enough examples."""
    enough = int(np.searchsorted(np.cumsum(counts), FIRST_EXAMPLES)) + 1
    return float(np.average(shares[:enough], weights=counts[:enough]))


# In short trainings a tenth of the epochs is one or none, and a single epoch's best is chance.
LAST_EPOCHS = 3
LAST_SHARE = 0.1
"""The last epochs, a tenth of all and three at least: what is gained there would have gone on."""


def still_improving(scores: Sequence[float], margin: float, *, higher_is_better: bool = True) -> bool:
    """Return whether the best of the last epochs beats all before by more than what does not matter.

    A validation split is small: by chance alone one leg in ten has its best epoch among the last tenth, so
    that only a gain beyond the margin counts.

    Args:
        scores: The validation score after each epoch.
        margin: The least difference that matters.
        higher_is_better: Whether the score is one.
    """
    last = max(LAST_EPOCHS, math.ceil(LAST_SHARE * len(scores)))
    signed = [score if higher_is_better else -score for score in scores]
    before, after = signed[:-last] or signed[:1], signed[-last:]
    return bool(signed) and max(after) > max(before) + margin
