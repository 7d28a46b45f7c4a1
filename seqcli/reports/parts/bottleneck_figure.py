"""The pictures of a bottleneck: quality at each source length with the fitted curve, and L50 by width."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator

from seqcli.reports.draw.axes import (
    MARKER_SIZE,
    PAPER,
    QUIET,
    TEXT,
    colour_of,
    line_of,
    marker_of,
    metric_label,
)
from seqcli.reports.draw.panel import LEGEND_WIDTH, SMALL, Panel, add_legend, few, write_above
from seqcli.reports.draw.printable import one_line
from seqcli.reports.numbers import fixed, unit_of
from seqcli.reports.words.bottleneck_words import growth_text, half_text
from seqcli.results.bottleneck import Bottleneck, Dose, LengthCurve
from seqcli.results.common import Interval

DODGE = 0.035  # doublings: how far the models' points stand beside one another
ROOM = 0.25  # doublings, on either side of an axis of lengths or widths
MANY_LENGTHS = 25  # from here on intervals are drawn fainter than the points that they belong to
TICK_APART = 0.28  # doublings between two ticks at least: closer ones run into each other
# The fitted curve looks smooth at the size of a page.
CURVE_POINTS = 200
MOST_NAMED = 2  # places at half the first score: more would be written over each other
MOST_TICKS = 9  # of single lengths, each its own tick; among more, those that people count in
# The preferred numbers of tick marks (1, 2, 3, 4, 6, 8 and their tens), as logarithmic paper has them.
COUNTED_IN = (1, 2, 3, 4, 6, 8, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200, 300, 400, 600, 800, 1000)
EDGE_SHARE = 0.06  # of an axis: room above the best score and below none


def bottleneck_panels(result: Bottleneck) -> tuple[Panel, ...]:
    """Quality over single lengths, and the dose where several widths were tried."""
    # Results of earlier versions hold no single lengths, and so no panel of them.
    panels = (_length_panel(result), _dose_panel(result))
    return tuple(panel for panel in panels if panel is not None)


def _length_panel(result: Bottleneck) -> Panel | None:
    """A point a length with its interval over the test sentences; the fitted curve; where it is at half."""
    lengths = [length for length in result.single_lengths if length > 0]  # a log axis has no 0
    known = [curve for curve in result.curves if len(curve.by_length) == len(result.single_lengths)]
    if not (lengths and known):
        return None

    def draw(axes: Axes) -> None:
        for place, curve in enumerate(known):
            _draw_points(axes, result, curve, place, of=len(known))
            _draw_fit(axes, result, curve, place)
        _draw_halves(axes, result, known)
        _set_doublings(axes, "x", _length_ticks(lengths), around=(lengths[0], lengths[-1]))
        axes.set_xlabel("source tokens")
        axes.set_ylabel(metric_label(result.metric))
        axes.grid(visible=True)
        add_legend(axes)

    halves = [f"{curve.label} falls to half its first score at {half_text(curve)} tokens" for curve in known]
    intervals = ", 95 % intervals" if any(curve.by_length_ci95 for curve in known) else ""
    return Panel(f"Quality by source length{intervals}", few(halves), draw)


def _length_ticks(lengths: Sequence[int]) -> list[int]:
    """The lengths themselves, or among many those that people count in."""
    if len(lengths) <= MOST_TICKS:
        return list(lengths)
    return [tick for tick in COUNTED_IN if lengths[0] <= tick <= lengths[-1]] or [lengths[0], lengths[-1]]


def _draw_points(axes: Axes, result: Bottleneck, curve: LengthCurve, place: int, *, of: int) -> None:
    factor, colour = unit_of(result.metric).factor, colour_of(place)
    aside = 2.0 ** ((place - (of - 1) / 2) * DODGE)
    faint = len(result.single_lengths) >= MANY_LENGTHS
    ends: Sequence[Interval | None] = curve.by_length_ci95 or [None] * len(curve.by_length)
    points = [
        (length * aside, score * factor, interval)
        for length, score, interval in zip(result.single_lengths, curve.by_length, ends, strict=True)
        if length > 0
    ]
    for x, _, interval in points:
        if interval is not None:
            reach = [end * factor for end in interval]
            axes.plot(
                [x, x], reach, color=colour, linewidth=0.8 if faint else 1.1, alpha=0.35 if faint else 0.75
            )
    axes.plot(
        [x for x, _, _ in points],
        [score for _, score, _ in points],
        marker_of(place),
        color=colour,
        markersize=MARKER_SIZE - (1.5 if faint else 0.0),
        markeredgecolor=PAPER,
        markeredgewidth=0.5,
        zorder=3,
        label=None if curve.steepness else one_line(curve.label, LEGEND_WIDTH),
    )


def _draw_fit(axes: Axes, result: Bottleneck, curve: LengthCurve, place: int) -> None:
    """First · σ(s log2(L50 / n)) over all the lengths, where it was fitted."""
    if curve.l50 is None or curve.steepness is None or curve.first is None:
        return
    used = [length for length in result.single_lengths if length > 0]
    x = np.geomspace(used[0], used[-1], CURVE_POINTS)
    heights = curve.first / (1 + np.exp(-curve.steepness * (np.log2(curve.l50) - np.log2(x))))
    axes.plot(
        x,
        heights * unit_of(result.metric).factor,
        line_of(place),
        color=colour_of(place),
        linewidth=1.8,
        marker=marker_of(place),
        markevery=[],  # the points carry the markers: this one is for the legend
        label=one_line(curve.label, LEGEND_WIDTH),
    )


def _draw_halves(axes: Axes, result: Bottleneck, curves: Sequence[LengthCurve]) -> None:
    """Each L50 at half of the curve's first score, with its interval; and room for all of it."""
    factor = unit_of(result.metric).factor
    fallen = [
        (curve.l50, curve.first / 2 * factor, curve.l50_ci95)
        for curve in curves
        if curve.l50 is not None and curve.first is not None
    ]
    for at, height, interval in fallen:
        low, high = interval or (at, at)
        axes.plot([low, high], [height, height], color=TEXT, linewidth=2.2, zorder=4)
        axes.plot(at, height, "D", color=TEXT, markersize=MARKER_SIZE, zorder=4)
        if len(fallen) <= MOST_NAMED:
            axes.annotate(
                f"L50 {fixed(at, 1)}",
                (high, height),
                xytext=(6, 3),
                textcoords="offset points",
                fontsize=SMALL,
                color=TEXT,
                zorder=5,
            )
    most = max(
        [
            *(score for curve in curves for score in curve.by_length),
            *(ends[1] for curve in curves for ends in curve.by_length_ci95 if ends is not None),
        ]
    )
    air = EDGE_SHARE * (most or 1.0)
    axes.set_ylim(-air * factor, (most + air) * factor)


