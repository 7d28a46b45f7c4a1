"""A trained classifier read back from its run directory, ready for raw text."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field

from seqcli.config.settings import Settings
from seqcli.data.cells import MAX_TEXT
from seqcli.data.encoded import EncodedTexts
from seqcli.data.tokenizer import UNK, Tokenizer
from seqcli.errors import RunError
from seqcli.models.config import ModelConfig
from seqcli.models.network import Network, build
from seqcli.runs.directory import RunDirectory
from seqcli.runs.foreign import foreign_values
from seqcli.runs.layout import MODEL_FILE, PREDICTIONS_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.training.predictions import Prediction, predictions
from seqcli.training.state import check_widths, from_bytes, load_weights

BATCH = 256
"""Texts that are predicted together."""


@dataclass(frozen=True)
class Answer:
    """What a run says of a text, and how much of the text it could read.

    Attributes:
        prediction: The label and its probability.
        tokens: How many tokens the model read; a text without any is one unknown token.
        known: How many of those its vocabulary has.
        shortened: The characters that were kept of a text with more than anyone reads; 0 for any other.
    """

    prediction: Prediction
    tokens: int
    known: int
    shortened: int = 0


class TaskRecord(Settings):
    """`task.json`: what a run must remember of its data to read new text.

    Attributes:
        name: The task.
        kind: What is predicted: 'classify'.
        labels: The classes, by number.
        metric: What the score measures.
        majority: The most frequent class's share of the test split.
        max_len: Tokens kept of a text.
        vocab_size: Ids of the embedding.
        data_sha256: The data's content.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    metric: str
    majority: float | None
    max_len: Annotated[int, Field(ge=1, le=10_000_000)]
    vocab_size: Annotated[int, Field(ge=0, le=100_000_000)]
    data_sha256: str


def open_finished(folder: Path) -> RunDirectory:
    """The run directory of a run that came to its end.

    Raises:
        RunError: It is none, or the run is not finished.
    """
    run = RunDirectory.open(folder)
    if run.status().state != "done":
        raise RunError(
            f"{folder} is not finished: it is {run.status().state}", "Give its `train` command again."
        )
    return run


class Predictor:
    """A run's best weights on raw text.

    Args:
        network: With its weights, in evaluation mode.
        tokenizer: The run's own.
        task: What its data was.
        batch_size: Texts that are predicted together.
    """

    def __init__(
        self, network: Network, tokenizer: Tokenizer, task: TaskRecord, batch_size: int = BATCH
    ) -> None:
        self.batch_size = batch_size
        self.network = network
        self.tokenizer = tokenizer
        self.task = task

    @classmethod
    def open(cls, folder: Path, *, batch_size: int = BATCH) -> "Predictor":
        """Read a run directory; every file is checked by SHA-256 before it is used.

        Raises:
            RunError: It is not a finished run of a classifier, or a file was changed.
        """
        run = open_finished(folder)
        with foreign_values(folder):
            return cls._read(folder, run, batch_size)

    @classmethod
    def _read(cls, folder: Path, run: RunDirectory, batch_size: int) -> "Predictor":
        task = TaskRecord.model_validate_json(run.read(TASK_FILE))
        if task.kind != "classify":
            raise RunError(
                f"{folder} holds a model of kind {task.kind}; predict labels texts by classifiers",
                f"Its answers to the test split are in {folder / PREDICTIONS_FILE}.",
            )
        config = run.config
        fields = {name: config[name] for name in ModelConfig.model_fields if name in config}
        weights = run.read(MODEL_FILE)
        check_widths(weights, fields, task.vocab_size, str(folder))
        network = build(
            ModelConfig.model_validate_json(json.dumps(fields)),
            vocab_size=task.vocab_size,
            output_size=len(task.labels),
            generator=torch.Generator(),
            head=task.kind,
        )
        load_weights(network, from_bytes(weights, str(folder)), str(folder))
        network.eval()
        return cls(network, Tokenizer.load(run.read(TOKENIZER_FILE).decode()), task, batch_size)

    @torch.no_grad()
    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """One answer a text, in order; a text without any token is one unknown token."""
        told: list[Answer] = []
        for start in range(0, len(texts), self.batch_size):
            some = texts[start : start + self.batch_size]
            counts: list[tuple[int, int]] = []
            pieces = self._counted(self.tokenizer.encode(text[:MAX_TEXT] for text in some), counts)
            encoded = EncodedTexts.of(pieces, max_len=self.task.max_len)
            inputs, lengths, _ = encoded.rows(np.arange(len(encoded)))
            logits = self.network(torch.from_numpy(inputs), torch.from_numpy(lengths))
            found = predictions(logits.numpy(), self.task.labels)
            told += [
                Answer(one, tokens, known, MAX_TEXT if len(text) > MAX_TEXT else 0)
                for one, (tokens, known), text in zip(found, counts, some, strict=True)
            ]
        return told

    def _counted(
        self, pieces: Iterable[NDArray[np.int32]], counts: list[tuple[int, int]]
    ) -> Iterator[NDArray[np.int32]]:
        """The same ids, cut to what the model reads; `counts` takes how many there are, and are known."""
        for ids in pieces:
            read = ids[: self.task.max_len]
            counts.append((len(read), int(np.count_nonzero(read != UNK))))
            yield read
