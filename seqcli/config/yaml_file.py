"""A YAML file as a layer of settings."""

import codecs
import os
import stat
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path

from seqcli.config.layers import Setting
from seqcli.config.locations import relocated
from seqcli.config.yaml_text import parse_settings
from seqcli.errors import UsageError

LARGEST = 100_000
"""The most bytes of a configuration file."""


def load(path: Path, paths: Collection[str] = (), locations: Collection[str] = ()) -> dict[str, Setting]:
    """The settings of a YAML file by flat name, each with 'file:line' as its origin.

    Args:
        path: The file; its name appears in messages as given here.
        paths: The settings whose values are paths: those are relative to the file's folder, and '~' is
            the home folder.
        locations: The settings that say where data lies: the paths in them are relative to that folder too.

    Raises:
        UsageError: No readable ordinary file of at most 100 kB, not UTF-8, or not a configuration; the line
            is named.
    """
    content = _read(path)
    settings = parse_settings(_decoded(content, path), lambda line: f"{path}:{line}")
    beside = partial(_beside, path.parent)
    moved = {
        **dict.fromkeys(paths, beside),
        **dict.fromkeys(locations, partial(relocated, moved=beside)),
    }
    return {
        key: Setting(_moved(setting.value, moved[key]), setting.origin) if key in moved else setting
        for key, setting in settings.items()
    }


def _read(path: Path) -> bytes:
    """The bytes of an ordinary file; a pipe or device is never opened, so nothing waits."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            what = "a folder" if stat.S_ISDIR(mode) else "a pipe or device"
            raise UsageError(f"the configuration {path} is {what}, not a file", "Name a YAML file.")
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(f"there is no configuration file {path}", "Name an existing YAML file.") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"the configuration {path} cannot be read: {reason}", "Name a YAML file.") from None
    if len(content) > LARGEST:
        raise UsageError(
            f"the configuration {path} is larger than {LARGEST:,} bytes", "Is it the right file?"
        )
    return content


def _decoded(content: bytes, path: Path) -> str:
    """The text of a UTF-8 file; YAML itself passes over a byte order mark.

    Raises:
        UsageError: Another encoding; the line of the first byte that does not fit is named.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UsageError(f"{path}:1: the file is UTF-16", "Save it as UTF-8.")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UsageError(
            f"{path}:{line}: the byte 0x{content[error.start]:02X} is not UTF-8", "Save it as UTF-8."
        ) from None


def _moved(value: object, moved: Callable[[str], str]) -> object:
    """The value with every text in it moved."""
    if isinstance(value, tuple):
        return tuple(_moved(item, moved) for item in value)
    return moved(value) if isinstance(value, str) and value else value


def _beside(folder: Path, path: str) -> str:
    """The path as it is meant from a folder; '~' is home, and that of nobody a file's name."""
    return str(folder / os.path.expanduser(path))  # noqa: PTH111 - raises nothing
