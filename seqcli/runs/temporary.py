"""Removing what was left behind, and only that."""

import errno
import fcntl
import os
import re
import secrets
import shutil
import time
from contextlib import suppress
from pathlib import Path

from seqcli.errors import OutOfMemoryError, StorageError
from seqcli.runs.storage import close_quietly, storage_faults, sync_folder

_TEMPORARY = re.compile(r"\.seqcli-[0-9a-f]{16}\.tmp")
_LEFT_FOLDER = re.compile(r".+\.(?:tmp|old)-[0-9a-f]{16}")
STALE_SECONDS = 86400
"""A folder that is being made, copied or removed is touched more often than once a day."""


def temporary_file(folder: Path) -> Path:
    """A fresh name for a file that `sweep_files` knows; its writer must lock it while it lives."""
    return folder / f".seqcli-{secrets.token_hex(8)}.tmp"


def temporary_folder(folder: Path) -> Path:
    """A fresh name beside the folder that `sweep_folders` knows: `NAME.tmp-…`."""
    return folder.with_name(f"{folder.name}.tmp-{secrets.token_hex(8)}")


def is_temporary_file(name: str) -> bool:
    """Return whether a file of that name is one of seqcli's temporaries."""
    return _TEMPORARY.fullmatch(name) is not None


def sweep_files(folder: Path) -> list[Path]:
    """Removes the temporaries that dead writers, not living ones, left in the folder; returns their paths."""
    with storage_faults(folder):
        strays = [path for path in sorted(folder.iterdir()) if is_temporary_file(path.name)]
        return [path for path in strays if _remove_if_abandoned(path)]


def sweep_folders(parent: Path, name: str) -> list[Path]:
    """Removes the `NAME.tmp-…` and `NAME.old-…` folders in the parent, over which the caller holds a lock.

    Args:
        parent: The folder to sweep.
        name: A regular expression for NAME.

    Returns:
        The removed paths.
    """
    left_behind = re.compile(rf"(?:{name})\.(?:tmp|old)-[0-9a-f]{{16}}")
    with storage_faults(parent):
        strays = [path for path in sorted(parent.iterdir()) if left_behind.fullmatch(path.name)]
        for path in strays:
            remove_tree(path)
        return strays


def sweep_stale(folder: Path) -> None:
    """Removes what killed processes left in a folder that several work in at once; faults are passed over.

    A file goes when nobody locks it; a folder half made or half removed when nobody locks it and nothing in
    it was touched for a day. Whatever has another name stays.
    """
    with suppress(OSError, StorageError, OutOfMemoryError):
        sweep_files(folder)
        for stray in sorted(folder.iterdir()):
            if _LEFT_FOLDER.fullmatch(stray.name) and _is_stale(stray):
                _remove_unlocked(stray)


def _is_stale(folder: Path) -> bool:
    # Of all in it: a writer that goes on touches its files, and not the folder.
    newest = max(path.lstat().st_mtime for path in (folder, *folder.rglob("*")))
    return time.time() - newest > STALE_SECONDS


def _remove_unlocked(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        drop_tree(folder)
    finally:
        close_quietly(descriptor)


def remove_folder(folder: Path) -> None:
    """Removes a folder in one step for readers: it is renamed to `NAME.old-…` first, then taken apart."""
    with storage_faults(folder):
        doomed = folder.with_name(f"{folder.name}.old-{secrets.token_hex(8)}")
        try:
            folder.rename(doomed)
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            doomed = folder
            for described in sorted(folder.glob("*.json")):
                described.unlink()  # the manifest: without it no reader believes the rest
        sync_folder(folder.parent)
        remove_tree(doomed)


def move_folder(folder: Path, place: Path) -> None:
    """Gives a folder another name beside it, durably.

    In a container, a folder of the image cannot be renamed (EXDEV, overlayfs); it is copied and then removed.

    Raises:
        OSError: It cannot be moved; it is where it was.
    """
    try:
        folder.rename(place)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        copy = temporary_folder(folder)
        try:
            shutil.copytree(folder, copy, symlinks=True)
            _sync_files(copy)
            copy.rename(place)
        except BaseException:
            drop_tree(copy)
            raise
        sync_folder(place.parent)
        remove_folder(folder)
    sync_folder(place.parent)


def set_aside(folder: Path) -> Path:
    """Renames what cannot be used, and cannot be proved to be ours to remove, to `NAME.bad-N` beside it.

    Returns:
        Its new path.
    """
    number = 1
    while os.path.lexists(bad := folder.with_name(f"{folder.name}.bad-{number}")):
        number += 1
    with storage_faults(folder):
        move_folder(folder, bad)
    return bad


def _sync_files(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                os.fsync(descriptor)
            finally:
                close_quietly(descriptor)
    sync_folder(folder)


def remove_tree(path: Path) -> None:
    """Removes a file, a link (not what it points to) or a folder with all that it holds.

    Raises:
        OSError: It cannot be removed.
    """
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        try:
            shutil.rmtree(path)
        except OSError as error:
            # Where closing a folder fails, shutil closes it once more: EBADF, and not what the disk said.
            if error.errno == errno.EBADF and isinstance(error.__context__, OSError):
                raise error.__context__ from None
            raise


def drop_tree(folder: Path) -> None:
    """Removes of a folder what can be removed, on the way out of something else; faults are passed over."""
    with suppress(OSError):  # shutil lets EBADF out even when it is to ignore errors: see `remove_tree`
        shutil.rmtree(folder, ignore_errors=True)


def remove_file(path: Path) -> None:
    """Removes one file, or a link that took its place but not what it leads to; its folder is no link.

    Raises:
        OSError: It cannot be removed.
    """
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        with suppress(FileNotFoundError):
            os.unlink(path.name, dir_fd=folder)
    finally:
        close_quietly(folder)


def _remove_if_abandoned(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return False  # gone by itself, or not a temporary of ours
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink()
    except OSError:
        return False  # its writer lives
    else:
        return True
    finally:
        close_quietly(descriptor)
