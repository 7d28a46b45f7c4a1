"""Arrays in .npy files that are written piece by piece and read back mapped: neither way fills the memory."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike, NDArray


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