def _dose_panel(result: Bottleneck) -> Panel | None:
    """L50 by the width of the context vector, both in doublings; None for one width."""
    widths = sorted({dose.width for dose in result.dose})
    placed = [dose for dose in result.dose if _place(dose) is not None]
    if len(widths) < 2 or not placed:
        return None

    def draw(axes: Axes) -> None:
        for dose in placed:
            _draw_dose(axes, dose)
        _draw_trend(axes, result)
        _set_doublings(axes, "x", widths)
        ends = [end for dose in placed for end in (dose.l50_ci95 or [_place(dose)]) if end is not None]
        _set_doublings(axes, "y", _halvings(min(ends), max(ends)), around=(min(ends), max(ends)))
        axes.set_xlabel("width of the context vector")
        axes.set_ylabel("L50, source tokens")
        axes.grid(visible=True)
        add_legend(axes)

    halves = [f"{dose.width} wide: {half_text(dose)}" for dose in result.dose]
    return Panel("Dose: half-score length by width, 95 % intervals", few(halves), draw)


def _place(dose: Dose) -> float | None:
    """Return the place of a dose: its L50, or the end of the lengths beyond which that lies."""
    return next((at for at in (dose.l50, dose.l50_below, dose.l50_beyond) if at is not None), None)


def _draw_dose(axes: Axes, dose: Dose) -> None:
    at = _place(dose)
    if at is None:
        return
    if dose.l50 is None:
        arrow = "^" if dose.l50_beyond is not None else "v"
        axes.plot(dose.width, at, arrow, color=TEXT, markerfacecolor=PAPER, markersize=MARKER_SIZE + 2)
        write_above(axes, "beyond" if arrow == "^" else "below", (dose.width, at))
        return
    if dose.l50_ci95 is not None:
        axes.plot([dose.width] * 2, list(dose.l50_ci95), color=colour_of(0), linewidth=1.6)
    axes.plot(dose.width, at, "D", color=colour_of(0), markersize=MARKER_SIZE + 1)


def _draw_trend(axes: Axes, result: Bottleneck) -> None:
    """The mean line of the seeds, through the middle of the doses that it was fitted to."""
    trend = result.dose_trend
    if trend is None:
        return
    known = [(dose.width, dose.l50) for dose in result.dose if dose.width in trend.widths and dose.l50]
    if not known:
        return
    x, y = np.log2(np.array(known)).T
    ends = np.array([x.min(), x.max()])
    heights = y.mean() + trend.slope * (ends - x.mean())
    axes.plot(
        2**ends, 2**heights, "--", color=QUIET, linewidth=1.3, label=f"times {growth_text(trend)} a doubling"
    )


def _halvings(low: float, high: float) -> list[float]:
    """Powers of two about a range; with steps of √2 between them where they would be fewer than three."""
    step = 1.0 if np.log2(high / low) >= 1.5 else 0.5
    first, last = np.floor(np.log2(low) / step), np.ceil(np.log2(high) / step)
    return [float(2 ** (step * at)) for at in np.arange(first, last + 1)]


def _set_doublings(
    axes: Axes,
    direction: Literal["x", "y"],
    ticks: Sequence[float],
    *,
    around: tuple[float, float] | None = None,
) -> None:
    """An axis on which doublings are equally far apart, with plain numbers at as many ticks as have room."""
    (axes.set_xscale if direction == "x" else axes.set_yscale)("log", base=2)
    axis = axes.xaxis if direction == "x" else axes.yaxis
    low, high = around or (ticks[0], ticks[-1])
    (axes.set_xlim if direction == "x" else axes.set_ylim)(low / 2**ROOM, high * 2**ROOM)
    axis.set_major_locator(FixedLocator(_spaced(ticks)))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: fixed(value, 0 if value % 1 == 0 else 1)))
    axis.set_minor_formatter(NullFormatter())


def _spaced(ticks: Sequence[float]) -> list[float]:
    """The ticks that have room beside the ones before them: the more doublings, the more room they need."""
    room = max(TICK_APART, float(np.log2(ticks[-1] / ticks[0])) / 12)
    spaced = [ticks[0]]
    for tick in ticks[1:]:
        if np.log2(tick / spaced[-1]) >= room:
            spaced.append(tick)
    return spaced
