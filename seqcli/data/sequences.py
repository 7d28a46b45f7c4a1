"""The contract of a split, whatever its kind of task: lengths, and rows by index."""

from abc import abstractmethod
from collections.abc import Sequence, Sized
from functools import cached_property
from typing import Any, Generic, NamedTuple, Protocol, TypeVar, overload, runtime_checkable

import numpy as np
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
        """The targets of each example (N, …)."""

    def __len__(self) -> int:
        """N."""

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The examples at the indices (B), in fresh arrays."""


@runtime_checkable
class OwnBatches(Protocol):
    """A split that groups its examples itself, where lengths alone do not tell what a batch costs."""

    def batches(
        self, *, batch_size: int, seed: int, epoch: int, of: NDArray[Any] | None = None
    ) -> list[NDArray[Any]]:
        """The batches of one epoch of training, as indices; a pure function of its arguments.

        Args:
            batch_size: About how many examples a batch has.
            seed: The training seed.
            epoch: The epoch's number.
            of: Only these examples; all by default.
        """


@runtime_checkable
class Continued(Protocol):
    """A split whose examples follow each other, so that a state is carried from one to the next."""

    def reading(self) -> list[NDArray[Any]]:
        """The batches in which the whole split is read once, as indices."""

    def follows(self, before: NDArray[Any], now: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which rows of a batch (B) go on where the batch before it ended in the same row."""


@runtime_checkable
class ScoredTogether(Protocol):
    """A split whose score is not the mean of its examples' scores."""

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of answers, one row an example in order; None where it is the mean after all."""


@runtime_checkable
class SignedScore(Protocol):
    """A split whose score others can compute too, from what a signature names."""

    @property
    def signature(self) -> str:
        """The signature of the score, as the library that computes it writes it; '' for none."""


def scored_together(split: SequenceSplit, outputs: NDArray[Any]) -> float | None:
    """The split's own score of a model's answers; None where examples are scored one by one."""
    return split.score(outputs) if isinstance(split, ScoredTogether) else None


class FlatPlaces(NamedTuple):
    """The places of some sequences' steps in a flat array, as a rectangle.

    Args:
        lengths: Steps of each sequence (B) int64.
        inside: True at real steps, False at padding (B, T).
        places: The place of each real step in the flat array, 0 at padding (B, T) int64.
    """

    lengths: NDArray[np.int64]
    inside: NDArray[np.bool_]
    places: NDArray[np.int64]


def flat_places(offsets: NDArray[np.int64], indices: NDArray[Any], *, room: int = 0) -> FlatPlaces:
    """Return the places of sequences that lie one after the other, right-padded to the longest.

    Args:
        offsets: Where each sequence starts in the flat array, and where the last one ends (N + 1).
        indices: The sequences wanted (B).
        room: Columns of padding beyond the longest sequence.
    """
    starts = offsets[indices]
    lengths = offsets[np.asarray(indices) + 1] - starts
    steps = np.arange(lengths.max(initial=0) + room)
    inside = steps < lengths[:, None]
    return FlatPlaces(lengths, inside, np.where(inside, starts[:, None] + steps, 0))


class FlatSequences:
    """Sequences that lie one after the other in flat arrays, each found by its offset.

    Attributes:
        offsets: Where each sequence starts, and where the last one ends (N + 1) int64.
    """

    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The steps of each sequence (N)."""
        return np.diff(self.offsets)

    def places(self, indices: NDArray[Any], *, room: int = 0) -> FlatPlaces:
        """Return the places of the sequences at the indices (B), right-padded to the longest.

        Args:
            indices: The sequences wanted.
            room: Columns of padding beyond the longest sequence.
        """
        return flat_places(self.offsets, indices, room=room)


S = TypeVar("S", bound=Sized)
V = TypeVar("V")


class LazySequence(Sequence[V]):
    """A sequence whose items are made when they are asked for."""

    @abstractmethod
    def _at(self, place: int) -> V:
        """The item at a place from 0."""

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> list[V]: ...
    def __getitem__(self, index: int | slice) -> V | list[V]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else self._within(places)

    def _within(self, places: range) -> list[V]:
        return [self._at(place) for place in places]


class ViewsOf(LazySequence[V], Generic[S, V]):
    """One view of each of a split's examples, in order."""

    def __init__(self, split: S) -> None:
        self.split = split

    def __len__(self) -> int:
        return len(self.split)
