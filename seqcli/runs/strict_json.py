"""JSON that every reader understands the same way: no NaN, no doubled keys, one spelling a value."""

import hashlib
import json
import re
from typing import Never

# Controls, line separators, bidirectional marks and lone surrogates: a terminal that shows the file must not
# obey them.
_UNSHOWABLE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def document(value: object) -> bytes:
    """A JSON document for people, indented, in UTF-8; equal values give equal bytes.

    Raises:
        ValueError: A number in it is not finite.
        TypeError: Something in it is not a JSON value.
    """
    return _encode(json.dumps(value, allow_nan=False, ensure_ascii=False, sort_keys=True, indent=2))


def line(value: object) -> bytes:
    """The same value on one line, for files of JSON lines; raises as `document`."""
    return _encode(json.dumps(value, allow_nan=False, ensure_ascii=False, sort_keys=True))


def digest(value: object) -> str:
    """The SHA-256 of a JSON value, in hexadecimal: equal values have equal digests, tuples are lists.

    >>> digest({"b": [1, 2.5], "a": None})[:12]
    '6b1d84977084'
    """
    # It names what caches hold, so its spelling stays as it is: keys sorted, other than ASCII escaped.
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def parse(content: bytes) -> object:
    """The value of a JSON document.

    Raises:
        ValueError: It is not UTF-8, not JSON, holds NaN or infinity, names a key twice or is nested too
            deeply.
    """
    try:
        value: object = json.loads(
            content.decode(), parse_constant=_refuse_constant, object_pairs_hook=_object
        )
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def parse_object(content: bytes) -> dict[str, object]:
    """The value of a JSON document that must be an object.

    Raises:
        ValueError: As `parse`, or it is not an object.
    """
    value = parse(content)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one kind of error for all bad content
    return value


def _encode(text: str) -> bytes:
    return (_UNSHOWABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n").encode()


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is named twice")
    return value


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not a JSON number")
