"""Each seed's value as a dot on a scale that all models share, so that spread and overlap are seen."""

from collections import Counter
from collections.abc import Sequence

WIDTH = 13
DOTS = ("·", ":", "⋮")


def scale_of(groups: Sequence[Sequence[float | None]]) -> tuple[float, float] | None:
    """The least and greatest value over all groups; None where there is no value at all."""
    values = [value for group in groups for value in group if value is not None]
    return (min(values), max(values)) if values else None


def dot_strip(values: Sequence[float | None], scale: tuple[float, float], *, width: int = WIDTH) -> str:
    """A line of `width` places from the scale's least value to its greatest, with a dot for each value.

    Two values in one place are ':', three or more '⋮'. Where all values are equal, they stand in the middle.
    """
    low, high = scale
    places: Counter[int] = Counter()
    for value in values:
        if value is not None:
            share = (value - low) / (high - low) if high > low else 0.5
            places[round(share * (width - 1))] += 1
    return "".join(
        DOTS[min(places[place], len(DOTS)) - 1] if places[place] else " " for place in range(width)
    )
