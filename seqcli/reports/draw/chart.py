"""Curves and strips of dots drawn with characters: each has its own mark, so that colour is not needed."""

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rich.cells import cell_len
from rich.text import Text

from seqcli.reports.draw.page import Page

MARKS = "●○◆◇■□▲△"
COLOURS = ("cyan", "yellow", "magenta", "green", "red", "blue", "bright_cyan", "bright_yellow")
WAY = "·"
"""What leads from one measured point to the next."""
HEIGHT = 10  # lines: with its table and a verdict it fits a terminal of 24
WIDEST = 72  # columns: with the scale's labels it fits 80
TICKS = 5  # at every other line at most

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
        sparse: Whether the points are few: each has its mark then, and small dots lead from one to the next,
            so that nobody takes for measured what lies between.
    """

    series: tuple[ChartSeries, ...]
    end: str = ""
    sparse: bool = False


@dataclass(frozen=True)
class _Ink:
    """One place of the grid: whose curve shows there, and whether by its mark or by a dot on the way."""

    position: int
    mark: bool = True


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
    # A flat line, but for rounding, needs some height; what was not below 0 stays above it.
    if high - low < 1e-9:
        low, high = max(0.0, low - 1) if low >= 0 else low - 1, high + 1
    ticks = _ticks(low, high)
    decimals = max(0, -math.floor(math.log10(ticks[1] - ticks[0]))) if len(ticks) > 1 else 1
    labels = {_row(tick, low, high): fixed(tick, decimals) for tick in ticks}
    margin = max(cell_len(label) for label in labels.values()) + 2
    width = max(8, min(page.columns, WIDEST + margin) - margin - 1)
    rows = (_points_and_ways if chart.sparse else _filled)(chart.series, (low, high), width)
    lines = []
    for place, row in enumerate(rows):
        scale = f"{labels.get(place, ''):>{margin - 1}} {'┤' if place in labels else '│'}"
        lines.append(Text(page.fit(scale), "dim").append_text(_inked(row, page)))
    return [*lines, _axis(chart.end, margin, width, page)]


ChartGrid = list[list[_Ink | None]]


def _filled(series: Sequence[ChartSeries], bounds: Point, width: int) -> ChartGrid:
    """For every place of the grid the curve that shows there; curves take turns at the columns."""
    rows: ChartGrid = [[None] * width for _ in range(HEIGHT)]
    turns = max(2, len(series))
    for position, column, y in _heights(series, width):
        if column % turns == position % turns:
            rows[_row(y, *bounds)][column] = _Ink(position)
    return rows


def _points_and_ways(series: Sequence[ChartSeries], bounds: Point, width: int) -> ChartGrid:
    """A mark at every point and dots between them; marks that would cover each other stand side by side."""
    rows: ChartGrid = [[None] * width for _ in range(HEIGHT)]
    for position, column, y in _heights(series, width):
        if column % 2 == 0:
            rows[_row(y, *bounds)][column] = _Ink(position, mark=False)
    first, last = _ends(series)
    for position, line in enumerate(series):
        for x, y in line.points:
            row = rows[_row(y, *bounds)]
            nearest = 0 if last == first else round((x - first) / (last - first) * (width - 1))
            free = [at for at, ink in enumerate(row) if ink is None or not ink.mark]
            row[min(free, key=lambda at: abs(at - nearest), default=nearest)] = _Ink(position)
    return rows


def _heights(series: Sequence[ChartSeries], width: int) -> Iterator[tuple[int, int, float]]:
    """Every curve's number, column and height, where it has one."""
    first, last = _ends(series)
    for position, line in enumerate(series):
        for column in range(width):
            y = _at(line.points, first + (last - first) * column / (width - 1))
            if y is not None:
                yield position, column, y


def _ends(series: Sequence[ChartSeries]) -> Point:
    """The least and the greatest x."""
    drawn = [line.points for line in series if line.points]
    return min(points[0][0] for points in drawn), max(points[-1][0] for points in drawn)


def _inked(row: Sequence[_Ink | None], page: Page) -> Text:
    text = Text()
    for ink in row:
        if ink is None:
            text.append(" ")
            continue
        sign = mark_of(ink.position) if ink.mark else WAY
        text.append(page.fit(sign), COLOURS[ink.position % len(COLOURS)])
    return text


def _axis(end: str, margin: int, width: int, page: Page) -> Text:
    end_text = f" {end}" if end and cell_len(page.fit(end)) < width else ""
    rule = "─" * max(0, width - cell_len(page.fit(end_text)))
    return Text(page.fit(" " * margin + "└" + rule + end_text), "dim")


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


WIDTH = 13  # places: five seeds can be told apart, and three columns beside it fit 80
DOTS = ("·", ":", "⋮")


def scale_of(groups: Sequence[Sequence[float | None]]) -> tuple[float, float] | None:
    """The least and greatest value over all groups; None where there is no value at all."""
    values = [value for group in groups for value in group if value is not None]
    return (min(values), max(values)) if values else None


LEVELS = "▁▂▃▄▅▆▇█"
"""The bars of a sparkline, the lowest first."""


def sparkline(values: Sequence[float], *, width: int) -> str:
    """Values in order as bars between the least and the greatest; many are drawn as means of neighbours."""
    if len(values) < 2 or not all(map(math.isfinite, values)):
        return ""
    places = min(width, len(values))
    cuts = [round(place * len(values) / places) for place in range(places + 1)]
    means = [sum(values[a:b]) / (b - a) for a, b in pairwise(cuts)]
    least, spread = min(means), max(means) - min(means)
    top = len(LEVELS) - 1
    return "".join(LEVELS[round(top * (value - least) / spread) if spread else top // 2] for value in means)


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
