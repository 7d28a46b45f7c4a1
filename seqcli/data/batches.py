"""Which examples make up each batch: similar lengths together, in an order fixed by seed and epoch."""

import numpy as np
from numpy.typing import NDArray

from seqcli.data.randomness import Key, permutation
from seqcli.data.sequences import OwnBatches, SequenceSplit

Order = list[NDArray[np.int64]]

_POOL = 50
"""How many batches are sorted by length together: enough that padding nearly vanishes, few enough that
batches differ from epoch to epoch."""


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
    batches: Order = []
    for start in range(0, len(order), _POOL * batch_size):
        pool = order[start : start + _POOL * batch_size]
        by_length = pool[np.argsort(lengths[pool], kind="stable")]
        batches.extend(by_length[i : i + batch_size] for i in range(0, len(by_length), batch_size))
    return [batches[i] for i in permutation(len(batches), Key.batches(seed, epoch))]


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
    order = np.argsort(lengths, kind="stable").astype(np.int64)
    return [order[i : i + batch_size] for i in range(0, len(order), batch_size)]
