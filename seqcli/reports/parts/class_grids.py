"""The classes of a split one by one, and what is mistaken for what, as grids for every format."""

from collections.abc import Iterable

from seqcli.reports.draw.printable import cut_middle
from seqcli.reports.draw.sheet import Column, Row, Sheet, SheetCell
from seqcli.reports.numbers import MISSING, align_points, fixed
from seqcli.results.train import ClassScore, ClassTable

MOST_IN_MATRIX = 12
"""Classes beyond which a matrix tells a reader less than the column 'mistaken for' does."""

WIDEST_CLASS = 10
"""Cells of a class's name above a column of the matrix."""

HEADINGS = ("examples", "precision", "recall", "F1", "mistaken for")


def class_grids(table: ClassTable | None) -> tuple[Sheet, ...]:
    """A row a class, then the confusion matrix where it is small; nothing of what has no classes."""
    if table is None:
        return ()
    small = len(table.classes) <= MOST_IN_MATRIX
    return (_classes(table), _confusion(table)) if small else (_classes(table),)


def _classes(table: ClassTable) -> Sheet:
    columns = [
        [f"{label_score.examples:,}" for label_score in table.classes],
        _percents(label_score.precision for label_score in table.classes),
        _percents(label_score.recall for label_score in table.classes),
        _percents(label_score.F1 for label_score in table.classes),
        [_mistaken(label_score) for label_score in table.classes],
    ]
    rows = tuple(
        Row(label_score.label, tuple(SheetCell(text) for text in texts))
        for label_score, *texts in zip(table.classes, *columns, strict=True)
    )
    return Sheet(
        heading="classes one by one, shares in percent",
        title=(),
        columns=tuple(Column(heading) for heading in HEADINGS),
        rows=rows,
        sections=(),
        corner="class",
        ruled=False,
    )


def _percents(shares: Iterable[float | None]) -> list[str]:
    """Shares in percent with their points in line."""
    return align_points([MISSING if share is None else fixed(100 * share, 1) for share in shares])


def _mistaken(label_score: ClassScore) -> str:
    return (
        ""
        if label_score.mistaken_for is None
        else f"{label_score.mistaken_for}, {label_score.mistaken:,} of {label_score.examples:,}"
    )


def _confusion(table: ClassTable) -> Sheet:
    names = [cut_middle(label_score.label, WIDEST_CLASS, "…") for label_score in table.classes]
    widths = [max(len(f"{row[place]:,}") for row in table.confusion) for place in range(len(names))]
    rows = tuple(
        Row(
            label_score.label,
            tuple(SheetCell(f"{count:,}".rjust(wide)) for count, wide in zip(row, widths, strict=True)),
        )
        for label_score, row in zip(table.classes, table.confusion, strict=True)
    )
    return Sheet(
        heading="confusion: right classes down, answers across",
        title=(),
        columns=tuple(Column(name) for name in names),
        rows=rows,
        sections=(),
        corner="class",
        ruled=False,
    )
