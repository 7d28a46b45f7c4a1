"""A table's rows as labelled texts, and which of them say the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from seqcli.data.cells import MAX_TEXT, Beginning, as_text, checked, digest_of
from seqcli.data.columns import Columns
from seqcli.data.labels import CodedLabels, as_label, checked_label
from seqcli.data.plain_pieces import PlainPieces
from seqcli.data.row_arrays import RowWriter, beginnings, in_order, shared_count
from seqcli.data.scratch_texts import ScratchTexts
from seqcli.data.tables import CellValue, Table, quoted
from seqcli.errors import DataError


class LabelledExamples(Protocol):
    """Examples with a class each, as a split needs them, whatever they are."""

    @property
    def called(self) -> str:
        """The word for them: 'texts', 'sequences'."""

    @property
    def name(self) -> str:
        """The place that they were read from, as messages call it."""

    @property
    def labels(self) -> Sequence[str]:
        """Each example's label as its file spells it (N)."""

    @property
    def digests(self) -> NDArray[np.uint64]:
        """A hash of each example (N); equal ones are taken for equal examples."""

    @property
    def groups(self) -> CodedLabels | None:
        """Each example's group (N); None where examples belong to none."""

    def __len__(self) -> int:
        """N."""

    def place(self, index: int) -> str:
        """Return the place of an example, for messages: 'reviews.csv, row 7'."""


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """The rows of one table that a classification learns from; the texts themselves stay on disk.

    Args:
        table: The table.
        texts: The texts in NFC (N).
        labels: Each text's label as the table spells it (N).
        rows: Each text's row number in its table (N).
        digests: A 64-bit hash of what the tokenizer sees of each text (N); equal ones are taken for
            equal texts. Empty texts have nothing to repeat and hashes of their own.
        unlabelled: How many rows were left out because they have no label.
        empty: How many texts hold nothing but blanks.
        shortened: How many texts had more than `MAX_TEXT` characters.
        head: The first three rows as read, by column.
        groups: Each text's group (N); None where rows belong to none.
        called: The word for them.
    """

    table: Table
    texts: ScratchTexts
    labels: CodedLabels
    rows: NDArray[np.int64]
    digests: NDArray[np.uint64]
    unlabelled: int
    empty: int
    shortened: int
    head: tuple[Mapping[str, str], ...]
    groups: CodedLabels | None = None
    called: str = "texts"

    @property
    def name(self) -> str:
        """The table, as messages call it."""
        return self.table.name

    def __len__(self) -> int:
        return len(self.labels)

    def place(self, index: int) -> str:
        """Return the place of an example, for messages: 'reviews.csv, row 7'."""
        return self.table.where(int(self.rows[index]))


class Unlabelled:
    """The rows without a label: how many, and where the first ones are."""

    def __init__(self, table: Table, column: str) -> None:
        self.count = 0
        self._table = table
        self._column = column
        self._first: list[int] = []

    def see(self, row: int) -> None:
        """Note a row."""
        self.count += 1
        if len(self._first) < _SHOWN:
            self._first.append(row)

    def error(self, labelled: int) -> DataError:
        """The error for all of them at once.

        Args:
            labelled: How many rows have a label.
        """
        rows, column = self.count + labelled, quoted(self._column)
        if not labelled:
            return DataError(
                f"{self._table.name}: all {rows:,} rows have no label in column {column}",
                self._table.way_out or "Is this the label column? Name another with --label-column.",
            )
        places = ", ".join(f"{row:,}" for row in self._first) + (
            ", …" if self.count > len(self._first) else ""
        )
        return DataError(
            f"{self._table.name}: {self.count:,} of {rows:,} rows have no label in column {column}: "
            f"{self._table.unit} {places}",
            "Give each one, or leave such rows out: --missing-labels drop.",
        )


# Rows that an error names: enough to find the cause, and their count says how many more there are.
_SHOWN = 5


