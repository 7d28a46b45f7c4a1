"""Train, valid and test: each class in the same proportion, by seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqcli.data.randomness import Key, permutation

Indices = NDArray[np.int64]


def stratified_split(
    labels: Sequence[int] | NDArray[np.int64],
    *,
    seed: int,
    fractions: tuple[float, float, float] = (0.8, 0.1, 0.1),
) -> tuple[Indices, Indices, Indices]:
    """The indices of train, valid and test, each in ascending order; every index is in exactly one.

    Each class has its share of valid and test to within one, at least one where it has rows enough (three,
    or two for test), and always one in train. Where classes are large the sizes are the whole's fractions,
    rounded; many small ones make valid and test larger: of 100 classes of 3 rows each split has 100.
    A pure function of its arguments: it depends on the order of the labels, so callers bring them into an
    order that does not depend on the file's.

    Args:
        labels: Each example's class, from 0 (N).
        seed: The seed.
        fractions: The shares of train, valid and test; they add up to 1, and 0 leaves a split empty.

    Raises:
        ValueError: The fractions are negative or do not add up to 1.
    """
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(f"fractions must be at least 0 and add up to 1, got {fractions}")
    classes = np.asarray(labels, dtype=np.int64)
    counts = np.bincount(classes)
    test = np.minimum(_apportioned(counts, fractions[2], smallest=2), np.maximum(counts - 1, 0))
    left = counts - test
    valid_of_left = fractions[1] / (1 - fractions[2]) if fractions[1] else 0.0
    valid = np.minimum(_apportioned(left, valid_of_left, smallest=2), np.maximum(left - 1, 0))
    parts: tuple[list[Indices], ...] = tuple([np.zeros(0, np.int64)] for _ in range(3))
    for label, count in enumerate(counts):
        order = np.flatnonzero(classes == label)[permutation(int(count), Key.split(seed, label))]
        cuts = np.cumsum([test[label], valid[label]])
        for part, chosen in zip(parts, reversed(np.split(order, cuts)), strict=True):
            part.append(chosen)
    train, valid_indices, test_indices = (np.sort(np.concatenate(part)) for part in parts)
    return train, valid_indices, test_indices


def _apportioned(counts: Indices, fraction: float, *, smallest: int) -> Indices:
    """A fraction of the whole shared out to the classes by largest remainder.

    Args:
        counts: Each class's examples (classes).
        fraction: The share of the whole.
        smallest: From how many examples on a class gets at least one.
    """
    exact = counts * fraction
    shares: Indices = np.floor(exact).astype(np.int64)
    missing = int(np.floor(counts.sum() * fraction + 0.5)) - int(shares.sum())
    most = np.argsort(-(exact - shares), kind="stable")[: max(missing, 0)]
    shares[most] += 1
    if fraction:
        shares = np.maximum(shares, (counts >= smallest).astype(np.int64))
    return shares
