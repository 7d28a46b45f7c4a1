"""FASTA: sequences of nucleotides or amino acids, each below a line that begins with `>`.

That line is parted by `|` or blanks. Its first field is the id; where all such lines have the same number of
fields, each is a column: the one after the id is the label if it is the only one, and `key=value` is called
by its key. Otherwise all that comes after the id is one column, the description.

Labels may lie beside, in a table with a column of ids: `genes.fasta::labels.csv`. Its other columns are then
those of the sequences, and of the headers the id alone counts.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from seqcli.config.names import ALIGNED, files_of, holds_letters
from seqcli.data.config import DataConfig
from seqcli.data.corpus import combined_sha256
from seqcli.data.data_words import labels_of_nothing
from seqcli.data.files import Content, check_readable
from seqcli.data.lines import MAX_LINE, read_lines, without_end
from seqcli.data.tables import CellValue, NumberedRow, Table, check_header, quoted, read_table
from seqcli.errors import ColumnsError, DataError, UsageError

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
        return holds_letters(location)

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


ID_NAMES = ("id", "seq_id", "sequence_id", "seqid", "accession", "name", "identifier")
"""Usual names of the column of ids; where none is there, it is the first."""


def labelled_sequences(location: str, config: DataConfig) -> Table:
    """The table of sequences whose labels lie in another file, by their ids.

    Raises:
        DataError: A file cannot be read, an id occurs twice in one of them, or a sequence has no label.
        UsageError: A file is a folder, pipe or device.
    """
    places = files_of(location)
    if len(places) != 2 or not all(places):
        raise DataError(f"{location} does not name two files", f"Write genes.fasta{ALIGNED}labels.csv.")
    sequences, table = Content(places[0]), read_table(places[1], config)
    check_readable(sequences.location)
    labels = _labels(table)
    owners = _owners(sequences, labels, table.name, config)
    others = labels.columns
    unused = len(labels.rows) - len(set(owners.values()) & labels.rows.keys())

    def read(names: tuple[str, ...]) -> Iterator[NumberedRow]:
        for record in _records(sequences, config.encoding):
            own = owners[record.line]
            cells = dict(zip(others, labels.rows.get(own, (None,) * len(others)), strict=True))
            cells |= {"id": own, "text": record.sequence}
            yield record.line, tuple(cells[column] for column in names)

    return Table(
        location,
        check_header(location, ("id", *others, "text")),
        read,
        lambda: combined_sha256({"train": sequences.sha256(), "labels": table.sha256()}),
        unit="line",
        caution=labels_of_nothing(unused, len(labels.rows), table.name) if unused else None,
    )


class _Labels(NamedTuple):
    """The columns beside the ids, and their cells by id."""

    columns: tuple[str, ...]
    rows: Mapping[str, tuple[CellValue, ...]]


def _labels(table: Table) -> _Labels:
    """The labels of a table, by id.

    Raises:
        DataError: It has no column beside the ids, cannot be read, or has an id twice.
    """
    usual = [column for column in table.columns if column.casefold() in ID_NAMES]
    key = usual[0] if usual else table.columns[0]
    columns = tuple(column for column in table.columns if column != key)
    if not columns:
        raise ColumnsError(
            f"{table.name} has one column, {quoted(key)}; ids and labels need one each",
            "Write a header and a row a sequence: id,label.",
        )
    rows: dict[str, tuple[CellValue, ...]] = {}
    twice: list[tuple[int, str]] = []
    for number, (own, *cells) in table.read((key, *columns)):
        name = str(own).strip()
        if name in rows:
            twice.append((number, name))
        rows[name] = tuple(cells)
    if twice:
        number, name = twice[0]
        raise DataError(
            f"{table.where(number)}: the id {quoted(name)} is there again; {len(twice):,} rows repeat an id",
            "Leave one row for each id.",
        )
    return _Labels(columns, rows)


def _owners(content: Content, labels: _Labels, table_name: str, config: DataConfig) -> dict[int, str]:
    """The id of each record, by the line of its header: its first word, or that up to the first `|`.

    Raises:
        DataError: An id occurs twice, or has no label and rows without one are not to be dropped.
    """
    owners: dict[int, str] = {}
    for record in _records(content, config.encoding):
        words = (*record.header.split(), "")[0], _PARTED.split(record.header)[0]
        owners[record.line] = next((word for word in words if word in labels.rows), words[1])
    counts = Counter(owners.values())
    repeated = [(line, own) for line, own in owners.items() if counts[own] > 1]
    if repeated:
        line, own = repeated[-1]
        raise DataError(
            f"{content.location}, line {line}: the id {quoted(own)} names {counts[own]:,} sequences;"
            f" {sum(count - 1 for count in counts.values()):,} repeat an id",
            "Give each sequence an id of its own.",
        )
    bare = [(line, own) for line, own in owners.items() if own not in labels.rows]
    if bare and config.missing_labels != "drop":
        line, own = bare[0]
        raise DataError(
            f"{content.location}, line {line}: {quoted(own)} is no id of {table_name}; {len(bare):,} of"
            f" {len(owners):,} sequences have no label there",
            "Add them, or leave such sequences out with --missing-labels drop.",
        )
    return owners


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
