"""Which examples are for training, for choosing, and for testing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqcli.data.examples import Distinct, LabelledTexts, distinct, overlap
from seqcli.data.labels import check_classes, class_order, label_warnings, one_spelling
from seqcli.data.prepared import SPLITS
from seqcli.data.split import stratified_split
from seqcli.data.tables import quoted
from seqcli.errors import DataError, first_names

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
        """How many examples each class has."""
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
    found = distinct(train, names) if missing else Distinct(np.arange(len(train)), 0, 0)
    pool = [names[index] for index in found.kept]
    check_classes(pool, train.table.name, lambda place: train.place(int(found.kept[place])))
    classes = class_order(pool)
    splits = _split_off(Chosen(train, found.kept, _numbers(pool, classes)), missing, seed)
    for name in parts.keys() - {"train"}:
        splits[name] = _ready_made(parts[name], spelling, classes)
    return Division(
        splits={name: splits[name] for name in SPLITS},
        classes=classes,
        duplicates=found.dropped,
        conflicting=found.conflicting,
        warnings=(
            *label_warnings(spelling),
            *_conflicts(found),
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


def _conflicts(found: Distinct) -> tuple[str, ...]:
    if not found.conflicting:
        return ()
    return (
        f"{found.conflicting:,} dropped rows repeat a text under another label; the first row's was kept",
    )


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
    for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if one in parts and other in parts and (shared := overlap(parts[one], parts[other])):
            rows = len(parts[other])
            yield f"{shared:,} of {rows:,} {other} texts also occur in {one}: the score may flatter"
