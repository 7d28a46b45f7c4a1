"""FASTA: sequences of nucleotides or amino acids, each below a line that begins with `>`.

That line is parted by `|` or blanks. Its first field is the id; where all such lines have the same number of
fields, each is a column: the one after the id is the label if it is the only one, and `key=value` is called
by its key. Otherwise all that comes after the id is one column, the description.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, check_readable, ending
from seqcli.data.lines import MAX_LINE, read_lines, without_end
from seqcli.data.tables import LETTERS, NumberedRow, Table, check_header
from seqcli.errors import DataError, UsageError

_MARK = ">"
_PARTED = re.compile(r"[|\s]+")
_KEYED = re.compile(r"(\w+)=(.+)")


class FastaRecord(NamedTuple):
    """A record: the line of its header from 1, the header without its mark, and the sequence in one piece."""

    line: int
    header: str
    sequence: str


class Fasta:
    """Files named .fasta, .fa, .fna, .faa and the like: columns id, label or others, text."""

    ending = ".fasta"

    def reads(self, location: str) -> bool:
        """Return whether the name ends so, in any case."""
        return ending(location) in LETTERS

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The file's one table, its rows numbered by the line of their header.

        Raises:
            DataError: The file cannot be read, does not begin with a header, or a record has no sequence.
            UsageError: The location is a folder, pipe or device, or `--sep` was given.
        """
        if config.sep is not None:
            raise UsageError(f"--sep is for delimited text, but {location} is FASTA", "Drop --sep.")
        check_readable(location)
        content = Content(location)
        named = _names([_PARTED.split(record.header) for record in _records(content, config.encoding)])
        columns = check_header(location, (*named, "text"))

        def read(names: tuple[str, ...]) -> Iterator[NumberedRow]:
            for record in _records(content, config.encoding):
                cells = dict(zip(named, _fields(record.header, named), strict=True))
                cells["text"] = record.sequence
                yield record.line, tuple(cells[column] for column in names)

        return {"data": Table(location, columns, read, content.sha256, unit="line")}


def _names(headers: list[list[str]]) -> tuple[str, ...]:
    """The columns that headers make, in their order."""
    counts = {len(fields) for fields in headers}
    if counts == {1}:
        return ("id",)
    if len(counts) > 1:
        return ("id", "description")
    places = range(1, counts.pop())
    names = [_key([fields[place] for fields in headers]) for place in places]
    usual = "label" if len(names) == 1 else None
    return ("id", *(name or usual or f"field{place + 1}" for name, place in zip(names, places, strict=True)))


def _key(fields: list[str]) -> str | None:
    """The key that all fields of a place have before `=`."""
    keys = {match[1] if (match := _KEYED.fullmatch(field)) else None for field in fields}
    return keys.pop() if len(keys) == 1 else None


def _fields(header: str, named: tuple[str, ...]) -> list[str]:
    """A header's fields under these columns."""
    if named == ("id", "description"):
        first = _PARTED.split(header, maxsplit=1)
        return [*first, ""] if len(first) == 1 else first
    fields = _PARTED.split(header)
    return [field.removeprefix(f"{name}=") for field, name in zip(fields, named, strict=True)]


def _records(content: Content, encoding: str) -> Iterator[FastaRecord]:
    """Each record; blank lines and lines that begin with `;`, which are comments, are passed over.

    Raises:
        DataError: The first line is no header, or a record has no sequence or one beyond `MAX_LINE`.
    """
    header, start, lines, size = "", 0, list[str](), 0
    for number, raw in read_lines(content, encoding):
        line = without_end(raw).strip()
        if line.startswith(_MARK):
            if start:
                yield _record(content, start, header, lines)
            header, start, lines, size = line[1:].strip().strip("|"), number, [], 0
        elif line and not line.startswith(";"):
            size += len(line)
            _check(content, number, start, size)
            lines.append(line)
    if not start:
        raise DataError(
            f"{content.location} holds no record", "A line that begins with > names each sequence."
        )
    yield _record(content, start, header, lines)


def _check(content: Content, number: int, start: int, size: int) -> None:
    """Refuse a sequence without a header, or one beyond what is read.

    Raises:
        DataError: Which of the two.
    """
    if not start:
        raise DataError(
            f"{content.location}, line {number}: a sequence without a header before it",
            "A line that begins with > names each sequence, and its label: >seq1|coding.",
        )
    if size > MAX_LINE:
        raise DataError(
            f"{content.location}, line {start}: the sequence is longer than {MAX_LINE:,} letters",
            "Cut it into shorter ones.",
        )


def _record(content: Content, start: int, header: str, lines: list[str]) -> FastaRecord:
    if not lines:
        raise DataError(
            f"{content.location}, line {start}: the record {header[:40]!r} has no sequence",
            "Write its letters below it, or take the line out.",
        )
    return FastaRecord(start, header, "".join(lines))


SOURCE = Fasta()