def read_examples(
    table: Table,
    columns: Columns,
    scratch: Path,
    *,
    normalised: Callable[[str], str] = str,
    pieces: PlainPieces | None = None,
    drop_unlabelled: bool = False,
) -> LabelledTexts:
    """Read a table's texts and labels, the texts to a folder.

    Args:
        table: The table.
        columns: Which of its columns are read.
        scratch: A folder of the caller's on whose disk the texts are kept.
        normalised: Gives what the tokenizer reads of a text, by which repeated ones are known.
        pieces: Cuts the texts, where that is possible before there is a vocabulary.
        drop_unlabelled: Whether rows without a label are left out.

    Raises:
        DataError: A row cannot be read, its text is no text, or it has no label; or there are no rows.
        OSError: The folder cannot be written.
    """
    names: dict[str, int] = {}
    group_names: dict[str, int] = {}
    labels, groups, rows, digests = RowWriter("i"), RowWriter("i"), RowWriter("q"), RowWriter("Q")
    empty = shortened = 0
    unlabelled = Unlabelled(table, columns.label)
    beginning = Beginning((columns.text, columns.label))
    texts = ScratchTexts(scratch, pieces)
    for row, text, label, group in labelled_cells(table, columns, unlabelled, beginning):
        beginning_of_text = text[:MAX_TEXT]
        shortened += len(beginning_of_text) < len(text)
        empty += not beginning_of_text.strip()
        as_read = texts.append(beginning_of_text)
        labels.append(names.setdefault(label, len(names)))
        if group is not None:
            groups.append(group_names.setdefault(group, len(group_names)))
        rows.append(row)
        if not beginning_of_text.strip():
            as_read = f"\0{empty}".encode()
        elif as_read is None:
            as_read = normalised(beginning_of_text).encode("utf-8")
        digests.append(digest_of(as_read))
    if unlabelled.count and not (len(labels) and drop_unlabelled):
        raise unlabelled.error(len(labels))
    if not len(labels):
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    return LabelledTexts(
        table=table,
        texts=texts.done(),
        labels=CodedLabels(labels.done(), tuple(names)),
        rows=rows.done(),
        digests=digests.done(),
        unlabelled=unlabelled.count,
        empty=empty,
        shortened=shortened,
        head=beginning.rows,
        groups=None if columns.group is None else CodedLabels(groups.done(), tuple(group_names)),
    )


class LabelledCells(NamedTuple):
    """The cells of a row that has a label: its number, text in NFC, label, and group if it has one."""

    row: int
    text: str
    label: str
    group: str | None


def labelled_cells(
    table: Table, columns: Columns, unlabelled: Unlabelled, beginning: Beginning | None = None
) -> Iterator[LabelledCells]:
    """The cells of each row that has a label; rows without one are noted apart.

    Args:
        table: The table.
        columns: Which of its columns are read.
        unlabelled: Takes note of the rows without a label.
        beginning: Takes note of the first rows.

    Raises:
        DataError: A text is no text, a label is longer than any, or a row has no group though it needs one.
    """
    names = (
        (columns.text, columns.label)
        if columns.group is None
        else (columns.text, columns.label, columns.group)
    )
    for row, cells in table.read(names):
        if beginning is not None:
            beginning.see(cells[:2])
        text, cell, *of_group = cells
        label = checked_label(cell, columns.label, table, row)
        if label is None:
            unlabelled.see(row)
            continue
        yield LabelledCells(
            row,
            as_text(text, table, row, columns.text, option="--text-column"),
            checked(label, table, row, columns.label),
            None if columns.group is None else _group(of_group[0], table, row, columns.group),
        )


def _group(cell: CellValue, table: Table, row: int, column: str) -> str:
    """The name of a row's group.

    Raises:
        DataError: It has none.
    """
    name = as_label(cell)
    if name is None:
        raise DataError(
            f"{table.where(row)} has no group in column {quoted(column)}",
            "Give each row its group; a row that belongs to no other gets a name of its own.",
        )
    return checked(name, table, row, column)


@dataclass(frozen=True, eq=False)
class Distinct:
    """The examples without repeated texts.

    Args:
        kept: The index of each text's first occurrence, in the order of the texts' hashes: an order that
            does not depend on that of the rows.
        dropped: How many examples repeat an earlier text.
        conflicting: How many of those do so under another label.
    """

    rows: NDArray[np.int64]
    dropped: int
    conflicting: int


def distinct(examples: LabelledExamples, names: Sequence[str]) -> Distinct:
    """Return the examples that are the first with their text or values.

    Args:
        examples: The examples (N).
        names: Each example's class (N).
    """
    codes = CodedLabels.of(names).codes
    order, ordered = in_order(examples.digests)
    rows = RowWriter("q")
    conflicting, known = 0, 0
    for part, begins in beginnings(ordered):
        own = codes[order[part]]
        # The class of the first with the same hash; those before any beginning go on from the block before.
        firsts = np.concatenate([[known], own[begins]])[np.cumsum(begins)]
        conflicting += int(np.count_nonzero(own != firsts))
        known = int(firsts[-1])
        rows.extend(order[part][begins])
    first = rows.done()
    return Distinct(first, len(examples) - len(first), conflicting)


def overlap(first: LabelledExamples, second: LabelledExamples) -> int:
    """Return how many of the second also occur among the first."""
    return shared_count(in_order(second.digests)[1], in_order(first.digests)[1])
