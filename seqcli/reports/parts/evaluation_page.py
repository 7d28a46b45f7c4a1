"""The page of `seqcli.evaluate/1`: scores, classes, confusion, reliability, and the worst errors."""

from collections.abc import Iterator

from seqcli.reports.draw.document import Document, Grid, grids_below
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import fixed
from seqcli.reports.words.learning_words import place_of
from seqcli.results.evaluate import EvaluatedRun
from seqcli.results.wording import share_words

SCORE_METHOD = (
    "Interval of the score",
    (
        "Over other test examples like these: Wilson's of a share of right answers, by resampled examples"
        " of any other score. Other seeds may lie outside."
    ),
)
CALIBRATION_METHOD = (
    "Calibration error",
    (
        "The mean distance between the probability of an answer and the share of such answers that are"
        " right, over ten bins of equal width (expected calibration error; Guo et al., 2017)."
    ),
)
CAPTION_METHOD = (
    "Pictures of captions",
    (
        "The image, then once for each word: the warmer a patch, the more attention it had while the word was"
        " written, the warmest being the most of that word. ⏎ is the end of the caption."
    ),
)


def evaluation_document(result: EvaluatedRun) -> Document:
    """An evaluation as a document."""
    sheet = sheet_of(result)
    return Document(
        sheet=sheet,
        panels=panels_of(result),
        grids=(*grids_below(sheet), *_captions(result), *_errors(result), *_bins(result)),
        data=(
            ("Task", result.task),
            ("Run", result.run),
            ("Data", "the run's own test split" if result.data is None else result.data),
            ("Examples", f"{result.score.examples:,}"),
        ),
        methods=(
            SCORE_METHOD,
            *((CALIBRATION_METHOD,) if result.calibration is not None else ()),
            *((CAPTION_METHOD,) if any(each.pieces for each in result.captions) else ()),
        ),
        signature=result.signature,
    )


def _captions(result: EvaluatedRun) -> Iterator[Grid]:
    """The first images with another caption than theirs."""
    rows = tuple(
        (place_of(each, result.unit), each.predicted, each.reference, each.image)
        for each in result.wrong_captions
    )
    if rows:
        yield Grid("Wrong captions, the first", ("where", "written", "right", "image"), rows)


def _errors(result: EvaluatedRun) -> Iterator[Grid]:
    """The wrong answers that the model was surest of."""
    if result.worst:
        rows = tuple(
            (
                place_of(mistake, result.unit),
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
