"""A network's answers to a split, gathered batch by batch: in memory, or on disk where they are many."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import note_read
from seqcli.data.row_arrays import RowWriter, row_array


class OutputRows:
    """Gathers rows that come in batches, in any order and of any width."""

    def __init__(self) -> None:
        self._kind = np.dtype(np.float32)
        self._numbers: RowWriter | None = None
        self._shapes: list[tuple[NDArray[np.int64], int]] = []

    def append(self, indices: NDArray[np.int64], rows: NDArray[Any]) -> None:
        """Take some more.

        Args:
            indices: Their places among all rows (B).
            rows: All of one type (B, W).
        """
        if self._numbers is None:
            self._kind, self._numbers = rows.dtype, RowWriter(rows.dtype.char)
        self._numbers.extend(rows.reshape(-1))
        self._shapes.append((indices, rows.shape[1]))

    def done(self) -> NDArray[Any]:
        """All rows (N, W), each at its place; short ones are filled up with zeros, the id of padding."""
        count = sum(len(indices) for indices, _ in self._shapes)
        widest = max(width for _, width in self._shapes)
        gathered = row_array(count * widest, self._kind).reshape(count, widest)
        flat = self._numbers.done() if self._numbers else row_array(0, self._kind)
        start = 0
        for indices, width in self._shapes:
            end = start + len(indices) * width
            gathered[indices, :width] = flat[start:end].reshape(-1, width)
            note_read(2 * (end - start) * self._kind.itemsize, len(indices))
            start = end
        return gathered
