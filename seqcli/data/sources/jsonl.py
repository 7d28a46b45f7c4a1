"""JSON lines: one object a line, its keys the columns."""

import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NoReturn

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, check_readable, read_lines
from seqcli.data.tables import ABSENT, MAX_COLUMNS, CellValue, NumberedRow, Table, check_header, quoted
from seqcli.errors import DataError, UsageError


class Jsonl:
    """Files named .jsonl or .ndjson; the keys of all objects are the columns, a.b that of an inner one."""

    ending = ".jsonl"

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .jsonl or .ndjson, in any case."""
        return PurePath(location).suffix.lower() in {".jsonl", ".ndjson"}

    def tables(self, location: str, config: DataConfig) -> dict[str, Table]:
        """The file's one table, its rows numbered by line.

        Raises:
            DataError: The file cannot be read, or a line is not a JSON object.
            UsageError: The location is a folder, pipe or device, or `--sep` was given.
        """
        if config.sep is not None:
            raise UsageError(f"--sep is for delimited text, but {location} holds JSON lines", "Drop --sep.")
        check_readable(location)
        content = Content(location)
        columns = check_header(location, _columns(content, config.encoding))

        def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
            for number, record in _objects(content, config.encoding):
                where = f"{location}, line {number}"
                yield number, tuple(_cell(record, column, where) for column in columns)

        return {"data": Table(location, columns, read, content.sha256, unit="line")}


def _columns(content: Content, encoding: str) -> tuple[str, ...]:
    """The keys of all lines' objects in the order in which they first occur; 'a.b' is b of the object a.

    The first line alone does not tell: a column that is missing there would be taken for one that is not.

    Raises:
        DataError: A line cannot be read, there is none, or there are more than `MAX_COLUMNS` keys.
    """
    known: dict[str, None] = {}
    within: dict[str, None] = {}
    empty = True
    for number, record in _objects(content, encoding):
        empty = False
        known.update(dict.fromkeys(record))
        for key, value in record.items():
            if isinstance(value, dict) and len(within) + len(value) <= MAX_COLUMNS:
                within.update({f"{key}.{inner}": None for inner in value})
        if len(known) > MAX_COLUMNS:
            raise DataError(
                f"{content.location}, line {number}: more than {MAX_COLUMNS:,} different keys so far",
                'Keys are columns: write values as values, {"text": "a fine film", "label": "positive"}.',
            )
    if empty:
        raise DataError(f"{content.location} is empty", "A .jsonl file holds one JSON object a line.")
    return tuple(known | within)


def _objects(content: Content, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each line's object with the line's number; blank lines yield nothing.

    Raises:
        DataError: A line is not strict JSON, or not an object.
    """
    for number, line in read_lines(content, encoding):
        if not line.strip():
            continue
        where = f"{content.location}, line {number}"
        value = _parsed(line, where)
        if not isinstance(value, dict):
            raise DataError(
                f"{where} is {_kind(value)}, not an object",
                'Each line is one object: {"text": "a fine film", "label": "positive"}.',
            )
        yield number, value


def _parsed(line: str, where: str) -> object:
    """A line's JSON value.

    Raises:
        DataError: The line is not strict JSON: torn, NaN, a key twice, nested without end.
    """
    try:
        return json.loads(line, parse_constant=_refuse_constant, object_pairs_hook=_unique_keys)
    except json.JSONDecodeError as error:
        if not line.endswith(("\n", "\r")):
            raise DataError(
                f"{where} is torn: the file ends inside it (character {error.pos + 1}: {error.msg})",
                "It was cut while it was written: write it again, or delete its last line.",
            ) from None
        raise DataError(f"{where}, character {error.pos + 1} is not JSON: {error.msg}") from None
    except RecursionError:
        raise DataError(f"{where} nests too deeply to be a record") from None
    except ValueError as error:
        raise DataError(f"{where} cannot be read: {error}") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON; write null")


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"it has the key {quoted(twice)} twice")
    return record


def _cell(record: dict[str, Any], column: str, where: str) -> CellValue:
    """A record's value under a key, or under one of an object's keys: 'translation.en'.

    Raises:
        DataError: The value is a list or an object.
    """
    value = record.get(column, ABSENT)
    if value is ABSENT:
        objects = ((key, inner) for key, inner in record.items() if isinstance(inner, dict))
        inside = (
            inner.get(column[len(key) + 1 :], ABSENT)
            for key, inner in objects
            if column.startswith(f"{key}.")
        )
        value = next((value for value in inside if value is not ABSENT), ABSENT)
    if value is None or value is ABSENT or isinstance(value, str | int | float):
        return value
    raise DataError(
        f"{where}: {quoted(column)} is {_kind(value)}", "Texts are strings, labels strings or numbers."
    )


def _kind(value: object) -> str:
    """Return JSON's name for a value's type."""
    if value is None:
        return "null"
    kinds = {bool: "true or false", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


SOURCE = Jsonl()
