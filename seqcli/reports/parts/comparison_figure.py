"""The pictures of a comparison: learning, every seed as a dot, differences, speed against quality."""

from collections.abc import Sequence
from statistics import fmean

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import (
    AIR,
    BAND,
    MARKER_SIZE,
    PAPER,
    QUIET,
    colour_of,
    count_across,
    draw_interval,
    line_of,
    marker_of,
    metric_label,
    name_rows,
    row_height,
    scaled,
    set_ends,
)
from seqcli.reports.draw.panel import LEGEND_WIDTH, Panel, add_legend, few, write_above
from seqcli.reports.draw.printable import one_line, printable
from seqcli.reports.numbers import (
    BARE,
    MINUS,
    PERCENT,
    Unit,
    bracketed,
    decimals_to,
    fixed,
    level_suffix,
    level_text,
    metric_words,
    times,
    unit_of,
)
from seqcli.reports.parts.quality_table import quality_text
from seqcli.reports.parts.steps_figure import steps_panel
from seqcli.reports.words.comparison_words import display, matched, quality_decimals, steps_of_methods
from seqcli.results.common import Interval
from seqcli.results.compare import Comparison, ModelResult, TaskFacts
from seqcli.results.compared_pairs import Pair
from seqcli.results.wording import counted


def learning_panel(models: Sequence[ModelResult], metric: str) -> Panel | None:
    """The curves of all seeds; None where no leg has one, as in results of earlier versions."""
    if not any(curve for model in models for curve in model.learning):
        return None
    unit = unit_of(metric)

    def draw(axes: Axes) -> None:
        for place, model in enumerate(models):
            _draw_curves(axes, model, place, unit.factor)
        count_across(axes, "epoch")
        axes.set_ylabel(metric_label(metric, "validation"))
        scores = [score for model in models for curve in model.learning if curve for score in curve]
        set_ends(axes, "y", scores, unit=unit)
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [text for model in models if (text := _spoken(model, unit.factor, unit.suffix))]
    about = f"Validation {metric_words(metric)}: {few(spoken)}"
    return Panel("Learning curves: seeds thin, mean thick", about, draw)


def mean_curve(curves: Sequence[Sequence[float]]) -> list[float]:
    """The mean over seeds, as far as all of them trained; seeds that stopped early end it."""
    return [fmean(values) for values in zip(*curves, strict=False)]


def _draw_curves(axes: Axes, model: ModelResult, place: int, factor: float) -> None:
    curves = [[value * factor for value in curve] for curve in model.learning if curve]
    colour = colour_of(place)
    for curve in curves:
        axes.plot(range(1, len(curve) + 1), curve, color=colour, linewidth=0.8, alpha=0.45)
        axes.plot(len(curve), curve[-1], marker_of(place), color=colour, markersize=3, alpha=0.6)
    mean = mean_curve(curves)
    if mean:
        axes.plot(
            range(1, len(mean) + 1),
            mean,
            color=colour,
            linewidth=2,
            linestyle=line_of(place),
            marker=marker_of(place),
            markersize=4,
            label=one_line(display(model.label), LEGEND_WIDTH),
        )


def _spoken(model: ModelResult, factor: float, suffix: str) -> str:
    """A model's mean curve in words: 'GRU rises from 60.1 % after epoch 1 to 75.2 % after epoch 4'."""
    mean = mean_curve([curve for curve in model.learning if curve])
    if not mean:
        return ""
    first, last = mean[0] * factor, mean[-1] * factor
    decimals = 1 if suffix else decimals_to(min(abs(first), abs(last)), 3)
    seeds = counted(sum(curve is not None for curve in model.learning), "seed")
    return (
        f"{display(model.label)} goes from {fixed(first, decimals)}{suffix} after epoch 1 to "
        f"{fixed(last, decimals)}{suffix} after epoch {len(mean)}, mean of {seeds}"
    )


SPREAD = 0.22  # how far dots stand beside their line, so that equal seeds are seen
FAR = 0.6  # of the axis; a level farther away would leave the seeds no room
LEVEL_STYLES = ("--", ":", "-.")

Named = tuple[str, Pair]


def comparison_panels(result: Comparison) -> tuple[Panel, ...]:
    """The panels that this comparison has something for."""
    drawn = (
        _quality_panel(result),
        _difference_panel(result),
        _speed_panel(result),
        learning_panel(result.models, result.task.metric),
        steps_panel(steps_of_methods(result), result.task.metric),
    )
    return tuple(panel for panel in drawn if panel is not None)


