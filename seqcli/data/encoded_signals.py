"""Signals as a network reads them: standardised by training alone, with a mark where a value is missing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from seqcli.config.settings import Settings
from seqcli.data.answer_rows import RowsAnew
from seqcli.data.arrays import ArrayWriter, read_private_array
from seqcli.data.class_scores import UNSCORED, ClassScoring
from seqcli.data.encoded import VectorSequences, reading_of, recorded, unfit
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.metric import AnswerRow, Metric
from seqcli.data.sequences import FlatSequences, Rows, ViewsOf

FARTHEST = 1e6
"""Deviations from the mean beyond which a value is cut: a broken sensor's number must not end float32."""


class SignalShape(Settings):
    """The reading of signals: what a run must know to read new ones as those that it learnt from.

    Attributes:
        channels: Their names, or their numbers where they have none.
        means: Each channel's mean in training, over all known values (C).
        deviations: Each channel's standard deviation in training; 1 of a constant one (C).
        marked: The channels, by place, of which values were missing in training: each has one more input, 1
            where its value is missing and 0 elsewhere (Lipton et al., 2016).
        id_column: The column that names the sequences; '' for none.
        step_column: The column by which rows are sorted; '' for none.
        label_column: The column of labels; '' for none.
        value_column: The channels again where they have names.
        most_steps: Steps that are read of a sequence; 0 for all of them.
        rows: Whether each row of a table stands for itself.
        rate: Of recordings, samples a second; None of anything else, as the others.
        mels: Bands of a frame.
        frame: Milliseconds of a window.
        hop: Milliseconds from one window to the next.
        frame_size: Rows, columns and numbers a pixel of the images that steps are; None where they are none.
        image_size: The size that images were brought to, '32x32'; None where all had one.
        header: False where a table's first row was data, so that columns are called 1, 2, 3, ….
    """

    channels: Annotated[tuple[str, ...], Field(min_length=1)]
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    marked: tuple[int, ...] = ()
    id_column: str = ""
    step_column: str = ""
    label_column: str = ""
    value_column: tuple[str, ...] = ()
    most_steps: Annotated[int, Field(ge=0)] = 0
    rows: bool = False
    rate: int | None = None
    mels: int | None = None
    frame: float | None = None
    hop: float | None = None
    frame_size: tuple[int, int, int] | None = None
    image_size: str | None = None
    header: bool | None = None

    @property
    def remembered(self) -> dict[str, object]:
        """The fields as a run keeps them: without those that came later and were not set."""
        settings = self.model_dump(mode="json", exclude=set() if self.rows else {"rows"})
        return {name: value for name, value in settings.items() if value is not None}

    @property
    def named(self) -> bool:
        """Return whether channels have names, by which they are found again."""
        return bool(self.value_column)

    @property
    def input_size(self) -> int:
        """I: the channels, and a mark for each that has gaps."""
        return len(self.channels) + len(self.marked)

    def inputs(self, values: NDArray[np.float64]) -> NDArray[np.float32]:
        """Values (T, C) less the mean, by the deviation; 0 where missing; then the marks: (T, I)."""
        scaled = (values - np.asarray(self.means)) / np.asarray(self.deviations)
        missing = np.isnan(values)
        clipped = np.where(missing, 0.0, np.clip(scaled, -FARTHEST, FARTHEST))
        return np.concatenate([clipped, missing[:, list(self.marked)]], axis=1).astype(np.float32)


def fitted(values: Iterable[NDArray[np.float64]], channels: int) -> tuple[NDArray[np.float64], ...]:
    """Return how many values are known, their mean and their deviation, of each channel (C).

    Two passes, for the sum of squares of large values loses digits in one. Where nothing is known the mean is
    0; a deviation of 0 is told as it is.

    Args:
        values: The training sequences (T, C); they are read twice.
        channels: C.
    """
    sequences = list(values)
    count, total, squares = (np.zeros(channels) for _ in range(3))
    for sequence in sequences:
        count += (~np.isnan(sequence)).sum(axis=0)
        total += np.nansum(sequence, axis=0)
    means = total / np.maximum(count, 1)
    for sequence in sequences:
        squares += np.nansum((sequence - means) ** 2, axis=0)
    return count, means, np.sqrt(squares / np.maximum(count, 1))


