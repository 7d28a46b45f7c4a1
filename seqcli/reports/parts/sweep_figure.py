"""The pictures of a sweep: each model's curve with every seed, the trends' differences, speed along it."""

from collections.abc import Sequence

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import (
    BAND,
    MARKER_SIZE,
    PAPER,
    QUIET,
    colour_of,
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
    MINUS,
    MISSING,
    Unit,
    align_points,
    bracketed,
    fixed,
    level_text,
    mean_text,
    metric_words,
    unit_of,
)
from seqcli.reports.parts.comparison_figure import solved_level
from seqcli.reports.parts.sweep_table import along, sweep_decimals
from seqcli.reports.words.comparison_words import display
from seqcli.reports.words.sweep_words import pair_text, place_text, setting_name, value_text
from seqcli.results.sweep import Sweep, SweepCurve, SweepPair

DODGE = 0.012  # of the axis: how far the models' seeds stand beside one another
MOST_TICKS = 9  # of five digits each, that fit under one panel


def sweep_panels(result: Sweep) -> tuple[Panel, ...]:
    """The panels that this sweep has something for."""
    drawn = (_curve_panel(result), _solved_panel(result), _slope_panel(result), _speed_panel(result))
    return tuple(panel for panel in drawn if panel is not None)


def _curve_panel(result: Sweep) -> Panel | None:
    """Each model's mean with its interval over the setting, its seeds as dots, and where lines cross."""
    known = [curve for curve in result.curves if any(mean is not None for mean in curve.mean)]
    if not known:
        return None
    unit, decimals = unit_of(result.metric), sweep_decimals(result)

    def draw(axes: Axes) -> None:
        for place, curve in enumerate(result.curves):
            _draw_curve(axes, result, curve, place)
        for pair in result.pairs:
            _draw_crossing(axes, result, pair)
        _set_axis(axes, result)
        seeds = [score for curve in result.curves for scores in curve.per_seed for score in scores]
        set_ends(
            axes, "y", seeds, intervals=[ends for curve in result.curves for ends in curve.ci95], unit=unit
        )
        _draw_solved_level(axes, result, unit)
        axes.set_ylabel(metric_label(result.metric))
        axes.grid(visible=True)
        add_legend(axes)

    return Panel(
        title=f"{_metric(result)} along {setting_name(result)}",
        about=few([*(_spoken(result, curve, decimals, unit) for curve in known), *_pairs_spoken(result)]),
        draw=draw,
    )


def _draw_solved_level(axes: Axes, result: Sweep, unit: Unit) -> None:
    """Draw the score at which the task counts as solved, if that is on the axis."""
    low, high = axes.get_ylim()
    for label, value in solved_level(result.points[0].task) if result.points else []:
        if low <= value * unit.factor <= high:
            axes.axhline(value * unit.factor, color=QUIET, linewidth=1.1, linestyle="--", label=label)


def _metric(result: Sweep) -> str:
    return f"Test {metric_words(result.metric)}"


def _spoken(result: Sweep, curve: SweepCurve, decimals: int, unit: Unit) -> str:
    """A curve in words: 'LSTM 86.0 % at 25, 82.8 % at 50'."""
    means = [MISSING if mean is None else mean_text(mean, None, decimals, unit) for mean in curve.mean]
    aligned = zip(align_points(means), result.values, strict=True)
    spoken = ", ".join(f"{mean.strip()} at {value_text(value)}" for mean, value in aligned)
    return f"{display(curve.label)} {spoken}"


def _pairs_spoken(result: Sweep) -> list[str]:
    return [f"{display(pair.a)} {MINUS} {display(pair.b)} {pair_text(result, pair)}" for pair in result.pairs]


def _draw_curve(axes: Axes, result: Sweep, curve: SweepCurve, place: int) -> None:
    factor, colour = unit_of(result.metric).factor, colour_of(place)
    places = [along(result, value) for value in result.values]
    aside = (place - (len(result.curves) - 1) / 2) * DODGE * (places[-1] - places[0])
    for x, scores in zip(places, curve.per_seed, strict=True):
        seeds = [score * factor for score in scores if score is not None]
        axes.plot(
            [x + aside] * len(seeds),
            seeds,
            marker_of(place),
            color=colour,
            markersize=MARKER_SIZE - 1.5,
            alpha=0.55,
            markeredgecolor=PAPER,
            markeredgewidth=0.4,
        )
    for x, interval in zip(places, curve.ci95, strict=True):
        if interval is not None:
            ends = [end * factor for end in interval]
            axes.plot([x + aside] * 2, ends, color=colour, linewidth=1.4)
    known = [
        (x + aside, mean * factor) for x, mean in zip(places, curve.mean, strict=True) if mean is not None
    ]
    if known:
        axes.plot(
            *zip(*known, strict=True),
            line_of(place),
            marker=marker_of(place),
            markersize=MARKER_SIZE + 0.5,
            color=colour,
            linewidth=1.8,
            label=one_line(display(curve.label), LEGEND_WIDTH),
        )


def _draw_crossing(axes: Axes, result: Sweep, pair: SweepPair) -> None:
    """Draw the point where two lines meet, and the values over which the seeds cannot tell them apart."""
    if pair.crossing is None:
        return
    if pair.crossing_ci95 is not None:
        first, last = result.values[0], result.values[-1]
        low, high = (along(result, min(max(end, first), last)) for end in pair.crossing_ci95)
        axes.axvspan(low, high, color=BAND, linewidth=0)
    axes.axvline(
        along(result, pair.crossing),
        color=QUIET,
        linewidth=1.1,
        linestyle=":",
        label=f"{_whose(result, pair)} cross at {place_text(pair.crossing)}",
    )