def _quality_panel(result: Comparison) -> Panel | None:
    """Each model's seeds on a line of its own, its mean with its interval, and what needs no recurrence."""
    if not any(value is not None for model in result.models for value in model.quality.per_seed):
        return None
    decimals = quality_decimals(result)
    spoken = [f"{display(model.label)} {quality_text(model.quality, decimals)}" for model in result.models]
    levels = [f"{base.label} {quality_text(base.quality, decimals)}" for base in result.baselines]

    def draw(axes: Axes) -> None:
        unit = unit_of(result.task.metric)
        for place, model in enumerate(result.models):
            _draw_seeds(axes, model, place, unit)
        seeds = [value for model in result.models for value in model.quality.per_seed]
        set_ends(axes, "x", seeds, intervals=[model.quality.ci95 for model in result.models], unit=unit)
        _draw_levels(axes, result, unit)
        name_rows(axes, [display(model.label) for model in result.models])
        axes.set_xlabel(metric_label(result.task.metric))

    return Panel(
        title=f"Test {metric_words(result.task.metric)}: seeds, mean, 95 % interval",
        about=few([*spoken, *levels]),
        draw=draw,
        height=row_height(len(result.models), legend=bool(result.baselines)),
    )


def _draw_seeds(axes: Axes, model: ModelResult, place: int, unit: Unit) -> None:
    values = [value * unit.factor for value in model.quality.per_seed if value is not None]
    jittered = [
        place + SPREAD * (2 * number / max(len(values) - 1, 1) - 1 if len(values) > 1 else 0)
        for number in range(len(values))
    ]
    colour = colour_of(place)
    if model.quality.ci95 is not None and model.quality.mean is not None:
        mean = model.quality.mean * unit.factor
        low, high = (end * unit.factor for end in model.quality.ci95)
        axes.plot([low, high], [place, place], color=colour, linewidth=5, alpha=0.3, solid_capstyle="butt")
        axes.plot([mean, mean], [place - 0.33, place + 0.33], color=colour, linewidth=2)
    axes.plot(
        values,
        jittered,
        marker_of(place),
        color=colour,
        markersize=MARKER_SIZE,
        markeredgecolor=PAPER,
        markeredgewidth=0.6,
    )


def _draw_levels(axes: Axes, result: Comparison, unit: Unit) -> None:
    """A line for each method without recurrence, and where the task counts as solved.

    One far from all models is named at its side instead.
    """
    low, high = axes.get_xlim()
    air = AIR * (high - low) if axes.get_xscale() == "linear" else 0.0
    levels = [(base.label, base.quality.mean) for base in result.baselines if base.quality.mean is not None]
    for number, (label, value) in enumerate([*levels, *solved_level(result.task)]):
        level, style, name = value * unit.factor, LEVEL_STYLES[number % len(LEVEL_STYLES)], printable(label)
        if axes.get_xscale() == "log" or low - FAR * (high - low) <= level <= high + FAR * (high - low):
            axes.axvline(level, color=QUIET, linewidth=1.2, linestyle=style, label=name)
            axes.set_xlim(min(axes.get_xlim()[0], level - air), max(axes.get_xlim()[1], level + air))
        else:
            far = f"{name} {fixed(level, 1)}{unit.suffix}"
            axes.plot([], [], " ", label=f"◀ {far}" if level < low else f"{far} ▶")
    add_legend(axes)


def solved_level(task: TaskFacts) -> list[tuple[str, float]]:
    """The score at which a task counts as solved, if anybody says so."""
    if task.definition is None or task.definition.criterion.metric != task.metric:
        return []
    return [(f"solved: {task.definition.criterion.words}", task.definition.criterion.threshold)]


def _difference_panel(result: Comparison) -> Panel | None:
    """Each pair's difference with the interval that decided, beside the margin; a row a protocol."""
    rows = [(name, pair) for name, pair in _all_pairs(result) if pair.quality.difference is not None]
    if not rows:
        return None
    unit, margin, decimals = unit_of(result.task.metric), result.protocol.margin, quality_decimals(result)

    def draw(axes: Axes) -> None:
        band = margin * unit.factor
        axes.axvspan(-band, band, color=BAND, linewidth=0, label=f"margin ±{fixed(band, decimals)}")
        axes.axvline(0.0, color=QUIET, linewidth=1)
        for place, (_, pair) in enumerate(rows):
            _draw_difference(axes, pair, place, unit)
        name_rows(axes, [name for name, _ in rows])
        axes.margins(x=0.15)
        words = f",{unit.words}" if unit is PERCENT else ""
        axes.set_xlabel(f"difference in test {metric_words(result.task.metric)}{words}")
        add_legend(axes)

    return Panel(
        title=f"Differences, {level_text(pair.quality.level for _, pair in rows)} intervals",
        about=few([_difference_words(name, pair, unit, decimals) for name, pair in rows]),
        draw=draw,
        height=row_height(len(rows), legend=True),
    )