def pixelwise(
    means: NDArray[np.float64], deviations: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One mean and one deviation for all pixels, from those of each (C): what moves is the same anywhere.

    Each pixel by its own would make what rarely comes to an edge a hundred times as bright there.
    """
    mean = float(means.mean())
    variance = float((deviations**2 + (means - mean) ** 2).mean())
    return np.full(len(means), mean), np.full(len(means), np.sqrt(variance))


def _stored(folder: Path, name: str) -> tuple[NDArray[np.float32], NDArray[np.int64], Mapping[str, Any]]:
    """The values of a split (steps, C), where each sequence begins, and the data's record.

    Raises:
        ValueError: The files do not fit together.
        KeyError: The record does not say how signals are read.
    """
    record = recorded(folder)
    shape = reading_of(record, SignalShape)
    flat = read_private_array(folder / f"{name}.values.npy", np.float32)
    offsets = read_private_array(folder / f"{name}.offsets.npy", np.int64)
    steps = int(offsets[-1]) if len(offsets) else 0
    if steps == 0 or len(flat) != steps * shape.input_size:
        raise unfit(folder, name)
    return flat.reshape(steps, -1), offsets, record


@dataclass(frozen=True, eq=False)
class EncodedSignals(VectorSequences):
    """One split of signals, whose answer is a class (N) int64."""

    scoring: ClassScoring = UNSCORED

    @classmethod
    def open(cls, folder: Path, name: str, metrics: Sequence[Metric]) -> "EncodedSignals":
        """The sequences that `write_signals` wrote, their values this process's own.

        Args:
            folder: The prepared data.
            name: The split.
            metrics: The kind's scores, of which the data's record may name one.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record does not say how signals are read.
        """
        values, offsets, _ = _stored(folder, name)
        targets = read_private_array(folder / f"{name}.targets.npy", np.int64)
        if len(offsets) != len(targets) + 1:
            raise unfit(folder, name)
        return cls(values, offsets, targets, ClassScoring.recorded(folder, metrics))

    @classmethod
    def of(cls, inputs: Sequence[NDArray[np.float32]]) -> "EncodedSignals":
        """Sequences in memory whose classes are not known: new ones, to be predicted; at least one."""
        ends = np.cumsum([len(sequence) for sequence in inputs], dtype=np.int64)
        offsets = np.concatenate([[0], ends]).astype(np.int64)
        return cls(np.concatenate(inputs), offsets, np.zeros(len(inputs), np.int64))

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of answers: see `ClassScoring.score`."""
        return self.scoring.score(self.targets, outputs)


@dataclass(frozen=True, eq=False)
class EncodedSignalSteps(FlatSequences):
    """One split of signals with a class for each step.

    Args:
        values: All steps' vectors one after the other (sum of lengths, I) float32.
        offsets: At which step each sequence starts, and where the last one ends (N + 1) int64.
        answers: The class of each step (sum of lengths) int32, `NO_ANSWER` where it has none.
        labels: The classes by number.
        metric: The score of all steps of the split.
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    answers: NDArray[np.int32]
    labels: tuple[str, ...]
    metric: Metric

    @classmethod
    def open(cls, folder: Path, name: str, metrics: Sequence[Metric]) -> "EncodedSignalSteps":
        """The sequences that `write_step_signals` wrote, their values this process's own.

        Args:
            folder: The prepared data.
            name: The split.
            metrics: The kind's scores, of which the data's record may name one; the first is the usual one.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record does not say how signals are read.
        """
        values, offsets, record = _stored(folder, name)
        answers = read_private_array(folder / f"{name}.answers.npy", np.int32)
        if len(answers) != len(values):
            raise unfit(folder, name)
        metric = next((metric for metric in metrics if metric.name == record.get("metric")), metrics[0])
        return cls(values, offsets, answers, tuple(record["labels"]), metric)

    @property
    def targets(self) -> NDArray[np.int64]:
        """The classes of all steps (N, T), `NO_ANSWER` beyond each sequence's end."""
        return self.rows(np.arange(len(self))).targets

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The sequences at the indices (B): padded vectors (B, T, I), lengths (B), classes (B, T) int64."""
        lengths, inside, places = self.places(indices)
        inputs = np.where(inside[..., None], self.values[places], np.float32(0))
        return Rows(inputs, lengths, np.where(inside, self.answers[places], NO_ANSWER).astype(np.int64))

    def right_labels(self) -> Iterator[list[str]]:
        """The labels of each sequence's steps that have one, sequence by sequence."""
        return (
            [self.labels[number] for number in answers.tolist() if number != NO_ANSWER]
            for answers in np.split(self.answers, self.offsets[1:-1])
        )

    def predicted_labels(self, outputs: NDArray[Any]) -> Iterator[list[str]]:
        """The labels that a model says of the same steps, from class numbers (N, T), sequence by sequence."""
        pieces = np.split(self.answers, self.offsets[1:-1])
        return (
            [self.labels[number] for number in row[: len(answers)][answers != NO_ANSWER].tolist()]
            for row, answers in zip(outputs, pieces, strict=True)
        )

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of all steps together, those of long sequences more than those of short ones."""

        def each() -> Iterator[AnswerRow]:
            pairs = zip(self.right_labels(), self.predicted_labels(outputs), strict=True)
            return ({"label": right, "predicted": predicted} for right, predicted in pairs)

        return self.metric.value(RowsAnew(each, count=len(self)))


class SignalViews(ViewsOf[EncodedSignals | EncodedSignalSteps, NDArray[np.float32]]):
    """Each sequence of a split as the networks read it (T, I), for methods without recurrence."""

    def _at(self, place: int) -> NDArray[np.float32]:
        start, end = self.split.offsets[place : place + 2].tolist()
        return self.split.values[start:end]


def write_signals(
    folder: Path, name: str, *, inputs: Iterable[NDArray[np.float32]], targets: NDArray[np.int64]
) -> None:
    """Write the files of `EncodedSignals`.

    Args:
        folder: Where to.
        name: The split.
        inputs: Each sequence's inputs (T, I).
        targets: Each one's class (N).

    Raises:
        OSError: The disk is full or broken.
    """
    _write_values(folder, name, inputs)
    np.save(folder / f"{name}.targets.npy", targets.astype(np.int64))


def write_step_signals(
    folder: Path, name: str, *, inputs: Iterable[NDArray[np.float32]], answers: Sequence[NDArray[np.int32]]
) -> None:
    """Write the files of `EncodedSignalSteps`.

    Args:
        folder: Where to.
        name: The split.
        inputs: Each sequence's inputs (T, I).
        answers: The class of each of its steps (T).

    Raises:
        OSError: The disk is full or broken.
    """
    _write_values(folder, name, inputs)
    np.save(folder / f"{name}.answers.npy", np.concatenate(answers).astype(np.int32))


def _write_values(folder: Path, name: str, inputs: Iterable[NDArray[np.float32]]) -> None:
    """Write the vectors of sequences and where each ends."""
    lengths = []
    with ArrayWriter(folder / f"{name}.values.npy", np.float32) as writer:
        for sequence in inputs:
            writer.append(sequence.reshape(-1))
            lengths.append(len(sequence))
    ends = np.cumsum(lengths, dtype=np.int64)
    np.save(folder / f"{name}.offsets.npy", np.concatenate([[0], ends]).astype(np.int64))
