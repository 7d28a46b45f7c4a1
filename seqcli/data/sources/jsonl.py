"""JSON lines: one object a line, its keys the columns."""

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, check_readable, ending
from seqcli.data.lines import read_lines
from seqcli.data.tables import ABSENT, MAX_COLUMNS, CellValue, NumberedRow, Table, check_header, quoted
from seqcli.errors import DataError, UsageError


class Jsonl:
    """Files named .jsonl or .ndjson; the keys of all objects are the columns, a.b that of an inner one."""

    ending = ".jsonl"

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .jsonl or .ndjson, in any case."""
        return ending(location) in {".jsonl", ".ndjson"}

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
            for number, record in line_objects(content, config.encoding):
                where = f"{location}, line {number}"
                yield number, tuple(_cell(record, column, where) for column in columns)

        return {"data": Table(location, columns, read, content.sha256, unit="line")}


def _columns(content: Content, encoding: str) -> tuple[str, ...]:
    """The keys of all lines' objects in the order in which they first occur; 'a.b' is b of the object a.

    What is an object wherever it occurs is no column: its keys are.

    The first line alone does not tell: a column that is missing there would be taken for one that is not.

    Raises:
        DataError: A line cannot be read, there is none, or there are more than `MAX_COLUMNS` keys.
    """
    known: dict[str, None] = {}
    objects: set[str] = set()
    empty = True
    for number, record in line_objects(content, encoding):
        empty = False
        for path, value in _paths(record):
            if isinstance(value, dict):
                objects |= {path} if len(objects) < MAX_COLUMNS else set()
            elif path in known or "." not in path or len(known) < MAX_COLUMNS:
                known[path] = None
        if len(known) > MAX_COLUMNS:
            raise DataError(
                f"{content.location}, line {number}: more than {MAX_COLUMNS:,} different keys so far",
                'Keys are columns: write values as values, {"text": "a fine film", "label": "positive"}.',
            )
    if empty:
        raise DataError(f"{content.location} is empty", "A .jsonl file holds one JSON object a line.")
    return tuple(known) or tuple(sorted(objects))


def line_objects(content: Content, encoding: str) -> Iterator[tuple[int, dict[str, Any]]]:
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
    value = _at(record, column)
    if value is None or value is ABSENT or isinstance(value, str | int | float):
        return value
    raise DataError(
        f"{where}: {quoted(column)} is {_kind(value)}", "Texts are strings, labels strings or numbers."
    )


def _paths(record: dict[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """The path of each key, and of those of the objects in it: 'doc', 'doc.body'."""
    for key, value in record.items():
        yield f"{before}{key}", value
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _paths(value, f"{before}{key}.", depth + 1)


_DEEPEST = 8
"""Objects within objects whose keys are columns."""


def _at(record: dict[str, Any], path: str) -> Any:
    """The value at a path; a key that holds a dot is found too. `ABSENT` where there is none."""
    if path in record:
        return record[path]
    for key, inner in record.items():
        if isinstance(inner, dict) and path.startswith(f"{key}."):
            value = _at(inner, path[len(key) + 1 :])
            if value is not ABSENT:
                return value
    return ABSENT


def _kind(value: object) -> str:
    """Return JSON's name for a value's type."""
    if value is None:
        return "null"
    kinds = {bool: "true or false", str: "a string", list: "a list", dict: "an object"}
    return kinds.get(type(value), "a number")


SOURCE = Jsonl()
