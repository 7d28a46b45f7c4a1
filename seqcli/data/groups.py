"""Parts of labelled examples of which none shares a group with another: patients, authors, conversations."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ROWS_AT_ONCE, note_read
from seqcli.data.randomness import Key, permutation
from seqcli.data.row_arrays import blocks, counted, places_of, taken

Counts = NDArray[np.int64]

LARGE = 0.1
"""Groups beyond this share of the smallest part are placed first: what they leave open, small ones fill."""


def grouped_parts(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    shares: Sequence[float],
    *,
    seed: int,
    complete: int | None = None,
) -> list[NDArray[np.int64]]:
    """The indices of each part, ascending; see `part_of_each`."""
    part = part_of_each(labels, groups, shares, seed=seed, complete=complete)
    return [places_of(part, number) for number in range(len(shares))]


def part_of_each(
    labels: NDArray[np.int64],
    groups: NDArray[np.int64],
    shares: Sequence[float],
    *,
    seed: int,
    complete: int | None = None,
) -> NDArray[np.int64]:
    """The part of each example (N); whole groups, each class as near to its share as those allow.

    One group after the other goes where the squared distance of the classes' shares from those wished for
    falls most; large groups first, the small ones in an order drawn by seed. No part stays empty while there
    are groups enough. A pure function of its arguments.

    Args:
        labels: Each example's class, from 0 (N).
        groups: Each example's group, from 0 (N).
        shares: The share of each part; they add up to 1.
        seed: The seed of the order.
        complete: The part that gets every class that there is, whatever the shares say.
    """
    table = _table(labels, groups)
    wished = np.outer(shares, table.sum(axis=0))
    weights = 1.0 / np.maximum(table.sum(axis=0), 1) ** 2
    filled = np.zeros_like(wished)
    place_of = np.zeros(len(table), np.int64)
    waiting = (table > 0).sum(axis=0)
    order = _in_order(table, min(shares), seed)
    for done, group in enumerate(order):
        row = table[group]
        allowed = np.arange(len(shares))
        empty = np.flatnonzero(filled.sum(axis=1) == 0)
        if len(order) - done <= len(empty):
            allowed = empty
        if complete is not None and np.any((row > 0) & (waiting == 1) & (filled[complete] == 0)):
            allowed = np.array([complete])
        gap = filled[allowed] - wished[allowed]
        change = (((gap + row) ** 2 - gap**2) * weights).sum(axis=1)
        chosen = allowed[int(np.argmin(change))]
        filled[chosen] += row
        place_of[group] = chosen
        waiting -= row > 0
    return taken(place_of, groups)


def _table(labels: NDArray[np.int64], groups: NDArray[np.int64]) -> Counts:
    """The examples of each class in each group (groups, classes)."""
    table = np.zeros((len(counted(groups)), len(counted(labels))), np.int64)
    for part in blocks(len(labels)):
        np.add.at(table, (groups[part], labels[part]), 1)
        note_read(2 * 8 * ROWS_AT_ONCE)
    return table


def _in_order(table: Counts, smallest: float, seed: int) -> list[int]:
    """The groups, large ones first by size, the others as the seed has it."""
    sizes = table.sum(axis=1)
    large = LARGE * smallest * sizes.sum()
    drawn = permutation(len(table), Key.groups(seed)).tolist()
    return sorted(drawn, key=lambda group: -int(sizes[group]) if sizes[group] > large else 0)
