"""The scores of a forecast step by step, as a grid for every format and a picture for the page."""

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import colour_of, count_across, line_of, metric_label, set_ends
from seqcli.reports.draw.panel import LEGEND_WIDTH, Panel, add_legend, few
from seqcli.reports.draw.printable import one_line
from seqcli.reports.numbers import alike, metric_words, unit_of
from seqcli.results.steps_ahead import StepScores


def steps_panel(steps: Mapping[str, StepScores | None], metric: str) -> Panel | None:
    """A line a method, a score over the steps ahead; None where nothing is scored at two steps or more.

    Args:
        steps: By the method's name.
        metric: Which of the scores is drawn.
    """
    drawn = {
        name: each.scores[metric]
        for name, each in steps.items()
        if each is not None and metric in each.scores and each.horizon > 1
    }
    if not drawn:
        return None
    unit = unit_of(metric)

    def draw(axes: Axes) -> None:
        for place, (name, values) in enumerate(drawn.items()):
            axes.plot(
                range(1, len(values) + 1),
                [value * unit.factor for value in values],
                color=colour_of(place),
                linestyle=line_of(place),
                label=one_line(name, LEGEND_WIDTH),
            )
        count_across(axes, "steps ahead")
        axes.set_ylabel(metric_label(metric))
        set_ends(axes, "y", [value for values in drawn.values() for value in values], unit=unit)
        axes.grid(visible=True)
        add_legend(axes)

    return Panel(f"Test {metric_words(metric)}, step by step ahead", few(_spoken(drawn)), draw)


def _spoken(drawn: Mapping[str, Sequence[float]]) -> list[str]:
    """Each line in words."""
    spoken = []
    for name, values in drawn.items():
        first, last = alike([values[0], values[-1]])
        spoken.append(f"{name} goes from {first} at step 1 to {last} at step {len(values)}")
    return spoken
