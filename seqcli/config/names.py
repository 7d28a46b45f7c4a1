"""Names, texts, paths and locations of data as settings hold them, each with the words for what it allows."""

import os
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler
from pydantic_core import CoreSchema
from pydantic_core.core_schema import no_info_before_validator_function

from seqcli.config.settings import Allowed, not_allowed

# Controls and separators of lines and paragraphs: one in a name breaks a table, or steers the terminal.
_UNSAFE = {"Cc", "Zl", "Zp"}
# Bytes that ext4, xfs, btrfs and APFS have for a name.
_LONGEST_NAME = 255
# PATH_MAX of Linux.
_LONGEST_PATH = 4096
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
    too_long = len(text) > _LONGEST_PATH or any(
        len(part.encode(errors="replace")) > _LONGEST_NAME for part in text.split("/")
    )
    return not text or too_long or any(unicodedata.category(character) in _UNSAFE for character in text)


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


HUB = "hf:"
ALIGNED = "::"

LETTERS = (".fasta", ".fa", ".fas", ".fna", ".ffn", ".faa", ".frn")
"""Names of files whose texts are sequences of letters, and no words: they are read letter by letter."""


def holds_letters(location: str) -> bool:
    """Return whether a location is sequences of letters, alone or with their labels: FASTA::LABELS."""
    return location.partition(ALIGNED)[0].lower().removesuffix(".gz").endswith(LETTERS)


def hub_folder(location: str) -> str | None:
    """The folder of `hf:./FOLDER`, '~' being home; None where `hf:NAME` names a data set of the Hub."""
    name = location.removeprefix(HUB)
    if not name.startswith((".", "/", "~")):
        return None
    return os.path.expanduser(name)  # noqa: PTH111 - the home of nobody is a folder's name


def files_of(location: str, moved: Callable[[str], str] = str) -> tuple[str, ...]:
    """The files of a location in order, each moved: of SOURCE::TARGET both.

    A target that has no folder of its own, and is not there so, lies beside its source.
    """
    names = location.split(ALIGNED)
    places = [moved(name) if name else name for name in names]
    if len(names) == 2 and all(names):
        bare = names[1] == Path(names[1]).name
        if bare and not os.path.exists(places[1]):  # noqa: PTH110 - raises nothing
            places[1] = str(Path(places[0]).parent / names[1])
    return tuple(places)


def path_from(folder: Path, path: str) -> str:
    """The path as it is meant from a folder; '~' is home, and that of nobody a file's name."""
    return str(folder / os.path.expanduser(path))  # noqa: PTH111 - raises nothing


PACKAGED_VECTORS = ("glove-50",)
"""Pretrained word vectors that `--vectors` reads from an installed package, by their names."""


def relocated(location: str, moved: Callable[[str], str]) -> str:
    """The location with every path in it moved; names of data sets of the Hub and of packages are none."""
    if location in PACKAGED_VECTORS:
        return location
    if not location.startswith(HUB):
        return ALIGNED.join(files_of(location, moved))
    folder = hub_folder(location)
    if folder is None:
        return location
    place = moved(folder)
    return f"{HUB}{place}" if Path(place).is_absolute() else f"{HUB}./{place}"
