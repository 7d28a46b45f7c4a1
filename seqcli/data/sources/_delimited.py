"""Text with one record a line and a separator between columns: what csv and tsv share."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from seqcli.data.config import DataConfig
from seqcli.data.files import check_readable, sha256
from seqcli.data.lines import MAX_LINE, read_lines
from seqcli.data.tables import Row, Table, check_header, quoted
from seqcli.errors import DataError

_CANDIDATES = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}


@dataclass(frozen=True)
class Dialect:
    """How records are spelt.

    Args:
        separator: The one character between columns.
        quoting: Whether `"` may enclose a field; without it a quote is a character like any other.
        header: The column names of a file that has none of its own; None takes the first record.
    """

    separator: str
    quoting: bool
    header: tuple[str, ...] | None = None


def delimited_table(location: str, config: DataConfig, dialect: Dialect) -> Table:
    """The table of a delimited file.

    Rows are numbered as a spreadsheet does: the header is row 1, a record over several lines is one row.

    Raises:
        DataError: The file cannot be read, or its first record is no header.
        UsageError: The location is a folder, pipe or device.
    """
    check_readable(location)
    columns = dialect.header or _header(location, config.encoding, dialect)

    def read(wanted: tuple[str, ...]) -> Iterator[Row]:
        places = [columns.index(column) for column in wanted]
        records = _records(location, config.encoding, dialect)
        if dialect.header is None:
            next(records)
        for number, fields in records:
            if len(fields) != len(columns):
                raise _ragged(f"{location}, row {number}", fields, columns, dialect)
            yield number, tuple(fields[place] for place in places)

    return Table(name=location, columns=columns, read=read, sha256=lambda: sha256(location))


def _header(location: str, encoding: str, dialect: Dialect) -> tuple[str, ...]:
    """The first record as column names, surrounding blanks dropped.

    Raises:
        DataError: There is none, it names a column twice, or it looks separated by another character.
    """
    first = next(_records(location, encoding, dialect), None)
    if first is None:
        raise DataError(f"{location} is empty", "A data file holds a header and at least a few rows.")
    columns = tuple(field.strip() for field in first[1])
    others = [c for c in _CANDIDATES if c != dialect.separator and c in columns[0]]
    if len(columns) == 1 and others:
        best = max(others, key=columns[0].count)
        raise DataError(
            f"{location} has one column, {quoted(columns[0])}: it seems not to be separated by "
            f"{_CANDIDATES.get(dialect.separator, repr(dialect.separator))}",
            f"Add --sep {_CANDIDATES[best]}.",
        )
    if not dialect.quoting and all(len(c) > 1 and c[0] == c[-1] == '"' for c in columns):
        raise DataError(
            f"{location}: its header is quoted, but a .tsv file is read with quotes as ordinary characters",
            "Add --sep tab to read its quotes as quoting.",
        )
    return check_header(location, columns)


def _records(location: str, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number from 1; blank lines count as rows but yield nothing.

    Raises:
        DataError: The file cannot be read, or a record is not well formed.
    """
    feed = _Feed(location, encoding)
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE))
    reader = csv.reader(
        feed,
        delimiter=dialect.separator,
        quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        strict=True,
    )
    number = 1
    while True:
        feed.begin(number)
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _malformed(feed, str(error)) from None
        if fields:
            yield number, fields
        number += 1


class _Feed:
    """A file's lines for `csv.reader`, with the place and the size of the record being read."""

    def __init__(self, location: str, encoding: str) -> None:
        self.location = location
        self.row = 1
        self.line = 0
        self.first_line = 1
        self._size = 0
        self._lines = read_lines(location, encoding)

    def begin(self, row: int) -> None:
        """Note that the next line starts a record."""
        self.row, self.first_line, self._size = row, self.line + 1, 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        self.line, text = next(self._lines)
        self._size += len(text)
        if self._size > MAX_LINE:
            raise DataError(
                f"{self.where()} is longer than {MAX_LINE:,} characters",
                "Is the closing quote of one of its fields missing?",
            )
        return text

    def where(self) -> str:
        """The place of the record being read; its first line is named where it differs from its row."""
        line = "" if self.first_line == self.row else f" (line {self.first_line})"
        return f"{self.location}, row {self.row}{line}"


def _malformed(feed: _Feed, reason: str) -> DataError:
    """The error for what `csv.reader` refuses, in a person's words."""
    if "unexpected end" in reason:
        return DataError(
            f"{feed.where()}: a quote opens here and is never closed",
            "Close it, or write a quote that belongs to the text twice inside a quoted field.",
        )
    if "expected after" in reason and feed.line > feed.first_line:
        return DataError(
            f"{feed.where()}: a quote opens here, and text follows its closing quote in line {feed.line}",
            "Is its closing quote missing? A quote inside a quoted field is written twice.",
        )
    if "expected after" in reason:
        return DataError(
            f"{feed.where()}: a closing quote is followed by text instead of a separator",
            'Write a quote inside a quoted field twice ("").',
        )
    return DataError(f"{feed.where()} cannot be read: {reason}")


def _ragged(where: str, fields: list[str], columns: tuple[str, ...], dialect: Dialect) -> DataError:
    """The error for a record with more or fewer fields than the header."""
    count, named = len(fields), len(columns)
    fields_word = "field" if count == 1 else "fields"
    shown = _CANDIDATES.get(dialect.separator, repr(dialect.separator))
    quote = f"Put quotes around a field that holds {shown} or a line break."
    plain = (
        f"A .tsv file is read with quotes as ordinary characters; add --sep {shown} if yours quotes fields."
    )
    return DataError(
        f"{where} has {count} {fields_word}, but the header has {named} ({', '.join(columns)})",
        quote if dialect.quoting else plain,
    )
