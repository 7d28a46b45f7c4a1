"""An earlier run whose weights training begins with: what is called the same is moved to its place here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.facts import SharedWithRun
from seqcli.data.first_weights import EMBEDDING, FirstWeights, placed
from seqcli.data.kind import KINDS
from seqcli.data.tokenizer import SPECIALS
from seqcli.data.word_vectors import vocabulary_of
from seqcli.errors import RunError
from seqcli.runs.finished_run import FinishedRun, TaskRecord
from seqcli.runs.run_layout import MODEL_FILE
from seqcli.runs.storage import foreign_values

HEAD = "head."
"""The beginning of the names of weights that answer."""


@dataclass(frozen=True, eq=False)
class EarlierRun:
    """A finished run of one model.

    Args:
        folder: The run directory.
        run: Its files.
    """

    folder: str
    run: FinishedRun

    @classmethod
    def open(cls, folder: str) -> "EarlierRun":
        """The run in a folder.

        Raises:
            RunError: It is no finished run of one model.
        """
        run = FinishedRun.open(Path(folder))
        if run is None or MODEL_FILE not in run.run.manifest.files:
            raise RunError(
                f"{folder} holds no finished run of one model",
                "--init-from takes what `seqcli train -o` wrote.",
            )
        return cls(folder, run)

    def sha256(self) -> str:
        """The hash of its weights."""
        return self.run.run.manifest.files[MODEL_FILE].sha256

    def weights(self, kind: str, tokenizer: str, labels: Sequence[str]) -> tuple[FirstWeights, SharedWithRun]:
        """Its weights for data of a kind.

        Tokens and classes keep their rows by name, wherever they stand here; of another kind of task the head
        is left out.

        Args:
            kind: The kind of the data.
            tokenizer: The data's tokenizer, saved; '' without one.
            labels: Its classes.

        Raises:
            RunError: It shares no token with the data, or its vocabulary cannot be told by tokens.
        """
        import safetensors.numpy

        with foreign_values(Path(self.folder)):
            task = self.run.task
            known = self.run.tokenizer if tokenizer else ""
            tensors = safetensors.numpy.load(self.run.run.read(MODEL_FILE))
        if kind != task.kind:
            tensors = {name: tensor for name, tensor in tensors.items() if not name.startswith(HEAD)}
        if known == tokenizer and tuple(labels) == task.labels:
            return FirstWeights(tensors), SharedWithRun()
        if tokenizer and EMBEDDING not in tensors:
            raise RunError(
                f"{self.folder} has another vocabulary, and translations go on from their own alone",
                "Leave --init-from out, or name a run on the same data and tokenizer.",
            )
        return self._moved(tensors, task, (known, tokenizer), labels)

    def _moved(
        self,
        tensors: Mapping[str, NDArray[np.float32]],
        task: TaskRecord,
        tokenizers: tuple[str, str],
        labels: Sequence[str],
    ) -> tuple[FirstWeights, SharedWithRun]:
        """The weights with the rows of tokens and classes at their places here."""
        moved = dict(tensors)
        then, now = (vocabulary_of(saved) if saved else {} for saved in tokenizers)
        rows_then = {number: _known_as(name, then) for name, number in now.items()}
        tokens = {number: place for number, place in rows_then.items() if place is not None}
        if now:
            own = len(tokens) - len(SPECIALS)
            if own <= 0:
                raise RunError(
                    f"{self.folder} shares no token with this data", "Is it of another --tokenizer?"
                )
            moved[EMBEDDING] = placed(tensors[EMBEDDING], tokens, len(now))
        classes = {n: task.labels.index(name) for n, name in enumerate(labels) if name in task.labels}
        rows, before, count = (classes, len(task.labels), len(labels))
        if KINDS.get(task.kind).writes_on:
            rows, before, count = tokens, len(then), len(now)
        heads = [name for name, tensor in tensors.items() if name.startswith(HEAD) and len(tensor) == before]
        moved.update({name: placed(tensors[name], rows, count) for name in heads if count})
        shared = SharedWithRun(
            same=False,
            tokens=max(len(tokens) - len(SPECIALS), 0),
            of_tokens=max(len(now) - len(SPECIALS), 0),
            classes=len(classes),
            of_classes=len(labels),
        )
        return FirstWeights(moved), shared


def _known_as(token: str, vocabulary: Mapping[str, int]) -> int | None:
    """The id of a token; of a word that is known with the blank before it, or without, that one's."""
    spellings = (token, token.removeprefix(" "), f" {token}")
    return next((vocabulary[name] for name in spellings if name in vocabulary), None)
