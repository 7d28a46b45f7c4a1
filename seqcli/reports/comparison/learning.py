"""The picture of learning: validation metric after each epoch, a thin line a seed, a thick one for all."""

from collections.abc import Sequence
from statistics import fmean

from matplotlib.axes import Axes

from seqcli.reports.axes import count_across, metric_label, set_ends
from seqcli.reports.comparison.headings import display
from seqcli.reports.numbers import decimals_to, fixed, unit_of
from seqcli.reports.palette import colour_of, line_of, marker_of
from seqcli.reports.panel import LEGEND_WIDTH, Panel, add_legend, few
from seqcli.reports.printable import one_line
from seqcli.results.compare import ModelResult
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

    told = [text for model in models if (text := _spoken(model, unit.factor, unit.suffix))]
    about = f"Validation {metric.replace('_', ' ')}: {few(told)}"
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
