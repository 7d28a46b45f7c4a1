"""Names that may become a part of a path, and folders that may become a run directory."""

import os
from pathlib import Path

from seqcli.errors import RunError, UsageError, disk_fault

_LONGEST_NAME = 200  # bytes; leaves room for `.tmp-…` in the 255 that disks allow
_LONGEST_PATH = 3000  # bytes; leaves room for a run's own files in the 4,096 that systems allow


def check_name(name: str) -> str:
    """The name, if it can be one file or folder and nothing else.

    Raises:
        UsageError: It is empty, starts with a dot or hyphen, holds a path separator or a character that
            cannot be shown, or has more than 200 bytes.
    """
    _check_part(name, "name")
    if not name or name.startswith((".", "-")) or "/" in name or "\\" in name:
        raise UsageError(
            f"the name {name!r} cannot be a file name",
            "A name has at least one character, no / or \\, and does not start with a dot or hyphen.",
        )
    return name


def check_out(path: Path) -> Path:
    """The absolute path with links resolved, if a run directory may be there; creates nothing.

    Raises:
        UsageError: A part of the path cannot be shown or is too long.
        RunError: It is a file or below one, the root or the home folder.
    """
    for part in path.parts:
        _check_part(part, "folder name")
    if len(os.fsencode(path)) > _LONGEST_PATH:
        raise UsageError(f"the path has {len(os.fsencode(path)):,} bytes; at most {_LONGEST_PATH:,} work")
    folder = _resolve(path)
    hint = "Each run has a folder of its own, such as runs/NAME."
    if folder == Path(folder.anchor):
        raise RunError(f"{path} is the root of the disk, not a run directory", hint)
    if folder == _home():
        raise RunError(f"{path} is your home folder, not a run directory", hint)
    for place in (folder, *folder.parents):
        if place.exists() and not place.is_dir():
            raise RunError(f"{place} is a file, not a folder", hint)
    return folder


def _check_part(part: str, what: str) -> None:
    if not part.isprintable() and _has_unshowable(part):
        raise UsageError(
            f"the {what} {part[:80]!r} holds a character that cannot be shown",
            "Use letters, digits, spaces and the usual signs.",
        )
    if len(os.fsencode(part)) > _LONGEST_NAME:
        raise UsageError(
            f"the {what} {part[:40]!r}… has {len(os.fsencode(part)):,} bytes",
            f"At most {_LONGEST_NAME} bytes are allowed.",
        )


def _has_unshowable(text: str) -> bool:
    """Return whether it holds controls, bidirectional marks or line separators.

    Bytes of old disks may pass.
    """
    return any(not char.isprintable() and not "\udc80" <= char <= "\udcff" for char in text)


def _resolve(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError) as error:  # a loop of links; RuntimeError before Python 3.13
        if (fault := disk_fault(error)) is not None:
            raise fault from error
        raise RunError(f"{path} cannot be followed to a folder: {error}") from error


def _home() -> Path | None:
    try:
        return Path.home().resolve()
    except (OSError, RuntimeError):  # HOME is unset, or a loop of links
        return None
