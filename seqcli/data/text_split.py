"""Labelled examples divided into train, valid and test, by groups and into folds where a person asks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.examples import Distinct, LabelledExamples, distinct, overlap
from seqcli.data.groups import grouped_parts, part_of_each
from seqcli.data.labels import CodedLabels, check_classes, class_order, label_warnings, one_spelling
from seqcli.data.prepared import SPLITS
from seqcli.data.repeats import Repeats, once, refuse_repeats
from seqcli.data.row_arrays import (
    among,
    blocks,
    counted,
    counting,
    different,
    in_order,
    joined,
    places_of,
    places_other_than,
    shared_count,
    shared_places,
    taken,
)
from seqcli.data.split import Indices, SplitRule, stratified_folds, stratified_split
from seqcli.data.tables import quoted
from seqcli.errors import DataError, first_names

E = TypeVar("E", bound=LabelledExamples)


@dataclass(frozen=True, eq=False)
class Chosen(Generic[E]):
    """Some of the examples that were read from one place.

    Args:
        examples: All of them.
        indices: Which of them, in order (N).
        targets: The class of each one chosen, as its place among the classes (N).
    """

    examples: E
    indices: NDArray[np.int64]
    targets: NDArray[np.int64]

    def picked(self, places: NDArray[np.int64]) -> "Chosen[E]":
        """Of those chosen the ones at these places."""
        return replace(self, indices=taken(self.indices, places), targets=taken(self.targets, places))

    @property
    def groups(self) -> Indices | None:
        """The group of each one chosen, by its place in the order of the names (N); None without groups."""
        groups = self.examples.groups
        return None if groups is None else groups.picked(self.indices).numbers(sorted(self.group_names()))

    def group_names(self) -> set[str]:
        """The groups of those chosen."""
        groups = self.examples.groups
        return set() if groups is None else set(groups.picked(self.indices).counts())

    def class_counts(self, classes: tuple[str, ...]) -> dict[str, int]:
        """Return how many examples each class has."""
        return dict(zip(classes, counted(self.targets, len(classes)).tolist(), strict=True))


@dataclass(frozen=True)
class Division(Generic[E]):
    """The three splits.

    Args:
        splits: The examples under 'train', 'valid' and 'test'.
        classes: The classes' names in the order of their numbers.
        duplicates: How many examples were dropped because an earlier one has the same text.
        conflicting: How many of those had another label than the earlier one.
        warnings: What a person should look at, as sentences.
        groups: How many groups each split has; empty where there are none.
    """

    splits: Mapping[str, Chosen[E]]
    classes: tuple[str, ...]
    duplicates: int
    conflicting: int
    warnings: tuple[str, ...]
    groups: Mapping[str, int] = field(default_factory=dict)


Check = Callable[[E, Sequence[str], Distinct], None]
"""Refuses examples, their classes (N) and those of them without repeats where nothing can be learnt."""


def check_texts(train: LabelledExamples, names: Sequence[str], unrepeated: Distinct) -> None:
    """Check that texts leave two classes of two rows each once repeated ones are dropped.

    Raises:
        DataError: They do not.
    """
    pool = CodedLabels.of(names).picked(unrepeated.rows)
    _check_kept(pool, names, train.name, unrepeated)
    check_classes(pool, train.name, lambda place: train.place(int(unrepeated.rows[place])))


def divide(parts: Mapping[str, E], rule: SplitRule, check: Check[E] = check_texts) -> Division[E]:
    """The splits of the examples read.

    Missing splits are taken off the training examples, a tenth of them each unless the rule says otherwise,
    after repeated texts are dropped; the texts and the seed decide which, the order of the rows plays no
    part. Ready-made splits stay as they are.

    Args:
        parts: The examples under 'train', and ready-made ones under 'valid' and 'test'.
        rule: How missing ones are taken off.
        check: Refuses training examples of which nothing can be learnt.

    Raises:
        DataError: There are not two classes with two rows each, a split would be empty, a ready-made split
            has a class that training lacks, or a group is in two of them.
        UsageError: The rule asks for shares or folds, and splits are ready-made.
    """
    rule.check({name: part.name for name, part in parts.items()})
    spelling = one_spelling({label for part in parts.values() for label in CodedLabels.of(part.labels).names})
    missing = [name for name in ("valid", "test") if name not in parts]
    train = parts["train"]
    names = CodedLabels.of(train.labels).respelt(spelling)
    left = _left_once(parts, spelling, rule)
    unrepeated = _to_learn_from(train, names, missing=missing, left=left, rule=rule)
    check(train, names, unrepeated)
    pool = names.picked(unrepeated.rows)
    classes = class_order(pool.counts())
    splits = _split_off(Chosen(train, unrepeated.rows, pool.numbers(classes)), missing, rule)
    if rule.folds:
        _into_folds(splits, classes, rule)
    if rule.duplicates == "keep" and train.groups is None:
        splits = {name: _with_repeats(chosen, names, classes) for name, chosen in splits.items()}
    for name in parts.keys() - {"train"}:
        rows = counting(len(parts[name])) if left is None else left.rows[name]
        splits[name] = _ready_made(parts[name], spelling, classes).picked(rows)
        _refuse_nothing_left(splits[name], name)
    _refuse_shared_groups(splits)
    return Division(
        splits={name: splits[name] for name in SPLITS},
        classes=classes,
        duplicates=unrepeated.dropped,
        conflicting=unrepeated.conflicting,
        warnings=(
            *label_warnings(spelling),
            *_conflicts(unrepeated, train.called),
            *_few_to_learn_from(splits["train"], pool),
            *(_overlaps(parts) if left is None else _dropped_across(left, train.called)),
            *_repeated(splits, rule),
            *_absent(splits, classes),
        ),
        groups={name: len(groups) for name in SPLITS if (groups := splits[name].group_names())},
    )


def _refuse_nothing_left(ready: Chosen[E], name: str) -> None:
    """Refuse a ready-made split that keeps no example.

    Raises:
        DataError: So it is.
    """
    if not len(ready.indices):
        raise DataError(
            f"{ready.examples.name}: nothing is left of the {name} split, for all its {len(ready.examples):,}"
            f" {ready.examples.called} also occur in test",
            f"Leave --{name} out, so that it is taken off training, or --duplicates.",
        )


def _left_once(parts: Mapping[str, E], spelling: Mapping[str, str], rule: SplitRule) -> Repeats | None:
    """The rows under which each text stands once; None where not all repeated texts are to be dropped.

    Raises:
        DataError: There are some, and they are refused.
    """
    if rule.duplicates not in ("drop", "error"):
        return None
    digests = {name: part.digests for name, part in parts.items()}
    classes = tuple(dict.fromkeys(spelling.values()))
    answers = {
        name: CodedLabels.of(part.labels).respelt(spelling).numbers(classes) for name, part in parts.items()
    }
    if rule.duplicates == "error":
        called = parts["train"].called
        refuse_repeats(digests, answers, lambda name, index: parts[name].place(index), called)
    return once(digests, answers)


def _to_learn_from(
    train: LabelledExamples,
    names: Sequence[str],
    *,
    missing: Sequence[str],
    left: Repeats | None,
    rule: SplitRule,
) -> Distinct:
    """The training examples that are divided, and how many others are dropped.

    Args:
        train: All of them.
        names: The class of each.
        missing: The splits that are taken off.
        left: The rows that are left of all splits, where repeated texts are dropped.
        rule: The rule of the split.
    """
    by_groups = rule.duplicates == "keep" and train.groups is not None
    unrepeated = distinct(train, names) if missing and not by_groups else Distinct(counting(len(train)), 0, 0)
    if left is not None:
        rows = among(unrepeated.rows, left.rows["train"], len(train))
        return Distinct(rows, left.dropped, left.conflicting)
    return replace(unrepeated, dropped=0, conflicting=0) if rule.duplicates == "keep" else unrepeated


def _with_repeats(chosen: Chosen[E], names: CodedLabels, classes: tuple[str, ...]) -> Chosen[E]:
    """The same examples and all others of their texts, in an order that is not that of the rows."""
    digests = chosen.examples.digests
    every, ordered = in_order(digests)
    rows = taken(every, shared_places(ordered, in_order(taken(digests, chosen.indices))[1]))
    # By text and then by class: a stable order by the latter is kept by one by the former.
    rows = taken(rows, in_order(names.picked(rows).numbers(classes))[0])
    rows = taken(rows, in_order(taken(digests, rows))[0])
    return Chosen(chosen.examples, rows, names.picked(rows).numbers(classes))


def _dropped_across(left: Repeats, called: str) -> Iterator[str]:
    """A sentence about rows that were dropped because another split has their text."""
    if left.across:
        yield data_words.repeated_elsewhere(left.across, called)


def _repeated(splits: Mapping[str, Chosen[E]], rule: SplitRule) -> Iterator[str]:
    """A sentence for each split that holds rows of one text, and for two of one table that share texts."""
    digests = {
        name: in_order(taken(chosen.examples.digests, chosen.indices))[1] for name, chosen in splits.items()
    }
    for name, chosen in splits.items():
        if different(digests[name]) < len(digests[name]):
            own = taken(chosen.examples.digests, chosen.indices)
            repeats = once({name: own}, {name: chosen.targets})
            sentence = data_words.repeated_rows(
                repeats.dropped,
                len(chosen.indices),
                name,
                conflicting=repeats.conflicting,
                called=chosen.examples.called,
            )
            yield sentence if rule.duplicates else f"{sentence} (--duplicates drop leaves one)"
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if splits[first].examples is splits[second].examples:
            shared = shared_count(digests[second], digests[first])
            if shared:
                yield data_words.shared_texts(shared, second, first, called=splits[first].examples.called)


def _split_off(train: Chosen[E], missing: Sequence[str], rule: SplitRule) -> dict[str, Chosen[E]]:
    """The training examples without those that the missing splits take.

    Raises:
        DataError: One of the splits would be empty.
    """
    shares, groups = rule.with_missing(missing), train.groups
    indices: list[Indices] = []
    if groups is None or not missing:
        indices += stratified_split(train.targets, seed=rule.seed, fractions=shares)
    else:
        _refuse_few_groups(train, 1 + len(missing), "train, valid and test")
        parts_shares = [share for share in shares if share]
        parts = iter(grouped_parts(train.targets, groups, parts_shares, seed=rule.seed, complete=0))
        indices += [next(parts) if share else np.zeros(0, np.int64) for share in shares]
    splits = {name: train.picked(places) for name, places in zip(SPLITS, indices, strict=True)}
    for name in missing:
        if not len(splits[name].indices):
            raise _empty(train, name)
    return {name: splits[name] for name in ("train", *missing)}


def _empty(train: Chosen[E], name: str) -> DataError:
    """The error for a split that gets nothing."""
    table = train.examples.name
    if train.groups is not None:
        return DataError(
            f"{table}: no group is left for the {name} split, since training needs every class",
            "Give more groups, each class in three of them or more; or leave --group-column out.",
        )
    return DataError(
        f"{table}: {len(train.indices)} different {train.examples.called} are too few to take a {name} split"
        " from",
        "At least one class needs three.",
    )


def _refuse_few_groups(train: Chosen[E], least: int, parts: str) -> None:
    """Refuse too few groups.

    Raises:
        DataError: How many there are, and how many it takes.
    """
    count = len(train.group_names())
    if count < least:
        raise DataError(
            f"{train.examples.name}: {count:,} {'group' if count == 1 else 'groups'} cannot be divided"
            f" into {parts}, of which none shares a group with another: that takes {least:,} or more",
            "Is this the column of the groups? Name another with --group-column, or leave it out.",
        )


def _into_folds(splits: dict[str, Chosen[E]], classes: tuple[str, ...], rule: SplitRule) -> None:
    """Divide train and test together anew: the rule's fold is tested on, the others are learnt from.

    Raises:
        DataError: A class has fewer examples, or there are fewer groups, than folds.
    """
    train, test = splits["train"], splits["test"]
    order, indices = in_order(joined((train.indices, test.indices), np.int64))
    pool = Chosen(train.examples, indices, taken(joined((train.targets, test.targets), np.int64), order))
    groups = pool.groups
    if groups is None:
        _check_fold_classes(pool, classes, rule.folds)
        fold = stratified_folds(pool.targets, rule.folds, seed=rule.seed)
    else:
        _refuse_few_groups(pool, rule.folds, f"{rule.folds} folds")
        fold = part_of_each(pool.targets, groups, [1 / rule.folds] * rule.folds, seed=rule.seed)
        _check_learnt(pool, fold, classes)
    splits["train"] = pool.picked(places_other_than(fold, rule.fold))
    splits["test"] = pool.picked(places_of(fold, rule.fold))


def _check_fold_classes(pool: Chosen[E], classes: tuple[str, ...], folds: int) -> None:
    counts = pool.class_counts(classes)
    scarce = min(counts, key=lambda name: counts[name])
    if counts[scarce] < folds:
        raise DataError(
            f"{pool.examples.name}: the class {quoted(scarce)} has {counts[scarce]:,} rows in train and"
            f" test together, fewer than {folds} folds",
            f"--folds takes 2 to {counts[scarce]:,} here." if counts[scarce] > 1 else "Give it more rows.",
        )


def _check_learnt(pool: Chosen[E], fold: Indices, classes: tuple[str, ...]) -> None:
    """Refuse folds of groups of which one holds all of a class, which the others then cannot teach."""
    folds_of = np.zeros((len(classes), int(fold.max()) + 1), np.bool_)
    for part in blocks(len(fold)):
        folds_of[pool.targets[part], fold[part]] = True
    for name, holding in zip(classes, folds_of, strict=True):
        if holding.sum() < 2:
            raise DataError(
                f"{pool.examples.name}: all rows of the class {quoted(name)} are in one fold of groups:"
                " where it is tested, no model has seen it",
                "Give the class more groups, or leave --group-column out.",
            )


def _refuse_shared_groups(splits: Mapping[str, Chosen[E]]) -> None:
    """Refuse ready-made splits that share a group.

    Raises:
        DataError: Which group, and which splits.
    """
    names = {split: chosen.group_names() for split, chosen in splits.items()}
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if shared := names[first] & names[second]:
            raise DataError(
                f"{len(shared):,} groups are in {first} and in {second}, such as {quoted(min(shared))}",
                "Make the splits anew by group, or name one file for all of them with --data.",
            )


def _absent(splits: Mapping[str, Chosen[E]], classes: tuple[str, ...]) -> Iterator[str]:
    """A sentence for each split in which groups left no example of some class."""
    for split in ("valid", "test"):
        if splits[split].examples.groups is not None:
            counts = splits[split].class_counts(classes)
            if absent := [quoted(name) for name in classes if not counts[name]]:
                yield data_words.absent_classes(split, absent)


def _ready_made(examples: E, spelling: Mapping[str, str], classes: tuple[str, ...]) -> Chosen[E]:
    """All examples of a ready-made split.

    Raises:
        DataError: One has a class that the training examples lack.
    """
    names = CodedLabels.of(examples.labels).respelt(spelling)
    known = set(classes)
    for index, name in enumerate(names):
        if name not in known:
            raise DataError(
                f"{examples.place(index)}: the label {quoted(name)} does not occur in the training data",
                f"Its labels: {first_names(list(map(quoted, classes)))}.",
            )
    return Chosen(examples, counting(len(examples)), names.numbers(classes))


def _check_kept(pool: Sequence[str], names: Sequence[str], table: str, unrepeated: Distinct) -> None:
    """Refuse rows of several classes of which only one is left once repeated texts are dropped.

    Raises:
        DataError: So it is.
    """
    if len(CodedLabels.of(pool).counts()) == 1 < len(CodedLabels.of(names).counts()):
        raise DataError(
            f"{table}: all {len(pool):,} different texts have the label {quoted(pool[0])}; "
            f"{unrepeated.conflicting:,} rows repeat one of them under another label",
            "Texts count as one where the tokenizer sees no difference: --no-lowercase and --tokenizer char "
            "keep upper and lower case apart.",
        )


def _conflicts(unrepeated: Distinct, called: str) -> tuple[str, ...]:
    rows = unrepeated.conflicting
    return (data_words.conflicting_rows(rows, called),) if rows else ()


def _few_to_learn_from(train: Chosen[E], pool: Sequence[str]) -> Iterator[str]:
    """A sentence where many small classes leave training less than half."""
    left = len(train.indices)
    if 2 * left < len(pool):
        yield data_words.few_to_learn_from(left, len(pool), train.examples.called)


def _overlaps(parts: Mapping[str, E]) -> Iterator[str]:
    """A sentence for each pair of ready-made splits that share texts."""
    for first, second in (("train", "valid"), ("train", "test"), ("valid", "test")):
        if first in parts and second in parts and (shared := overlap(parts[first], parts[second])):
            yield data_words.overlap(
                shared, len(parts[second]), second, called=parts[second].called, other=first
            )
