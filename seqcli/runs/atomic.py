"""The one way seqcli writes a file: readers see the whole old content or the whole new one, never between.

Same-folder temporary → write → fsync → rename → fsync of the folder. The writer holds a kernel lock on its
temporary, so a temporary that nobody locks was left by a dead writer and may be swept.
"""

import errno
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from seqcli.runs import strict_json
from seqcli.runs.manifest import FileRecord
from seqcli.runs.storage import close_quietly, storage_faults, sync_folder, write_all
from seqcli.runs.temporary import drop_tree, temporary_file, temporary_folder


class Pieces(Protocol):
    """A file's content in pieces, such as lines, which are made anew each time they are gone over."""

    def __iter__(self) -> Iterator[bytes]: ...
    def __hash__(self) -> int: ...


FileContent = bytes | Pieces
"""A file's content, whole or in pieces."""

WRITTEN_AT_ONCE = 1 << 18
"""Bytes of small pieces that are written together, 256 KiB."""

_TRIES = 20
"""How many temporaries may be swept away or locked by others before their lock; more is a disk that fails."""

ListRecords = Callable[[Mapping[str, FileRecord]], bytes]
"""From the records of some files to the file that lists them."""

_NO_LOCKS_HERE = frozenset({errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP})
_NO_HARD_LINKS_HERE = frozenset({errno.EPERM, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP})


def write_bytes(path: Path, content: bytes) -> None:
    """Replaces the file with the content, or leaves it as it was.

    Permissions follow the umask; a symbolic link at the path is replaced, not followed.

    Raises:
        StorageError: The disk is full, over quota, read-only, broken or not ours to write on; names the path
            and the bytes needed. The old content is intact.
    """
    with storage_faults(path, needed=len(content)):
        temporary, descriptor = open_temporary(path.parent)
        try:
            write_all(descriptor, content)
            # The content before the name: after a power cut a renamed file could be empty.
            os.fsync(descriptor)
            temporary.rename(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        finally:
            close_quietly(descriptor)
        sync_folder(path.parent)


def write_text(path: Path, text: str) -> None:
    """Replaces the file with the text in UTF-8; see `write_bytes`."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: object) -> None:
    """Replaces the file with the value; raises as `write_bytes` and `strict_json.document`."""
    write_bytes(path, strict_json.document(value))


def write_once(path: Path, content: bytes) -> None:
    """Makes a file that is not there yet; of several writers one succeeds.

    On a disk without hard links a writer that dies here can leave the file empty.

    Raises:
        FileExistsError: It is there; it stays as it is.
    """
    with storage_faults(path, needed=len(content)):
        temporary, descriptor = open_temporary(path.parent)
        try:
            write_all(descriptor, content)
            os.fsync(descriptor)
            # A link and no rename: a rename would replace what another writer has made meanwhile.
            _link(temporary, path, content)
        finally:
            with suppress(OSError):
                temporary.unlink()
            close_quietly(descriptor)
        sync_folder(path.parent)


def write_folder(
    folder: Path, files: Mapping[str, FileContent], *, list_in: tuple[str, ListRecords] | None = None
) -> None:
    """Makes a folder that holds these files: all of them or no folder.

    The files are made in `NAME.tmp-…` beside it and appear by one rename. One that a dead writer left is
    removed by `sweep_folders`.

    Args:
        folder: The folder.
        files: The files' contents by name.
        list_in: A file that is written after the others: its name, and its content from their records.

    Raises:
        FileExistsError: The folder is there already and is not empty.
        StorageError: As `write_bytes`; nothing is left behind.
    """
    with storage_faults(folder, needed=lambda: sum(map(_size, files.values()))):
        temporary = temporary_folder(folder)
        try:
            temporary.mkdir()
            records = {name: _write_new(temporary / name, content) for name, content in files.items()}
            if list_in is not None:
                _write_new(temporary / list_in[0], list_in[1](records))
            sync_folder(temporary)
            _rename_folder(temporary, folder)
        except BaseException:
            drop_tree(temporary)
            raise
        sync_folder(folder.parent)


def open_temporary(folder: Path) -> tuple[Path, int]:
    """A new locked temporary; a sweeper that took it before it was locked makes us take another name."""
    for _ in range(_TRIES):
        path = temporary_file(folder)
        descriptor = _create(path)
        try:
            # Without a link a sweeper removed it between making and locking: what is written would be lost.
            if _lock(descriptor) and os.fstat(descriptor).st_nlink:
                return path, descriptor
        except BaseException:
            _abandon(path, descriptor)
            raise
        _abandon(path, descriptor)
    raise OSError(errno.ENOLCK, f"none of {_TRIES} new files could be locked", str(folder))


def _abandon(path: Path, descriptor: int) -> None:
    with suppress(OSError):
        path.unlink()
    os.close(descriptor)


def _create(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)


def _lock(descriptor: int) -> bool:
    """Return whether the lock is ours; on a disk without locks nobody can sweep, so it need not be."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS_HERE:
            raise
    return True


def _link(temporary: Path, path: Path, content: bytes) -> None:
    try:
        path.hardlink_to(temporary)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS_HERE:
            raise
        _write_new(path, content)


def _write_new(path: Path, content: FileContent) -> FileRecord:
    """Make a file; its record is of the bytes as they were written."""
    descriptor = _create(path)
    size, hashed = 0, hashlib.sha256()
    try:
        for part in _parts(content):
            write_all(descriptor, part)
            size += len(part)
            hashed.update(part)
        os.fsync(descriptor)
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise
    finally:
        close_quietly(descriptor)
    return FileRecord(size, hashed.hexdigest())


def _parts(content: FileContent) -> Iterator[bytes]:
    """A content as it is written: whole, or some pieces at a time."""
    if isinstance(content, bytes):
        yield content
        return
    waiting: list[bytes] = []
    size = 0
    for piece in content:
        waiting.append(piece)
        size += len(piece)
        if size >= WRITTEN_AT_ONCE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


def _size(content: FileContent) -> int:
    return len(content) if isinstance(content, bytes) else sum(map(len, content))


def _rename_folder(temporary: Path, folder: Path) -> None:
    try:
        temporary.rename(folder)
    except OSError as error:
        if error.errno == errno.ENOTEMPTY:  # EEXIST, the other name for it, is a FileExistsError already
            raise FileExistsError(errno.EEXIST, "the folder is there already", str(folder)) from error
        raise
