"""New labelled data as a finished run is tested on it: row by row, its labels among the run's own."""

import difflib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqcli.data.columns import Columns
from seqcli.data.examples import Unlabelled, labelled_cells
from seqcli.data.labels import known_spelling
from seqcli.data.signal_tables import Signal
from seqcli.data.tables import Table, quoted
from seqcli.errors import DataError, first_names

if TYPE_CHECKING:
    from seqcli.data.captions import CaptionRow


@dataclass(frozen=True)
class LabelledRow:
    """A text, signal or image as `predict` takes it, its right answer, and its row's number in the file."""

    row: int
    text: "str | Signal | CaptionRow"
    answer: str | list[str]


@dataclass(frozen=True)
class LabelledData:
    """A person's labelled data, read anew each time that it is asked for.

    Args:
        name: What messages call it.
        unit: What its row numbers count: 'row' or 'line'.
        columns: The option of each column that is read, and the column.
        guessed: The options that were not given and whose column was guessed.
        unlabelled: How many rows are left out because they have no label.
        read: Yields its rows.
    """

    name: str
    unit: str
    columns: Mapping[str, str]
    guessed: tuple[str, ...]
    unlabelled: int
    read: Callable[[], Iterator[LabelledRow]]


def labelled_table(
    table: Table, columns: Columns, labels: Sequence[str], *, drop_unlabelled: bool
) -> LabelledData:
    """A table whose every label is one of the run's.

    Args:
        table: The table.
        columns: Which of its columns are read.
        labels: The run's classes.
        drop_unlabelled: Whether rows without a label are left out.

    Raises:
        DataError: A row has no label, or one that the run does not know; or there are no rows.
    """
    known = known_spelling(labels)
    unlabelled = Unlabelled(table, columns.label)
    count, strange, first = 0, Counter[str](), 0
    for row, _, label, _ in labelled_cells(table, columns, unlabelled):
        count += 1
        if known(label) is None:
            first = first or row
            strange[label] += 1
    if unlabelled.count and not (count and drop_unlabelled):
        raise unlabelled.error(count)
    if not count:
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    if strange:
        raise strange_labels(table.where(first), strange, labels, count)

    def read() -> Iterator[LabelledRow]:
        for row, text, label, _ in labelled_cells(table, columns, Unlabelled(table, columns.label)):
            yield LabelledRow(row, text, known(label) or label)

    return LabelledData(
        name=table.name,
        unit=table.unit,
        columns={"--text-column": columns.text, "--label-column": columns.label},
        guessed=columns.guessed,
        unlabelled=unlabelled.count,
        read=read,
    )


def strange_labels(where: str, strange: Mapping[str, int], labels: Sequence[str], count: int) -> DataError:
    """The error for labels that a run never learnt.

    Args:
        where: The place of the first.
        strange: How often each occurs.
        labels: The run's classes.
        count: How many labels there are.
    """
    label, wrong = next(iter(strange)), sum(strange.values())
    shares = "" if count == 1 else f" ({wrong:,} of {count:,} are not)"
    near = [] if wrong == count else difflib.get_close_matches(label, labels, n=1)
    return DataError(
        f"{where}: the label {quoted(label)} is no class of the run{shares}",
        f"Its classes: {first_names([quoted(name) for name in labels])}."
        + (f" Did you mean {quoted(near[0])}?" if near else "")
        + (
            " Is this the column of the labels? Name another with --label-column."
            if wrong == count
            else " Rename such labels, or leave their rows out of the file."
        ),
    )
