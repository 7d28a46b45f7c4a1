"""The batches of an epoch, of a whole split or of a part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import note_read
from seqcli.data.randomness import Key, permutation
from seqcli.data.row_arrays import gathered, in_order
from seqcli.data.sequences import Continued, LazySequence, OwnBatches, Rows, SequenceSplit

Order = Sequence[NDArray[np.int64]]

_POOL = 50
"""How many batches are sorted by length together: enough that padding nearly vanishes, few enough that
batches differ from epoch to epoch."""


class Batches(LazySequence[NDArray[np.int64]]):
    """Batches that are cut out of one array when they are asked for: a list of them would grow with the data.

    Args:
        places: The examples of all batches, one batch after the other (N).
        size: Examples a batch; the last one may have fewer.
        order: Which batch comes when (B); None as they lie.
    """

    def __init__(self, places: NDArray[np.int64], size: int, order: NDArray[np.int64] | None = None) -> None:
        self._places = places
        self._size = size
        self._order = order

    def __len__(self) -> int:
        return (len(self._places) + self._size - 1) // self._size

    def _at(self, place: int) -> NDArray[np.int64]:
        number = place if self._order is None else int(self._order[place])
        batch = np.array(self._places[number * self._size : (number + 1) * self._size])
        note_read(batch.nbytes)
        return batch


def batch_order(lengths: NDArray[np.int64], *, batch_size: int, seed: int, epoch: int) -> Order:
    """The batches of one epoch of training, as indices of examples.

    A random order is cut into pools of 50 batches, each pool is sorted by length and cut into batches, and
    the batches are put in random order. Every example is in exactly one batch; at most one batch is smaller
    than the others. A pure function of its arguments.

    Args:
        lengths: The number of steps of each example (N).
        batch_size: Examples a batch.
        seed: The training seed, from 0.
        epoch: The epoch's number, from 0.
    """
    order = permutation(len(lengths), Key.examples(seed, epoch))
    for start in range(0, len(order), _POOL * batch_size):
        pool = order[start : start + _POOL * batch_size]
        # Stable: equal lengths keep the order that the seed gave, the same on every machine.
        pool[:] = pool[np.argsort(gathered(lengths, pool), kind="stable")]
        note_read(2 * pool.nbytes)
    count = -(-len(order) // batch_size)
    return Batches(order, batch_size, permutation(count, Key.batches(seed, epoch)))


def training_order(split: SequenceSplit, *, batch_size: int, seed: int, epoch: int) -> Order:
    """The batches of one epoch of training: the split's own, or by `batch_order` from its lengths."""
    if isinstance(split, OwnBatches):
        return split.batches(batch_size=batch_size, seed=seed, epoch=epoch)
    return batch_order(split.lengths, batch_size=batch_size, seed=seed, epoch=epoch)


def evaluation_batches(lengths: NDArray[np.int64], batch_size: int) -> Order:
    """All examples in batches from the shortest to the longest, equal lengths in their own order.

    Args:
        lengths: The number of steps of each example (N).
        batch_size: Examples a batch.
    """
    return Batches(in_order(lengths)[0], batch_size)


def scoring_order(split: SequenceSplit, batch_size: int) -> Order:
    """The batches in which a split is scored: the split's own, or by `evaluation_batches`."""
    if isinstance(split, Continued):
        return split.reading()
    return evaluation_batches(split.lengths, batch_size)


def going_on(
    split: SequenceSplit, before: NDArray[Any] | None, now: NDArray[Any]
) -> NDArray[np.bool_] | None:
    """The rows of a batch (B) that go on where the batch before it ended.

    Args:
        split: The split, or a part of one.
        before: The batch before, as indices; None where this is the first.
        now: The batch.

    Returns:
        None where no example of the split follows another.
    """
    whole, places = (split.whole, split.indices) if isinstance(split, Subset) else (split, None)
    if not isinstance(whole, Continued):
        return None
    if before is None:
        return np.zeros(len(now), np.bool_)
    return whole.follows(*((before, now) if places is None else (places[before], places[now])))


@dataclass(frozen=True, eq=False)
class Subset:
    """Some examples of a split, as a split of their own.

    Args:
        whole: The split.
        indices: Which of its examples, ascending (n).
    """

    whole: SequenceSplit
    indices: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.indices)

    @cached_property
    def lengths(self) -> NDArray[Any]:
        """Steps of each example (n)."""
        lengths: NDArray[Any] = self.whole.lengths[self.indices]
        return lengths

    @property
    def targets(self) -> NDArray[Any]:
        """The targets of each example (n, …)."""
        targets: NDArray[Any] = self.whole.targets[self.indices]
        return targets

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The examples at the places (B) within the part."""
        return self.whole.rows(self.indices[indices])

    def batches(
        self, *, batch_size: int, seed: int, epoch: int, of: NDArray[np.int64] | None = None
    ) -> list[NDArray[np.int64]]:
        """The batches of an epoch as places within the part, made as the whole split makes its own.

        Args:
            batch_size: About how many examples a batch has.
            seed: The training seed.
            epoch: The epoch's number.
            of: Only these places; all by default.
        """
        rows = np.arange(len(self)) if of is None else of
        if isinstance(self.whole, OwnBatches):
            chosen = self.whole.batches(batch_size=batch_size, seed=seed, epoch=epoch, of=self.indices[rows])
            return [np.searchsorted(self.indices, batch) for batch in chosen]
        order = batch_order(self.lengths[rows], batch_size=batch_size, seed=seed, epoch=epoch)
        return [rows[batch] for batch in order]


def subset_of(split: SequenceSplit, share: float, *, seed: int) -> SequenceSplit:
    """The share of a split that a seed draws; a smaller share is inside every larger one of that seed.

    Args:
        split: The whole, which is returned as it is for a share of 1.
        share: Above 0, at most 1; at least one example remains.
        seed: The leg's seed, so that what the draw of examples does to a score shows between seeds.
    """
    if share == 1.0:
        return split
    count = max(round(share * len(split)), 1)
    # The first ones of one order, so that a smaller share lies inside a larger one.
    return Subset(split, np.sort(permutation(len(split), Key.part(seed))[:count]))
