"""The pictures of a trained run: validation epoch by epoch, each class, and the steps of a forecast."""

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import (
    QUIET,
    colour_of,
    count_across,
    metric_label,
    name_rows,
    row_height,
    set_ends,
)
from seqcli.reports.draw.panel import Panel, add_legend, few
from seqcli.reports.numbers import alike, metric_words, unit_of
from seqcli.reports.parts.image_attention_figure import caption_panels
from seqcli.reports.parts.steps_figure import steps_panel
from seqcli.results.train import ClassTable, TrainResult
from seqcli.results.wording import share_words

MOST_CLASSES = 20
"""Rows of classes: more are higher than a screen, and stand in the table."""

BAR = 0.34  # of a row: two bars beside each other and air to the next class


def training_panels(result: TrainResult) -> tuple[Panel, ...]:
    """The panels that this run has something for."""
    drawn = (
        _learning(result),
        _classes(result.by_class),
        steps_panel({result.model: result.ahead}, result.test.metric),
        *caption_panels(result.captions),
    )
    return tuple(panel for panel in drawn if panel is not None)


def _learning(result: TrainResult) -> Panel | None:
    """The validation score after each epoch, and the one whose weights were kept."""
    values = result.valid_per_epoch
    if len(values) < 2:
        return None
    metric = result.valid.metric
    unit = unit_of(metric)
    best_epoch = result.best_epoch

    def draw(axes: Axes) -> None:
        scaled = [value * unit.factor for value in values]
        axes.plot(range(1, len(scaled) + 1), scaled, color=colour_of(0), marker="o", markersize=3)
        axes.plot(
            best_epoch,
            scaled[best_epoch - 1],
            "o",
            color=colour_of(1),
            markersize=8,
            label=f"kept: epoch {best_epoch}",
        )
        if result.majority is not None and result.test.metric == metric:
            majority = result.majority * unit.factor
            axes.axhline(majority, color=QUIET, linestyle="--", linewidth=1, label="majority class")
        count_across(axes, "epoch")
        axes.set_ylabel(metric_label(metric, "validation"))
        set_ends(axes, "y", [*values, result.majority], unit=unit)
        axes.grid(visible=True)
        add_legend(axes)

    first, best = alike([values[0] * unit.factor, values[best_epoch - 1] * unit.factor])
    spoken = (
        f"Validation {metric_words(metric)} goes from {first}{unit.suffix} after epoch 1 to"
        f" {best}{unit.suffix} after epoch {best_epoch}, the one that was kept"
    )
    return Panel("Validation, epoch by epoch", few([spoken]), draw)


def _classes(table: ClassTable | None) -> Panel | None:
    """Two bars a class: how much of it was found, and how often its name was right."""
    if table is None or not 2 <= len(table.classes) <= MOST_CLASSES:
        return None
    classes = table.classes

    def draw(axes: Axes) -> None:
        for place, (name, shares) in enumerate(
            (
                ("found of the class (recall)", [each.recall for each in classes]),
                ("right where named (precision)", [each.precision for each in classes]),
            )
        ):
            rows = [row + (place - 0.5) * BAR for row in range(len(classes))]
            widths = [100 * (share or 0.0) for share in shares]
            axes.barh(rows, widths, height=BAR, color=colour_of(place), label=name)
        name_rows(axes, [each.label for each in classes])
        axes.set(xlim=(0, 100), xlabel="%")
        add_legend(axes)

    spoken = [f"{each.label}: {share_words(each.recall or 0.0)} found" for each in classes]
    return Panel("Each class", few(spoken), draw, height=row_height(len(classes), legend=True))
