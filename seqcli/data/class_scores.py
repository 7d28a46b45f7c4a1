"""Scores of classes of which one may be rare, where the share of right answers tells little."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.answer_rows import RowsAnew
from seqcli.data.encoded import EncodedTexts, recorded
from seqcli.data.metric import PART_OF_LOSS, POINT, ROWS_TOGETHER, AnswerRow, Metric, Sums

Floats = NDArray[np.float64]

MOST_CLASSES = 50
"""Up to so many classes the probability of each is kept with every answer: beyond, they fill the memory."""

SHARES = "probabilities"
"""The key under which they are kept, by class."""

_DIGITS = 9
"""Significant digits of a probability, so that files stay small and small ones still differ."""

_SMALLEST = float(np.finfo(np.float64).eps)
"""A probability of 0 costs −log of this, as in scikit-learn: without a floor one answer would cost all."""

_LEAST_WRITTEN = 1e-290
"""Whose digits can still be told apart; what lies below is written as next to nothing."""

_AT_ONCE = 2_000_000
"""Numbers of one block of replicates: about 16 MB."""


def significant(values: Floats) -> Floats:
    """Positive numbers to so many significant digits as files keep; 0 stays 0."""
    scale = 10.0 ** (_DIGITS - 1 - np.floor(np.log10(np.maximum(values, _LEAST_WRITTEN))))
    rounded: Floats = np.round(values * scale) / scale
    return rounded


def answer_rows(
    labels: Sequence[str], targets: NDArray[np.int64], outputs: NDArray[Any]
) -> Iterator[dict[str, Any]]:
    """The lines of `predictions.jsonl`: the right class, the likeliest and its probability, that of each.

    Args:
        labels: The classes by number.
        targets: The right one of each example (N).
        outputs: The likeliest class's number, its probability and, of few classes, that of each (N, 2 + C).
    """
    for start in range(0, max(len(targets), len(outputs)), ROWS_TOGETHER):
        part = slice(start, start + ROWS_TOGETHER)
        yield from _answer_rows(labels, targets[part], outputs[part], start)


def _answer_rows(
    labels: Sequence[str], targets: NDArray[np.int64], outputs: NDArray[Any], first: int
) -> Iterator[dict[str, Any]]:
    shares = significant(np.asarray(outputs[:, 2:], np.float64)).tolist()
    numbered = enumerate(zip(targets.tolist(), outputs[:, :2].tolist(), shares, strict=True), first)
    for number, (target, (predicted, probability), each) in numbered:
        line: dict[str, Any] = {
            "example": number,
            "label": labels[target],
            "predicted": labels[int(predicted)],
            "probability": round(probability, 6),
        }
        yield {**line, SHARES: dict(zip(labels, each, strict=True))} if each else line


@dataclass(frozen=True)
class ClassScoring:
    """The scoring of a split whose examples each have one class.

    Args:
        labels: The classes by number.
        metric: The score; None for the share of right answers, which is the mean over examples.
    """

    labels: tuple[str, ...] = ()
    metric: Metric | None = None

    @classmethod
    def recorded(cls, folder: Path, metrics: Sequence[Metric]) -> "ClassScoring":
        """The scoring that the record of prepared data names.

        Args:
            folder: The prepared data.
            metrics: The kind's scores, of which the record may name one.

        Raises:
            KeyError: The record names no labels.
        """
        record = recorded(folder)
        metric = next((metric for metric in metrics if metric.name == record.get("metric")), None)
        whole = None if metric is None or metric.right is not None else metric
        return cls(tuple(record["labels"]), whole)

    def score(self, targets: NDArray[np.int64], outputs: NDArray[Any]) -> float | None:
        """The score of answers, one row an example in order; None where it is the mean after all."""
        if self.metric is None:
            return None
        return self.metric.value(
            RowsAnew(lambda: answer_rows(self.labels, targets, outputs), count=len(targets))
        )


UNSCORED = ClassScoring()
"""Of new examples, whose classes are not known."""


@dataclass(frozen=True, eq=False)
class ScoredTexts(EncodedTexts):
    """A split of texts that may be scored by more than the share of right answers."""

    scoring: ClassScoring = UNSCORED

    @classmethod
    def open_scored(cls, folder: Path, name: str, metrics: Sequence[Metric]) -> "ScoredTexts":
        """The split in a prepared folder, with all that scoring needs.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record names no labels.
        """
        texts = EncodedTexts.open(folder, name)
        return cls(texts.ids, texts.offsets, texts.targets, ClassScoring.recorded(folder, metrics))

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of answers: see `ClassScoring.score`."""
        return self.scoring.score(self.targets, outputs)


