"""What every split offers to training, whatever its kind of task: lengths, and rows by index."""

from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray


class Rows(NamedTuple):
    """Some examples of a split, right-padded to the longest of them.

    Args:
        inputs: Ids (B, T) int64, or real vectors (B, T, I) float32.
        lengths: Their real lengths (B) int64.
        targets: What is to be predicted (B, …).
    """

    inputs: NDArray[Any]
    lengths: NDArray[Any]
    targets: NDArray[Any]


class SequenceSplit(Protocol):
    """One split of prepared data; each kind of task has its own implementation."""

    @property
    def lengths(self) -> NDArray[Any]:
        """The number of steps of each example (N) int64, at least 1."""

    @property
    def targets(self) -> NDArray[Any]:
        """What is to be predicted of each example (N, …)."""

    def __len__(self) -> int:
        """N."""

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The examples at the indices (B), in fresh arrays."""
