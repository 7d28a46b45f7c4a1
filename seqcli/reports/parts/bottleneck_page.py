"""The page of `seqcli.bottleneck/1`: the curves first, the table, and the score at every single length."""

from collections.abc import Iterator

from seqcli.reports.draw.document import Document, Facts, Grid
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.draw.sheet import sheet_of
from seqcli.reports.numbers import bracketed, fixed, unit_of
from seqcli.results.bottleneck import Bottleneck, LengthCurve
from seqcli.results.wording import counted

METHODS: Facts = (
    (
        "Half the first score",
        (
            "L50: where a logistic curve over single lengths is at half of the score of the shortest "
            "sources. Its interval is the hull of the profile likelihood's over test sentences and, from "
            "three seeds on, Student's t over seeds of log L50."
        ),
    ),
    (
        "Points",
        "The mean over seeds at each length; the interval of a share is Wilson's over the test sentences.",
    ),
    (
        "Dose",
        "One line a seed through log2 L50 over log2 of the width; the mean slope has Student's t-interval.",
    ),
)


def bottleneck_document(result: Bottleneck) -> Document:
    """A bottleneck as a document."""
    return Document(
        sheet=sheet_of(result),
        panels=panels_of(result),
        guide=tuple(result.guide),
        grids=tuple(_grids(result)),
        data=(
            ("Task", result.task),
            ("Test sentences", f"{sum(result.sentences):,}"),
            *((curve.label, counted(len(curve.seeds), "seed")) for curve in result.curves),
        ),
        methods=METHODS,
        signature="",
        curves_first=True,
    )


def _grids(result: Bottleneck) -> Iterator[Grid]:
    """A row a single length, a column a model."""
    curves = [curve for curve in result.curves if len(curve.by_length) == len(result.single_lengths)]
    if not (curves and result.single_lengths):
        return
    yield Grid(
        caption="The score at each source length",
        head=("source tokens", "sentences", *(curve.label for curve in curves)),
        rows=tuple(
            (str(length), f"{count:,}", *(_score(result, curve, i) for curve in curves))
            for i, (length, count) in enumerate(
                zip(result.single_lengths, result.single_sentences, strict=True)
            )
        ),
    )


def _score(result: Bottleneck, curve: LengthCurve, i: int) -> str:
    unit = unit_of(result.metric)
    ends = curve.by_length_ci95[i] if curve.by_length_ci95 else None
    interval = f" {bracketed(ends, 1, factor=unit.factor)}" if ends else ""
    return f"{fixed(curve.by_length[i] * unit.factor, 1)}{interval}{unit.suffix}"
