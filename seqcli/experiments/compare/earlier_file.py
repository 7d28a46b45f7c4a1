"""A result that `--format json` wrote, read back: `--baseline FILE.json`."""

import json
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from seqcli.data.files import check_readable
from seqcli.errors import DataError, disk_fault
from seqcli.results.compare import Comparison
from seqcli.results.record import Record
from seqcli.runs.sealed import unsealed

R = TypeVar("R", bound=Record)

SCHEMA = "seqcli.compare/1"
LARGEST_RESULT = 1 << 26
"""Bytes; a result of a hundred models and a hundred seeds has a twentieth of that."""


def read_comparison(path: Path) -> Comparison:
    """The result of an earlier `seqcli compare --format json`.

    Raises:
        DataError: The file cannot be read, is no such result, or was edited.
        UsageError: It is a folder, a pipe or a device.
    """
    values = read_document(path, _EXAMPLE)
    schema = values.get("schema") if isinstance(values, dict) else None
    if not isinstance(values, dict) or schema != SCHEMA:
        raise DataError(f"{path} has the schema {schema!r}, not {SCHEMA!r}", _EXAMPLE)
    return whole_result(Comparison, unsealed_result(values, path), str(path), _EXAMPLE)


def whole_result(kind: type[R], values: dict[str, object], source: str, advice: str) -> R:
    """The record that a document of its schema tells.

    Args:
        kind: The record.
        values: The document, which names the record's schema.
        source: The place that it is from.
        advice: Where to get one, said with it.

    Raises:
        DataError: A field is missing, unknown or of another type.
    """
    try:
        return kind.from_json(values)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(map(str, fault["loc"]))
        schema = values.get("schema")
        raise DataError(f"{source} is not a complete {schema}: {place}: {fault['msg']}", advice) from error


def read_document(path: Path, advice: str) -> object:
    """A JSON document that a person named.

    Args:
        path: The file.
        advice: Where to get one, said with every refusal.

    Raises:
        DataError: The file cannot be read, or is too large or no JSON.
        UsageError: It is a folder, a pipe or a device.
        StorageError: The disk fails.
    """
    check_readable(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_RESULT + 1)
        if len(content) > LARGEST_RESULT:
            raise DataError(f"{path} has more than {LARGEST_RESULT:,} bytes: it is not a result", advice)
        values: object = json.loads(content)
    except OSError as error:
        raise disk_fault(error) or DataError(f"{path} cannot be read: {error.strerror}", advice) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON: {error}", advice) from error
    return values


def unsealed_result(values: dict[str, object], path: Path) -> dict[str, object]:
    """A result's document without its hash; one without a hash is of an earlier version.

    Raises:
        DataError: It was edited after seqcli wrote it.
    """
    try:
        return unsealed(values)
    except ValueError as error:
        raise DataError(f"{path} cannot be trusted: {error}", "Take the file as it was written.") from error


_EXAMPLE = "Write one with: seqcli compare … --format json > FILE.json"


def read_baseline(path: Path, metric: str) -> Comparison:
    """An earlier result that this one can be held against.

    Raises:
        DataError: The file cannot be read, is no such result, or is scored by another metric.
    """
    earlier = read_comparison(path)
    if earlier.task.metric != metric:
        raise DataError(
            f"{path} is scored by {earlier.task.metric}, this comparison by {metric}",
            "A baseline must be of the same metric.",
        )
    if earlier.protocol.folds is not None:
        raise DataError(
            f"{path} is a cross-validation, whose runs were tested on other rows",
            "A baseline must be of one split: compare without --folds.",
        )
    return earlier
