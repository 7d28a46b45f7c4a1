"""Train, valid and test of signals: by seed, by class and by group, no sequence in two of them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.examples import Distinct, LabelledExamples
from seqcli.data.labels import CodedLabels, class_order, label_warnings, one_spelling
from seqcli.data.prepared import SPLITS
from seqcli.data.signal_tables import Signal, SignalTable, same_channels
from seqcli.data.split import SplitRule
from seqcli.data.tables import quoted
from seqcli.data.text_split import Chosen, Division, divide
from seqcli.errors import DataError, first_names


@dataclass(frozen=True, eq=False)
class LabelledSignals:
    """The labelled sequences of one location, as a split needs them.

    Args:
        name: What messages call the location.
        signals: The sequences (N).
        labels: The label of each (N); where steps have their own, one and the same, for a split cannot
            hold each label's share of the steps.
        groups: The group of each (N); None where they belong to none.
        called: The word for them.
    """

    name: str
    signals: Sequence[Signal]
    labels: list[str]
    groups: CodedLabels | None
    called: str = "sequences"

    @classmethod
    def of(cls, table: SignalTable, *, drop: bool, per_step: bool) -> "LabelledSignals":
        """Those of a table that have a label.

        Raises:
            DataError: Some have none and are not dropped, or all have none.
        """
        signals = labelled(table, drop=drop)
        if per_step and not drop:
            _refuse_gaps(signals)
        labels = [ANY if per_step else str(signal.label) for signal in signals]
        grouped = table.columns.group
        groups = CodedLabels.of([str(signal.group) for signal in signals]) if grouped else None
        return cls(table.location, signals, labels, groups)

    @property
    def digests(self) -> NDArray[np.uint64]:
        """A hash of each one's values (N), the first eight bytes of its SHA-256."""
        first = b"".join(signal.digest[:8] for signal in self.signals)
        # One order of bytes by name: the digests, and with them the split, are the same on every machine.
        return np.frombuffer(first, ">u8").astype(np.uint64)

    def __len__(self) -> int:
        return len(self.signals)

    def place(self, index: int) -> str:
        """Return the place of a sequence, for messages."""
        return self.signals[index].where


ANY = "any"
"""The one class of sequences whose steps have labels."""


@dataclass(frozen=True, eq=False)
class SignalDivision:
    """The three splits, and what was lost on the way.

    Args:
        splits: The sequences under 'train', 'valid' and 'test'.
        spelling: The class that each label spells.
        classes: The classes' names in the order of their numbers.
        read: How many sequences were read.
        unlabelled: How many of them were left out because they have no label.
        duplicates: How many were dropped because an earlier one has the same values.
        conflicting: How many of those had another label than the earlier one.
        shared: Of ready-made splits, how many sequences also occur in training, by split.
        warnings: What a person should look at, as sentences.
        groups: How many groups each split has; empty where there are none.
    """

    splits: Mapping[str, Sequence[Signal]]
    spelling: Mapping[str, str]
    classes: tuple[str, ...]
    read: int
    unlabelled: int
    duplicates: int
    conflicting: int
    shared: Mapping[str, int]
    warnings: tuple[str, ...]
    groups: Mapping[str, int] = field(default_factory=dict)

    def targets(self, split: str) -> NDArray[np.int64]:
        """The class of each sequence of a split, as its place among the classes (N)."""
        places = {name: place for place, name in enumerate(self.classes)}
        return np.array([places[self.spelling[str(signal.label)]] for signal in self.splits[split]], np.int64)

    def step_targets(self, signal: Signal) -> NDArray[np.int32]:
        """The class of each step of a sequence (T), `NO_ANSWER` where it has none."""
        places: dict[str | None, int] = {
            label: self.classes.index(name) for label, name in self.spelling.items()
        }
        return np.array([places.get(label, NO_ANSWER) for label in signal.step_labels], np.int32)


