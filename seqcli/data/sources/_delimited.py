"""Text with one record a line and a separator between columns: what csv and tsv share."""

import csv
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from seqcli.data.columns import header_doubt
from seqcli.data.config import DataConfig
from seqcli.data.files import Content, changed_error, check_readable
from seqcli.data.lines import MAX_LINE, read_lines, without_end
from seqcli.data.tables import NumberedRow, Table, check_header, quoted
from seqcli.errors import DataError

_CANDIDATES = {",": "','", ";": "';'", "\t": "tab", "|": "'|'"}

_DIRECTIVE = re.compile(r"sep=([^\"\r\n\0])", re.IGNORECASE)
"""The line by which Excel tells itself what separates the columns."""


@dataclass(frozen=True)
class Dialect:
    """The spelling of records.

    Args:
        separator: The one character between columns.
        quoting: Whether `"` may enclose a field; without it a quote is a character like any other. Where it
            may, blanks between a separator and what follows it say nothing: `neg, "a, b"` has two fields.
        header: The column names of a file that has none of its own; None takes the first record.
        directive: Whether the first line is Excel's `sep=;`, which is no record.
    """

    separator: str
    quoting: bool
    header: tuple[str, ...] | None = None
    directive: bool = False


def delimited_table(location: str, config: DataConfig, dialect: Dialect) -> Table:
    """The table of a delimited file.

    Rows are numbered as a spreadsheet does: the header is row 1, a record over several lines is one row.
    Columns without a name, as spreadsheets and row numbers leave them, are passed over.

    Raises:
        DataError: The file cannot be read, or its first record is no header.
        UsageError: The location is a folder, pipe or device.
    """
    check_readable(location)
    content = Content(location)
    dialect = _directed(content, config, dialect)
    opening = tuple(itertools.islice(_records(content, config.encoding, dialect), 1))
    named = dialect.header or _names(location, opening, dialect, own=config.header is not False)
    skipped = dialect.header is None and config.header is not False
    columns = check_header(location, tuple(name for name in named if name))

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        places = [named.index(column) for column in columns]
        records = _records(content, config.encoding, dialect)
        if skipped and [field.strip() for field in next(records, (0, []))[1]] != list(named):
            raise changed_error(location)
        for number, fields in records:
            if len(fields) != len(named):
                raise _ragged(f"{location}, row {number}", fields, named, dialect)
            yield number, tuple(fields[place] for place in places)

    table = Table(name=location, columns=columns, read=read, sha256=content.sha256, headed=skipped)
    return replace(table, doubt=header_doubt(table)) if skipped else table


def _directed(content: Content, config: DataConfig, dialect: Dialect) -> Dialect:
    """The dialect after the first line's `sep=;`, if there is one; `--sep` outranks it."""
    _, first = next(read_lines(content, config.encoding), (0, ""))
    match = _DIRECTIVE.fullmatch(without_end(first).strip('"'))
    if match is None:
        return dialect
    return replace(dialect, separator=config.sep or match[1], directive=True)


def _names(
    location: str, opening: tuple[tuple[int, list[str]], ...], dialect: Dialect, *, own: bool
) -> tuple[str, ...]:
    """The columns' names: those of the first record, blanks around them dropped, or 1, 2, 3, ….

    Args:
        location: The file, for messages.
        opening: Its first record with its number, if it has any.
        dialect: How it is spelt.
        own: Whether its first record holds the names.

    Raises:
        DataError: There is no record, or it looks separated by another character.
    """
    if not opening:
        raise DataError(f"{location} is empty", "A data file holds a header and at least a few rows.")
    fields = tuple(field.strip() for field in opening[0][1])
    others = [c for c in _CANDIDATES if c != dialect.separator and c in fields[0]]
    if own and len(fields) == 1 and others:
        best = max(others, key=fields[0].count)
        raise DataError(
            f"{location} has one column, {quoted(fields[0])}: it seems not to be separated by "
            f"{_CANDIDATES.get(dialect.separator, repr(dialect.separator))}",
            f"Add --sep {_CANDIDATES[best]}.",
        )
    if not dialect.quoting and all(len(c) > 1 and c[0] == c[-1] == '"' for c in fields):
        raise DataError(
            f"{location}: its header is quoted, but a .tsv file is read with quotes as ordinary characters",
            "Add --sep tab to read its quotes as quoting.",
        )
    if not own:
        return tuple(str(number) for number in range(1, len(fields) + 1))
    if not any(fields):
        raise DataError(
            f"{location}: its first row names no column",
            "Write the names there, or add --no-header: the columns are then 1, 2, 3, ….",
        )
    return fields


def _records(content: Content, encoding: str, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Each record with its number from 1; blank lines count as rows but yield nothing.

    Raises:
        DataError: The file cannot be read, or a record is not well formed.
    """
    feed = _Feed(content, encoding)
    if dialect.directive:
        next(feed)
    csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE))
    reader = csv.reader(
        feed,
        delimiter=dialect.separator,
        quoting=csv.QUOTE_MINIMAL if dialect.quoting else csv.QUOTE_NONE,
        skipinitialspace=dialect.quoting and dialect.separator != " ",
        strict=True,
    )
    number = 2 if dialect.directive else 1
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


_LONE_RETURN = re.compile(r"\r(?!\n)")


class _Feed:
    """A file's lines for `csv.reader`, with the place and the size of the record being read."""

    def __init__(self, content: Content, encoding: str) -> None:
        self.location = content.location
        self.row = 1
        self.line = 0
        self.first_line = 1
        self._size = 0
        self._text = ""
        self._lines = read_lines(content, encoding)

    def begin(self, row: int) -> None:
        """Note that the next line starts a record."""
        self.row, self.first_line, self._size = row, self.line + 1, 0

    def __iter__(self) -> "_Feed":
        return self

    def __next__(self) -> str:
        self.line, text = next(self._lines)
        self._text = text
        self._size += len(text)
        if self._size > MAX_LINE:
            raise DataError(
                f"{self.where()} is longer than {MAX_LINE:,} characters",
                "Is the closing quote of one of its fields missing?",
            )
        return text

    def lone_return(self) -> int | None:
        """The place, from 1, of the first CR in the line that no LF follows, if there is one."""
        match = _LONE_RETURN.search(self._text)
        return match.start() + 1 if match else None

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
    if "new-line character" in reason:
        return DataError(
            f"{feed.where()}: character {feed.lone_return()} of line {feed.line} is a carriage return"
            " (CR) alone, which ends no line",
            "Take it out, or put quotes around its field. An old Mac's file, all of whose lines end so, is "
            "converted by: tr '\\r' '\\n' < OLD > NEW.",
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
