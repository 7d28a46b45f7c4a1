"""Arrays and texts on disk: written piece by piece, and opened as this process's own.

A mapped file of the cache that is cut by somebody ends the process with SIGBUS, and one that is written to
gives it other numbers under the same hash. So a file is read once, and hashed as it is read: a small one into
memory, a large one into a file without a name, which nobody else can open and which goes with the process.
"""

import hashlib
import io
import mmap
import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import IO, Any, Self
from weakref import WeakSet

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from seqcli.data.cache import DamagedError
from seqcli.data.sequences import LazySequence

Buffer = bytes | mmap.mmap

IN_MEMORY = 1 << 24
"""Bytes of the largest file that is read into memory, 16 MiB; every leg holds its own."""
RESIDENT = 1 << 24
"""Bytes of mapped files that are read before their pages are given back, 16 MiB."""
ROWS_AT_ONCE = 1 << 16
"""Rows whose numbers are worked on together."""
_AROUND = 1 << 20
"""Bytes around a place that the kernel maps along with it, 1 MiB: what lies in one piece of its cache."""
# A file is hashed while it is copied, and is never whole in memory.
_AT_ONCE = 1 << 20
_mappings: WeakSet[mmap.mmap] = WeakSet()
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


class _Resident:
    """Counts what was read of mapped files since their pages were given back."""

    bytes = 0


def note_read(size: int, places: int = 1) -> None:
    """Note that so much of mapped files was read; beyond `RESIDENT` all of their pages are given back.

    The kernel keeps what it can in its own cache, from which a page comes back at once; but it counts no
    more as this process's memory, which would otherwise grow with the data.

    Args:
        size: Bytes that were read.
        places: From how many places, far from each other.
    """
    if not _mappings:
        return
    _Resident.bytes += size + places * _AROUND
    if _Resident.bytes > RESIDENT:
        give_pages_back()


def give_pages_back() -> None:
    """Take all pages of mapped files out of this process's memory."""
    _Resident.bytes = 0
    for mapping in list(_mappings):
        if not mapping.closed:
            mapping.madvise(mmap.MADV_DONTNEED)


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


def _copied(file: IO[bytes], folder: Path) -> tuple[Buffer, str]:
    """A nameless file's mapping, and the SHA-256 of what went into it."""
    hashed = hashlib.sha256()
    with nameless_file(folder) as copy:
        while part := file.read(_AT_ONCE):
            hashed.update(part)
            copy.write(part)
        copy.flush()
        return map_file(copy, 0, mmap.ACCESS_READ), hashed.hexdigest()


def map_file(file: IO[bytes], size: int, access: int) -> mmap.mmap:
    """The mapping of an open file, which keeps it alive; `note_read` gives its pages back.

    Args:
        file: The file. One without a name nobody else can open.
        size: Bytes; 0 for all of them.
        access: `mmap.ACCESS_READ` or `mmap.ACCESS_WRITE`.
    """
    mapping = mmap.mmap(file.fileno(), size, access=access)
    _mappings.add(mapping)
    return mapping


def nameless_file(data_folder: Path | None = None) -> IO[bytes]:
    """A file among temporary files, or where the data lies if those take no more.

    Raises:
        OSError: Neither place takes one.
    """
    # Path() and not its full name: that cannot be told once the working folder is gone, and is seldom needed.
    for folder in (None, data_folder or Path()):
        try:
            return tempfile.TemporaryFile(dir=folder)
        except OSError as error:
            refused = error
    raise refused


class ArrayWriter:
    """Appends to a one-dimensional .npy file whose length is known only at the end.

    Args:
        path: The file, which is replaced.
        dtype: The type of the values.
    """

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self._dtype = np.dtype(dtype)
        self._length = 0
        self._file = path.open("wb")
        self._write_header()
        self._start = self._file.tell()

    def append(self, values: NDArray[Any] | bytes) -> None:
        """Write further values at the end; bytes are taken as they are.

        Raises:
            OSError: The disk is full or broken.
        """
        raw = values if isinstance(values, bytes) else np.ascontiguousarray(values, self._dtype).tobytes()
        self._file.write(raw)
        self._length += len(raw) // self._dtype.itemsize

    def __len__(self) -> int:
        return self._length

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file:
            if error is None:
                self._file.seek(0)
                self._write_header()
                if self._file.tell() != self._start:
                    raise RuntimeError("numpy gave the header of a longer array another size")

    def _write_header(self) -> None:
        header = {"shape": (self._length,), "fortran_order": False, "descr": npy.dtype_to_descr(self._dtype)}
        npy.write_array_header_1_0(self._file, header)


