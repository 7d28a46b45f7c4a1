"""Labels: one spelling for one class, and enough rows of each."""

import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.config.names import holds_letters
from seqcli.data import data_words
from seqcli.data.arrays import ROWS_AT_ONCE, note_read
from seqcli.data.row_arrays import blocks, counted, row_array, taken
from seqcli.data.sequences import LazySequence
from seqcli.data.tables import ABSENT, CellValue, Table, quoted
from seqcli.errors import ColumnsError, DataError

_WHOLE = re.compile(r"([+-]?)0*(\d+)(?:\.0*)?", re.ASCII)

_BARE = "Labels stand after the ids, as in >seq1|coding, or in a table of ids and labels: {}::labels.csv."


MAX_LABEL = 200
"""How many characters a label may have."""


def as_label(cell: CellValue) -> str | None:
    """A cell as a class's name, without blanks around it; None when there is no label.

    Numbers keep their spelling: 1 is '1', 1.0 is '1.0'; True is 'true'. Words such as 'None' are names.
    """
    if cell is None or cell is ABSENT or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    text = str(cell).lower() if isinstance(cell, bool) else str(cell)
    return unicodedata.normalize("NFC", text.strip()) or None


def checked_label(cell: CellValue, column: str, table: Table, row: int) -> str | None:
    """A cell as a class's name, as `as_label` has it.

    Args:
        cell: The cell.
        column: Its column.
        table: Its table.
        row: Its row.

    Raises:
        DataError: It is no label but a text.
    """
    label = as_label(cell)
    if label is not None and len(label) > MAX_LABEL:
        raise DataError(
            f"{table.where(row)}: the label {quoted(label)} has {len(label):,} characters",
            f"A label has at most {MAX_LABEL}; is {quoted(column)} the label column?",
        )
    return label


def one_spelling(labels: Iterable[str]) -> dict[str, str]:
    """Maps each label to its class: spellings of one whole number ('1', '1.0', '01') are one class.

    Labels change only where a number really occurs in several spellings; then its plain one is taken.
    """
    spellings: defaultdict[str, set[str]] = defaultdict(set)
    for label in labels:
        spellings[_plain(label)].add(label)
    return {label: plain if len(same) > 1 else label for plain, same in spellings.items() for label in same}


def known_spelling(classes: Sequence[str]) -> Callable[[str], str | None]:
    """Return a function from a label to the class that it spells; to None where it spells none."""
    spelt = {_plain(name): name for name in classes}
    return lambda label: spelt.get(_plain(label))


def _plain(label: str) -> str:
    """A whole number's plain spelling; any other label as it is."""
    match = _WHOLE.fullmatch(label)
    if match is None:
        return label
    sign = "-" if match[1] == "-" and match[2] != "0" else ""
    return sign + match[2]


def label_warnings(mapping: Mapping[str, str]) -> tuple[str, ...]:
    """Return the warnings about the labels' spellings, as sentences."""
    warnings = []
    merged: defaultdict[str, list[str]] = defaultdict(list)
    folded: defaultdict[str, set[str]] = defaultdict(set)
    for label in sorted(mapping):
        merged[mapping[label]].append(label)
        folded[mapping[label].casefold()].add(mapping[label])
    for name, labels in merged.items():
        if len(labels) > 1:
            warnings.append(data_words.merged_labels(labels, name))
    warnings += [data_words.classes_by_case(sorted(names)) for names in folded.values() if len(names) > 1]
    return tuple(warnings)


def class_order(labels: Iterable[str]) -> tuple[str, ...]:
    """The classes in a fixed order: numbers by value, anything else by its characters."""
    names = set(labels)
    if all(re.fullmatch(r"[+-]?\d{1,300}(\.\d{0,300})?", name, re.ASCII) for name in names):
        return tuple(sorted(names, key=lambda name: (float(name), name)))
    return tuple(sorted(names))