def divide_signals(
    parts: Mapping[str, SignalTable],
    rule: SplitRule,
    *,
    drop_unlabelled: bool = False,
    per_step: bool = False,
) -> SignalDivision:
    """The splits of the sequences read, taken off as `text_split.divide` does it, by their values.

    Args:
        parts: The tables under 'train', and ready-made ones under 'valid' and 'test'.
        rule: How missing ones are taken off.
        drop_unlabelled: Whether sequences, or steps, without a label are left out.
        per_step: Whether steps have labels, and not whole sequences.

    Raises:
        DataError: A sequence has no label, there are not two classes of two sequences each, a split would be
            empty, or a ready-made one has other channels or a class that training lacks.
        UsageError: The rule asks for shares or folds, and splits are ready-made.
    """
    first = parts["train"]
    for table in parts.values():
        same_channels(table.channels, first.channels, table.location)
    usable = {
        name: LabelledSignals.of(table, drop=drop_unlabelled, per_step=per_step)
        for name, table in parts.items()
    }
    spelling = one_spelling({label for part in usable.values() for label in _labels(part.signals)})
    division = divide(usable, rule, _check_steps if per_step else _check_classes)
    splits = {name: _signals(chosen) for name, chosen in division.splits.items()}
    classes = _step_classes(usable, spelling) if per_step else division.classes
    digests = {signal.digest for signal in splits["train"]}
    return SignalDivision(
        splits=splits,
        spelling=spelling,
        classes=classes,
        read=sum(len(table.signals) for table in parts.values()),
        unlabelled=sum(len(table.signals) - len(usable[name]) for name, table in parts.items()),
        duplicates=division.duplicates,
        conflicting=division.conflicting,
        shared={
            name: sum(signal.digest in digests for signal in splits[name])
            for name in SPLITS
            if name in parts.keys() - {"train"}
        },
        warnings=tuple(_warnings(division, splits, spelling, per_step=per_step)),
        groups=dict(division.groups),
    )


def _signals(chosen: Chosen[LabelledSignals]) -> list[Signal]:
    return [chosen.examples.signals[place] for place in chosen.indices.tolist()]


def _labels(signals: Sequence[Signal]) -> set[str]:
    """The labels that occur, of the steps where those have their own."""
    return {
        str(label)
        for signal in signals
        for label in (signal.step_labels or (signal.label,))
        if label is not None
    }


def _warnings(
    division: Division[LabelledSignals],
    splits: Mapping[str, Sequence[Signal]],
    spelling: Mapping[str, str],
    *,
    per_step: bool,
) -> Iterator[str]:
    """The sentences about spellings, and of labels of steps that no training sequence has."""
    if not per_step:
        yield from division.warnings
        return
    yield from label_warnings(spelling)
    yield from division.warnings
    learnt = {spelling[label] for label in _labels(splits["train"])}
    lost = sorted(set(spelling.values()) - learnt)
    if lost:
        yield data_words.unlearnt_labels(lost, "sequence")


def _step_classes(usable: Mapping[str, LabelledSignals], spelling: Mapping[str, str]) -> tuple[str, ...]:
    """The classes of the steps of what is learnt from and divided.

    Raises:
        DataError: A ready-made split has another one.
    """
    classes = class_order(spelling[label] for label in _labels(usable["train"].signals))
    for name in usable.keys() - {"train"}:
        for signal in usable[name].signals:
            for label in signal.step_labels:
                if label is not None and spelling[label] not in classes:
                    raise DataError(
                        f"{signal.where}: the label {quoted(label)} does not occur in the training data",
                        f"Its labels: {first_names(list(map(quoted, classes)))}.",
                    )
    return classes


def _refuse_gaps(signals: Sequence[Signal]) -> None:
    """Refuse steps without a label.

    Raises:
        DataError: The first sequence that has one, and how many steps have none.
    """
    gaps = [signal for signal in signals if None in signal.step_labels]
    if gaps:
        lost = sum(signal.step_labels.count(None) for signal in gaps)
        steps = sum(len(signal.step_labels) for signal in signals)
        raise DataError(
            f"{gaps[0].where}: step {gaps[0].step_labels.index(None) + 1} of the sequence"
            f" {quoted(gaps[0].name)} has no label; {lost:,} of {steps:,} steps have none",
            "Give each one, or score and learn the others alone: --missing-labels drop.",
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


def _check_steps(train: LabelledSignals, names: Sequence[str], unrepeated: Distinct) -> None:  # noqa: ARG001 one contract
    """Check that steps have at least two classes.

    Raises:
        DataError: There is nothing to tell apart.
    """
    occurring = _labels(train.signals)
    if len(occurring) < 2:
        raise DataError(
            f"{train.name}: all steps have the label {quoted(next(iter(occurring)))}",
            "Classification needs at least two classes. Is this the column of labels (--label-column)?",
        )


def _check_classes(train: LabelledExamples, names: Sequence[str], unrepeated: Distinct) -> None:
    """Check that there are at least two classes, each with at least two sequences.

    Raises:
        DataError: There is nothing to tell apart, or nothing to learn a class from.
    """
    location, labels = train.name, [names[index] for index in unrepeated.rows]
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
        place = int(unrepeated.rows[labels.index(single[0])])
        raise DataError(
            f"{train.place(place)}: the class {quoted(single[0])} has only this sequence",
            "Each class needs sequences to learn from and to test on: add some, or drop the class.",
        )
