"""The pictures of a comparison: every seed as a dot, differences, speed against quality."""

from collections.abc import Sequence
from textwrap import fill

from matplotlib.axes import Axes

from seqcli.reports.comparison.headings import display, matched
from seqcli.reports.comparison.learning import learning_panel
from seqcli.reports.comparison.quality import quality_decimals, quality_text
from seqcli.reports.numbers import MINUS, PERCENT, Unit, bracketed, fixed, times, unit_of
from seqcli.reports.palette import BAND, PAPER, QUIET, TEXT, colour_of, marker_of
from seqcli.reports.panel import LEGEND_WIDTH, SMALL, Panel, add_legend, few
from seqcli.reports.printable import one_line, printable
from seqcli.results.compare import Comparison, ModelResult, Pair
from seqcli.results.measurements import Interval

MARKER_SIZE = 5.0
SPREAD = 0.22  # how far dots stand beside their line, so that equal seeds are seen
LABEL_WIDTH = 20
LABEL_LINES = 3
ROW_HEIGHT = 0.52
FAR = 0.6  # of the axis; a level farther away would leave the seeds no room
WIDE = 1.0  # spreads of all seeds: how far an interval may widen an axis
AIR = 0.06
LEVEL_STYLES = ("--", ":", "-.")

Named = tuple[str, Pair]


def comparison_panels(result: Comparison) -> tuple[Panel, ...]:
    """The panels that this comparison has something for."""
    found = (
        _quality_panel(result),
        _difference_panel(result),
        _speed_panel(result),
        learning_panel(result.models, result.task.metric),
    )
    return tuple(panel for panel in found if panel is not None)


def metric_label(metric: str, split: str = "test") -> str:
    """A metric as an axis calls it: 'test accuracy, %'."""
    suffix = unit_of(metric).suffix.strip()
    return f"{split} {metric.replace('_', ' ')}" + (f", {suffix}" if suffix else "")


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
        axes.set_xlim(*limits(seeds, [model.quality.ci95 for model in result.models], unit))
        _draw_levels(axes, result, unit)
        name_rows(axes, [display(model.label) for model in result.models])
        axes.set_xlabel(metric_label(result.task.metric))

    return Panel(
        title=f"Test {result.task.metric.replace('_', ' ')}: seeds, mean, 95 % interval",
        about=few([*spoken, *levels]),
        draw=draw,
        height=row_height(len(result.models), legend=bool(result.baselines)),
    )


def _draw_seeds(axes: Axes, model: ModelResult, place: int, unit: Unit) -> None:
    values = [value * unit.factor for value in model.quality.per_seed if value is not None]
    beside = [
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
        beside,
        marker_of(place),
        color=colour,
        markersize=MARKER_SIZE,
        markeredgecolor=PAPER,
        markeredgewidth=0.6,
    )


def _draw_levels(axes: Axes, result: Comparison, unit: Unit) -> None:
    """A line for each method without recurrence; one far from all models is named at its side instead."""
    low, high = axes.get_xlim()
    air = AIR * (high - low)
    for number, baseline in enumerate(result.baselines):
        if baseline.quality.mean is None:
            continue
        level, style = baseline.quality.mean * unit.factor, LEVEL_STYLES[number % len(LEVEL_STYLES)]
        name = printable(baseline.label)
        if low - FAR * (high - low) <= level <= high + FAR * (high - low):
            axes.axvline(level, color=QUIET, linewidth=1.2, linestyle=style, label=name)
            axes.set_xlim(min(axes.get_xlim()[0], level - air), max(axes.get_xlim()[1], level + air))
        else:
            side = f"◀ {name} {fixed(level, 1)}" if level < low else f"{fixed(level, 1)} {name} ▶"
            axes.plot([], [], " ", label=f"{side}{unit.suffix}")
    add_legend(axes)


def _difference_panel(result: Comparison) -> Panel | None:
    """Each pair's difference with its interval beside the margin; one row a protocol where several ran."""
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
        words = f",{unit.words}" if unit is PERCENT else ""
        axes.set_xlabel(f"difference in test {result.task.metric.replace('_', ' ')}{words}")
        add_legend(axes)

    return Panel(
        title="Differences by seed, 95 % intervals",
        about=few([_difference_words(name, pair, unit, decimals) for name, pair in rows]),
        draw=draw,
        height=row_height(len(rows), legend=True),
    )


