"""Curves and strips of dots drawn with characters: each has its own mark, so that colour is not needed."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from seqcli.reports.draw.page import Page

MARKS = "●○◆◇■□▲△"
COLOURS = ("cyan", "yellow", "magenta", "green", "red", "blue", "bright_cyan", "bright_yellow")
HEIGHT = 10
WIDEST = 72
TICKS = 5

Point = tuple[float, float]


@dataclass(frozen=True)
class ChartSeries:
    """One curve.

    Args:
        points: (x, y) with x increasing; between them the curve is straight.
    """

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Chart:
    """Curves over one axis.

    Args:
        series: The curves, in the order of their marks.
        end: What stands at the right end of the axis: 'k = 200'.
    """

    series: tuple[ChartSeries, ...]
    end: str = ""


def mark_of(position: int) -> str:
    """The mark of a curve by its place among all; they begin again after the last."""
    return MARKS[position % len(MARKS)]


def draw_chart(chart: Chart, page: Page) -> list[Text]:
    """The chart as lines of at most `page.columns` columns; nothing where there is nothing to draw."""
    from seqcli.reports.numbers import fixed  # which loads NumPy; a sheet without a chart needs none

    points = [point for series in chart.series for point in series.points]
    if not points:
        return []
    low, high = min(y for _, y in points), max(y for _, y in points)
    if high - low < 1e-9:
        low, high = max(0.0, low - 1) if low >= 0 else low - 1, high + 1
    ticks = _ticks(low, high)
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]))) if len(ticks) > 1 else 1
    labels = {_row(tick, low, high): fixed(tick, decimals) for tick in ticks}
    margin = max(cell_len(label) for label in labels.values()) + 2
    width = max(8, min(page.columns, WIDEST + margin) - margin - 1)
    rows = _filled(chart.series, (low, high), width)
    lines = []
    for place, row in enumerate(rows):
        scale = f"{labels.get(place, ''):>{margin - 1}} {'┤' if place in labels else '│'}"
        lines.append(Text(page.fit(scale), "dim").append_text(_inked(row, page)))
    return [*lines, _axis(chart.end, margin, width, page)]


def _filled(series: Sequence[ChartSeries], bounds: Point, width: int) -> list[list[int | None]]:
    """For every place of the grid the curve that shows there; curves take turns at the columns."""
    rows: list[list[int | None]] = [[None] * width for _ in range(HEIGHT)]
    first = min(one.points[0][0] for one in series if one.points)
    last = max(one.points[-1][0] for one in series if one.points)
    turns = max(2, len(series))
    for position, one in enumerate(series):
        for column in range(width):
            if column % turns != position % turns:
                continue
            y = _at(one.points, first + (last - first) * column / (width - 1))
            if y is not None:
                rows[_row(y, *bounds)][column] = position
    return rows


def _inked(row: Sequence[int | None], page: Page) -> Text:
    text = Text()
    for position in row:
        if position is None:
            text.append(" ")
        else:
            text.append(page.fit(mark_of(position)), COLOURS[position % len(COLOURS)])
    return text


def _axis(end: str, margin: int, width: int, page: Page) -> Text:
    shown = f" {end}" if end and cell_len(page.fit(end)) < width else ""
    rule = "─" * max(0, width - cell_len(page.fit(shown)))
    return Text(page.fit(" " * margin + "└" + rule + shown), "dim")


def _row(y: float, low: float, high: float) -> int:
    return round((high - y) / (high - low) * (HEIGHT - 1))


def _at(points: Sequence[Point], x: float) -> float | None:
    """The curve's height at x; None beyond its ends."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if x0 <= x <= x1:
            return y0 if x1 == x0 else y0 + (y1 - y0) * (x - x0) / (x1 - x0)
    return points[0][1] if len(points) == 1 and points[0][0] == x else None


def _ticks(low: float, high: float) -> list[float]:
    """Round heights within the bounds, at most `TICKS` of them."""
    return next(ticks for step in _steps(high - low) if len(ticks := _multiples(step, low, high)) <= TICKS)


def _steps(span: float) -> Iterator[float]:
    """1, 2 and 5 times powers of ten, from much too small."""
    power = math.floor(math.log10(span)) - 1
    while True:
        yield from (digit * 10.0**power for digit in (1, 2, 5))
        power += 1


def _multiples(step: float, low: float, high: float) -> list[float]:
    # A tick on an end itself must not fall out by rounding.
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [step * count for count in range(first, last + 1)]


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