def _class_counts(rows: Sequence[AnswerRow], words: str | None) -> Floats:  # noqa: ARG001
    """Of each class in turn: examples, answers, right answers; (N, 3 C)."""
    numbers: dict[str, int] = {}
    pairs = array(
        "q", (numbers.setdefault(row[key], len(numbers)) for row in rows for key in ("label", "predicted"))
    )
    by_name = {name: place for place, name in enumerate(sorted(numbers))}
    places = np.array([by_name[name] for name in numbers])
    right, answered = np.eye(len(numbers))[places[np.frombuffer(pairs, np.int64).reshape(-1, 2).T]]
    return np.concatenate([right, answered, right * answered], axis=1)


def _macro_f1(sums: Sequence[float]) -> float:
    """The mean F1 of the classes that occur or are answered."""
    examples, answered, right = np.reshape(sums, (3, -1))
    occurring = examples + answered > 0
    return float(np.mean(2 * right[occurring] / (examples + answered)[occurring]))


def _balanced(sums: Sequence[float]) -> float:
    """The mean recall of the classes that have examples."""
    examples, _, right = np.reshape(sums, (3, -1))
    return float(np.mean(right[examples > 0] / examples[examples > 0]))


def _log_losses(rows: Sequence[AnswerRow], words: str | None) -> Floats:  # noqa: ARG001
    """−log of the probability of each right class, in nats, and 1; (N, 2)."""
    shares = np.array([row[SHARES][row["label"]] for row in rows], np.float64)
    return np.stack([-np.log(np.clip(shares, _SMALLEST, 1.0)), np.ones(len(rows))], axis=1)


def _areas(rows: Sequence[AnswerRow]) -> Callable[[Floats], Floats]:
    """The mean area under the curve of each class against the rest, of rows so often counted (R, N): (R).

    Of two classes one area says all. Where a replicate has no example of a class, or no other, the class
    counts for nothing; .5 where none counts.
    """
    classes = list(rows[0][SHARES])
    known = (([row[SHARES][name] for name in classes], row["label"]) for row in rows)
    shares, right = np.empty((len(rows), len(classes))), np.empty((len(rows), len(classes)), np.bool_)
    for number, (each, label) in enumerate(known):
        shares[number], right[number] = each, [label == name for name in classes]
    ranked = [_ranked(shares[:, place], right[:, place]) for place in range(len(classes))]
    told_apart = ranked[1:] if len(classes) == 2 else ranked

    def areas(times: Floats) -> Floats:
        """The areas block by block: all replicates of many rows at once would fill the memory."""
        step = max(1, _AT_ONCE // times.shape[1])
        blocks = [times[start : start + step] for start in range(0, len(times), step)]
        return np.concatenate([_mean_known([area(block) for area in told_apart]) for block in blocks])

    return areas


def _mean_known(areas: Sequence[Floats]) -> Floats:
    """The mean over classes (R) of those that are known."""
    table = np.stack(areas)
    counts = np.isfinite(table).sum(axis=0)
    total = np.nansum(table, axis=0)
    # A half where no class is told apart from another: the area of answers by chance.
    return np.where(counts > 0, total / np.maximum(counts, 1), 0.5)


def _ranked(shares: Floats, right: NDArray[np.bool_]) -> Callable[[Floats], Floats]:
    """The area of one class, by Mann and Whitney's count (1947): ties are half; NaN without both sides."""
    order = np.argsort(shares, kind="stable")
    starts = np.flatnonzero(np.concatenate([[True], np.diff(shares[order]) > 0]))
    members = right[order]

    def area(times: Floats) -> Floats:
        counted = times[:, order]
        inside = np.add.reduceat(counted * members, starts, axis=1)
        outside = np.add.reduceat(counted * ~members, starts, axis=1)
        below = np.cumsum(outside, axis=1) - outside
        pairs = inside.sum(axis=1) * outside.sum(axis=1)
        won = (inside * (below + outside / 2)).sum(axis=1)
        return np.where(pairs > 0, won / np.where(pairs > 0, pairs, 1.0), np.nan)

    return area


MACRO_F1 = Metric(
    "macro_F1",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    sums=Sums(_class_counts, _macro_f1, of_all=True),
    brief=False,
    threshold_by="macro_F1",
)
BALANCED = Metric(
    "balanced_accuracy",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    sums=Sums(_class_counts, _balanced, of_all=True),
    brief=False,
    threshold_by="balanced_accuracy",
)
LOG_LOSS = Metric(
    "log_loss",
    higher_is_better=False,
    margin=PART_OF_LOSS,
    sums=Sums(_log_losses, lambda sums: sums[0] / sums[1]),
    needs=frozenset({SHARES}),
    brief=False,
)
AUROC = Metric(
    "auroc",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    ranked=_areas,
    needs=frozenset({SHARES}),
    brief=False,
)
CLASS_METRICS = (MACRO_F1, BALANCED, LOG_LOSS, AUROC)
