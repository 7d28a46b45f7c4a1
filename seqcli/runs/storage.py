"""A disk that may fail, with files that may be anything: its faults as one kind of error, careful reading.

Nothing that is opened here is trusted: no links, no pipes, no surprise sizes or values.
"""

import errno
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from seqcli.errors import MAKE_ROOM, STORAGE_ERRNOS, USABLE, DataError, RunError, StorageError, out_of_memory

_CANNOT_SYNC_FOLDERS = frozenset({errno.EINVAL, errno.ENOTSUP, errno.EBADF})


@contextmanager
def storage_faults(path: Path, *, needed: int | Callable[[], int] | None = None) -> Iterator[None]:
    """Turns the operating system's storage faults inside the block into a `StorageError`.

    Args:
        path: What was being written or read, for the message.
        needed: Bytes that the block wants to write, or what counts them, which is asked only after a fault;
            None when it writes none.

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
        raise _storage_error(path, error, needed() if callable(needed) else needed) from error


def write_all(descriptor: int, content: bytes) -> None:
    """Writes all of the content to an open file, in as many writes as it takes; raises as `os.write`."""
    rest = memoryview(content)
    while rest:
        with suppress(InterruptedError):
            written = os.write(descriptor, rest)
            if written == 0:
                raise OSError(errno.EIO, "the disk took no bytes")
            rest = rest[written:]


def close_quietly(descriptor: int) -> None:
    """Close a file that was read, synced or given up: a fault of closing tells nothing that matters."""
    # The descriptor is gone in either case (Linux closes first), so closing is never tried twice.
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


def make_folder(folder: Path) -> None:
    """Makes the folder and those above it, durably."""
    with storage_faults(folder, needed=0):
        missing = [place for place in (folder, *folder.parents) if not place.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        for place in missing:
            sync_folder(place.parent)


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


# A file that is shorter than its limit takes no more memory than it has bytes.
READ_AT_ONCE = 1 << 20


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a regular file, which the caller closes.

    Args:
        path: The file; its last part must not be a symbolic link.
        flags: As for `os.open`; a file made by O_CREAT has permissions by the umask.

    Raises:
        RunError: It is missing, a link or not a regular file.
    """
    with storage_faults(path):
        descriptor = _open_plain(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
        except BaseException:
            close_quietly(descriptor)
            raise
    if not plain:
        close_quietly(descriptor)
        raise RunError(f"{path} is not a regular file")
    return descriptor


def read_file(path: Path, *, at_most: int) -> bytes:
    """The content of a regular file, read and not mapped, so that a later change on disk cannot reach it.

    Args:
        path: The file; its last part must not be a symbolic link.
        at_most: Bytes beyond which it cannot be the file that was meant.

    Raises:
        RunError: As `open_file`, or it is larger.
    """
    return b"".join(read_parts(path, at_most=at_most))


def read_parts(path: Path, *, at_most: int) -> Iterator[bytes]:
    """The same, some bytes at a time; raises as `read_file`."""
    descriptor = open_file(path)
    try:
        with storage_faults(path):
            size = os.fstat(descriptor).st_size
            if size > at_most:
                raise RunError(f"{path} has {size:,} bytes; at most {at_most:,} were expected")
        rest = at_most
        while part := _next_part(path, descriptor, rest):
            yield part
            rest -= len(part)
    finally:
        close_quietly(descriptor)


def _next_part(path: Path, descriptor: int, rest: int) -> bytes:
    with storage_faults(path):
        return os.read(descriptor, min(rest, READ_AT_ONCE))


def read_first(descriptor: int, at_most: int) -> bytes:
    """The next bytes of an open file, fewer only at its end; raises as `os.read`."""
    parts, rest = [], at_most
    while part := os.read(descriptor, min(rest, READ_AT_ONCE)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)


def _open_plain(path: Path, flags: int) -> int:
    try:
        # 0o666 as any program's files: the umask takes away what their owner does not grant.
        return os.open(path, flags, 0o666)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise RunError(f"{path} is missing") from error
    except IsADirectoryError as error:
        raise RunError(f"{path} is a folder; a run directory holds plain files only") from error
    except OSError as error:
        if error.errno == errno.ELOOP and path.is_symlink():
            raise RunError(f"{path} is a symbolic link; a run directory holds plain files only") from error
        raise


_AGAIN = "Make the run again, or fetch an undamaged copy."


@contextmanager
def foreign_values(folder: Path) -> Iterator[None]:
    """Turns what reading unfit values raises inside the block into an error of the run.

    Raises:
        RunError: A value is missing, of another type, not allowed, not text or nested too deeply.
    """
    try:
        yield
    except DataError as error:
        raise RunError(f"{folder}: {error.message}", error.hint or _AGAIN) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:  # pydantic's are ValueErrors
        lines = str(error).splitlines() or [""]
        raise RunError(
            f"{folder} holds values that seqcli does not write: {type(error).__name__}: {lines[0][:200]}",
            _AGAIN,
        ) from error
