"""The run directories below a folder; links are not followed."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqcli.errors import RunError, storage_fault
from seqcli.runs.manifest import LARGEST_MANIFEST
from seqcli.runs.reading import read_first
from seqcli.runs.run_layout import CONFIG_FILE, DONE_FILE, LEGS_FOLDER, LOCK_FILE, MANIFEST_FILE

# A folder named by mistake, such as a home directory, is not searched without end.
_DEEPEST = 8
SET_ASIDE = re.compile(r"\.bad-\d{1,9}$")
"""How the name of a leg ends that could not be used and was made anew."""
_NOT_OURS = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EACCES, errno.EPERM})
_MARKS = {
    MANIFEST_FILE: b'"seqcli.run/',
    DONE_FILE: b'"seqcli.done/',
    CONFIG_FILE: b"# The resolved configuration of this run.",
}
"""What seqcli writes into some of its files and nobody else does."""


def find_runs(folder: Path) -> Iterator[Path]:
    """The folder itself if it is a run, else the runs below it; what is inside a run is a part of it.

    Raises:
        RunError: There is no such folder.
        StorageError: The disk fails.
    """
    if not folder.is_dir():
        raise RunError(f"there is no folder {folder}", "Name a run directory, or a folder of them.")
    yield from _below(folder, _DEEPEST)


def find_remains(folder: Path) -> list[Path]:
    """The folders here and below in which nothing is left of a run but its lock file, in no run of theirs.

    A removal leaves such a folder where the disk failed at its last steps.

    Raises:
        StorageError: The disk fails.
    """
    return list(_remains(folder, _DEEPEST))


def _remains(folder: Path, depth: int) -> Iterator[Path]:
    with _passing_over():
        if [path.name for path in folder.iterdir()] == [LOCK_FILE]:
            yield folder
            return
    if depth and not is_run(folder):
        for inner in _folders(folder):
            yield from _remains(inner, depth - 1)


def find_legs(run: Path) -> list[Path]:
    """The run directories of a comparison's legs, by name; none of any other run."""
    legs = run / LEGS_FOLDER
    if legs.is_symlink() or not legs.is_dir():
        return []
    return sorted(path for path in _folders(legs) if is_run(path) and not SET_ASIDE.search(path.name))


def is_run(folder: Path) -> bool:
    """Return whether a folder is a run directory, damaged ones included.

    Foreign files of such names make none.

    That one of its files says so is enough to list it; to remove it takes a manifest that verifies.
    """
    return any(_says(folder / name, mark) for name, mark in _MARKS.items())


@contextmanager
def _passing_over() -> Iterator[None]:
    """Passes over what is not there or not ours to read; a disk that fails hides no run.

    Raises:
        StorageError: The disk fails.
    """
    try:
        yield
    except OSError as error:
        fault = storage_fault(error)
        if fault is not None and error.errno not in _NOT_OURS:
            raise fault from error


def _says(path: Path, mark: bytes) -> bool:
    with _passing_over():
        if not path.is_symlink() and path.is_file():
            with path.open("rb", buffering=0) as file:
                return mark in read_first(file.fileno(), LARGEST_MANIFEST)
    return False


def size_of(folder: Path) -> int:
    """The bytes of all files below a folder."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total


def last_change(folder: Path) -> float:
    """Return the time of a run's last change, in seconds since 1970: the newest in it or one below."""
    times = [0.0]
    for place in (folder, *_folders(folder)):
        with suppress(OSError):
            times += [path.lstat().st_mtime for path in place.iterdir()]
    return max(times)


def _below(folder: Path, depth: int) -> Iterator[Path]:
    if is_run(folder):
        yield folder
    elif depth:
        for inner in _folders(folder):
            yield from _below(inner, depth - 1)


def _folders(folder: Path) -> list[Path]:
    """The folders in a folder, by name; none where it cannot be read."""
    with _passing_over():
        return sorted(
            path
            for path in folder.iterdir()
            if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        )
    return []
