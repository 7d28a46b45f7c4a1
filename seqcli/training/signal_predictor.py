"""A trained run that labels sequences of vectors or their steps, read back from its run directory."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from seqcli.data.encoded_signals import EncodedSignals, SignalShape
from seqcli.data.signal_tables import Signal
from seqcli.data.threshold import decided
from seqcli.errors import DataError
from seqcli.models.architecture import DataShape
from seqcli.models.frames import FrameSize
from seqcli.models.network import HeadedNetwork
from seqcli.results.line_answers import LabelledSequence, TaggedSequence
from seqcli.results.train import ClassThreshold
from seqcli.training.predictor import BATCH, PredictedText, usable_run


@dataclass
class SignalPredictor:
    """A run's best weights on new sequences.

    Args:
        network: With its weights, in evaluation mode.
        shape: How it reads sequences.
        labels: The classes, by number.
        batch_size: Sequences that are labelled together.
        note: What a person should know of a run that is not finished.
        threshold: From which probability on the rarer of two classes is said; None for the likelier class.
    """

    network: HeadedNetwork
    shape: SignalShape
    labels: tuple[str, ...]
    batch_size: int = BATCH
    note: str = ""
    threshold: ClassThreshold | None = None

    @classmethod
    def open(cls, folder: Path, *, batch_size: int = BATCH) -> "SignalPredictor":
        """Read a run directory; raises as `usable_run`."""
        with usable_run(folder) as run:
            shape, labels = run.reading(SignalShape), run.task.labels
            sizes = DataShape(
                run.task.kind,
                0,
                input_size=shape.input_size,
                output_size=len(labels),
                frame=None if shape.frame_size is None else FrameSize(*shape.frame_size),
            )
            network, threshold = run.headed_network(sizes), run.task.threshold
            return cls(network, shape, labels, batch_size, run.note, threshold)

    @torch.no_grad()
    def predict(self, signals: Sequence[Signal], *, all_classes: bool = False) -> list[PredictedText]:
        """One answer a sequence, in order.

        Args:
            signals: The sequences, their channels in the run's order.
            all_classes: Whether a label comes with the probability of every class.

        Raises:
            DataError: A sequence has more or fewer channels than the run reads.
        """
        predicted: list[PredictedText] = []
        for start in range(0, len(signals), self.batch_size):
            batch = signals[start : start + self.batch_size]
            for signal in batch:
                self.check(signal)
            values = [signal.values[: self.shape.most_steps or None] for signal in batch]
            split = EncodedSignals.of([self.shape.inputs(steps) for steps in values])
            inputs, lengths, _ = split.rows(np.arange(len(batch)))
            answers = self.network(torch.from_numpy(inputs), torch.from_numpy(lengths))
            for signal, steps, row in zip(batch, values, answers, strict=True):
                answer = (
                    self._of_steps(signal, row[: len(steps)])
                    if row.dim() > 1
                    else self._of_all(signal, row, all_classes=all_classes)
                )
                predicted.append(PredictedText(answer, len(steps), int((~np.isnan(steps)).sum())))
        return predicted

    def _of_all(self, signal: Signal, logits: Tensor, *, all_classes: bool) -> LabelledSequence:
        """The answer to a whole sequence, from logits (C)."""
        shares = logits.double().softmax(dim=0).tolist()
        likely = int(logits.argmax())
        if self.threshold is not None:
            likely = int(decided(np.array([[likely, 0.0, *shares]]), self.labels, self.threshold)[0, 0])
        return LabelledSequence(
            sequence=signal.name,
            label=self.labels[likely],
            probability=shares[likely],
            probabilities=dict(zip(self.labels, shares, strict=True)) if all_classes else None,
        )

    def _of_steps(self, signal: Signal, logits: Tensor) -> TaggedSequence:
        """The answer to each step, from logits (T, C)."""
        labels = [self.labels[number] for number in logits.argmax(dim=1).tolist()]
        words = [str(number) for number in range(1, len(labels) + 1)]
        return TaggedSequence(sequence=signal.name, words=words, labels=labels)

    def check(self, signal: Signal) -> None:
        """Refuse a sequence that the network cannot read.

        Raises:
            DataError: It has more or fewer channels, or frames of another size.
        """
        numbers, frame = signal.values.shape[1], self.shape.frame_size
        if numbers != len(self.shape.channels) and frame is not None:
            raise DataError(
                f"{signal.where} has {numbers:,} numbers a frame, and the run reads images of {frame[1]}x"
                f"{frame[0]} pixels with {frame[2]} each",
                "Bring its images to that size; a run that was trained with --image-size does so itself.",
            )
        if numbers != len(self.shape.channels):
            raise DataError(
                f"{signal.where} has {numbers} channels, and the run reads {len(self.shape.channels)}",
                f"The run's channels: {', '.join(self.shape.channels)}. Name columns with --value-column.",
            )
