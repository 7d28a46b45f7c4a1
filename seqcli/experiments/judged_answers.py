"""Answers beside what is right: classes, entities, words, calibration, and the surest mistakes."""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqcli.data.answer_rows import LineAnswers, rows
from seqcli.data.kind import KINDS, Kind
from seqcli.data.metric import AnswerRow
from seqcli.results.evaluate import (
    AnswerCalibration,
    CalibrationBin,
    EntityScore,
    Mistake,
    WordErrors,
)
from seqcli.results.train import ClassTable
from seqcli.runs.finished_run import TaskRecord
from seqcli.statistics.classification import calibration_error, class_table, reliability

Texts = Mapping[int, tuple[int | None, str | None]]
"""Of some examples, by position: the number of the row, where it is known, and the text."""


MOST_WORDS = 10
"""Words with wrong labels that are told: as many as people look through."""


@dataclass(frozen=True)
class JudgedAnswers:
    """Answers beside what is right.

    Attributes:
        rows: The lines of `predictions.jsonl`.
        kind: What the answers are to.
        labels: The classes by number.
        by_type: Of entities, each type's counts: found whole, said, there.
    """

    rows: Sequence[AnswerRow]
    kind: Kind
    labels: tuple[str, ...]
    by_type: Mapping[str, Sequence[int]] = field(default_factory=dict)

    @classmethod
    def of(cls, task: TaskRecord, answers: LineAnswers) -> "JudgedAnswers":
        """The lines of `predictions.jsonl` as the task's kind reads them."""
        answer_rows = rows(answers)
        kind = KINDS.get(task.kind)
        return cls(answer_rows, kind, task.labels, kind.entities(answer_rows) if kind.entities else {})

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """The right class and the one that was said, of each thing that was put into a class."""
        return iter(self.kind.classified(self.rows) if self.kind.classified else ())

    @property
    def entities(self) -> list[EntityScore]:
        """Precision, recall and F1 of each type of entity, by its name."""
        return [
            EntityScore(
                type=name,
                matched=matched,
                predicted=predicted,
                actual=actual,
                precision=matched / predicted if predicted else 0.0,
                recall=matched / actual if actual else 0.0,
                f1=2 * matched / (predicted + actual),
            )
            for name, (matched, predicted, actual) in self.by_type.items()
        ]

    @property
    def worst_words(self) -> list[WordErrors]:
        """The words that most often got a wrong label, where words are labelled."""
        occurs: Counter[str] = Counter()
        wrong: Counter[str] = Counter()
        mistaken: Counter[tuple[str, str, str]] = Counter()
        for row in self.rows:
            for word, label, predicted in zip(
                row.get("words", ()), row.get("label", ()), row["predicted"], strict=False
            ):
                occurs[word] += 1
                if label != predicted:
                    wrong[word] += 1
                    mistaken[word, label, predicted] += 1
        usual = {word: (label, predicted) for (word, label, predicted), _ in reversed(mistaken.most_common())}
        return [
            WordErrors(
                word=word, wrong=count, occurs=occurs[word], label=usual[word][0], predicted=usual[word][1]
            )
            for word, count in wrong.most_common(MOST_WORDS)
        ]

    @property
    def by_class(self) -> ClassTable | None:
        """The table of the classes; None where nothing was put into one."""
        return class_table(self.pairs, self.labels)

    @property
    def calibration(self) -> AnswerCalibration | None:
        """The distance of probabilities from being right as often; None of answers without any."""
        if not self.rows or "probability" not in self.rows[0]:
            return None
        sure = np.fromiter((float(row["probability"]) for row in self.rows), np.float64)
        right = np.fromiter((row["label"] == row["predicted"] for row in self.rows), np.bool_)
        bins = reliability(sure, right)
        parts = [CalibrationBin(**part._asdict()) for part in bins]
        return AnswerCalibration(error=calibration_error(bins), bins=parts)

    @property
    def wrong(self) -> int | None:
        """Count what was put into a wrong class; None where nothing was put into one."""
        wrong, known = 0, False
        for right, answer in self.pairs:
            wrong, known = wrong + (right != answer), True
        return wrong if known else None

    def surest(self, most: int) -> list[int]:
        """The positions of so many wrong answers, those with the highest probability first."""
        wrong = (
            (-float(row["probability"]), number)
            for number, row in enumerate(self.rows)
            if "probability" in row and row["label"] != row["predicted"]
        )
        return [number for _, number in heapq.nsmallest(most, wrong)]

    def worst(self, most: int, texts: Texts) -> list[Mistake]:
        """The same as records."""
        surest = self.surest(most)
        places = set(surest)
        answers = {number: answer for number, answer in enumerate(self.rows) if number in places}
        mistakes = []
        for number in surest:
            row, text = texts.get(number, (None, None))
            fields = {name: answers[number][name] for name in ("label", "predicted", "probability")}
            mistakes.append(Mistake(example=number, row=row, text=text, **fields))
        return mistakes