def _all_pairs(result: Comparison) -> list[Named]:
    """Every pair under what the row is called; with its protocol where several ran."""
    first = f", {matched(result.protocol.match)}" if result.alternatives else ""
    found = [(f"{_versus(pair)}{first}", pair) for pair in result.pairs]
    for other in result.alternatives:
        found += [(f"{_versus(pair)}, {matched(other.match)}", pair) for pair in other.pairs]
    return found


def _versus(pair: Pair) -> str:
    return f"{display(pair.a)} {MINUS} {display(pair.b)}"


def _difference_words(name: str, pair: Pair, unit: Unit, decimals: int) -> str:
    difference = pair.quality.difference or 0.0
    told = f"{name} {fixed(difference * unit.factor, decimals, signed=True)}{unit.words}"
    if pair.quality.ci95 is None:
        return f"{told}, {pair.quality.verdict}"
    interval = bracketed(pair.quality.ci95, decimals, factor=unit.factor, signed=True)
    return f"{told} {interval}, {pair.quality.verdict}"


def _draw_difference(axes: Axes, pair: Pair, place: int, unit: Unit) -> None:
    middle = (pair.quality.difference or 0.0) * unit.factor
    draw_interval(axes, place, middle, scaled(pair.quality.ci95, unit))
    axes.annotate(
        pair.quality.verdict,
        (middle, place),
        xytext=(0, 6),
        textcoords="offset points",
        ha="center",
        fontsize=SMALL,
        color=TEXT,
    )


def draw_interval(axes: Axes, place: int, middle: float, interval: Interval | None) -> None:
    """A difference on its row: a diamond, and a line with ends for its interval."""
    if interval is not None:
        low, high = interval
        axes.plot([low, high], [place, place], color=TEXT, linewidth=1.6)
        for end in (low, high):
            axes.plot([end, end], [place - 0.09, place + 0.09], color=TEXT, linewidth=1.6)
    axes.plot(middle, place, "D", color=TEXT, markersize=MARKER_SIZE)


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
        axes.margins(x=0.12, y=0.18)
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{display(model.label)} {fixed(model.train_speed.median, 0)} sequences a second at "
        f"{' '.join(quality_text(model.quality, decimals).split())}"
        for _, model in placed
        if model.train_speed is not None
    ]
    ratios = [
        f"{display(pair.a)} against {display(pair.b)} {times(pair.train_speed.ratio, pair.train_speed.ci95)}"
        for pair in result.pairs
        if pair.train_speed is not None
    ]
    return Panel("Speed against quality", few([*spoken, *ratios]), draw)


def _draw_trade(axes: Axes, model: ModelResult, place: int, unit: Unit) -> None:
    if model.train_speed is None or model.quality.mean is None:
        return
    across, up = model.train_speed.median, model.quality.mean * unit.factor
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
    """How far an interval reaches below and above the middle."""
    if interval is None:
        return None
    low, high = (end * factor for end in interval)
    return [[max(middle - low, 0.0)], [max(high - middle, 0.0)]]


def limits(
    values: Sequence[float | None], intervals: Sequence[Interval | None], unit: Unit
) -> tuple[float, float]:
    """The ends of an axis: all seeds have room, and their intervals unless they are many times as wide."""
    seeds = [value * unit.factor for value in values if value is not None]
    least, most = min(seeds, default=0.0), max(seeds, default=1.0)
    room = WIDE * (most - least) if most > least else max(abs(most) * 0.01, 1e-6)
    ends = [end * unit.factor for interval in intervals if interval is not None for end in interval]
    low = max(min([least, *ends]), least - room)
    high = min(max([most, *ends]), most + room)
    if unit is PERCENT:
        low, high = max(low, 0.0), min(high, 100.0)
    air = AIR * (high - low) if high > low else room
    return low - air, high + air


def scaled(interval: Interval | None, unit: Unit) -> Interval | None:
    """An interval in the unit that people read."""
    return None if interval is None else (interval[0] * unit.factor, interval[1] * unit.factor)


def name_rows(axes: Axes, names: Sequence[str]) -> None:
    """Rows from the top, each with its name; long names take several lines, very long ones are cut."""
    shown = [fill(one_line(name, LABEL_LINES * LABEL_WIDTH), LABEL_WIDTH) for name in names]
    axes.set_yticks(range(len(names)), shown)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x")


def row_height(rows: int, *, legend: bool = False) -> float:
    """Inches for that many rows."""
    return max(1.6, 0.85 + ROW_HEIGHT * rows + 0.25 * legend)
