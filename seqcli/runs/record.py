"""Small results, one a file, each with its own SHA-256: a changed byte is found before it is used."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes
from seqcli.runs.reading import read_file

_LARGEST_RECORD = 1 << 26


def write_record(path: Path, value: Mapping[str, object]) -> None:
    """Replaces the file with the value and its hash, or leaves it as it was.

    Args:
        path: The file; its folder must exist.
        value: JSON values.

    Raises:
        ValueError: A number in it is not finite.
        StorageError: The disk is full or fails.
    """
    write_bytes(path, _spell(value))


def read_record(path: Path) -> dict[str, object]:
    """The value that `write_record` wrote, checked.

    Raises:
        RunError: The file is missing, a link, or not as it was written, to the byte.
        StorageError: The disk fails.
    """
    content = read_file(path, at_most=_LARGEST_RECORD)
    try:
        value = strict_json.parse_object(content).get("value")
    except ValueError as error:
        raise RunError(f"{path} is damaged: {error}") from error
    if not isinstance(value, dict) or _spell(value) != content:
        raise RunError(f"{path} is damaged: it is not as seqcli wrote it", "Remove it to compute it again.")
    return value


def _spell(value: Mapping[str, object]) -> bytes:
    sha256 = hashlib.sha256(strict_json.document(dict(value))).hexdigest()
    return strict_json.document({"sha256": sha256, "value": dict(value)})
