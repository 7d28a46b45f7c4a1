"""Words and signs that the sentences of results share, wherever they are made."""

RAISED = dict(zip("-0123456789n", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ", strict=True))
"""What can stand in an exponent, and its raised sign."""


def power_of_ten(exponent: int) -> str:
    """A power of ten with its exponent raised: '10⁻⁴'."""
    return "10" + "".join(RAISED[digit] for digit in str(exponent))


def seed_range(first: int, count: int) -> str:
    """So many seeds from the first on, as `--seeds` takes them: '5:20' is 5 to 19."""
    return f"{first}:{first + count}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: '1 thread', '5 seeds'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def span(seconds: float) -> str:
    """A length of time in the unit that people would say: '40 s', '12 min', '2.5 h', '3 d'."""
    if seconds < 90:
        return f"{max(0.0, seconds):.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 36 * 3600:
        return f"{seconds / 3600:.1f} h" if seconds < 10 * 3600 else f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} d"
