"""What a table's cells hold as text, and how much of it is kept."""

import hashlib
import unicodedata
from collections.abc import Mapping

from seqcli.data.tables import Cell, Table, quoted
from seqcli.errors import DataError

MAX_TEXT = 1_000_000
"""How many characters of a text are kept."""

_SHOWN = 200


def as_text(cell: Cell, table: Table, row: int, column: str, *, option: str) -> str:
    """A cell as text in NFC; nothing is an empty text.

    Args:
        cell: The cell.
        table: Its table, for messages.
        row: Its row, for messages.
        column: Its column, for messages.
        option: What names another column: '--text-column'.

    Raises:
        DataError: The cell holds a number, a boolean or half of a surrogate pair.
    """
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


def digest(text: str) -> int:
    """A text's BLAKE2b hash, cut to 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def head(table: Table, columns: tuple[str, ...]) -> tuple[Mapping[str, str], ...]:
    """The first three rows of these columns as read, long values cut."""
    rows = zip(range(3), table.read(columns), strict=False)
    return tuple(
        {name: str("" if cell is None else cell)[:_SHOWN] for name, cell in zip(columns, cells, strict=True)}
        for _, (_, cells) in rows
    )


def shortened_warning(count: int) -> str:
    """What a person should know of texts that were too long."""
    cut = "1 text was cut to its" if count == 1 else f"{count:,} texts were cut to their"
    return f"{cut} first {MAX_TEXT:,} characters"
