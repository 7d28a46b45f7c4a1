"""The one formatter of scores: the metric's own unit, and the digits that an interval justifies.

Claims, gates and recommendations take it from here; tables, figures and documents by way of
`reports/numbers.py`, which adds what only they need.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from seqcli.data.kind import metric_named
from seqcli.results.common import Interval
from seqcli.results.wording import MINUS, MOST_DECIMALS, bracketed, decimals_to, fixed

SCORE_DIGITS = 4
"""Significant digits of a score without an interval, on a scale that has no greatest value."""

NO_WIDTH = 1e-12
"""The half width up to which an interval is rounding error of the means that it is made of."""


@dataclass(frozen=True)
class Unit:
    """The unit in which a metric is shown.

    Attributes:
        factor: From its own unit.
        suffix: After a value.
        difference: After a difference, short.
        words: After a difference, in a sentence.
        top: The greatest value there is, as shown; None where there is none.
    """

    factor: float
    suffix: str
    difference: str
    words: str
    top: float | None = None


PERCENT = Unit(100.0, " %", " pt", " points", top=100.0)
BARE = Unit(1.0, "", "", "")


def unit_of(metric: str) -> Unit:
    """Percent for metrics that are shares of examples; any other metric is shown in its own unit."""
    known = metric_named(metric)
    top = known.most
    if top is None:
        return BARE
    return PERCENT if known.share else Unit(1.0, "", f" {metric}", f" {metric}", top=top)


def uncertain_decimals(half_widths: Iterable[float], unit: Unit) -> int:
    """The decimals that intervals of these half widths justify (in the metric's own unit).

    Scores up to 100 show one decimal, or more where an interval is narrower than 0.1; other metrics show
    two significant digits of the narrowest interval, and three decimals where there is no interval.
    """
    widths = [width * unit.factor for width in half_widths if width > NO_WIDTH]
    if unit.top is not None:
        return max([1, *(decimals_to(width, 1) for width in widths)])
    return max((decimals_to(width, 2) for width in widths), default=3)


def mean_decimals(
    means: Iterable[float | None], intervals: Iterable[Interval | None], unit: Unit, *, most: int = 6
) -> int:
    """The decimals in which a result's every mean is shown; two digits of the least without an interval."""
    widths = [(high - low) / 2 for low, high in filter(None, intervals)]
    if not widths and unit.top is None:
        return decimals_to(min((abs(mean) for mean in means if mean), default=0.01), 2)
    return min(most, uncertain_decimals(widths, unit))


def score_text(value: float, metric: str) -> str:
    """A score without an interval, in its metric's unit: '75.6 %', '31.2', '0.6498'."""
    unit = unit_of(metric)
    shown = value * unit.factor
    decimals = 1 if unit.top is not None else decimals_to(shown, SCORE_DIGITS, most=MOST_DECIMALS)
    return f"{fixed(shown, decimals)}{unit.suffix}"


def difference_words(
    difference: float, interval: Interval | None, metric: str, *, decimals: int | None = None
) -> str:
    """A difference of scores with its interval, in its metric's unit: '+0.036 points [+0.030, +0.042]'.

    Args:
        difference: In the metric's own unit.
        interval: The same; None where there is none.
        metric: What the scores are of.
        decimals: As many as its table has; None for those that its own interval justifies.
    """
    unit = unit_of(metric)
    if decimals is None:
        decimals = mean_decimals([difference], [interval], unit)
    bounds = (
        f" {bracketed(interval, decimals, factor=unit.factor, signed=True)}" if interval is not None else ""
    )
    return f"{fixed(difference * unit.factor, decimals, signed=True)}{unit.words}{bounds}"


def figure_words(
    value: float | None, ends: tuple[float | None, float | None] | None, unit: str, *, single_figure: bool
) -> str:
    """A gate's figure with its interval: '75.6 % [74.7, 76.5]', '−1.2 points [−2.0, −0.4]', '3.41 ms'.

    Args:
        value: In its own unit; '' stands for None.
        ends: Its interval, open where an end is None; one without width is not told.
        unit: 'share', a metric's name, 'ms' …; '' of a bare number.
        single_figure: Whether it is one figure and no difference.
    """
    share = unit == "share"
    factor = PERCENT.factor if share else 1.0
    suffix = (PERCENT.suffix if single_figure else PERCENT.words) if share else f" {unit}".rstrip()
    bounds = tuple(end for end in ends or () if end is not None)
    exact = ends is None or (None not in ends and ends[0] == ends[1])
    half = 0.0 if exact else abs(bounds[-1] - (bounds[0] if len(bounds) == 2 else value or 0.0)) / len(bounds)
    decimals = _figure_decimals(factor * (value or 0.0), factor * half, share=share)
    # Which side of zero an end is on decides a gate: it is not shown as zero unless it is rounding error.
    decided = [end for end in bounds if abs(end) > 1e-6 * half]
    decimals = max([decimals, *(decimals_to(factor * end, 1, most=MOST_DECIMALS) for end in decided)])
    shown = "" if value is None else f" {fixed(factor * value, decimals)}{suffix}"
    if exact or ends is None:
        return shown.strip()
    low, high = (
        f"{sign}∞" if end is None else fixed(factor * end, decimals)
        for end, sign in zip(ends, (MINUS, ""), strict=True)
    )
    return f"{shown} [{low}, {high}]".strip()


def _figure_decimals(value: float, half_width: float, *, share: bool) -> int:
    """One decimal of a percentage at least; else two digits of the interval, or four of an exact figure."""
    if share:
        return max(1, decimals_to(half_width, 1))
    return (
        decimals_to(half_width, 2, most=MOST_DECIMALS)
        if half_width
        else decimals_to(value, SCORE_DIGITS, most=MOST_DECIMALS)
    )
