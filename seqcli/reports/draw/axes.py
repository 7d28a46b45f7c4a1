"""The shared elements of pictures' axes: their ends, names, rows, intervals and colours."""

from collections.abc import Sequence
from textwrap import fill
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from seqcli.reports.draw.printable import one_line
from seqcli.reports.numbers import Unit, metric_words, unit_of
from seqcli.results.common import Interval
from seqcli.results.wording import counted

COLOURS = ("#0072b2", "#c44601", "#00785a", "#a0307a", "#7a5c00", "#332288", "#5f6b7a", "#b3123f")
"""On white: every one has a contrast of at least 4.5 with it."""

DARK_COLOURS = ("#56b4e9", "#f5a15b", "#3fcf9e", "#ee9fd0", "#e8d44d", "#a9a4ff", "#b8c0ca", "#ff8fa6")
"""The same curves on dark paper, in the same order."""

MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")
LINES = ("-", "--", "-.", ":")

TEXT, DARK_TEXT = "#1f2328", "#e6e9ed"
QUIET, DARK_QUIET = "#59636e", "#a5afba"
GRID, DARK_GRID = "#d5dbe1", "#3a424c"
BAND, DARK_BAND = "#e8eef4", "#273039"
PAPER, DARK_PAPER = "#ffffff", "#14181d"

ROLES = {
    **{f"curve-{place}": pair for place, pair in enumerate(zip(COLOURS, DARK_COLOURS, strict=True))},
    "text": (TEXT, DARK_TEXT),
    "quiet": (QUIET, DARK_QUIET),
    "grid": (GRID, DARK_GRID),
    "band": (BAND, DARK_BAND),
    "paper": (PAPER, DARK_PAPER),
    "good": ("#116329", "#6fd58a"),
    "bad": ("#a4262c", "#ff9a94"),
    "open": ("#6b5300", "#e3c65b"),
}
"""What a page calls each colour, on light and on dark paper."""


def colour_of(place: int) -> str:
    """The colour of a curve by its place among all; they begin again after the last."""
    return COLOURS[place % len(COLOURS)]


def marker_of(place: int) -> str:
    """The marker of a curve by its place among all."""
    return MARKERS[place % len(MARKERS)]


def line_of(place: int) -> str:
    """The kind of line of a curve by its place among all."""
    return LINES[place % len(LINES)]


MARKER_SIZE = 5.0  # points: a diamond that shows the ends of an interval a tenth of the axis wide
LABEL_WIDTH = 20  # letters: a third of a panel
LABEL_LINES = 3  # that a row is high
ROW_HEIGHT = 0.52  # inches: three lines of 9 points and the gap to the next row
AIR = 0.06  # of the axis beyond its outermost values, so that no marker is cut; matplotlib's own is 0.05
SMALL_NOTE = 7.5  # points
DECADES = 30.0  # times the least score


def metric_label(metric: str, split: str = "test") -> str:
    """A metric as an axis calls it: 'test accuracy, %'."""
    suffix = unit_of(metric).suffix.strip()
    return f"{split} {metric_words(metric)}" + (f", {suffix}" if suffix else "")


def count_across(axes: Axes, noun: str) -> None:
    """An axis of whole numbers across, such as epochs or steps."""
    axes.xaxis.set_major_locator(MaxNLocator("auto", steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))
    axes.set_xlabel(noun)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Rows from the top, each with its name; long names take several lines, very long ones are cut."""
    labels = [fill(one_line(name, LABEL_LINES * LABEL_WIDTH), LABEL_WIDTH) for name in names]
    axes.set_yticks(range(len(names)), labels)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")


def row_height(rows: int, *, legend: bool = False) -> float:
    """Inches for that many rows."""
    return max(1.6, 0.85 + ROW_HEIGHT * rows + 0.25 * legend)


def draw_interval(axes: Axes, place: int, middle: float, interval: Interval | None) -> None:
    """A difference on its row: a diamond, and a line with ends for its interval."""
    if interval is not None:
        low, high = interval
        axes.plot([low, high], [place, place], color=TEXT, linewidth=1.6)
        for end in (low, high):
            axes.plot([end, end], [place - 0.09, place + 0.09], color=TEXT, linewidth=1.6)
    axes.plot(middle, place, "D", color=TEXT, markersize=MARKER_SIZE)


def spans_decades(values: Sequence[float | None]) -> bool:
    """Return whether scores are so far apart that only a logarithmic axis shows them all."""
    known = [value for value in values if value is not None]
    return bool(known) and min(known) > 0 and max(known) > DECADES * min(known)


def set_ends(
    axes: Axes,
    direction: Literal["x", "y"],
    values: Sequence[float | None],
    *,
    intervals: Sequence[Interval | None] = (),
    unit: Unit,
) -> None:
    """The ends of an axis of scores; it counts in decades where the scores are decades apart."""
    axis = axes.xaxis if direction == "x" else axes.yaxis
    if not spans_decades(values):
        set_limits = axes.set_xlim if direction == "x" else axes.set_ylim
        set_limits(*limits(values, intervals, unit))
        return
    set_scale = axes.set_xscale if direction == "x" else axes.set_yscale
    set_scale("log")
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_formatter(NullFormatter())
    above = [value * unit.factor for value in values if value is not None]
    above += [end * unit.factor for interval in intervals if interval is not None for end in interval]
    above = [end for end in above if end > 0]
    least, most = min(above), max(above)
    reach = (most / least) ** AIR
    (axes.set_xlim if direction == "x" else axes.set_ylim)(least / reach, most * reach)
    _point_beyond(axes, direction, intervals, unit)


def _point_beyond(
    axes: Axes, direction: Literal["x", "y"], intervals: Sequence[Interval | None], unit: Unit
) -> None:
    """Say below an axis of decades how many intervals go on to 0, which is not on it."""
    beyond = sum(interval is not None and interval[0] * unit.factor <= 0 for interval in intervals)
    if beyond:
        label = f"{counted(beyond, 'interval')} from 0 on"
        across = direction == "x"
        axes.annotate(
            f"◀ {label}" if across else f"▼ {label}",
            (0.01, 0.01),
            xycoords="axes fraction",
            fontsize=SMALL_NOTE,
            color=TEXT,
        )


def limits(
    values: Sequence[float | None], intervals: Sequence[Interval | None], unit: Unit
) -> tuple[float, float]:
    """The ends of an axis: every seed and both ends of every interval have room.

    A bar that is cut at the axis looks like a short one: where an interval is many times as wide as the
    seeds' spread, the picture says just that.
    """
    seeds = [value * unit.factor for value in values if value is not None]
    ends = [end * unit.factor for interval in intervals if interval is not None for end in interval]
    known = [*seeds, *ends] or [0.0, 1.0]
    low, high = min(known), max(known)
    # Values that are all alike leave no width to take a part of: a hundredth of them, and a little around 0.
    air = AIR * (high - low) if high > low else max(abs(high) * 0.01, 1e-6)
    return low - air, high + air


def scaled(interval: Interval | None, unit: Unit) -> Interval | None:
    """An interval in the unit that people read."""
    return None if interval is None else (interval[0] * unit.factor, interval[1] * unit.factor)
