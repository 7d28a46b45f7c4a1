"""The faults of a disk, as one kind of error."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqcli.errors import MAKE_ROOM, STORAGE_ERRNOS, USABLE, StorageError, out_of_memory

_CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})


@contextmanager
def storage_faults(path: Path, *, needed: int | None = None) -> Iterator[None]:
    """Turns the operating system's storage faults inside the block into a `StorageError`.

    Args:
        path: What was being written or read, for the message.
        needed: Bytes that the block wants to write; None when it writes none.

    Raises:
        StorageError: The disk is full, over quota, read-only, broken, gone or not ours to write on.
        OutOfMemoryError: The system has no memory for it.
    """
    try:
        yield
    except OSError as error:
        if (memory := out_of_memory(error)) is not None:
            raise memory from error
        if error.errno not in STORAGE_ERRNOS:
            raise
        raise _storage_error(path, error, needed) from error


def write_all(descriptor: int, content: bytes) -> None:
    """Writes all of the content to an open file, in as many writes as it takes.

    Raises:
        OSError: As `os.write`.
    """
    rest = memoryview(content)
    while rest:
        with suppress(InterruptedError):
            written = os.write(descriptor, rest)
            if written == 0:
                raise OSError(errno.EIO, "the disk took no bytes")
            rest = rest[written:]


def close_quietly(descriptor: int) -> None:
    """Closes a file that was read, synced or given up: a fault of closing tells nothing that matters.

    The descriptor is gone in either case (Linux closes first), so closing is never tried twice.
    """
    with suppress(OSError):
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Makes the names in the folder durable; some network and FUSE systems cannot, and need not be told.

    Raises:
        OSError: As `os.fsync`.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC_FOLDERS:
            raise
    finally:
        close_quietly(descriptor)


def _storage_error(path: Path, error: OSError, needed: int | None) -> StorageError:
    hint = STORAGE_ERRNOS[error.errno or 0]
    full = hint == MAKE_ROOM
    if hint == USABLE and needed is not None:
        hint = "Choose a folder that can be written, then give the command again."
    if needed is None:
        return StorageError(f"cannot use {path}: {error.strerror}{_free(path) if full else ''}", hint)
    return StorageError(f"cannot write {path}: {error.strerror}; {needed:,} bytes needed{_free(path)}", hint)


def _free(path: Path) -> str:
    with suppress(OSError):
        return f", {shutil.disk_usage(path.parent).free:,} free on the disk"
    return ""