def most_frequent(counts: Mapping[str, int]) -> str:
    """The label that occurs most often; of equals, the first in the alphabet."""
    return min(counts, key=lambda label: (-counts[label], label))


def check_classes(labels: Sequence[str], name: str, place: Callable[[int], str]) -> None:
    """Check that there are at least two classes, each with at least two rows.

    Args:
        labels: The class of each row.
        name: What the rows are of, for messages: 'reviews.csv'.
        place: Tells the place of a row, counted from 0, for messages.

    Raises:
        DataError: There is nothing to tell apart, or nothing to learn a class from.
    """
    counts = CodedLabels.of(labels).counts()
    if len(labels) == 1:
        raise DataError(f"{name} has one row of data", "Learning and testing need a few rows of each class.")
    if len(counts) == 1:
        raise DataError(
            f"{name}: all {len(labels):,} rows have the label {quoted(labels[0])}",
            "Classification needs at least two classes; is this the label column?",
        )
    single = [label for label in class_order(counts) if counts[label] == 1]
    if len(single) > 10:
        raise ColumnsError(
            f"{name}: {len(single):,} of {len(counts):,} classes have one row each",
            _BARE.format(name)
            if holds_letters(name)
            else "Is this the label column? Its values look like texts, measurements or names of rows.",
        )
    if single:
        raise DataError(
            f"{place(labels.index(single[0]))}: the class {quoted(single[0])} has only this row",
            "Each class needs rows to learn from and to test on: add some, or drop the class.",
        )


@dataclass(frozen=True, eq=False)
class CodedLabels(LazySequence[str]):
    """The label of each row as the number of its spelling.

    Args:
        codes: The place of each one among the names (N).
        names: The spellings, each once.
    """

    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @classmethod
    def of(cls, labels: Sequence[str]) -> "CodedLabels":
        """Labels as their numbers; those that are so already as they are."""
        if isinstance(labels, CodedLabels):
            return labels
        places: dict[str, int] = {}
        codes = [places.setdefault(label, len(places)) for label in labels]
        return cls(np.array(codes, np.int32), tuple(places))

    def __len__(self) -> int:
        return len(self.codes)

    def _at(self, place: int) -> str:
        return self.names[int(self.codes[place])]

    def _within(self, places: range) -> list[str]:
        codes = self.codes[np.arange(places.start, places.stop, places.step)]
        return [self.names[code] for code in codes.tolist()]

    def __iter__(self) -> Iterator[str]:
        return (label for part in blocks(len(self)) for label in self[part])

    def counts(self) -> dict[str, int]:
        """The rows of each label that occurs."""
        numbers = counted(self.codes, len(self.names)).tolist()
        return {name: count for name, count in zip(self.names, numbers, strict=True) if count}

    def picked(self, rows: NDArray[np.int64]) -> "CodedLabels":
        """Those of some rows."""
        return CodedLabels(taken(self.codes, rows), self.names)

    def respelt(self, spelling: Mapping[str, str]) -> "CodedLabels":
        """The same rows under the classes that their labels spell."""
        classes = tuple(dict.fromkeys(spelling[name] for name in self.names))
        if classes == self.names:
            return self
        places = {name: place for place, name in enumerate(classes)}
        numbers = [places[spelling[name]] for name in self.names]
        return CodedLabels(self._renumbered(numbers, np.int32), classes)

    def numbers(self, classes: Sequence[str]) -> NDArray[np.int64]:
        """The place of each row's label among classes that hold every label that occurs (N)."""
        places = {name: place for place, name in enumerate(classes)}
        return self._renumbered([places.get(name, -1) for name in self.names], np.int64)

    def _renumbered(self, numbers: Sequence[int], dtype: type[np.integer]) -> NDArray[Any]:
        table = np.array(numbers, dtype)
        renumbered = row_array(len(self), dtype)
        for part in blocks(len(self)):
            renumbered[part] = table[self.codes[part]]
            note_read(2 * 8 * ROWS_AT_ONCE)
        return renumbered
