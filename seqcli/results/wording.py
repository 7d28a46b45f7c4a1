"""Numbers, words and signs that the sentences of results share, wherever they are made.

Every digit that a person reads is written here; scores, whose unit is their metric's, by way of
`data/score_words.py`.
"""

import math

from seqcli.results.common import Interval

MINUS = "−"
MOST_DECIMALS = 12
"""Of a number that is next to nothing: beyond them a float64 of ordinary size is rounding error."""
PLAIN = (1e-5, 1e9)
"""The sizes between which a number is written out; beyond them its power of ten is easier to read."""

RAISED = dict(zip("-0123456789n", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", strict=True))
"""What can stand in an exponent, and its raised sign."""


def fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    """A number with that many decimals, thousands apart: '2,350', '−0.5', '+0.4'.

    A value that rounds to zero is '0.0' without a sign, so that no '−0.0' is read as less than nothing.
    """
    text = f"{value:+,.{decimals}f}" if signed else f"{value:,.{decimals}f}"
    if not any(digit in text for digit in "123456789"):
        text = text.lstrip("+-")
    return text.replace("-", MINUS)


def decimals_to(value: float, digits: int, *, most: int = 6) -> int:
    """Return how many decimals show that many significant digits of a value; 0 for zero and large values."""
    if value == 0:
        return 0
    return min(most, max(0, digits - 1 - math.floor(math.log10(abs(value)))))


def shortest(value: float, digits: int) -> str:
    """A number of at most so many significant digits, without zeros at its end: '0.05', '1,600', '2e-07'."""
    if not math.isfinite(value) or (value and not PLAIN[0] <= abs(value) < PLAIN[1]):
        return f"{value:.{digits}g}"
    text = fixed(value, decimals_to(value, digits, most=MOST_DECIMALS))
    return text.rstrip("0").rstrip(".") if "." in text else text


def share_words(share: float, decimals: int = 1) -> str:
    """A share of examples, steps or chance in percent: '98.3 %', '7 %'."""
    return f"{fixed(100 * share, decimals)} %"


def p_value_words(value: float) -> str:
    """A p-value with three digits, which tell those of exact tests on few seeds apart: 'p = 0.0625'."""
    return "p < 0.0001" if value < 1e-4 else f"p = {shortest(value, 3)}"


def short_share(share: float) -> str:
    """A level, a look's part of it or a chance, as short as it is: '95 %', '98.3 %'."""
    return f"{shortest(100 * share, 3)} %"


def bracketed(interval: Interval, decimals: int, *, factor: float = 1.0, signed: bool = False) -> str:
    """An interval such as '[−1.4, +0.4]'."""
    low, high = (fixed(end * factor, decimals, signed=signed) for end in interval)
    return f"[{low}, {high}]"


def power_of_ten(exponent: int) -> str:
    """A power of ten with its exponent raised: '10⁻⁴'."""
    return "10" + "".join(RAISED[digit] for digit in str(exponent))


def seed_range(first: int, count: int) -> str:
    """So many seeds from the first on, as `--seeds` takes them: '5:20' is 5 to 19."""
    return f"{first}:{first + count}"


def plausible_seeds(seeds: tuple[int, int | None] | None, noun: str = " seeds") -> str:
    """The seeds that an unknown spread leaves: ' (9 to 31 seeds)', ' (9 or more seeds)'; '' if not known."""
    if seeds is None:
        return ""
    low, high = seeds
    return f" ({low} to {high}{noun})" if high is not None else f" ({low} or more{noun})"


def counted(number: int, noun: str) -> str:
    """A number and its noun: '1 thread', '5 seeds'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def span(seconds: float) -> str:
    """A length of time in the unit that people would say: '40 s', '12 min', '2.5 h', '3 d'."""
    if seconds < 90:
        return f"{fixed(max(0.0, seconds), 0)} s"
    if seconds < 90 * 60:
        return f"{fixed(seconds / 60, 0)} min"
    if seconds < 36 * 3600:
        return f"{fixed(seconds / 3600, 1 if seconds < 10 * 3600 else 0)} h"
    return f"{fixed(seconds / 86400, 0)} d"
