"""Panels: one picture each; a file holds all of a result's panels together, a page each on its own."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from textwrap import fill
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from rich.cells import cell_len

from seqcli.registry import Registry
from seqcli.reports.draw.axes import GRID, PAPER, QUIET, TEXT
from seqcli.reports.draw.picture import without_alarm
from seqcli.reports.draw.printable import printable
from seqcli.reports.draw.sheet import Result, kind_of, sheet_of

WIDTH = 4.9  # inches: two panels side by side fill the width between the margins of A4 on its side
NARROW = 4.3  # inches: one panel on a phone, whose letters are still read at 380 pixels
HEIGHT = 3.3  # inches: 3 to 2 with the width, which leaves curves about 4 to 3 below the title
SMALL = 8.5  # points: what can still be read on a phone
LEGEND_COLUMNS = 2  # that fit under a panel, two names of usual length
LEGEND_WIDTH = 26  # letters of a name
LEGEND_LETTERS = 48  # of two names side by side: what a panel beside another has room for
LEGEND_ROW = 14.0  # points
TITLE_WIDTH = 58  # letters of a line of a title: what a panel beside another has room for
POINTS = 72  # an inch
MOST_TOLD = 8  # names in the sentence for people who cannot see; a screen reader takes half a minute for more
FONTS = ("DejaVu Sans", "Noto Sans CJK KR", "NanumGothic", "Malgun Gothic", "Apple SD Gothic Neo")
"""Those of these that are installed write the texts, each what the ones before it cannot."""


@dataclass(frozen=True)
class Panel:
    """One picture.

    Args:
        title: What it shows, in a few words.
        about: The same for people who cannot see it: one or two sentences with the figures.
        draw: Draws it.
        height: In inches.
    """

    title: str
    about: str
    draw: Callable[[Axes], None]
    height: float = HEIGHT


PANELS: Registry[Callable[[Result], tuple[Panel, ...]]] = Registry(
    "result with pictures", "seqcli.reports.results", "PANELS"
)


def panels_of(result: Result) -> tuple[Panel, ...]:
    """The panels of a result: those of kind 'compare' are in `figures/compare.py`."""
    return PANELS.get(kind_of(result))(result)


def draw_all(result: Result) -> Figure:
    """All panels of a result in one figure, with its signature below; made without a display."""
    signature = " ".join(line.text for line in sheet_of(result).section("signature"))
    return compose(panels_of(result), signature)


def compose(panels: Sequence[Panel], note: str) -> Figure:
    """Two panels in a row; a figure with nothing in it where there is nothing to draw."""
    pairs = [panels[first : first + 2] for first in range(0, len(panels), 2)]
    heights = [max(panel.height for panel in pair) for pair in pairs] or [HEIGHT]
    columns = min(2, len(panels)) or 1
    with house_style():
        figure = Figure(figsize=(WIDTH * columns, sum(heights) + 0.4), layout="constrained")
        grid = figure.add_gridspec(len(heights), columns, height_ratios=heights)
        for row, pair in enumerate(pairs):
            for column, panel in enumerate(pair):
                single = column == 0 and len(pair) == 1
                _draw(figure.add_subplot(grid[row, :] if single else grid[row, column]), panel)
        figure.supxlabel(printable(note), fontsize=7, color=QUIET, wrap=True)
        figure.draw_without_rendering()
    return figure


def single(panel: Panel) -> Figure:
    """One panel in a figure of its own, narrow enough for a phone; its title is left to what surrounds it.

    To be drawn and saved within `house_style`.
    """
    figure = Figure(figsize=(NARROW, panel.height), layout="constrained")
    _draw(figure.add_subplot(), panel, titled=False)
    return figure


@contextmanager
def house_style() -> Iterator[None]:
    """Quiet axes, and text that is text: a dollar sign begins no formula; a letter without font no alarm."""
    installed = {font.name for font in font_manager.fontManager.ttflist}
    style: dict[Any, Any] = {
        "font.family": [name for name in FONTS if name in installed],
        "font.size": 9,
        "text.parse_math": False,
        "text.color": TEXT,
        "axes.labelcolor": TEXT,
        "axes.edgecolor": QUIET,
        "axes.facecolor": PAPER,
        "axes.titlesize": 10,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "xtick.color": QUIET,
        "ytick.color": QUIET,
        "xtick.labelcolor": TEXT,
        "ytick.labelcolor": TEXT,
        "legend.frameon": False,
        "legend.fontsize": SMALL,
    }
    with mpl.rc_context(style), without_alarm():
        yield


def add_legend(axes: Axes) -> None:
    """The curves' names above the axes, two in a row where they have room; none where nothing has a name."""
    names = axes.get_legend_handles_labels()[1]
    if names:
        columns = _columns(names)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=columns, borderaxespad=0.2)


def below_legend(names: Sequence[str]) -> float:
    """Return the height of a panel, in inches, whose curves keep their room below these names."""
    beyond = max(0, math.ceil(len(names) / _columns(names)) - LEGEND_COLUMNS)
    return HEIGHT + beyond * LEGEND_ROW / POINTS


def _columns(names: Sequence[str]) -> int:
    """Return how many names stand in a row."""
    widest = sorted(map(cell_len, names))[-LEGEND_COLUMNS:]
    return LEGEND_COLUMNS if sum(widest) <= LEGEND_LETTERS else 1


def write_above(axes: Axes, text: str, point: tuple[float, float]) -> None:
    """A word or two a little above a mark."""
    axes.annotate(
        text, point, xytext=(0, 6), textcoords="offset points", ha="center", fontsize=SMALL, color=TEXT
    )


def few(names: Sequence[str]) -> str:
    """Return one sentence for people who cannot see the picture; the table tells the rest."""
    texts = [" ".join(printable(text).split()) for text in names[:MOST_TOLD]]
    rest = len(names) - len(texts)
    return "; ".join((*texts, *([f"{rest} more are in the table"] if rest else []))) + "."


def _draw(axes: Axes, panel: Panel, *, titled: bool = True) -> None:
    panel.draw(axes)
    legend = axes.get_legend()
    names = [text.get_text() for text in legend.get_texts()] if legend else []
    rows = math.ceil(len(names) / _columns(names))
    if titled:
        axes.set_title(fill(printable(panel.title), TITLE_WIDTH), pad=5 + LEGEND_ROW * rows)
