"""The texts of a table as they are written, and which of them say the same."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from seqcli.data.cells import as_text
from seqcli.data.labels import as_label
from seqcli.data.tables import ABSENT, CellValue, Table
from seqcli.errors import DataError
from seqcli.experiments.inspect.near_duplicates import near_duplicates
from seqcli.results.inspect import ColumnLook
from seqcli.results.text_facts import RepeatFacts, SharedTexts

LOOKED = 50_000
"""Rows whose texts are compared with each other: for more, near duplicates take minutes."""

MOST_OTHERS = 100
"""Columns beside texts and labels that are read along."""


@dataclass(frozen=True)
class TextRows:
    """The texts of a table as they are written, up to `LOOKED` of them.

    Args:
        rows: Their rows, as the file counts.
        texts: The texts.
        labels: Their labels; '' where there is none.
        others: The values of the other columns that hold single values.
    """

    rows: list[int]
    texts: list[str]
    labels: list[str]
    others: dict[str, list[str]]


def read_texts(table: Table, text: str, label: str, columns: Sequence[ColumnLook]) -> TextRows:
    """The texts of a table, up to the first row that cannot be read.

    Args:
        table: The table.
        text: The column of texts.
        label: That of labels; '' for none.
        columns: All columns that hold single values.
    """
    others = [look.name for look in columns if look.name not in (text, label)][:MOST_OTHERS]
    others = [name for name in others if name in table.columns]
    first_other = 1 + bool(label)
    texts = TextRows([], [], [], {name: [] for name in others})
    try:
        for row, cells in islice(table.read((text, *([label] if label else []), *others)), LOOKED):
            texts.texts.append(as_text(cells[0], table, row, text, option="--text-column"))
            texts.rows.append(row)
            texts.labels.append(as_label(cells[1]) or "" if label else "")
            for name, cell in zip(others, cells[first_other:], strict=True):
                texts.others[name].append(cell_text(cell))
    except DataError:
        pass  # preparing the data meets the same row, and says what is wrong with it
    return texts


def cell_text(cell: CellValue) -> str:
    """A cell as it is written, without blanks around it; '' where there is none."""
    return "" if cell is None or cell is ABSENT else str(cell).strip()


def folded(text: str) -> str:
    """A text without its letter case and without what blanks it has."""
    return " ".join(text.casefold().split())


def repeats_of(texts: Sequence[str], labels: Sequence[str]) -> RepeatFacts:
    """The rows that say what an earlier one says; empty texts repeat nothing.

    Args:
        texts: The texts (N).
        labels: Their labels (N).
    """
    exact = sum(count - 1 for text, count in Counter(texts).items() if text.strip())
    first: dict[str, str] = {}
    folded_rows = conflicting = 0
    for text, label in zip(map(folded, texts), labels, strict=True):
        if not text:
            continue
        if text in first:
            folded_rows += 1
            conflicting += first[text] != label
        else:
            first[text] = label
    near = near_duplicates(list(first))
    return RepeatFacts(
        exact=exact, folded=folded_rows, conflicting=conflicting, near=len(near), compared=len(texts)
    )


def shared_texts(parts: Mapping[str, Sequence[str]]) -> list[SharedTexts]:
    """The rows of each part whose text an earlier part has, but for letter case and blanks."""
    sets = {name: {text for text in map(folded, texts) if text} for name, texts in parts.items()}
    names = list(parts)
    return [
        SharedTexts(first=first, second=second, shared=shared, of=len(parts[second]))
        for number, first in enumerate(names)
        for second in names[number + 1 :]
        if (shared := sum(folded(text) in sets[first] for text in parts[second]))
    ]
