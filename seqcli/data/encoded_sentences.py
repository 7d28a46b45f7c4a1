"""Sentences with a label for every word, scored by word or by the entities that the labels spell."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded import FlatIds, recorded
from seqcli.data.encoded_steps import NO_ANSWER, EncodedSteps
from seqcli.data.letters import WordLetters
from seqcli.data.sequences import Rows

Entity = tuple[str, int, int]
"""Type, first word and last word."""

OUTSIDE = "O"
_LABEL = re.compile(r"[BIES](?:-.+)?")


def spells_entities(labels: Iterable[str]) -> bool:
    """Return whether the labels are of the BIO family: at least one begins an entity, none is foreign."""
    every = set(labels)
    fits = all(label == OUTSIDE or _LABEL.fullmatch(label) for label in every)
    return fits and any(label.startswith("B") for label in every)


def entities(labels: Sequence[str]) -> Iterator[Entity]:
    """The entities of one sentence, in order.

    >>> list(entities(["B-PER", "I-PER", "O", "I-LOC"]))
    [('PER', 0, 1), ('LOC', 3, 3)]
    """
    start, kind, closed = -1, "", True
    for place, label in enumerate((*labels, OUTSIDE)):
        prefix, _, of = label.partition("-")
        goes_on = start >= 0 and not closed and prefix in ("I", "E") and of == kind
        if start >= 0 and not goes_on:
            yield kind, start, place - 1
            start = -1
        if prefix != OUTSIDE and not goes_on:
            start, kind = place, of
        closed = prefix in ("E", "S")


def entity_counts(right: Sequence[str], predicted: Sequence[str]) -> list[float]:
    """Of one sentence: entities found whole and of the right type, entities said, entities there are."""
    right_entities, predicted_entities = set(entities(right)), set(entities(predicted))
    return [
        float(len(right_entities & predicted_entities)),
        float(len(predicted_entities)),
        float(len(right_entities)),
    ]


def entity_counts_by_type(
    sentences: Iterable[tuple[Sequence[str], Sequence[str]]],
) -> dict[str, tuple[int, int, int]]:
    """Each type's entities found whole, said, and there, of sentences' right and predicted labels."""
    matched: Counter[str] = Counter()
    predicted: Counter[str] = Counter()
    actual: Counter[str] = Counter()
    for right_labels, predicted_labels in sentences:
        right, answered = set(entities(right_labels)), set(entities(predicted_labels))
        actual.update(kind for kind, _, _ in right)
        predicted.update(kind for kind, _, _ in answered)
        matched.update(kind for kind, _, _ in right & answered)
    return {kind: (matched[kind], predicted[kind], actual[kind]) for kind in sorted(actual | predicted)}


def f1(counts: Sequence[float]) -> float:
    """The harmonic mean of precision and recall, from added-up counts; 0 where there is no entity at all."""
    matched, predicted, actual = counts
    return 2 * matched / (predicted + actual) if predicted + actual else 0.0


@dataclass(frozen=True, eq=False)
class EncodedSentences(EncodedSteps):
    """One split of sentences.

    Args:
        labels: The labels by number.
        by_entity: Whether the split's score is F1 over entities, and not the share of words that are right.
        letters: The letters of its words, where those are read too.
    """

    labels: tuple[str, ...] = ()
    by_entity: bool = False
    letters: WordLetters | None = None

    @classmethod
    def open_scored(cls, folder: Path, name: str, *, by_entity: str) -> "EncodedSentences":
        """The split in a prepared folder, with all that scoring needs.

        Args:
            folder: The prepared data.
            name: The split.
            by_entity: The name of the metric that goes by entities.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record names no labels.
        """
        record = recorded(folder)
        steps = EncodedSteps.open(folder, name)
        labels = tuple(record["labels"])
        letters = WordLetters.open(folder, name, len(steps.ids))
        return cls(steps.ids, steps.offsets, steps.answers, labels, record["metric"] == by_entity, letters)

    @classmethod
    def of(cls, pieces: list[NDArray[np.int32]], letters: WordLetters | None = None) -> "EncodedSentences":
        """Sentences in memory whose labels are not known: new ones, to be labelled."""
        flat = FlatIds.joined(pieces)
        unknown = np.full(len(flat.ids), NO_ANSWER, np.int32)
        return cls(flat.ids, flat.offsets, unknown, letters=letters)

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The sentences at the indices, their ids (B, T), or (B, T, 1 + L) with those of their letters."""
        plain = super().rows(indices)
        if self.letters is None:
            return plain
        _, inside, places = self.places(indices)
        letters = self.letters.at(np.where(inside, places, 0), inside)
        return plain._replace(inputs=np.concatenate([plain.inputs[..., None], letters], axis=-1))

    def predicted_labels(self, outputs: NDArray[Any]) -> Iterator[list[str]]:
        """The labels that a model says (N, T), those of real words only, sentence by sentence."""
        return (
            [self.labels[number] for number in row[:length].tolist()]
            for row, length in zip(outputs, self.lengths, strict=True)
        )

    def right_labels(self) -> Iterator[list[str]]:
        """The labels that are right, sentence by sentence."""
        return (
            [self.labels[number] for number in self.answers[start:end].tolist()]
            for start, end in zip(self.offsets[:-1], self.offsets[1:], strict=True)
        )

    def score(self, outputs: NDArray[Any]) -> float:
        """The share of all words, of long sentences more than of short ones, that are right; or entity F1."""
        if not self.by_entity:
            wrong = int((~self.right(outputs)).sum())
            return 1 - wrong / len(self.ids)
        totals = np.zeros(3)
        for right, predicted in zip(self.right_labels(), self.predicted_labels(outputs), strict=True):
            totals += entity_counts(right, predicted)
        return f1(totals.tolist())
