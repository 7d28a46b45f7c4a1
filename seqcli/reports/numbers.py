"""Numbers as people read them: sensible digits, a true minus sign, thousands apart, points in line."""

from collections.abc import Iterable, Sequence

from seqcli.data.score_words import BARE, PERCENT, Unit, mean_decimals, uncertain_decimals, unit_of
from seqcli.results.common import Interval
from seqcli.results.wording import MINUS, bracketed, decimals_to, fixed, short_share, shortest

__all__ = [
    "BARE",
    "MEBIBYTE",
    "MINUS",
    "MISSING",
    "PERCENT",
    "PLUS_MINUS",
    "Unit",
    "align_points",
    "alike",
    "between",
    "bracketed",
    "clock",
    "decimals_to",
    "fixed",
    "level_suffix",
    "level_text",
    "mean_decimals",
    "mean_text",
    "size",
    "times",
    "uncertain_decimals",
    "unit_of",
]

LIKE_95 = 1e-6  # a level is one minus a sum of floats
PLUS_MINUS = "±"
MISSING = "—"
MEBIBYTE = 2**20  # bytes, IEC 80000-13
SKEWED = 0.05  # an interval is written as mean ± half width only if its ends are this nearly alike


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


def level_text(levels: Iterable[float | None]) -> str:
    """The level of intervals that stand together: '95 %', '90 to 98.3 %'; 95 % where a result tells none."""
    shown = sorted({0.95 if level is None else round(level, 4) for level in levels}) or [0.95]
    ends = [shortest(100 * level, 3) for level in dict.fromkeys((shown[0], shown[-1]))]
    return f"{' to '.join(dict.fromkeys(ends))} %"


def times(ratio: float, interval: Interval | None = None, *, decimals: int = 2) -> str:
    """A ratio such as '×0.90 [0.88, 0.92]'; more decimals for a small one, one for a large one."""
    ends = (ratio, *(interval or ()))
    least = min((abs(end) for end in ends if end), default=1.0)
    decimals = max(decimals, decimals_to(least, 2)) if least < 10 else 1
    shown = f"×{fixed(ratio, decimals)}"
    return shown if interval is None else f"{shown} {bracketed(interval, decimals)}"


def level_suffix(level: float | None) -> str:
    """The level after an interval where it is not 95 %: ' (90 %)'."""
    return "" if level is None or abs(level - 0.95) < LIKE_95 else f" ({short_share(level)})"


def align_points(texts: Sequence[str]) -> list[str]:
    """The texts with spaces in front, so that the decimal points of their first numbers are in line."""
    starts = [_whole_part(text) for text in texts]
    widest = max(starts, default=0)
    return [" " * (widest - start if start else 0) + text for text, start in zip(texts, starts, strict=True)]


def _whole_part(text: str) -> int:
    """Return the characters before the first decimal point, or the end of the first number, if any."""
    if not any(character.isdigit() for character in text):
        return 0
    for position, character in enumerate(text):
        if character in ". " and any(digit.isdigit() for digit in text[:position]):
            return position
    return len(text)


def clock(seconds: float) -> str:
    """A duration such as '0:21' or '1:02:03'."""
    total = max(0, round(seconds))
    minutes, rest = divmod(total, 60)
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


INITIALS = {"auroc": "AUROC"}
"""Metrics whose names are initials, which are capitals."""


def metric_words(name: str) -> str:
    """A metric as people write it: 'word accuracy', 'AUROC'."""
    return INITIALS.get(name, name.replace("_", " "))


def score_words(metric: str, value: float, decimals: int = 1) -> str:
    """A score in its unit: a percentage with so many decimals, any other score with its digits that tell."""
    unit = unit_of(metric)
    return f"{fixed(value * unit.factor, decimals)}{unit.suffix}" if unit.top else alike([value])[0]
