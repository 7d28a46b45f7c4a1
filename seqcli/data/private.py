"""Files of prepared data as this process's own: what happens to the file later cannot reach what was opened.

A mapped file of the cache that is cut by somebody ends the process with SIGBUS, and one that is written to
gives it other numbers under the same hash. So a file is read once, and hashed as it is read: a small one into
memory, a large one into a file without a name, which nobody else can open and which goes with the process.
"""

import hashlib
import mmap
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import IO

from seqcli.data.cache import DamagedError

Buffer = bytes | mmap.mmap

IN_MEMORY = 1 << 26
"""Bytes of the largest file that is read into memory, 64 MiB; every leg holds its own."""
_AT_ONCE = 1 << 20
_expected: ContextVar[Mapping[str, str]] = ContextVar("expected", default=MappingProxyType({}))


@contextmanager
def checked_against(digests: Mapping[str, str]) -> Iterator[None]:
    """Inside the block a file of one of these names is refused unless its bytes have the SHA-256.

    Args:
        digests: SHA-256 in hexadecimal, by file name.
    """
    before = _expected.set(digests)
    try:
        yield
    finally:
        _expected.reset(before)


def private_copy(path: Path) -> Buffer:
    """The file's bytes, of which no other process can change one.

    Raises:
        DamagedError: They are not those that `checked_against` expects.
        OSError: The file, or the room for a large one's copy, is not given.
    """
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_size <= IN_MEMORY:
            content: Buffer = file.read(IN_MEMORY + 1)
            digest = hashlib.sha256(content).hexdigest()
        else:
            content, digest = _copied(file, path.parent)
    if _expected.get().get(path.name, digest) != digest:
        raise DamagedError(f"{path} was changed after it was written", "Give the same command again.")
    return content


def private_text(path: Path) -> str:
    """The same of a small file of UTF-8 text.

    Raises:
        ValueError: It is not UTF-8.
        DamagedError: As `private_copy`.
        OSError: As `private_copy`.
    """
    return bytes(private_copy(path)).decode("utf-8")


def _copied(file: IO[bytes], beside: Path) -> tuple[Buffer, str]:
    """A nameless file's mapping, and the SHA-256 of what went into it."""
    hashed = hashlib.sha256()
    with _nameless(beside) as copy:
        while part := file.read(_AT_ONCE):
            hashed.update(part)
            copy.write(part)
        copy.flush()
        # The mapping keeps the file alive; it has no name that anybody could open.
        return mmap.mmap(copy.fileno(), 0, access=mmap.ACCESS_READ), hashed.hexdigest()


def _nameless(beside: Path) -> IO[bytes]:
    """Among temporary files, or where the data lies if those take no more."""
    for folder in (None, beside):
        try:
            return tempfile.TemporaryFile(dir=folder)
        except OSError as error:
            refused = error
    raise refused
