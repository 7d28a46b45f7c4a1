"""Texts kept on disk: read one by one from a mapped file, so that they cost no memory."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, read_private_array


class StoredTexts(Sequence[str]):
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

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        i = range(len(self))[index]
        return self._bytes[self._offsets[i] : self._offsets[i + 1]].tobytes().decode("utf-8")

    def picked(self, indices: Iterable[int] | NDArray[Any]) -> Iterator[str]:
        """The texts at the indices, one by one."""
        return (self[int(i)] for i in indices)


class TextWriter:
    """Writes the two files of `StoredTexts` text by text."""

    def __init__(self, folder: Path, name: str) -> None:
        self._offsets = array("q", [0])
        self._path = folder / f"{name}.text_offsets.npy"
        self._bytes = ArrayWriter(folder / f"{name}.texts.npy", np.uint8)

    def append(self, text: str) -> None:
        """Write one more text.

        Raises:
            OSError: The disk is full or broken.
        """
        self._bytes.append(text.encode("utf-8"))
        self._offsets.append(len(self._bytes))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bytes.__exit__(kind, error, trace)
        if error is None:
            np.save(self._path, np.frombuffer(self._offsets, dtype=np.int64), allow_pickle=False)
