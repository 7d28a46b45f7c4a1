"""A trained classifier read back from its run directory, ready for raw text."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from seqcli.config.settings import Settings
from seqcli.data.encoded import EncodedTexts
from seqcli.data.tokenizer import Tokenizer
from seqcli.errors import RunError
from seqcli.models.config import ModelConfig
from seqcli.models.network import Network, build
from seqcli.runs.directory import RunDirectory
from seqcli.runs.foreign import foreign_values
from seqcli.runs.layout import MODEL_FILE, PREDICTIONS_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.training.predictions import Prediction, predictions
from seqcli.training.state import from_bytes, load_weights

# Texts that are predicted together.
BATCH = 256


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
    max_len: int
    vocab_size: int
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
    """

    def __init__(self, network: Network, tokenizer: Tokenizer, task: TaskRecord) -> None:
        self.network = network
        self.tokenizer = tokenizer
        self.task = task

    @classmethod
    def open(cls, folder: Path) -> "Predictor":
        """Read a run directory; every file is checked by SHA-256 before it is used.

        Raises:
            RunError: It is not a finished run of a classifier, or a file was changed.
        """
        run = open_finished(folder)
        with foreign_values(folder):
            return cls._read(folder, run)

    @classmethod
    def _read(cls, folder: Path, run: RunDirectory) -> "Predictor":
        task = TaskRecord.model_validate_json(run.read(TASK_FILE))
        if task.kind != "classify":
            raise RunError(
                f"{folder} holds a model of kind {task.kind}; predict labels texts by classifiers",
                f"Its answers to the test split are in {folder / PREDICTIONS_FILE}.",
            )
        config = run.config
        fields = {name: config[name] for name in ModelConfig.model_fields if name in config}
        network = build(
            ModelConfig.model_validate_json(json.dumps(fields)),
            vocab_size=task.vocab_size,
            output_size=len(task.labels),
            generator=torch.Generator(),
            head=task.kind,
        )
        load_weights(network, from_bytes(run.read(MODEL_FILE), str(folder)), str(folder))
        network.eval()
        return cls(network, Tokenizer.load(run.read(TOKENIZER_FILE).decode()), task)

    @torch.no_grad()
    def predict(self, texts: Sequence[str]) -> list[Prediction]:
        """One prediction a text, in order; a text without any token is one unknown token."""
        told: list[Prediction] = []
        for start in range(0, len(texts), BATCH):
            pieces = self.tokenizer.encode(texts[start : start + BATCH])
            encoded = EncodedTexts.of(pieces, max_len=self.task.max_len)
            inputs, lengths, _ = encoded.rows(np.arange(len(encoded)))
            logits = self.network(torch.from_numpy(inputs), torch.from_numpy(lengths))
            told += predictions(logits.numpy(), self.task.labels)
        return told