def _all_pairs(result: Comparison) -> list[Named]:
    """Every pair under what the row is called; with its protocol where several ran."""
    first = f", {matched(result.protocol.match)}" if result.alternatives else ""
    named = [(f"{_versus(pair)}{first}", pair) for pair in result.pairs]
    for other in result.alternatives:
        named += [(f"{_versus(pair)}, {matched(other.match)}", pair) for pair in other.pairs]
    return named


def _versus(pair: Pair) -> str:
    return f"{display(pair.a)} {MINUS} {display(pair.b)}"


def _difference_words(name: str, pair: Pair, unit: Unit, decimals: int) -> str:
    difference = pair.quality.difference or 0.0
    sentence = f"{name} {fixed(difference * unit.factor, decimals, signed=True)}{unit.words}"
    if pair.quality.shown is None:
        return f"{sentence}, {pair.quality.verdict}"
    interval = bracketed(pair.quality.shown, decimals, factor=unit.factor, signed=True)
    return f"{sentence} {interval}, {pair.quality.verdict}"


def _draw_difference(axes: Axes, pair: Pair, place: int, unit: Unit) -> None:
    middle = (pair.quality.difference or 0.0) * unit.factor
    draw_interval(axes, place, middle, scaled(pair.quality.shown, unit))
    write_above(axes, pair.quality.verdict, (middle, place))


def _speed_panel(result: Comparison) -> Panel | None:
    """Training speed to the right, quality upwards: what a point of quality costs."""
    placed = [
        (place, model)
        for place, model in enumerate(result.models)
        if model.train_speed is not None and model.quality.mean is not None
    ]
    if len(placed) < 2:
        return None
    unit, decimals = unit_of(result.task.metric), quality_decimals(result)

    def draw(axes: Axes) -> None:
        for place, model in placed:
            _draw_trade(axes, model, place, unit)
        axes.set_xlabel("training speed, sequences a second")
        axes.set_ylabel(metric_label(result.task.metric))
        models = [model for _, model in placed]
        seeds = [value for model in models for value in model.quality.per_seed]
        set_ends(axes, "y", seeds, intervals=[model.quality.ci95 for model in models], unit=unit)
        speeds = [model.train_speed for model in models if model.train_speed is not None]
        samples = [sample for speed in speeds for sample in (speed.typical, *speed.samples)]
        set_ends(axes, "x", samples, intervals=[speed.ci95 for speed in speeds], unit=BARE)
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{display(model.label)} {fixed(model.train_speed.typical, 0)} sequences a second at "
        f"{' '.join(quality_text(model.quality, decimals).split())}"
        for _, model in placed
        if model.train_speed is not None
    ]
    ratios = [
        f"{display(pair.a)} against {display(pair.b)} {times(pair.train_speed.ratio, pair.train_speed.shown)}"
        f"{level_suffix(pair.train_speed.level)}"
        for pair in result.pairs
        if pair.train_speed is not None
    ]
    return Panel("Speed against quality", few([*spoken, *ratios]), draw)


def _draw_trade(axes: Axes, model: ModelResult, place: int, unit: Unit) -> None:
    if model.train_speed is None or model.quality.mean is None:
        return
    across, up = model.train_speed.typical, model.quality.mean * unit.factor
    axes.errorbar(
        across,
        up,
        xerr=_arms(across, model.train_speed.ci95),
        yerr=_arms(up, model.quality.ci95, unit.factor),
        fmt=marker_of(place),
        color=colour_of(place),
        markersize=MARKER_SIZE + 2,
        elinewidth=1.4,
        label=one_line(display(model.label), LEGEND_WIDTH),
    )


def _arms(middle: float, interval: Interval | None, factor: float = 1.0) -> list[list[float]] | None:
    """Return how far an interval reaches below and above the middle."""
    if interval is None:
        return None
    low, high = (end * factor for end in interval)
    return [[max(middle - low, 0.0)], [max(high - middle, 0.0)]]
