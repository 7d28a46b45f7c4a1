"""Arrays in .npy files that are written piece by piece and read back without filling the memory."""

import io
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray

from seqcli.data.private import private_copy


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
    if array.ndim != 1 or array.dtype != np.dtype(dtype):
        raise ValueError(f"{path} holds {array.dtype} {array.shape}, not {np.dtype(dtype)} in one dimension")
    return np.asarray(array)


_LONGEST_HEADER = 1 << 12


def read_private_array(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    """A one-dimensional .npy file of the type expected, read-only and this process's own.

    Nothing that becomes of the file afterwards changes it or ends the process; see `seqcli.data.private`.

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
    shape, _, found = npy.read_array_header_1_0(header)
    if len(shape) != 1 or found != np.dtype(dtype):
        raise ValueError(f"{path} holds {found} {shape}, not {np.dtype(dtype)} in one dimension")
    if len(content) != header.tell() + shape[0] * found.itemsize:
        raise ValueError(f"{path} is not as long as its header says")
    return np.frombuffer(content, found, count=shape[0], offset=header.tell())
