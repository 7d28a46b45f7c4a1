"""From a curve of norms over lags to the figures that people compare: half-life, memory length, underflow.

A curve is the decimal logarithm of a norm at increasing lags, -inf where the norm is exactly 0.
"""

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

POINTS = 40
"""Evenly spaced lags over which the slope is taken."""

FORGOTTEN = -3.0
"""A memory ends where the norm is 10 to this power of lag 1's."""

FLOAT32_SMALLEST = -149 * math.log10(2)
"""log10 of the smallest positive float32, a subnormal."""

FLOAT32_LARGEST = math.log10((2 - 2**-23) * 2.0**127)
"""log10 of the largest finite float32."""

SHORTEST = 10
"""Fewest lags from which a slope is read: over fewer the first steps decide it."""

Curve = Sequence[float]


def shown_lags(steps: int) -> list[int]:
    """The lags of a table: 1, 2, 5, 10, 20, 50, … below T, and T."""
    decades = range(len(str(steps)))
    series = [digit * 10**decade for decade in decades for digit in (1, 2, 5)]
    return [*(lag for lag in series if lag < steps), steps]


def even_lags(steps: int) -> list[int]:
    """Evenly spaced lags from 1 to T, at most `POINTS` of them."""
    count = min(POINTS, steps)
    return sorted({max(1, round(steps * place / count)) for place in range(1, count + 1)})


def measured_lags(steps: int, extra: Sequence[int] = ()) -> list[int]:
    """All lags at which norms are taken: 0, the table's, the even ones, and any others asked for."""
    return sorted({0, *shown_lags(steps), *even_lags(steps), *extra})


def rate(lags: Sequence[int], curve: Curve) -> float:
    """The growth of the norm in decades a step: the least-squares slope over the evenly spaced lags.

    Where a norm is exactly 0 the slope is that of the part before; -inf where there is no such part.
    """
    even = set(even_lags(lags[-1]))
    points = [(lag, y) for lag, y in zip(lags, curve, strict=True) if lag in even and math.isfinite(y)]
    if len(points) < 2:
        points = [(lag, y) for lag, y in zip(lags, curve, strict=True) if math.isfinite(y)]
    if len(points) < 2:
        return -math.inf
    x, y = np.array(points, dtype=np.float64).T
    centred = x - x.mean()
    return float(centred @ y / (centred @ centred))


def late_rate(lags: Sequence[int], curve: Curve) -> float:
    """The growth over the second half of the lags in decades a step: the median slope between two of them.

    The first steps of a product grow faster than it will; one jump at the first state moves no median (Theil,
    1950; Sen, 1968). As `rate` where that half has fewer than two norms.
    """
    points = [
        (lag, y)
        for lag, y in zip(lags, curve, strict=True)
        if lag in set(even_lags(lags[-1])) and 2 * lag >= lags[-1] and math.isfinite(y)
    ]
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2)]
    return float(np.median(slopes)) if slopes else rate(lags, curve)


def steps_to_halve(decades: float) -> float | None:
    """The half-life in steps of a norm that changes by so many decades a step; None if it does not shrink."""
    return -math.log10(2) / decades if decades < 0 else None


def steps_to_double(decades: float) -> float | None:
    """The doubling time in steps; None if the norm does not grow."""
    return math.log10(2) / decades if decades > 0 else None


def first_below(lags: Sequence[int], curve: Curve, level: float) -> float | None:
    """The lag at which the curve first falls to a level, between measured lags along a straight line.

    None where it does not within the curve. Lag 0, the identity, does not count.
    """
    before: tuple[int, float] | None = None
    for lag, value in zip(lags, curve, strict=True):
        if lag < 1:
            continue
        if value <= level:
            if before is None or not math.isfinite(value):
                return float(lag)
            share = (before[1] - level) / (before[1] - value)
            return before[0] + share * (lag - before[0])
        before = (lag, value)
    return None


def memory_length(lags: Sequence[int], curve: Curve) -> float | None:
    """The lag at which the norm falls to a thousandth of lag 1's; None beyond the last lag."""
    start = curve[list(lags).index(1)]
    if not math.isfinite(start):
        return 1.0
    return first_below(lags, curve, start + FORGOTTEN)


def underflow_lag(lags: Sequence[int], curve: Curve) -> int | None:
    """The first lag at which float32 would hold nothing but 0; None beyond the last lag."""
    lag = first_below(lags, curve, FLOAT32_SMALLEST)
    return None if lag is None else math.ceil(lag)


def overflow_lag(lags: Sequence[int], curve: Curve) -> int | None:
    """The first lag at which float32 would hold nothing but infinity; None beyond the last lag."""
    lag = first_below(lags, [-value for value in curve], -FLOAT32_LARGEST)
    return None if lag is None else math.ceil(lag)