def _whose(result: Sweep, pair: SweepPair) -> str:
    """The lines that cross, by their names where several pairs do."""
    is_ambiguous = sum(other.crossing is not None for other in result.pairs) > 1
    return one_line(f"{display(pair.a)}, {display(pair.b)}", LEGEND_WIDTH) if is_ambiguous else "lines"


def _solved_panel(result: Sweep) -> Panel | None:
    """In how many seeds each model solves the task, for tasks that a criterion calls solved."""
    known = [
        (place, curve, curve.solved) for place, curve in enumerate(result.curves) if curve.solved is not None
    ]
    if not known:
        return None

    def draw(axes: Axes) -> None:
        for place, curve, solved in known:
            aside = (place - (len(result.curves) - 1) / 2) * 0.04
            axes.plot(
                [along(result, value) for value in result.values],
                [count + aside for count in solved],
                line_of(place),
                marker=marker_of(place),
                color=colour_of(place),
                label=one_line(display(curve.label), LEGEND_WIDTH),
            )
        _set_axis(axes, result)
        most = max(len(scores) for _, curve, _ in known for scores in curve.per_seed)
        axes.set_ylim(-0.3, most + 0.3)
        axes.set_yticks(range(0, most + 1, max(1, most // 5)))
        axes.set_ylabel("seeds that solve it")
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{display(curve.label)} "
        + ", ".join(
            f"{count} of {len(scores)} at {value_text(value)}"
            for count, scores, value in zip(solved, curve.per_seed, result.values, strict=True)
        )
        for _, curve, solved in known
    ]
    return Panel("Seeds that solve the task", few(spoken), draw)


def _slope_panel(result: Sweep) -> Panel | None:
    """The difference in trend of each pair with its interval."""
    pairs = [pair for pair in result.pairs if pair.difference is not None]
    if not pairs:
        return None
    unit = unit_of(result.metric)
    per = "doubling" if result.scale == "log2" else "unit"

    def draw(axes: Axes) -> None:
        axes.axvline(0.0, color=QUIET, linewidth=1)
        for place, pair in enumerate(pairs):
            draw_interval(axes, place, (pair.difference or 0.0) * unit.factor, scaled(pair.shown, unit))
            _name_verdict(axes, pair, place, unit)
        name_rows(axes, [f"{display(pair.a)} {MINUS} {display(pair.b)}" for pair in pairs])
        axes.margins(x=0.15)
        axes.set_xlabel(f"difference in slope,{unit.words} per {per} of {setting_name(result)}")

    spoken = [
        f"{display(pair.a)} {MINUS} {display(pair.b)} {fixed((pair.difference or 0) * unit.factor, 2)}"
        + (f" {bracketed(pair.shown, 2, factor=unit.factor, signed=True)}" if pair.shown else "")
        + f", {pair.verdict}"
        for pair in pairs
    ]
    title = f"Do the trends differ? {level_text(pair.level for pair in pairs)} intervals"
    return Panel(title, few(spoken), draw, row_height(len(pairs)))


def _name_verdict(axes: Axes, pair: SweepPair, place: int, unit: Unit) -> None:
    words = {
        "better": f"favours {display(pair.a)}",
        "worse": f"favours {display(pair.b)}",
        "equivalent": "favours neither",
        "undecided": "undecided",
    }
    verdict = one_line(words[pair.verdict], LEGEND_WIDTH)
    write_above(axes, verdict, ((pair.difference or 0.0) * unit.factor, place))


def _speed_panel(result: Sweep) -> Panel | None:
    """Training speed along the setting, where it was measured at two values or more."""
    speeds = [
        [
            (value, model.train_speed.typical)
            for value, point in zip(result.values, result.points, strict=False)
            for model in point.models
            if model.label == curve.label and model.train_speed is not None
        ]
        for curve in result.curves
    ]
    if max(map(len, speeds), default=0) < 2:
        return None

    def draw(axes: Axes) -> None:
        for place, (curve, known) in enumerate(zip(result.curves, speeds, strict=True)):
            axes.plot(
                [along(result, value) for value, _ in known],
                [speed for _, speed in known],
                line_of(place),
                marker=marker_of(place),
                color=colour_of(place),
                label=one_line(display(curve.label), LEGEND_WIDTH),
            )
        _set_axis(axes, result)
        # From 0 on, since speeds are compared as ratios, with a tenth of room above the fastest.
        axes.set_ylim(0, 1.1 * max(speed for known in speeds for _, speed in known))
        axes.set_ylabel("training speed, sequences a second")
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{display(curve.label)} " + ", ".join(f"{fixed(s, 0)} at {value_text(v)}" for v, s in known)
        for curve, known in zip(result.curves, speeds, strict=True)
    ]
    return Panel(f"Training speed along {setting_name(result)}", few(spoken), draw)


def _set_axis(axes: Axes, result: Sweep) -> None:
    """The setting across, its own values as ticks."""
    ticks = _thinned(result.values)
    axes.set_xticks([along(result, value) for value in ticks], [value_text(value) for value in ticks])
    axes.set_xlabel(printable(setting_name(result)))


def _thinned(values: Sequence[float]) -> list[float]:
    step = -(-len(values) // MOST_TICKS)
    return [*values[::step]]
