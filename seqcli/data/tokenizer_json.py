"""The check of a saved tokenizer: only seqcli's own form is read, for the library under it trusts any.

A crafted one can make that library panic, loop in a regular expression or pad each text to gigabytes.
"""

import json
from collections.abc import Callable, Collection

from seqcli.errors import DataError

_NORMALIZERS = ("NFC", "Lowercase")
WINDOWS = "windows"
"""The key under which a tokenizer of overlapping windows says their size and stride."""
LARGEST_WINDOW = 32
"""The most letters of a window, and of a stride."""
_PARTS = ("normalizer", "pre_tokenizer", "decoder", "model")
_MODELS = ("WordLevel", "BPE")


def check_tokenizer(record: object, patterns: Collection[str]) -> None:
    """Refuse a tokenizer that seqcli does not write.

    Args:
        record: The JSON's value.
        patterns: The regular expressions by which seqcli's own tokenizers cut texts.

    Raises:
        DataError: A part is unknown, or the ids of its vocabulary are not 0, 1, 2, ….
    """
    if not isinstance(record, dict):
        raise _foreign("it is not an object")
    strange = [
        key
        for key, value in record.items()
        if key not in (*_PARTS, "version", WINDOWS) and value not in (None, [])
    ]
    if strange:
        raise _foreign(f"{strange[0][:40]!r} is set")
    checks: dict[str, Callable[[object], bool]] = {
        "normalizer": _normalizes,
        "pre_tokenizer": lambda part: _cuts(part, patterns),
        "decoder": lambda part: part is None or _type(part) in ("Fuse", "ByteLevel"),
        "model": _spells,
        WINDOWS: _windows,
    }
    for part, fits in checks.items():
        if not fits(record.get(part)):
            raise _foreign(f"its {part} is not one of seqcli's")


def _foreign(why: str) -> DataError:
    return DataError(f"this is not a tokenizer's JSON as seqcli writes it: {why}")


def _type(part: object) -> object:
    return part.get("type") if isinstance(part, dict) else None


def _normalizes(part: object) -> bool:
    if isinstance(part, dict) and part.get("type") == "Sequence":
        inner = part.get("normalizers")
        return (
            isinstance(inner, list)
            and len(inner) <= len(_NORMALIZERS)
            and all(_type(each) in _NORMALIZERS for each in inner)
        )
    return _type(part) in _NORMALIZERS


def _cuts(part: object, patterns: Collection[str]) -> bool:
    if not isinstance(part, dict):
        return False
    if part.get("type") == "Split":
        pattern = part.get("pattern")
        return isinstance(pattern, dict) and pattern.get("Regex") in patterns
    return part.get("type") == "ByteLevel"


def _windows(part: object) -> bool:
    """Return whether no windows are said, or such as seqcli writes."""
    if part is None:
        return True
    sizes = [part.get("size"), part.get("stride")] if isinstance(part, dict) else []
    return len(sizes) == 2 and all(type(size) is int and 1 <= size <= LARGEST_WINDOW for size in sizes)


def _spells(part: object) -> bool:
    """Return whether a model is of a known type and numbers its tokens 0, 1, 2, … without a gap."""
    if not isinstance(part, dict) or part.get("type") not in _MODELS:
        return False
    vocabulary, merges = part.get("vocab"), part.get("merges", [])
    if not isinstance(vocabulary, dict) or not isinstance(merges, list) or part.get("dropout") is not None:
        return False
    ids = list(vocabulary.values())
    return all(type(number) is int for number in ids) and sorted(ids) == list(range(len(ids)))


def separate_sides(text: str) -> tuple[str, str] | None:
    """The JSON of the sources' and of the targets' tokenizer; None where a saved one is for both.

    Raises:
        DataError: It is not JSON.
    """
    try:
        saved = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataError(f"this is not a tokenizer's JSON: {error}") from None
    if not (isinstance(saved, dict) and {"source", "target"} <= saved.keys()):
        return None
    return json.dumps(saved["source"], ensure_ascii=False), json.dumps(saved["target"], ensure_ascii=False)
