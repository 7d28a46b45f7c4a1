"""The names, texts and paths that settings are made of, each with the words for what it allows."""

import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from seqcli.config.values import Allowed, not_allowed

_UNSAFE = {"Cc", "Zl", "Zp"}
_A_PATH = "a path without control characters whose names have at most 255 bytes"


def _one_line(text: str) -> str:
    """The text itself.

    Raises:
        ValueError: It holds a control character or a line break.
    """
    if any(unicodedata.category(character) in _UNSAFE for character in text):
        raise ValueError("a control character")
    return text


def _file_name(text: str) -> str:
    """The text itself.

    Raises:
        ValueError: It is not safe as one file's or folder's name.
    """
    if text in {".", ".."} or text != text.strip() or any(character in text for character in "/\\"):
        raise ValueError("not a file's name")
    return _one_line(text)


def _unfit_for_a_path(text: str) -> bool:
    """Return whether no ordinary file system takes the text as a path, or a terminal would not survive it."""
    too_long = len(text) > 4096 or any(len(part.encode(errors="replace")) > 255 for part in text.split("/"))
    return (
        not text
        or too_long
        or any(unicodedata.category(character) in {"Cc", "Zl", "Zp"} for character in text)
    )


def _path(value: object) -> object:
    """The path that text names; anything else as it is.

    Raises:
        PydanticCustomError: The text is empty, too long or holds a control character.
    """
    if not isinstance(value, str):
        return value
    if _unfit_for_a_path(value):
        raise not_allowed(_A_PATH)
    return Path(value)


OneLine = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=200),
    AfterValidator(_one_line),
    Allowed("text of 1 to 200 characters on one line"),
]
"""Text as people write it, in any script: column names, labels, titles."""

Name = Annotated[
    str,
    Field(strict=True, min_length=1, max_length=100),
    AfterValidator(_file_name),
    Allowed("a name of 1 to 100 characters without '/', '\\' or control characters"),
]
"""Text that can stand as one file's name: it leads out of no folder."""

FilePath = Annotated[Path, BeforeValidator(_path), Allowed(_A_PATH)]
"""A path; whether something is there is for the one who opens it."""


@dataclass(frozen=True, slots=True)
class Known:
    """A check against the names known when it runs: `Annotated[str, Known("task", TASKS.names)]`.

    Args:
        kind: What the names are: 'task'.
        names: Lists the known names; called at each check, so that no registry is read at import.
        ended_by: What ends the name, where settings may follow it: ':' in 'bpe:4000'.
    """

    kind: str
    names: Callable[[], Iterable[str]]
    ended_by: str | None = None

    def __get_pydantic_core_schema__(self, source: type, handler: GetCoreSchemaHandler) -> CoreSchema:
        return no_info_before_validator_function(self._check, handler(source))

    def _check(self, value: object) -> object:
        names = sorted(self.names())
        name = value.partition(self.ended_by)[0] if self.ended_by and isinstance(value, str) else value
        if name in names:
            return value
        near = get_close_matches(name, names, n=1) if isinstance(name, str) else []
        advice = f"did you mean {near[0]}?" if near else ""
        raise not_allowed(f"a known {self.kind} ({', '.join(names)})", advice)
