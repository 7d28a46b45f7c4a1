"""A part of a training split: how much data is enough is a question that needs less data to answer."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.batches import batch_order
from seqcli.data.randomness import Key, permutation
from seqcli.data.sequences import OwnBatches, Rows, SequenceSplit


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
        """What is to be predicted of each example (n, …)."""
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
        taken = np.arange(len(self)) if of is None else of
        if isinstance(self.whole, OwnBatches):
            chosen = self.whole.batches(batch_size=batch_size, seed=seed, epoch=epoch, of=self.indices[taken])
            return [np.searchsorted(self.indices, batch) for batch in chosen]
        order = batch_order(self.lengths[taken], batch_size=batch_size, seed=seed, epoch=epoch)
        return [taken[batch] for batch in order]


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
    return Subset(split, np.sort(permutation(len(split), Key.part(seed))[:count]))
