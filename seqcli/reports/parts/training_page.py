"""The page of `seqcli.train/1`: the scores, the course of validation, the classes, what it took."""

from collections.abc import Iterator

from seqcli.reports.draw.document import Document, Facts, Grid, grids_below
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import score_words
from seqcli.reports.parts.evaluation_page import CAPTION_METHOD
from seqcli.results.train import TrainResult

METHODS: Facts = (
    (
        "Test score",
        (
            "The weights of the best epoch on the validation split, scored once on the test split. Its"
            " interval is over other test examples like these, for this one network: another seed may lie"
            " outside."
        ),
    ),
    (
        "Time and memory",
        (
            "Speed is over the whole of training, evaluation left out; peak memory is the greatest resident"
            " size of the process that trained."
        ),
    ),
)


def training_document(result: TrainResult) -> Document:
    """A trained run as a document."""
    sheet = sheet_of(result)
    return Document(
        sheet=sheet,
        panels=panels_of(result),
        grids=(*grids_below(sheet), *_epochs(result)),
        data=(
            ("Task", result.task),
            ("Test examples", f"{result.test.examples:,}"),
            *((("Run", result.run),) if result.run is not None else ()),
        ),
        methods=(*METHODS, *((CAPTION_METHOD,) if any(each.pieces for each in result.captions) else ())),
        signature=result.signature,
    )


def _epochs(result: TrainResult) -> Iterator[Grid]:
    """The validation score after each epoch."""
    if result.valid_per_epoch:
        rows = tuple(
            (str(epoch), score_words(result.valid.metric, value, 2))
            for epoch, value in enumerate(result.valid_per_epoch, start=1)
        )
        yield Grid("Validation, epoch by epoch", ("epoch", "score"), rows)
