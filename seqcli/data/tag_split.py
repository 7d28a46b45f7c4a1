"""Labelled sentences divided into train, valid and test, and what a person should know of the division."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.cells import digest
from seqcli.data.corpus import PartedCorpus
from seqcli.data.labels import class_order
from seqcli.data.prepared import SPLITS
from seqcli.data.repeats import once, refuse_repeats
from seqcli.data.row_arrays import (
    RowWriter,
    counting,
    in_order,
    row_array,
    shared_count,
    shared_places,
    taken,
)
from seqcli.data.split import SplitRule, folded, stratified_split
from seqcli.data.stored_sentences import PickedSentences, in_order_of_words, picked
from seqcli.data.tagged import Sentence
from seqcli.errors import ColumnsError, DataError


class TagCorpus(PartedCorpus[Sequence[Sentence]]):
    """Labelled sentences before anything is decided about them."""


@dataclass(frozen=True)
class DividedSentences:
    """The three splits, and what was lost on the way."""

    splits: Mapping[str, Sequence[Sentence]]
    labels: tuple[str, ...]
    read: int
    duplicates: int
    conflicting: int
    warnings: tuple[str, ...]


def divide_sentences(corpus: TagCorpus, rule: SplitRule) -> DividedSentences:
    """The splits of the sentences read; missing ones are taken off the training sentences, by seed.

    A sentence that repeats an earlier one's words is dropped before that, so that none is in two splits;
    ready-made splits stay as they are.

    Raises:
        DataError: There are not two labels, too few sentences, or a ready-made split has a label that
            training lacks.
    """
    rule.check(corpus.files)
    missing = [name for name in ("valid", "test") if name not in corpus.parts]
    parts, train, dropped, conflicting = _unrepeated(corpus, rule)
    labels = class_order(label for sentence in train for label in sentence.labels)
    if len(labels) < 2:
        raise ColumnsError(
            f"{corpus.files['train']}: every word has the label {labels[0]!r}",
            "There is only one; is this the label's column? Say another with --label-column N.",
        )
    for part in parts.keys() - {"train"}:
        refuse_new_labels(parts[part], corpus.files[part], labels)
    # In an order of their own, so that the order of the file plays no part.
    ordered = in_order_of_words(train) if missing else train
    places = stratified_split(
        row_array(len(ordered), np.int64), seed=rule.seed, fractions=rule.with_missing(missing)
    )
    places = folded(places, rule, name=corpus.files["train"], called="sentences")
    splits = {name: picked(ordered, own) for name, own in zip(SPLITS, places, strict=True)}
    if rule.duplicates == "keep" and missing:
        splits = {name: _with_repeats(sentences, parts["train"]) for name, sentences in splits.items()}
    splits |= {part: _every(sentences) for part, sentences in parts.items() if part != "train"}
    for name, sentences in splits.items():
        if not len(sentences):
            raise DataError(
                f"{corpus.files['train']}: {len(train)} different sentences are too few to take a {name}"
                " split from",
                "Ten or more let validation and test have one each.",
            )
    return DividedSentences(
        splits=splits,
        labels=labels,
        read=sum(map(len, corpus.parts.values())),
        duplicates=dropped,
        conflicting=conflicting,
        warnings=(*_unlearnt(splits, labels), *_shared(parts), *_repeated(splits)),
    )


def _unrepeated(
    corpus: TagCorpus, rule: SplitRule
) -> tuple[Mapping[str, Sequence[Sentence]], Sequence[Sentence], int, int]:
    """Return the splits, the training sentences that are divided, how many are dropped, how many contradict.

    Raises:
        DataError: Sentences repeat another, and the rule refuses them.
    """
    parts = corpus.parts
    missing = [name for name in ("valid", "test") if name not in parts]
    if rule.duplicates == "error":
        words, labels = _digests(parts)
        refuse_repeats(words, labels, lambda name, n: f"{corpus.files[name]}, line {parts[name][n].line}")
    if rule.duplicates == "drop":
        left = once(*_digests(parts))
        parts = {name: picked(parts[name], places) for name, places in left.rows.items()}
        return parts, parts["train"], left.dropped, left.conflicting
    if not missing:
        return parts, parts["train"], 0, 0
    train, dropped, conflicting = _distinct(parts["train"])
    return (parts, train, 0, 0) if rule.duplicates == "keep" else (parts, train, dropped, conflicting)


def _digests(
    parts: Mapping[str, Sequence[Sentence]],
) -> tuple[dict[str, NDArray[np.uint64]], dict[str, NDArray[np.int64]]]:
    """A hash of the words, and one of the labels, of each sentence (N), by part."""
    words: dict[str, NDArray[np.uint64]] = {}
    labels: dict[str, NDArray[np.int64]] = {}
    for name, sentences in parts.items():
        of_words, of_labels = RowWriter("Q"), RowWriter("Q")
        for sentence in sentences:
            of_words.append(_digest(sentence.words))
            of_labels.append(_digest(sentence.labels))
        words[name], labels[name] = of_words.done(), of_labels.done().view(np.int64)
    return words, labels


def _digest(words: Sequence[str]) -> int:
    """A hash of words, with their lengths: a word may hold any character."""
    return digest(" ".join([*map(str, map(len, words)), *words]))


def _word_digests(sentences: Sequence[Sentence]) -> NDArray[np.uint64]:
    return _digests({"": sentences})[0][""]


def _every(sentences: Sequence[Sentence]) -> PickedSentences:
    """All sentences, in their order."""
    return picked(sentences, counting(len(sentences)))


def _with_repeats(sentences: Sequence[Sentence], every: Sequence[Sentence]) -> PickedSentences:
    """All sentences of the words of some, in an order of their own."""
    order, ordered = in_order(_word_digests(every))
    same = taken(order, shared_places(ordered, in_order(_word_digests(sentences))[1]))
    return in_order_of_words(picked(every, in_order(same)[1]))


def _repeated(splits: Mapping[str, Sequence[Sentence]]) -> Iterator[str]:
    """A sentence for each split that holds sentences of the same words."""
    for name, sentences in splits.items():
        _, repeated, conflicting = _distinct(sentences)
        if repeated:
            yield data_words.repeated_sentences(repeated, len(sentences), name, conflicting=conflicting)


def _distinct(sentences: Sequence[Sentence]) -> tuple[PickedSentences, int, int]:
    """The first of each sentence of the same words, how many others there were, and of those other labels."""
    left = once(*_digests({"train": sentences}))
    return picked(sentences, left.rows["train"]), left.dropped, left.conflicting


def refuse_new_labels(sentences: Sequence[Sentence], name: str, labels: Sequence[str]) -> None:
    """Refuse a ready-made split with a label that nothing teaches.

    Raises:
        DataError: Where the first such label stands.
    """
    known = set(labels)
    for sentence in sentences:
        for label in sentence.labels:
            if label not in known:
                shown = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
                raise DataError(
                    f"{name}, sentence at line {sentence.line}: the label {label!r} does not occur in the"
                    " training data",
                    f"Its labels: {shown}.",
                )


def refuse_blanks(sentences: Sequence[Sentence], name: str) -> None:
    """Refuse words that would be parted where a run reads a text.

    Raises:
        DataError: Where the first such word stands.
    """
    for sentence in sentences:
        for word in sentence.words:
            if word.split() != [word]:
                raise DataError(
                    f"{name}, sentence at line {sentence.line}: the word {word!r} holds a blank",
                    "A run reads blanks as the ends of words; give the file without such words.",
                )


def _unlearnt(splits: Mapping[str, Sequence[Sentence]], labels: Sequence[str]) -> Iterator[str]:
    """A sentence where a label fell to a split without one of its kind in training."""
    learnt = {label for sentence in splits["train"] for label in sentence.labels}
    lost = [label for label in labels if label not in learnt]
    if lost:
        yield data_words.unlearnt_labels(lost)


def _shared(parts: Mapping[str, Sequence[Sentence]]) -> Iterator[str]:
    """A sentence for each ready-made split that shares sentences with training."""
    ready = [name for name in ("valid", "test") if name in parts]
    trained = in_order(_word_digests(parts["train"]))[1] if ready else np.zeros(0, np.uint64)
    for name in ready:
        sentences = parts[name]
        shared = shared_count(in_order(_word_digests(sentences))[1], trained)
        if shared:
            yield data_words.overlap(shared, len(sentences), name, called="sentences")
