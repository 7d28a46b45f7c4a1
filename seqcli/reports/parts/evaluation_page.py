"""The page of `seqcli.evaluate/1`: scores, classes, confusion, reliability, and the worst errors."""

from collections.abc import Iterator

from seqcli.reports.draw.document import Document, Facts, Grid, grids_below
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import fixed
from seqcli.results.evaluate import EvaluatedRun
from seqcli.results.wording import share_words

METHODS: Facts = (
    (
        "Interval of the score",
        (
            "Over other test examples like these: Wilson's of a share of right answers, by resampled examples"
            " of any other score. Other seeds may lie outside."
        ),
    ),
    (
        "Calibration error",
        (
            "The mean distance between the probability of an answer and the share of such answers that are"
            " right, over ten bins of equal width (expected calibration error; Guo et al., 2017)."
        ),
    ),
)


def evaluation_document(result: EvaluatedRun) -> Document:
    """An evaluation as a document."""
    sheet = sheet_of(result)
    return Document(
        sheet=sheet,
        panels=panels_of(result),
        grids=(*grids_below(sheet), *_errors(result), *_bins(result)),
        data=(
            ("Task", result.task),
            ("Run", result.run),
            ("Data", "the run's own test split" if result.data is None else result.data),
            ("Examples", f"{result.score.examples:,}"),
        ),
        methods=METHODS,
        signature=result.signature,
    )


def _errors(result: EvaluatedRun) -> Iterator[Grid]:
    """The wrong answers that the model was surest of."""
    if result.worst:
        rows = tuple(
            (
                f"example {mistake.example}" if mistake.row is None else f"{result.unit} {mistake.row:,}",
                mistake.label,
                mistake.predicted,
                share_words(mistake.probability),
                " ".join((mistake.text or "").split()),
            )
            for mistake in result.worst
        )
        heads = ("where", "right", "predicted", "probability", "text")
        yield Grid("Worst errors, the most confident first", heads, rows)


def _bins(result: EvaluatedRun) -> Iterator[Grid]:
    """The bins of the reliability plot."""
    if result.calibration is not None:
        rows = tuple(
            (
                f"{fixed(part.low, 1)} to {fixed(part.high, 1)}",
                f"{part.examples:,}",
                share_words(part.confidence),
                share_words(part.accuracy),
            )
            for part in result.calibration.bins
        )
        yield Grid("Reliability", ("probability", "answers", "mean probability", "right"), rows)
