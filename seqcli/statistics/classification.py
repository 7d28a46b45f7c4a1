"""A classifier's answers to a test set: the scores of each class, and how far its confidence is right."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqcli.results.train import ClassScore, ClassTable
from seqcli.statistics.student import Floats


def class_table(answers: Iterable[tuple[str, str]], labels: Sequence[str]) -> ClassTable | None:
    """The table of the classes that occur; None where nothing was answered.

    F1 is 2 right / (examples + answered), the harmonic mean of precision and recall (van Rijsbergen, 1979).
    A class that neither occurs nor is said has none, and counts for no mean; balanced accuracy is the mean
    recall of the classes that have examples.

    Args:
        answers: The right class of each example, and the one that was said.
        labels: The classes in the order of their numbers.
    """
    counts = Counter(answers)
    occurring = {label for pair in counts for label in pair}
    known = [*(label for label in labels if label in occurring), *sorted(occurring - set(labels))]
    if not known:
        return None
    places = {label: place for place, label in enumerate(known)}
    confusion = np.zeros((len(known), len(known)), np.int64)
    for (right, predicted), count in counts.items():
        confusion[places[right], places[predicted]] = count
    classes = [_class_score(place, known, confusion) for place in range(len(known))]
    recalls = [score.recall for score in classes if score.recall is not None]
    return ClassTable(
        macro_F1=float(np.mean([score.F1 for score in classes])),
        balanced_accuracy=float(np.mean(recalls)),
        classes=classes,
        confusion=confusion.tolist(),
    )


def _class_score(place: int, labels: Sequence[str], confusion: NDArray[np.int64]) -> ClassScore:
    examples, answered = int(confusion[place].sum()), int(confusion[:, place].sum())
    right = int(confusion[place, place])
    wrong = confusion[place].copy()
    wrong[place] = 0
    mistaken = int(wrong.max())
    return ClassScore(
        label=labels[place],
        examples=examples,
        answered=answered,
        right=right,
        precision=right / answered if answered else None,
        recall=right / examples if examples else None,
        F1=2 * right / (examples + answered),
        mistaken_for=labels[int(wrong.argmax())] if mistaken else None,
        mistaken=mistaken,
    )


BINS = 10
"""Of equal width, from 0 to 1, as in the paper's figures; an answer of 1 is in the last."""


class ReliabilityBin(NamedTuple):
    """The answers whose probability lies between two ends: how sure they were, and how often right."""

    low: float
    high: float
    examples: int
    confidence: float
    accuracy: float


def reliability(probabilities: Floats, right: NDArray[np.bool_]) -> list[ReliabilityBin]:
    """The bins that have answers, in order.

    Args:
        probabilities: That of the class that was answered, from 0 to 1 (N).
        right: Whether it was right (N).
    """
    number = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    return [
        ReliabilityBin(
            low=place / BINS,
            high=(place + 1) / BINS,
            examples=int(members.sum()),
            confidence=float(probabilities[members].mean()),
            accuracy=float(right[members].mean()),
        )
        for place in range(BINS)
        if (members := number == place).any()
    ]


def calibration_error(bins: list[ReliabilityBin]) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy over examples."""
    total = sum(part.examples for part in bins)
    return sum(part.examples * abs(part.confidence - part.accuracy) for part in bins) / total
