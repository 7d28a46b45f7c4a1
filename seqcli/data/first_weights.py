"""The weights that training begins with where a file says some: word vectors, or those of an earlier run.

A number that is not said is NaN: there the model keeps what its seed drew. The weights lie beside the
prepared data and are part of its identity: a leg's result depends on their bytes and on no path.
"""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import private_copy

FILE = "first.safetensors"
EMBEDDING = "embedding.weight"
"""The name under which a model keeps the vectors of its tokens, (V, E)."""

Tensors = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class FirstWeights:
    """Some of a model's first weights.

    Args:
        tensors: By their names in the model; NaN where a number is left to the seed.
        frozen: Whether the vectors that are said stay as they are in training.
        from_vectors: Whether they are word vectors, whose width is then the embedding's.
    """

    tensors: Tensors
    frozen: bool = False
    from_vectors: bool = False

    @property
    def width(self) -> int | None:
        """The width that the embedding must have; None where it is the model's own affair."""
        return next(iter(self.tensors.values())).shape[1] if self.from_vectors else None

    def write(self, folder: Path) -> None:
        """Write them as `read` takes them, in the safetensors format.

        Raises:
            OSError: The disk is full or broken.
        """
        import safetensors.numpy

        kind = "run" if not self.from_vectors else "frozen vectors" if self.frozen else "vectors"
        # One entry: safetensors writes several in any order, and the bytes are the data's identity.
        content = safetensors.numpy.save(dict(self.tensors), metadata={"kind": kind})
        (folder / FILE).write_bytes(content)

    @classmethod
    def read(cls, folder: Path) -> "FirstWeights":
        """The weights that `write` wrote.

        Raises:
            DamagedError: They were changed since.
            ValueError: They cannot be read.
        """
        import safetensors.numpy

        content = bytes(private_copy(folder / FILE))
        kind = _metadata(content)["kind"]
        tensors = safetensors.numpy.load(content)
        return cls(tensors, frozen=kind == "frozen vectors", from_vectors=kind != "run")


def _metadata(content: bytes) -> dict[str, str]:
    """The texts that stand beside the tensors of a safetensors file."""
    (size,) = struct.unpack("<Q", content[:8])
    metadata: dict[str, str] = json.loads(content[8 : 8 + size])["__metadata__"]
    return metadata


def placed(rows: NDArray[np.float32], sources: Mapping[int, int], count: int) -> NDArray[np.float32]:
    """Rows at other places, NaN where none is placed.

    Args:
        rows: (n, …).
        sources: From a place to the number of the row that is put there.
        count: How many places there are.
    """
    moved = np.full((count, *rows.shape[1:]), np.nan, np.float32)
    moved[list(sources)] = rows[list(sources.values())]
    return moved
