"""The picture of an evaluation: how often a model is right where it is so sure."""

from matplotlib.axes import Axes

from seqcli.reports.draw.axes import QUIET, colour_of
from seqcli.reports.draw.panel import Panel
from seqcli.reports.parts.image_attention_figure import caption_panels
from seqcli.reports.parts.steps_figure import steps_panel
from seqcli.results.evaluate import AnswerCalibration, EvaluatedRun
from seqcli.results.wording import counted, share_words

LARGEST = 180.0  # points², of the dot of the bin with most answers
SMALLEST = 12.0  # points²: still a dot and not a speck


def evaluation_panels(result: EvaluatedRun) -> tuple[Panel, ...]:
    """Reliability of a run that is sure of something, a forecast's score over its steps, and captions."""
    reliability = () if result.calibration is None else (_reliability(result.calibration),)
    steps = steps_panel({result.model: result.ahead}, result.score.metric)
    return (*reliability, *(() if steps is None else (steps,)), *caption_panels(result.captions))


def _reliability(calibration: AnswerCalibration) -> Panel:
    """A dot a bin, as large as it has answers, and the diagonal on which confidence is deserved."""
    bins = calibration.bins
    most = max(part.examples for part in bins)

    def draw(axes: Axes) -> None:
        axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle="--", zorder=1)
        confidence, accuracy = [part.confidence for part in bins], [part.accuracy for part in bins]
        axes.plot(confidence, accuracy, color=colour_of(0), linewidth=1, zorder=2)
        sizes = [max(LARGEST * part.examples / most, SMALLEST) for part in bins]
        axes.scatter(confidence, accuracy, s=sizes, color=colour_of(0), zorder=3)
        axes.set(
            xlim=(0, 1.02),
            ylim=(0, 1.04),
            xlabel="probability of the answer (dot size: examples)",
            ylabel="share right",
        )
        axes.grid(visible=True)

    summary_text = (
        f"Of {counted(sum(part.examples for part in bins), 'answer')} in {counted(len(bins), 'bin')} the mean"
        f" distance between probability and share right is {share_words(calibration.error)}."
    )
    return Panel("Reliability: on the diagonal, confidence is deserved", summary_text, draw)
