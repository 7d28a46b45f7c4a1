"""A class for each step of a sequence of vectors: what a sensor's wearer does, what a frame of sound says.

What is resampled, and what a verdict counts as examples, are sequences: steps of one are not independent. A
score is still over all steps of the split.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_signals import EncodedSignalSteps, SignalViews
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.kind import Examples, Kind, KindFit, OwnData, ReadyData, split_of
from seqcli.data.metric import POINT, AnswerRow, Metric, Sums
from seqcli.registry import later
from seqcli.results.inspect import ColumnLook
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """The labels of each test sequence's labelled steps, and the likeliest ones."""
    split = split_of(prepared, "test", EncodedSignalSteps)
    rows = zip(split.right_labels(), split.predicted_labels(outputs), strict=True)
    return (
        strict_json.line({"example": number, "label": right, "predicted": predicted})
        for number, (right, predicted) in enumerate(rows)
    )


def examples(prepared: ReadyData, split: str) -> Examples:
    """The vectors as the networks read them, and the labels of their steps; '' of a step without one."""
    signals = split_of(prepared, split, EncodedSignalSteps)
    names = {NO_ANSWER: "", **dict(enumerate(prepared.labels))}
    pieces = np.split(signals.answers, signals.offsets[1:-1])
    return SignalViews(signals), [[names[number] for number in piece.tolist()] for piece in pieces]


def _answered(row: AnswerRow) -> list[tuple[str, str]]:
    """The right label and the one that is said, of each step of a sequence that has one."""
    pairs = zip(row["label"], row["predicted"], strict=True)
    return [(right, answer) for right, answer in pairs if right]


def _step_counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 of texts alone
    """Steps that are right, and steps, of each sequence."""
    answered = map(_answered, rows)
    return [[float(sum(right == answer for right, answer in row)), float(len(row))] for row in answered]


def _class_counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 of texts alone
    """Of each class in turn, for each sequence: steps, answers, right answers; (N, 3 C)."""
    answered = [_answered(row) for row in rows]
    places = {
        name: place for place, name in enumerate(sorted({n for row in answered for p in row for n in p}))
    }
    counts = np.zeros((len(rows), 3, len(places)))
    for number, row in enumerate(answered):
        for right, answer in row:
            counts[number, 0, places[right]] += 1
            counts[number, 1, places[answer]] += 1
            counts[number, 2, places[right]] += right == answer
    flat: list[list[float]] = counts.reshape(len(rows), -1).tolist()
    return flat


def _macro_f1(sums: Sequence[float]) -> float:
    """The mean F1 of the classes that occur or are answered."""
    steps, answered, right = np.reshape(sums, (3, -1))
    occurring = steps + answered > 0
    return float(np.mean(2 * right[occurring] / (steps + answered)[occurring]))


STEPS = Metric(
    "step_accuracy",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    sums=Sums(_step_counts, lambda sums: sums[0] / sums[1] if sums[1] else 0.0),
)
STEP_F1 = Metric(
    "step_macro_F1",
    higher_is_better=True,
    margin=POINT,
    most=1.0,
    sums=Sums(_class_counts, _macro_f1, of_all=True),
)
METRICS = (STEPS, STEP_F1)


def _label_at_every_step(config: OwnData) -> bool:
    """Return whether the data is of signals whose labels change within a sequence."""
    from seqcli.data.config import DataConfig
    from seqcli.data.signal_tables import meant_per_step

    return isinstance(config, DataConfig) and meant_per_step(config)


def fits_columns(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of sequences' names, of labels and of steps of a table, by names and content."""
    from dataclasses import replace

    from seqcli.data.signal_columns import fits_signals

    fit = fits_signals(looks)  # columns alone do not tell whether labels change within a sequence
    return None if fit is None else replace(fit, sure=False)


KIND = Kind(
    architecture="many-to-many",
    metrics=METRICS,
    open_split=lambda folder, name: EncodedSignalSteps.open(folder, name, METRICS),
    prediction_lines=prediction_lines,
    own=later("seqcli.data.signal_task", "OwnStepSignals"),
    fits=fits_columns,
    meant=_label_at_every_step,
    defaults={"dropout": 0.0, "hidden": 64, "lr": 0.003, "epochs": 40, "patience": 10, "batch_size": 32},
    baselines={"step-majority": "majority class", "one-step": "one step", "step-window": "steps around"},
    examples=examples,
    of_vectors=True,
    use="seqcli predict . --data FILE",
    further_metrics=lambda _: METRICS,
    classified=lambda rows: (pair for row in rows for pair in _answered(row)),
)
