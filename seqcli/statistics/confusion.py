"""Precision, recall and F1 of each class, from counts of right classes beside those that were said."""

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from seqcli.results.train import ClassScore, ClassTable


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
