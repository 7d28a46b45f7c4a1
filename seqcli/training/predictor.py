"""A trained model read back from its run directory, ready for raw text."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.config.settings import Settings
from seqcli.data.cells import MAX_TEXT
from seqcli.data.kind import KINDS, Reader
from seqcli.data.letters import letters_in
from seqcli.data.threshold import decided
from seqcli.data.tokenizer import Tokenizer
from seqcli.errors import RunError, UsageError
from seqcli.models.architecture import DataShape, architecture
from seqcli.models.learner import Learner
from seqcli.models.network import HeadedNetwork
from seqcli.results.line_answers import LabelledText, TaggedText
from seqcli.runs.checkpoints import Checkpoint
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import TaskRecord
from seqcli.runs.run_layout import MODEL_FILE, PREDICTIONS_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.runs.storage import foreign_values
from seqcli.training.leg_notes import best_so_far_is_used
from seqcli.training.state import BEST_FILE, check_widths, from_bytes, load_weights

N = TypeVar("N", bound=Learner)
S = TypeVar("S", bound=Settings)

BATCH = 256
"""Texts that are predicted together."""


@dataclass(frozen=True)
class PredictedText:
    """A run's answer to a text, and the part of the text that it could read.

    Attributes:
        said: The answer itself: of a classifier, the label and its probability.
        tokens: How many tokens the model read; a text without any is one unknown token.
        known: How many of those its vocabulary has.
        shortened: The characters that were kept of a text with more than anyone reads; 0 for any other.
    """

    answer: LabelledText | TaggedText
    tokens: int
    known: int
    shortened: int = 0


@dataclass(frozen=True)
class UsableRun:
    """A run whose weights can be used: a finished one, or a stopped one with its best epoch so far.

    Attributes:
        folder: Where it lies, as messages name it.
        run: The run directory.
        checkpoint: The newest one of a stopped run; None of a finished one.
        note: What a person should know before trusting a stopped run's answers; '' of a finished one.
    """

    folder: Path
    run: RunDirectory
    checkpoint: Checkpoint | None = None
    note: str = ""

    @property
    def config(self) -> dict[str, object]:
        """The resolved configuration."""
        return self.run.config

    def read(self, name: str) -> bytes:
        """A file's content, checked by SHA-256; weights are the best epoch's.

        Raises:
            RunError: It is missing, or was changed.
        """
        if self.checkpoint is None:
            return self.run.read(name)
        return self.checkpoint.files[BEST_FILE if name == MODEL_FILE else name]

    @cached_property
    def task(self) -> TaskRecord:
        """The run's record of its data."""
        return TaskRecord.model_validate_json(self.read(TASK_FILE))

    def reading(self, record: type[S]) -> S:
        """The reading of new data, as the record that the kind of task keeps it in."""
        return record.model_validate_json(json.dumps(self.task.reading))

    @property
    def tokenizer(self) -> Tokenizer:
        """The run's own tokenizer."""
        return Tokenizer.load(self.read(TOKENIZER_FILE).decode())

    def of_another_kind(self, lacks: str) -> RunError:
        """The error of asking the run for what its kind does not do.

        Args:
            lacks: What that is: 'writes no text on'.
        """
        command = KINDS.get(self.task.kind).command(self.folder)
        return RunError(
            f"{self.folder} holds a model of kind {self.task.kind}, which {lacks}",
            f"What uses it: {command}"
            if command
            else f"Its answers to the test split are in {self.folder / PREDICTIONS_FILE}.",
        )

    def network(self, shape: DataShape, expected: type[N]) -> N:
        """The network with its best weights, in evaluation mode.

        Args:
            shape: What it must know of its data to be built.
            expected: What it must be built as, for what is asked of it.

        Raises:
            RunError: The weights are none of such a network, or were changed.
            ValueError: The configuration is none that this version writes.
        """
        model, where = str(self.config.get("model")), str(self.folder)
        entry = architecture(model)
        fields = {name: self.config[name] for name in entry.config.model_fields if name in self.config}
        weights = self.read(MODEL_FILE)
        square = {"layers": 0} if not entry.recurrent else {}
        check_widths(weights, fields | square, shape.vocab_size, where)
        network = entry.build(entry.config.model_validate_json(json.dumps(fields)), shape, torch.Generator())
        if not isinstance(network, expected):
            raise RunError(f"{where}: a {model} is no model for a task of kind {shape.kind}")
        load_weights(network, from_bytes(weights, where), where)
        return network.eval()

    def headed_network(self, shape: DataShape) -> HeadedNetwork:
        """The same, of a recurrent layer with a head; raises as `network`."""
        return self.network(shape, HeadedNetwork)  # type: ignore[type-abstract]


