"""A table's rows as labelled texts, and which of them say the same."""

from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.cells import MAX_TEXT, as_text, checked, digest, head
from seqcli.data.columns import Columns
from seqcli.data.labels import as_label
from seqcli.data.tables import Table, quoted
from seqcli.data.texts import StoredTexts, TextWriter
from seqcli.errors import DataError

MAX_LABEL = 200
"""How many characters a label may have."""


@dataclass(frozen=True, eq=False)
class LabelledTexts:
    """The rows of one table that a classification learns from; the texts themselves stay on disk.

    Args:
        table: The table.
        texts: The texts in NFC (N).
        labels: Each text's label as the table spells it (N).
        rows: Each text's row number in its table (N).
        digests: A 64-bit hash of each text but for letter case and blanks (N); equal ones are taken for
            equal texts. Empty texts have nothing to repeat and hashes of their own.
        empty: How many texts hold nothing but blanks.
        shortened: How many texts had more than `MAX_TEXT` characters.
        head: The first three rows as read, by column.
    """

    table: Table
    texts: StoredTexts
    labels: list[str]
    rows: NDArray[np.int64]
    digests: NDArray[np.uint64]
    empty: int
    shortened: int
    head: tuple[Mapping[str, str], ...]

    def __len__(self) -> int:
        return len(self.labels)

    def place(self, index: int) -> str:
        """Where an example stands, for messages: 'reviews.csv, row 7'."""
        return self.table.where(int(self.rows[index]))


def read_examples(table: Table, columns: Columns, scratch: Path) -> LabelledTexts:
    """Read a table's texts and labels, the texts to a folder.

    Args:
        table: The table.
        columns: Which of its columns are read.
        scratch: A folder of the caller's for the texts; it takes two files named after a running number.

    Raises:
        DataError: A row cannot be read, its text is no text, or it has no label; or there are no rows.
        OSError: The folder cannot be written.
    """
    labels: list[str] = []
    known: dict[str, str] = {}
    rows, digests = array("q"), array("Q")
    empty = shortened = 0
    name = f"part{sum(1 for _ in scratch.glob('part*.texts.npy'))}"
    with TextWriter(scratch, name) as writer:
        for row, text, label in _labelled(table, columns):
            kept = text[:MAX_TEXT]
            shortened += len(kept) < len(text)
            empty += not kept.strip()
            writer.append(kept)
            labels.append(known.setdefault(label, label))
            rows.append(row)
            digests.append(_evened_digest(kept, empty))
    if not labels:
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    return LabelledTexts(
        table=table,
        texts=StoredTexts(scratch, name),
        labels=labels,
        rows=np.frombuffer(rows, np.int64),
        digests=np.frombuffer(digests, np.uint64),
        empty=empty,
        shortened=shortened,
        head=head(table, (columns.text, columns.label)),
    )


def _evened_digest(text: str, empty: int) -> int:
    """A text's hash after letter case and blanks are evened out.

    Args:
        text: The text.
        empty: How many empty texts there are so far, this one included.
    """
    words = text.casefold().split()
    return digest(" ".join(words) if words else f"\0{empty}")


def _labelled(table: Table, columns: Columns) -> Iterator[tuple[int, str, str]]:
    """Each row's number, text in NFC and label.

    Raises:
        DataError: A text is no text, or a row has no label.
    """
    for row, (text, cell) in table.read((columns.text, columns.label)):
        label = as_label(cell)
        if label is not None and len(label) > MAX_LABEL:
            raise DataError(
                f"{table.where(row)}: the label {quoted(label)} has {len(label):,} characters",
                f"A label has at most {MAX_LABEL}; is {quoted(columns.label)} the label column?",
            )
        if label is None:
            raise DataError(
                f"{table.where(row)} has no label in column {quoted(columns.label)}",
                "Give it one, or delete the row.",
            )
        yield (
            row,
            as_text(text, table, row, columns.text, option="--text-column"),
            checked(label, table, row, columns.label),
        )


@dataclass(frozen=True, eq=False)
class Distinct:
    """Which examples say something new.

    Args:
        kept: The index of each text's first occurrence, in the order of the texts' hashes: an order that
            does not depend on that of the rows.
        dropped: How many examples repeat an earlier text.
        conflicting: How many of those do so under another label.
    """

    kept: NDArray[np.int64]
    dropped: int
    conflicting: int


def distinct(examples: LabelledTexts, names: Sequence[str]) -> Distinct:
    """Which examples are the first with their text.

    Args:
        examples: The examples (N).
        names: Each example's class (N).
    """
    _, first, group = np.unique(examples.digests, return_index=True, return_inverse=True)
    conflicting = sum(names[i] != names[j] for i, j in enumerate(first[group].tolist()) if i != j)
    return Distinct(first.astype(np.int64), len(examples) - len(first), conflicting)


def overlap(one: LabelledTexts, other: LabelledTexts) -> int:
    """How many texts of `other` also occur in `one`."""
    return int(np.count_nonzero(np.isin(other.digests, one.digests)))
