"""Sequences of real vectors with a real answer each: one flat array with offsets, mapped."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import read_private_array
from seqcli.data.sequences import Rows


@dataclass(frozen=True, eq=False)
class EncodedVectors:
    """One split of sequences of vectors.

    Args:
        values: All steps' vectors one after the other (sum of lengths, I) float32.
        offsets: At which step each sequence starts, and where the last one ends (N + 1) int64.
        targets: Each sequence's answer (N) float32.
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    targets: NDArray[np.float32]

    @classmethod
    def open(cls, folder: Path, name: str) -> "EncodedVectors":
        """The sequences that `write_vectors` wrote, their values mapped.

        Raises:
            ValueError: The files do not fit together.
        """
        flat = read_private_array(folder / f"{name}.values.npy", np.float32)
        offsets = read_private_array(folder / f"{name}.offsets.npy", np.int64)
        targets = read_private_array(folder / f"{name}.targets.npy", np.float32)
        steps = int(offsets[-1]) if len(offsets) else 0
        if len(offsets) != len(targets) + 1 or steps == 0 or len(flat) % steps:
            raise ValueError(f"the files of {name} in {folder} do not fit together")
        return cls(flat.reshape(steps, -1), offsets, targets)

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """How many steps each sequence has (N)."""
        return np.diff(self.offsets)

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The sequences at the indices (B): padded vectors (B, T, I) float32, lengths (B), answers (B)."""
        lengths = self.lengths[indices]
        steps = np.arange(lengths.max(initial=0))
        inside = steps < lengths[:, None]
        places = np.where(inside, self.offsets[indices][:, None] + steps, 0)
        inputs = np.where(inside[..., None], self.values[places], np.float32(0))
        return Rows(inputs, lengths, self.targets[indices])


def write_vectors(
    folder: Path, name: str, *, values: NDArray[np.float32], targets: NDArray[np.float32]
) -> None:
    """Write the files of `EncodedVectors` for sequences of equal length.

    Args:
        folder: Where to.
        name: The split.
        values: The vectors (N, T, I).
        targets: The answers (N).

    Raises:
        OSError: The disk is full or broken.
    """
    count, steps = values.shape[:2]
    np.save(folder / f"{name}.values.npy", values.astype(np.float32).reshape(-1))
    np.save(folder / f"{name}.offsets.npy", np.arange(count + 1, dtype=np.int64) * steps)
    np.save(folder / f"{name}.targets.npy", targets.astype(np.float32))