class NumberWriter:
    """Appends whole numbers to a one-dimensional .npy file of int64, one by one.

    Args:
        path: The file, which is replaced.
    """

    def __init__(self, path: Path) -> None:
        self._waiting = array("q")
        self._writer = ArrayWriter(path, np.int64)

    def append(self, number: int) -> None:
        """Write one more number.

        Raises:
            OSError: The disk is full or broken.
        """
        self._waiting.append(number)
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._flush()

    def extend(self, numbers: NDArray[np.int64]) -> None:
        """Write some more.

        Raises:
            OSError: The disk is full or broken.
        """
        self._waiting.frombytes(numbers.tobytes())
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._writer.append(self._waiting.tobytes())
        self._waiting = array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._flush()
        self._writer.__exit__(kind, error, trace)


def read_array(path: Path, dtype: DTypeLike, *, mapped: bool) -> NDArray[Any]:
    """A one-dimensional .npy file of the type expected.

    Args:
        path: The file.
        dtype: The type that its values must have.
        mapped: Whether to map it instead of reading it; a mapping holds one file descriptor.

    Raises:
        ValueError: The file is not such an array.
    """
    array = np.load(path, mmap_mode="r" if mapped else None, allow_pickle=False)
    if isinstance(array, np.memmap):
        _mappings.add(array._mmap)  # type: ignore[attr-defined]  # noqa: SLF001 numpy has no public name for it
    if array.ndim != 1 or array.dtype != np.dtype(dtype):
        raise ValueError(f"{path} holds {array.dtype} {array.shape}, not {np.dtype(dtype)} in one dimension")
    return np.asarray(array)


# numpy aligns its header to 64 bytes and one dimension fits the least of them by far.
_LONGEST_HEADER = 1 << 12


def read_private_array(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    """A one-dimensional .npy file of the type expected, read-only and this process's own.

    Nothing that becomes of the file afterwards changes it or ends the process; see `seqcli.data.arrays`.

    Args:
        path: The file.
        dtype: The type that its values must have.

    Raises:
        ValueError: The file is not such an array.
        DamagedError: It is not what was written.
        OSError: The file, or the room for a large one's copy, is not given.
    """
    content = private_copy(path)
    header = io.BytesIO(content[:_LONGEST_HEADER])
    if npy.read_magic(header) != (1, 0):
        raise ValueError(f"{path} has the header of another version of .npy")
    shape, _, stored_dtype = npy.read_array_header_1_0(header)
    if len(shape) != 1 or stored_dtype != np.dtype(dtype):
        raise ValueError(f"{path} holds {stored_dtype} {shape}, not {np.dtype(dtype)} in one dimension")
    if len(content) != header.tell() + shape[0] * stored_dtype.itemsize:
        raise ValueError(f"{path} is not as long as its header says")
    return np.frombuffer(content, stored_dtype, count=shape[0], offset=header.tell())


class StoredTexts(LazySequence[str]):
    """The texts of two .npy files: UTF-8 bytes, and where each text starts (one more than texts).

    Args:
        folder: Where the files lie.
        name: Their common beginning: `NAME.texts.npy`, `NAME.text_offsets.npy`.

    Raises:
        ValueError: The files are not such arrays.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._bytes: NDArray[np.uint8] = read_private_array(folder / f"{name}.texts.npy", np.uint8)
        self._offsets: NDArray[np.int64] = read_private_array(folder / f"{name}.text_offsets.npy", np.int64)

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def _at(self, place: int) -> str:
        start, end = int(self._offsets[place]), int(self._offsets[place + 1])
        note_read(end - start)
        return self._bytes[start:end].tobytes().decode("utf-8")

    def picked(self, indices: Iterable[int] | NDArray[Any]) -> Iterator[str]:
        """The texts at the indices, one by one."""
        return (self[int(i)] for i in indices)


class TextWriter:
    """Writes the two files of `StoredTexts` text by text."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = NumberWriter(folder / f"{name}.text_offsets.npy")
        self._offsets.append(0)
        self._bytes = ArrayWriter(folder / f"{name}.texts.npy", np.uint8)

    def append(self, text: str) -> None:
        """Write one more text.

        Raises:
            OSError: The disk is full or broken.
        """
        self._bytes.append(text.encode("utf-8"))
        self._offsets.append(len(self._bytes))

    def extend(self, texts: Sequence[bytes]) -> None:
        """Write some more, each in UTF-8.

        Raises:
            OSError: The disk is full or broken.
        """
        sizes = np.fromiter(map(len, texts), np.int64, len(texts))
        self._offsets.extend(len(self._bytes) + np.cumsum(sizes))
        self._bytes.append(b"".join(texts))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bytes.__exit__(kind, error, trace)
        self._offsets.__exit__(kind, error, trace)
