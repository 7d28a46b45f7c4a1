"""Small results, one a file, each with its own SHA-256: a changed byte is found before it is used."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from seqcli.errors import RunError
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes
from seqcli.runs.storage import read_file

# 64 MiB: of all such records only the answers of baselines grow with the data.
_LARGEST_RECORD = 1 << 26
_SEAL = "sha256"


def write_record(path: Path, value: Mapping[str, object]) -> None:
    """Replaces the file with the value and its hash, or leaves it as it was.

    Args:
        path: The file; its folder must exist.
        value: JSON values.

    Raises:
        ValueError: A number in it is not finite.
    """
    write_bytes(path, _spell(value))


def read_record(path: Path) -> dict[str, object]:
    """The value that `write_record` wrote, checked.

    Raises:
        RunError: The file is missing, a link, or not as it was written, to the byte.
    """
    content = read_file(path, at_most=_LARGEST_RECORD)
    try:
        value = strict_json.parse_object(content).get("value")
    except ValueError as error:
        raise RunError(f"{path} is damaged: {error}") from error
    # The bytes, not only the hash: what was spelt differently was touched by another program.
    if not isinstance(value, dict) or _spell(value) != content:
        raise RunError(f"{path} is damaged: it is not as seqcli wrote it", "Remove it to compute it again.")
    return value


def sealed(value: Mapping[str, object]) -> dict[str, object]:
    """The value with a field more, `sha256`, over all its others; raises as `write_record`."""
    return {**value, _SEAL: _seal(value)}


def unsealed(value: Mapping[str, object]) -> dict[str, object]:
    """Return the value that was sealed; one without a seal, as earlier versions wrote it, as it is.

    Raises:
        ValueError: It is not what was sealed.
    """
    rest = {name: item for name, item in value.items() if name != _SEAL}
    if _SEAL in value and value[_SEAL] != _seal(rest):
        raise ValueError("it was changed after seqcli wrote it: its sha256 is of other content")
    return rest


def _seal(value: Mapping[str, object]) -> str:
    return hashlib.sha256(strict_json.line(_one_spelling(dict(value)))).hexdigest()


def _one_spelling(value: object) -> object:
    """Whole floats as integers: other programs that rewrite JSON do not keep 1.0 and 1 apart."""
    if isinstance(value, dict):
        return {name: _one_spelling(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_one_spelling(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _spell(value: Mapping[str, object]) -> bytes:
    sha256 = hashlib.sha256(strict_json.document(dict(value))).hexdigest()
    return strict_json.document({"sha256": sha256, "value": dict(value)})
