"""Train, valid and test: by seed, each class in the same proportion; no text in two of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqcli.data.examples import Distinct, LabelledTexts, distinct, overlap
from seqcli.data.labels import check_classes, class_order, label_warnings, one_spelling
from seqcli.data.prepared import SPLITS
from seqcli.data.randomness import Key, permutation
from seqcli.data.tables import quoted
from seqcli.errors import DataError, first_names

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


_HELD_OUT = 0.1
"""The share of the data that validation and test take each."""


@dataclass(frozen=True, eq=False)
class Chosen:
    """Some examples of a table.

    Args:
        examples: The table's examples.
        indices: Which of them, in order (N).
        targets: The class of each one chosen, as its place among the classes (N).
    """

    examples: LabelledTexts
    indices: NDArray[np.int64]
    targets: NDArray[np.int64]

    def texts(self) -> Iterator[str]:
        """The texts chosen, one by one."""
        return self.examples.texts.picked(self.indices)

    def picked(self, places: NDArray[np.int64]) -> "Chosen":
        """Of those chosen the ones at these places."""
        return replace(self, indices=self.indices[places], targets=self.targets[places])

    def class_counts(self, classes: tuple[str, ...]) -> dict[str, int]:
        """Return how many examples each class has."""
        return dict(zip(classes, np.bincount(self.targets, minlength=len(classes)).tolist(), strict=True))


@dataclass(frozen=True)
class Division:
    """The three splits.

    Args:
        splits: The examples under 'train', 'valid' and 'test'.
        classes: The classes' names in the order of their numbers.
        duplicates: How many examples were dropped because an earlier one has the same text.
        conflicting: How many of those had another label than the earlier one.
        warnings: What a person should look at, as sentences.
    """

    splits: Mapping[str, Chosen]
    classes: tuple[str, ...]
    duplicates: int
    conflicting: int
    warnings: tuple[str, ...]


def divide(parts: Mapping[str, LabelledTexts], *, seed: int) -> Division:
    """The splits of the examples read.

    Missing splits are taken off the training examples, a tenth of them each, after repeated texts are
    dropped; the texts and the seed decide which, the order of the rows plays no part. Ready-made splits stay
    as they are.

    Args:
        parts: The examples under 'train', and ready-made ones under 'valid' and 'test'.
        seed: The seed of the split.

    Raises:
        DataError: There are not two classes with two rows each, a split would be empty, or a ready-made split
            has a class that training lacks.
    """
    spelling = one_spelling({label for part in parts.values() for label in part.labels})
    missing = [name for name in ("valid", "test") if name not in parts]
    train = parts["train"]
    names = [spelling[label] for label in train.labels]
    unrepeated = distinct(train, names) if missing else Distinct(np.arange(len(train)), 0, 0)
    pool = [names[index] for index in unrepeated.rows]
    _check_kept(pool, names, train.table.name, unrepeated)
    check_classes(pool, train.table.name, lambda place: train.place(int(unrepeated.rows[place])))
    classes = class_order(pool)
    splits = _split_off(Chosen(train, unrepeated.rows, _numbers(pool, classes)), missing, seed)
    for name in parts.keys() - {"train"}:
        splits[name] = _ready_made(parts[name], spelling, classes)
    return Division(
        splits={name: splits[name] for name in SPLITS},
        classes=classes,
        duplicates=unrepeated.dropped,
        conflicting=unrepeated.conflicting,
        warnings=(
            *label_warnings(spelling),
            *_conflicts(unrepeated),
            *_few_to_learn_from(splits["train"], pool),
            *_overlaps(parts),
        ),
    )


def _numbers(names: Sequence[str], classes: tuple[str, ...]) -> NDArray[np.int64]:
    """Each name's place among the classes (N)."""
    places = {name: place for place, name in enumerate(classes)}
    return np.array([places[name] for name in names], np.int64)


def _split_off(train: Chosen, missing: Sequence[str], seed: int) -> dict[str, Chosen]:
    """The training examples without those that the missing splits take.

    Raises:
        DataError: One of the splits would be empty.
    """
    valid, test = (_HELD_OUT if name in missing else 0.0 for name in ("valid", "test"))
    shares = (1 - valid - test, valid, test)
    indices = stratified_split(train.targets, seed=seed, fractions=shares)
    splits = {name: train.picked(places) for name, places in zip(SPLITS, indices, strict=True)}
    for name in missing:
        if not len(splits[name].indices):
            rows = f"{len(train.indices)} different texts"
            raise DataError(
                f"{train.examples.table.name}: {rows} are too few to take a {name} split from",
                "At least one class needs three.",
            )
    return {name: splits[name] for name in ("train", *missing)}


def _ready_made(examples: LabelledTexts, spelling: Mapping[str, str], classes: tuple[str, ...]) -> Chosen:
    """All examples of a ready-made split.

    Raises:
        DataError: One has a class that the training examples lack.
    """
    names = [spelling[label] for label in examples.labels]
    known = set(classes)
    for index, name in enumerate(names):
        if name not in known:
            raise DataError(
                f"{examples.place(index)}: the label {quoted(name)} does not occur in the training data",
                f"Its labels: {first_names(list(map(quoted, classes)))}.",
            )
    return Chosen(examples, np.arange(len(examples)), _numbers(names, classes))


def _check_kept(pool: Sequence[str], names: Sequence[str], table: str, unrepeated: Distinct) -> None:
    """Refuse rows of several classes of which only one is left once repeated texts are dropped.

    Raises:
        DataError: So it is.
    """
    if len(set(pool)) == 1 < len(set(names)):
        raise DataError(
            f"{table}: all {len(pool):,} different texts have the label {quoted(pool[0])}; "
            f"{unrepeated.conflicting:,} rows repeat one of them under another label",
            "Texts count as one where the tokenizer sees no difference: --no-lowercase and --tokenizer char "
            "keep upper and lower case apart.",
        )


def _conflicts(unrepeated: Distinct) -> tuple[str, ...]:
    rows = unrepeated.conflicting
    if not rows:
        return ()
    return (f"{rows:,} dropped rows repeat a text under another label; the first row's was kept",)


def _few_to_learn_from(train: Chosen, pool: Sequence[str]) -> Iterator[str]:
    """A sentence where many small classes leave training less than half."""
    left = len(train.indices)
    if 2 * left < len(pool):
        yield (
            f"only {left:,} of {len(pool):,} texts are left to train on: valid and test take at least one"
            " of each class"
        )


def _overlaps(parts: Mapping[str, LabelledTexts]) -> Iterator[str]:
    """A sentence for each pair of ready-made splits that share texts."""
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if first in parts and second in parts and (shared := overlap(parts[first], parts[second])):
            rows = len(parts[second])
            yield f"{shared:,} of {rows:,} {second} texts also occur in {first}: the score may flatter"
