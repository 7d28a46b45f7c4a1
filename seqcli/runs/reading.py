"""Reading a run's files with nothing trusted: no links, no pipes, no surprise sizes."""

import errno
import os
import stat
from pathlib import Path

from seqcli.errors import RunError
from seqcli.runs.storage import storage_faults

_CHUNK = 1 << 20


def read_file(path: Path, *, at_most: int) -> bytes:
    """The content of a regular file, read and not mapped, so that a later change on disk cannot reach it.

    Args:
        path: The file; its last part must not be a symbolic link.
        at_most: Bytes beyond which it cannot be the file that was meant.

    Raises:
        RunError: It is missing, a link, not a regular file, or larger.
        StorageError: The disk fails.
    """
    descriptor = _open(path)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise RunError(f"{path} is not a regular file")
        if found.st_size > at_most:
            raise RunError(f"{path} has {found.st_size:,} bytes; at most {at_most:,} were expected")
        with storage_faults(path):
            return _read_all(descriptor, at_most)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        with storage_faults(path):
            return _open_unless_missing(path)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
        raise RunError(f"{path} is a symbolic link; seqcli follows none inside a run directory") from error


def _open_unless_missing(path: Path) -> int:
    try:
        return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunError(f"{path} is missing") from error


def _read_all(descriptor: int, at_most: int) -> bytes:
    parts, rest = [], at_most
    while part := os.read(descriptor, min(rest, _CHUNK)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)
