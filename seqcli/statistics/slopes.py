"""The change of a figure along a varied factor (length, data size): slopes, their difference, a crossing.

Seeds are the units throughout: each seed gives one least-squares line per model, and what is compared over
seeds are those lines. A slope is the average trend; where a curve bends it says no more than that.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

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
