"""Numbers as people read them: sensible digits, a true minus sign, thousands apart, points in line."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from seqcli.data.kind import metric_named
from seqcli.results.measurements import Interval

MINUS = "−"
PLUS_MINUS = "±"
MISSING = "—"
MEBIBYTE = 2**20
SKEWED = 0.05  # an interval is written as mean ± half width only if its ends are this nearly alike


@dataclass(frozen=True)
class Unit:
    """How a metric is shown.

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


def fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with that many decimals, thousands apart: '2,350', '−0.5', '+0.4'.

    A value that rounds to zero is '0.0' without a sign, so that no '−0.0' is read as less than nothing.
    """
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def decimals_to(value: float, digits: int, *, most: int = 6) -> int:
    """How many decimals show that many significant digits of a value; 0 for zero and large values."""
    if value == 0:
        return 0
    return min(most, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def uncertain_decimals(half_widths: Iterable[float], unit: Unit) -> int:
    """The decimals that intervals of these half widths justify (in the metric's own unit).

    Scores up to 100 show one decimal, or more where an interval is narrower than 0.1; other metrics show
    two significant digits of the narrowest interval, and three decimals where there is no interval.
    """
    widths = [width * unit.factor for width in half_widths if width > 0]
    if unit.top is not None:
        return max([1, *(decimals_to(width, 1, most=3) for width in widths)])
    return max((decimals_to(width, 2) for width in widths), default=3)


def mean_decimals(
    means: Iterable[float | None], intervals: Iterable[Interval | None], unit: Unit, *, most: int = 6
) -> int:
    """The decimals in which a result's every mean is shown; two digits of the least without an interval."""
    widths = [(high - low) / 2 for low, high in filter(None, intervals)]
    if not widths and unit.top is None:
        return decimals_to(min((abs(mean) for mean in means if mean), default=0.01), 2)
    return min(most, uncertain_decimals(widths, unit))


def mean_text(mean: float, interval: Interval | None, decimals: int, unit: Unit) -> str:
    """A mean with its interval: '75.6 ± 0.9 %', or with both ends where they are not alike."""
    shown = fixed(mean * unit.factor, decimals)
    if interval is None:
        return f"{shown}{unit.suffix}"
    low, high = interval
    if abs((high - mean) - (mean - low)) > SKEWED * (high - low):
        return f"{shown} {bracketed(interval, decimals, factor=unit.factor)}{unit.suffix}"
    return f"{shown} {PLUS_MINUS} {fixed((high - low) / 2 * unit.factor, decimals)}{unit.suffix}"


def alike(values: Sequence[float | None]) -> list[str]:
    """Measured values of one quantity with equally many decimals; an absent one is an empty string.

    The least value above zero decides: three significant digits, two below 1.
    """
    sizes = [abs(value) for value in values if value]
    least = min(sizes, default=1.0)
    decimals = decimals_to(least, 3 if least >= 1 else 2)
    return ["" if value is None else fixed(value, decimals) for value in values]


def between(low: float, high: float, decimals: int) -> str:
    """A range such as '312–318', or one number where both ends look the same."""
    first, last = fixed(low, decimals), fixed(high, decimals)
    return first if first == last else f"{first}–{last}"


def bracketed(interval: Interval, decimals: int, *, factor: float = 1.0, signed: bool = False) -> str:
    """An interval such as '[−1.4, +0.4]'."""
    low, high = (fixed(end * factor, decimals, signed=signed) for end in interval)
    return f"[{low}, {high}]"


def level_text(levels: Iterable[float | None]) -> str:
    """The level of intervals that stand together: '95 %', '90 to 98.3 %'; 95 % where a result tells none."""
    shown = sorted({0.95 if level is None else round(level, 4) for level in levels}) or [0.95]
    ends = [f"{100 * level:.3g}" for level in dict.fromkeys((shown[0], shown[-1]))]
    return f"{' to '.join(dict.fromkeys(ends))} %"


def times(ratio: float, interval: Interval | None = None, *, decimals: int = 2) -> str:
    """A ratio such as '×0.90 [0.88, 0.92]'; more decimals for a small one, one for a large one."""
    ends = (ratio, *(interval or ()))
    least = min((abs(end) for end in ends if end), default=1.0)
    decimals = max(decimals, decimals_to(least, 2)) if least < 10 else 1
    shown = f"×{fixed(ratio, decimals)}"
    return shown if interval is None else f"{shown} {bracketed(interval, decimals)}"


def align_points(texts: Sequence[str]) -> list[str]:
    """The texts with spaces in front, so that the decimal points of their first numbers are in line."""
    starts = [_whole_part(text) for text in texts]
    widest = max(starts, default=0)
    return [" " * (widest - start if start else 0) + text for text, start in zip(texts, starts, strict=True)]


def _whole_part(text: str) -> int:
    """How many characters come before the first decimal point, or the end of the first number, if any."""
    if not any(character.isdigit() for character in text):
        return 0
    for position, character in enumerate(text):
        if character in ". " and any(digit.isdigit() for digit in text[:position]):
            return position
    return len(text)


def clock(seconds: float) -> str:
    """A duration such as '0:21' or '1:02:03'."""
    whole = max(0, round(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def size(count: int) -> str:
    """Bytes as people read them: '512 B', '3.4 KiB', '1.2 GiB'."""
    value = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{fixed(value, 0 if unit == 'B' else 1)} {unit}"
        value /= 1024
    return f"{fixed(value, 1)} TiB"
