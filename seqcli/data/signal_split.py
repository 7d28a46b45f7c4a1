"""Train, valid and test of signals: by seed and by class, no sequence in two of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.data.labels import class_order, label_warnings, one_spelling
from seqcli.data.prepared import SPLITS
from seqcli.data.signal_tables import Signal, SignalTable, same_channels
from seqcli.data.split import stratified_split
from seqcli.data.tables import quoted
from seqcli.errors import DataError, first_names

_HELD_OUT = 0.1
"""The share of the data that validation and test take each."""


@dataclass(frozen=True, eq=False)
class SignalDivision:
    """The three splits, and what was lost on the way.

    Args:
        splits: The sequences under 'train', 'valid' and 'test'.
        targets: Each one's class, as its place among the classes.
        classes: The classes' names in the order of their numbers.
        read: How many sequences were read.
        unlabelled: How many of them were left out because they have no label.
        duplicates: How many were dropped because an earlier one has the same values.
        conflicting: How many of those had another label than the earlier one.
        shared: Of ready-made splits, how many sequences also occur in training, by split.
        warnings: What a person should look at, as sentences.
    """

    splits: Mapping[str, Sequence[Signal]]
    targets: Mapping[str, NDArray[np.int64]]
    classes: tuple[str, ...]
    read: int
    unlabelled: int
    duplicates: int
    conflicting: int
    shared: Mapping[str, int]
    warnings: tuple[str, ...]


def divide_signals(
    parts: Mapping[str, SignalTable], *, seed: int, drop_unlabelled: bool = False
) -> SignalDivision:
    """The splits of the sequences read.

    Missing splits are taken off the training sequences, a tenth of them each, after repeated ones are
    dropped; the values and the seed decide which, the order in the file plays no part. Ready-made splits stay
    as they are.

    Args:
        parts: The tables under 'train', and ready-made ones under 'valid' and 'test'.
        seed: The seed of the split.
        drop_unlabelled: Whether sequences without a label are left out.

    Raises:
        DataError: A sequence has no label, there are not two classes of two sequences each, a split would be
            empty, or a ready-made one has other channels or a class that training lacks.
    """
    first = parts["train"]
    for table in parts.values():
        same_channels(table.channels, first.channels, table.location)
    usable = {name: labelled(table, drop=drop_unlabelled) for name, table in parts.items()}
    spelling = one_spelling({str(signal.label) for signals in usable.values() for signal in signals})
    missing = [name for name in ("valid", "test") if name not in parts]
    pool, conflicting = _distinct(usable["train"], spelling) if missing else (list(usable["train"]), 0)
    labels = [spelling[str(signal.label)] for signal in pool]
    _check_classes(first.location, pool, labels)
    classes = class_order(labels)
    places = {name: place for place, name in enumerate(classes)}
    targets = np.array([places[label] for label in labels], np.int64)
    splits = _split_off(first.location, pool, targets, missing=missing, seed=seed)
    for name in parts.keys() - {"train"}:
        _check_known(usable[name], spelling, classes)
        splits[name] = list(usable[name])
    digests = {signal.digest for signal in splits["train"]}
    return SignalDivision(
        splits={name: splits[name] for name in SPLITS},
        targets={
            name: np.array([places[spelling[str(signal.label)]] for signal in splits[name]], np.int64)
            for name in SPLITS
        },
        classes=classes,
        read=sum(len(table.signals) for table in parts.values()),
        unlabelled=sum(len(table.signals) - len(usable[name]) for name, table in parts.items()),
        duplicates=len(usable["train"]) - len(pool),
        conflicting=conflicting,
        shared={
            name: sum(signal.digest in digests for signal in usable[name])
            for name in SPLITS
            if name in parts.keys() - {"train"}
        },
        warnings=label_warnings(spelling),
    )


def labelled(table: SignalTable, *, drop: bool) -> list[Signal]:
    """The sequences that have a label.

    Raises:
        DataError: Some have none and are not dropped, or all have none.
    """
    signals = [signal for signal in table.signals if signal.label is not None]
    lost = len(table.signals) - len(signals)
    if lost and not (signals and drop):
        first = next(signal for signal in table.signals if signal.label is None)
        raise DataError(
            f"{first.where}: the sequence {quoted(first.name)} has no label"
            + (f"; {lost:,} of {len(table.signals):,} have none" if lost > 1 else ""),
            "Give each one, or leave such sequences out: --missing-labels drop."
            if signals
            else "Is this the column of labels? Name another with --label-column.",
        )
    return signals


def _distinct(signals: Sequence[Signal], spelling: Mapping[str, str]) -> tuple[list[Signal], int]:
    """The first of each sequence of equal values, by their hashes, and how many others have another label."""
    firsts: dict[bytes, Signal] = {}
    conflicting = 0
    for signal in signals:
        first = firsts.setdefault(signal.digest, signal)
        conflicting += spelling[str(first.label)] != spelling[str(signal.label)]
    return [firsts[digest] for digest in sorted(firsts)], conflicting


def _check_classes(location: str, signals: Sequence[Signal], labels: Sequence[str]) -> None:
    """Check that there are at least two classes, each with at least two sequences.

    Raises:
        DataError: There is nothing to tell apart, or nothing to learn a class from.
    """
    counts = Counter(labels)
    if len(counts) == 1:
        raise DataError(
            f"{location}: all {len(labels):,} different sequences have the label {quoted(labels[0])}"
            if len(labels) > 1
            else f"{location} holds one sequence, labelled {quoted(labels[0])}",
            "Classification needs at least two classes of several sequences each. Is this the column of"
            " labels (--label-column), and does another one name the sequences (--id-column)?",
        )
    single = [label for label in class_order(counts) if counts[label] == 1]
    if len(single) > 1 and len(single) == len(counts):
        raise DataError(
            f"{location}: each of its {len(counts):,} classes has one sequence",
            "Is this the column of labels? Its values look like names of sequences: say another with"
            " --label-column.",
        )
    if single:
        raise DataError(
            f"{signals[labels.index(single[0])].where}: the class {quoted(single[0])} has only this sequence",
            "Each class needs sequences to learn from and to test on: add some, or drop the class.",
        )


def _split_off(
    location: str, pool: Sequence[Signal], targets: NDArray[np.int64], *, missing: Sequence[str], seed: int
) -> dict[str, list[Signal]]:
    """The training sequences without those that the missing splits take.

    Raises:
        DataError: One of the splits would be empty.
    """
    valid, test = (_HELD_OUT if name in missing else 0.0 for name in ("valid", "test"))
    indices = stratified_split(targets, seed=seed, fractions=(1 - valid - test, valid, test))
    splits = {name: [pool[place] for place in signals] for name, signals in zip(SPLITS, indices, strict=True)}
    for name in missing:
        if not splits[name]:
            raise DataError(
                f"{location}: {len(pool):,} different sequences are too few to take a {name} split from",
                "At least one class needs three.",
            )
    return {name: splits[name] for name in ("train", *missing)}


def _check_known(signals: Sequence[Signal], spelling: Mapping[str, str], classes: Sequence[str]) -> None:
    """Check that training has every class of a ready-made split.

    Raises:
        DataError: It lacks one.
    """
    for signal in signals:
        if spelling[str(signal.label)] not in classes:
            raise DataError(
                f"{signal.where}: the label {quoted(str(signal.label))} does not occur in the training data",
                f"Its labels: {first_names(list(map(quoted, classes)))}.",
            )
