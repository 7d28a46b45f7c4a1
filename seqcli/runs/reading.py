"""Opening and reading a run's files with nothing trusted: no links, no pipes, no surprise sizes or values."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seqcli.errors import DataError, RunError
from seqcli.runs.storage import close_quietly, storage_faults

# A file that is shorter than its limit takes no more memory than it has bytes.
_CHUNK = 1 << 20


def open_file(path: Path, flags: int = os.O_RDONLY) -> int:
    """A descriptor of a regular file, which the caller closes.

    Args:
        path: The file; its last part must not be a symbolic link.
        flags: As for `os.open`; a file made by O_CREAT has permissions by the umask.

    Raises:
        RunError: It is missing, a link or not a regular file.
        StorageError: The disk fails.
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
        StorageError: The disk fails.
    """
    descriptor = open_file(path)
    try:
        with storage_faults(path):
            size = os.fstat(descriptor).st_size
            if size > at_most:
                raise RunError(f"{path} has {size:,} bytes; at most {at_most:,} were expected")
            return read_first(descriptor, at_most)
    finally:
        close_quietly(descriptor)


def read_first(descriptor: int, at_most: int) -> bytes:
    """The next bytes of an open file, fewer only at its end.

    Raises:
        OSError: As `os.read`.
    """
    parts, rest = [], at_most
    while part := os.read(descriptor, min(rest, _CHUNK)):
        parts.append(part)
        rest -= len(part)
    return b"".join(parts)


def _open_plain(path: Path, flags: int) -> int:
    try:
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
