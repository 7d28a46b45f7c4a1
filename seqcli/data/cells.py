"""Values of a table's cells as texts; numbers where texts are expected are refused."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from seqcli.data.data_words import LABELLED_SERIES, SERIES
from seqcli.data.tables import ABSENT, CellValue, Table, quoted
from seqcli.errors import ColumnsError, DataError, first_names

MAX_TEXT = 1_000_000
"""How many characters of a text are kept."""

# Enough to see whether the right columns were taken: `DataFacts.head` shows them.
_HEAD = 3
# Characters of a text in a note: a review would fill the screen, and the rest says nothing about columns.
_SHOWN = 200


def as_text(cell: CellValue, table: Table, row: int, column: str, *, option: str) -> str:
    """A cell as text in NFC; nothing is an empty text.

    Args:
        cell: The cell.
        table: Its table, for messages.
        row: Its row, for messages.
        column: Its column, for messages.
        option: What names another column: '--text-column'.

    Raises:
        DataError: The cell is not there, or holds a number, a boolean or half of a surrogate pair.
    """
    if cell is ABSENT:
        others = first_names([quoted(name) for name in table.columns])
        raise DataError(
            f"{table.where(row)} has no key {quoted(column)}",
            f"Write it there, null for an empty text; or choose another with {option}. All keys: {others}.",
        )
    if cell is None:
        return ""
    if not isinstance(cell, str):
        what = "a boolean" if isinstance(cell, bool) else "a number"
        raise DataError(
            f"{table.where(row)}: {quoted(column)} is {quoted(str(cell))}, {what} where a text is expected",
            f"Choose another column with {option}, or write it as a string.",
        )
    return unicodedata.normalize("NFC", checked(cell, table, row, column))


def checked(text: str, table: Table, row: int, column: str) -> str:
    """The text itself.

    Raises:
        DataError: It holds half of a surrogate pair, which no file can keep.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        half = f"\\u{ord(text[error.start]):04x}"
        raise DataError(
            f"{table.where(row)}: {quoted(column)} is not valid Unicode: {half} is half of a surrogate pair",
            "Write the whole character, or leave it out.",
        ) from None
    return text


def is_number(text: str) -> bool:
    """Return whether Python reads a text as a number."""
    try:
        float(text)
    except ValueError:
        return False
    return True


def digest(text: str) -> int:
    """A text's BLAKE2b hash, cut to 64 bits."""
    return digest_of(text.encode("utf-8"))


def digest_of(text: bytes) -> int:
    """The same of a text in UTF-8."""
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "big")


class Beginning:
    """The first three rows as they are read, long values cut."""

    def __init__(self, columns: tuple[str, ...]) -> None:
        self._columns = columns
        self.rows: tuple[Mapping[str, str], ...] = ()

    def see(self, cells: Sequence[CellValue]) -> None:
        """Keep a row if it is among the first."""
        if len(self.rows) < _HEAD:
            texts = ("" if cell is None or cell is ABSENT else str(cell) for cell in cells)
            row = {name: text[:_SHOWN] for name, text in zip(self._columns, texts, strict=True)}
            self.rows = (*self.rows, row)


NUMBER = re.compile(r"\s*[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?\s*")
TIME = re.compile(r"\s*\d{1,4}([-/.:]\d{1,4}){1,2}([T ]\s*\d{1,2}(:\d{2}){1,2}\S*)?\s*")
TIME_NAMES = ("date", "datetime", "day", "ds", "hour", "month", "time", "timestamp", "week", "year")
"""Columns that hold times where nothing else is said."""


def count_numbers(texts: Iterable[str]) -> int:
    """Return how many texts are one number and nothing else."""
    return sum(NUMBER.fullmatch(text) is not None for text in texts)


def refuse_numbers(texts: Iterable[str], name: str, column: str, option: str) -> None:
    """Refuse a column of which every text is one number.

    Args:
        texts: The column's texts.
        name: The table, for messages.
        column: The column, for messages.
        option: What names another column: '--text-column'.

    Raises:
        DataError: Every text that says anything is a number.
    """
    first = ""
    for text in texts:
        if text.strip() and not NUMBER.fullmatch(text):
            return
        first = first or text.strip()
    if first:
        raise ColumnsError(
            f"{name}: every value of column {quoted(column)} is a number, such as {quoted(first)}; "
            "as a word it would say nothing of its size",
            f"Choose another column with {option}, or read digit by digit with --tokenizer char. "
            f"{SERIES} {LABELLED_SERIES}",
        )


def are_series(sources: Iterable[str], targets: Iterable[str]) -> bool:
    """Return whether pairs are a time or a number beside a number, row by row."""
    timed = (TIME.fullmatch(text) or NUMBER.fullmatch(text) for text in sources)
    return all(map(NUMBER.fullmatch, targets)) and all(timed)
