"""Train, valid and test: by seed, each class in the same proportion; and the rule that a person sets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.config.settings import Shares
from seqcli.data.arrays import ROWS_AT_ONCE, note_read
from seqcli.data.config import DataConfig
from seqcli.data.randomness import Key, permutation
from seqcli.data.row_arrays import (
    blocks,
    counted,
    in_order,
    joined,
    places_of,
    places_other_than,
    row_array,
    taken,
)
from seqcli.errors import DataError, UsageError

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
    # Decimal fractions such as 0.8 + 0.1 + 0.1 do not add up to exactly 1 as floats.
    if min(fractions) < 0 or abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(f"fractions must be at least 0 and add up to 1, got {fractions}")
    classes = np.asarray(labels, dtype=np.int64)
    counts = counted(classes)
    # Test is drawn first and a class of one stays in training: nothing else could teach it.
    test = np.minimum(_apportioned(counts, fractions[2], smallest=2), np.maximum(counts - 1, 0))
    left = counts - test
    # A share of what test has left, so that both have their shares of the whole.
    valid_of_left = fractions[1] / (1 - fractions[2]) if fractions[1] else 0.0
    valid = np.minimum(_apportioned(left, valid_of_left, smallest=2), np.maximum(left - 1, 0))
    part_of = row_array(len(classes), np.uint8)
    for label, count in enumerate(counts.tolist()):
        drawn = permutation(count, Key.split(seed, label))
        members = places_of(classes, label)
        cuts = (0, int(test[label]), int(test[label] + valid[label]))
        for number, begin, end in ((2, *cuts[:2]), (1, *cuts[1:])):
            part_of[members[drawn[begin:end]]] = number
    return places_of(part_of, 0), places_of(part_of, 1), places_of(part_of, 2)


def _apportioned(counts: Indices, fraction: float, *, smallest: int) -> Indices:
    """A fraction of the whole shared out to the classes by largest remainder.

    Args:
        counts: Each class's examples (classes).
        fraction: The share of the whole.
        smallest: From how many examples on a class gets at least one.
    """
    exact = counts * fraction
    shares: Indices = np.floor(exact).astype(np.int64)
    # Half up, not to even as `round` does: sizes then grow evenly with the data.
    missing = int(np.floor(counts.sum() * fraction + 0.5)) - int(shares.sum())
    # A stable order: of equal remainders the class that stands first gets the example, on any machine.
    most = np.argsort(-(exact - shares), kind="stable")[: max(missing, 0)]
    shares[most] += 1
    if fraction:
        shares = np.maximum(shares, (counts >= smallest).astype(np.int64))
    return shares


def stratified_folds(labels: Sequence[int] | NDArray[np.int64], folds: int, *, seed: int) -> Indices:
    """The fold of each example, from 0 (N): each class is dealt out in turn, in an order drawn by seed.

    Folds differ by one example at most, of each class and in all. A pure function of its arguments.
    """
    classes = np.asarray(labels, dtype=np.int64)
    fold = row_array(len(classes), np.int64)
    dealt = 0
    for label, count in enumerate(counted(classes).tolist()):
        order = taken(places_of(classes, label), permutation(count, Key.folds(seed, label)))
        # Each class goes on where the one before ended: else the first folds would get every class's
        # remainder.
        for part in blocks(count):
            fold[order[part]] = (dealt + np.arange(part.start, part.stop)) % folds
            note_read(8 * ROWS_AT_ONCE)
        dealt += count
    return fold


def folded(
    places: tuple[Indices, Indices, Indices], rule: "SplitRule", *, name: str, called: str
) -> tuple[Indices, Indices, Indices]:
    """Train and test divided anew into the rule's folds, of which it tests one; validation stays as it is.

    Args:
        places: The indices of train, valid and test.
        rule: Without folds it leaves them as they are.
        name: What the data is called in messages.
        called: The word for what is divided.

    Raises:
        DataError: There are fewer than folds.
    """
    if not rule.folds:
        return places
    train, valid, test = places
    pool = in_order(joined((train, test), np.int64))[1]
    if len(pool) < rule.folds:
        raise DataError(
            f"{name}: {len(pool):,} different {called} in train and test together are fewer than {rule.folds}"
            " folds",
            "Say fewer folds, or give more data.",
        )
    fold = stratified_folds(row_array(len(pool), np.int64), rule.folds, seed=rule.seed)
    learnt, tested = places_other_than(fold, rule.fold), places_of(fold, rule.fold)
    return taken(pool, learnt), valid, taken(pool, tested)


_HELD_OUT = 0.1
"""The share of the data that validation and test take each."""


@dataclass(frozen=True)
class SplitRule:
    """The rule by which a table is divided.

    Args:
        seed: The seed of the split.
        shares: Of train, valid and test; None takes a tenth for each split that is not ready-made.
        folds: Of a cross-validation, how many test sets train and test are divided into; 0 for none.
        fold: Which of them is tested on.
        duplicates: What becomes of repeated texts: 'drop', 'keep' or 'error'; None for what is usual.
    """

    seed: int
    shares: Shares | None = None
    folds: int = 0
    fold: int = 0
    duplicates: str | None = None

    @classmethod
    def of(cls, config: DataConfig) -> "SplitRule":
        """The rule that a configuration asks for.

        Raises:
            UsageError: It has folds, and does not say which one is tested on; or it divides by time.
        """
        if config.folds and config.fold is None:
            raise UsageError(
                f"folds {config.folds} needs the fold to test on", "Say fold too, or `compare` all of them."
            )
        shares = config.split
        if shares is not None and isinstance(shares[0], str):
            raise UsageError(
                f"--split {','.join(map(str, shares))} names spans of time, which divide series alone",
                "Say shares, such as --split 80,10,10.",
            )
        return cls(
            config.split_seed,
            shares,
            config.folds or 0,
            config.fold or 0,
            config.duplicates,
        )

    def check(self, parts: Mapping[str, str]) -> None:
        """Refuse shares and folds of data whose splits are made.

        Args:
            parts: The splits that are ready-made, 'train' among them, and their tables' names.

        Raises:
            UsageError: Which of the two, and which split is there.
        """
        claims = {
            "split": ("valid", "test") if self.shares else (),
            "folds": ("test",) if self.folds else (),
        }
        for option, splits in claims.items():
            for name in splits:
                if name in parts:
                    raise UsageError(
                        f"--{option} divides one table, and {parts[name]} has a {name} split of its own",
                        "Leave it out.",
                    )

    def with_missing(self, missing: Sequence[str]) -> tuple[float, float, float]:
        """The shares, where only these splits are to be taken off."""
        if self.shares is not None:
            return self.shares
        valid, test = (_HELD_OUT if name in missing else 0.0 for name in ("valid", "test"))
        return 1 - valid - test, valid, test