@contextmanager
def usable_run(folder: Path) -> Iterator[UsableRun]:
    """The run, if it came to its end or has finished an epoch; every file of it is checked before it is used.

    Raises:
        RunError: It is no run, no epoch of it is finished, a file was changed, or what was read inside the
            block is not what this version writes.
    """
    run = _open_usable(folder)
    with foreign_values(folder):
        yield run


def _open_usable(folder: Path) -> UsableRun:
    run = RunDirectory.open(folder)
    state = run.status().state
    if state == "done":
        return UsableRun(folder, run)
    checkpoint = next(reversed(list(run.checkpoints.saved())), None)
    # Checkpoints of versions before 0.2 hold no tokenizer.
    usable = checkpoint is not None and {TASK_FILE, TOKENIZER_FILE, BEST_FILE} <= checkpoint.files.keys()
    position = checkpoint.state.get("training") if checkpoint else None
    best = position.get("best_epoch") if isinstance(position, Mapping) else None
    if checkpoint is None or not usable or not best:
        raise RunError(
            f"{folder} is not finished: it is {state}, and no epoch of it is saved",
            "Give its `train` command again.",
        )
    return UsableRun(folder, run, checkpoint, best_so_far_is_used(folder, best))


@dataclass
class Predictor:
    """A run's best weights on raw text.

    Args:
        network: With its weights, in evaluation mode.
        tokenizer: The run's own.
        task: What its data was.
        reader: How its kind of task reads new texts and says its answers.
        batch_size: Texts that are predicted together.
        note: What a person should know of a run that is not finished.
    """

    network: HeadedNetwork
    tokenizer: Tokenizer
    task: TaskRecord
    reader: Reader
    batch_size: int = BATCH
    note: str = ""

    @classmethod
    def open(cls, folder: Path, *, batch_size: int = BATCH) -> "Predictor":
        """Read a run directory.

        Raises:
            RunError: As `usable_run`, or it is of a kind that answers to no new texts.
        """
        with usable_run(folder) as run:
            task = run.task
            reader = KINDS.get(task.kind).reader
            if reader is None:
                raise run.of_another_kind("answers to no new text")
            shape = DataShape(
                task.kind,
                task.vocab_size,
                input_size=0,
                output_size=len(task.labels),
                letters=letters_in(task.reading),
            )
            network = run.headed_network(shape)
            return cls(network, run.tokenizer, task, reader, batch_size, run.note)

    @torch.no_grad()
    def predict(self, texts: Sequence[str], *, all_classes: bool = False) -> list[PredictedText]:
        """One answer a text, in order; a text without any token is one unknown token.

        Args:
            texts: The texts.
            all_classes: Whether a text's label comes with the probability of every class.

        Raises:
            UsageError: That was asked of a run that does not put whole texts into classes.
        """
        predicted: list[PredictedText] = []
        for start in range(0, len(texts), self.batch_size):
            batch = texts[start : start + self.batch_size]
            new = self.reader.read(
                [text[:MAX_TEXT] for text in batch], self.tokenizer, self.task.max_len, self.task.reading
            )
            inputs, lengths, _ = new.split.rows(np.arange(len(batch)))
            answers = self.network(torch.from_numpy(inputs), torch.from_numpy(lengths))
            outputs = self.network.head.for_evaluation(answers).numpy()
            outputs = decided(outputs, self.task.labels, self.task.threshold)
            shares = self._shares(answers) if all_classes else [None] * len(batch)
            predicted += [
                PredictedText(
                    self._answer(output, piece, share),
                    tokens,
                    known,
                    MAX_TEXT if len(text) > MAX_TEXT else 0,
                )
                for output, piece, share, tokens, known, text in zip(
                    outputs, new.pieces, shares, new.tokens, new.known, batch, strict=True
                )
            ]
        return predicted

    def _answer(
        self, output: NDArray[Any], piece: Any, shares: Sequence[float] | None
    ) -> LabelledText | TaggedText:
        answer = self.reader.answer(output, piece, self.task.labels)
        if shares is None:
            return answer
        return answer.model_copy(update={"probabilities": dict(zip(self.task.labels, shares, strict=True))})

    def _shares(self, answers: torch.Tensor) -> Sequence[Sequence[float]]:
        """Return the probability of each class of each text.

        Raises:
            UsageError: The run does not put whole texts into classes.
        """
        shares = self.network.head.shares(answers)
        if shares is None:
            raise UsageError(
                f"a run of kind {self.task.kind} has no probability for each class of a text",
                "Leave --all-classes out.",
            )
        rows: list[list[float]] = shares.tolist()
        return rows
