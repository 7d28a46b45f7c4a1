"""Sequences of ids with an answer at every step, flat arrays with offsets; strings judged as a whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, NumberWriter, read_private_array
from seqcli.data.encoded import FlatIds, unfit
from seqcli.data.sequences import Rows
from seqcli.data.tokenizer import PAD

NO_ANSWER = -100
"""What stands in targets where there is nothing to answer: beyond a sequence's end (torch's own number)."""


@dataclass(frozen=True, eq=False)
class EncodedSteps(FlatIds):
    """One split of sequences of ids, each step with the number of the class that is right there.

    Args:
        answers: The classes at the places of `ids` (sum of lengths) int32.
    """

    answers: NDArray[np.int32]

    @classmethod
    def open(cls, folder: Path, name: str) -> Self:
        """The sequences that `write_steps` wrote, mapped.

        Raises:
            ValueError: The files do not fit together.
        """
        flat = FlatIds.open(folder, name)
        answers = read_private_array(folder / f"{name}.answers.npy", np.int32)
        if not len(flat) or len(flat.ids) != len(answers):
            raise unfit(folder, name)
        return cls(flat.ids, flat.offsets, answers)

    @property
    def targets(self) -> NDArray[np.int64]:
        """The classes of all steps (N, T), `NO_ANSWER` beyond each sequence's end."""
        return self.rows(np.arange(len(self))).targets

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The sequences at the indices (B): padded ids (B, T) int64, lengths (B), classes (B, T) int64."""
        lengths, inside, places = self.places(indices)
        inputs = np.where(inside, self.ids[places], PAD).astype(np.int64)
        return Rows(inputs, lengths, np.where(inside, self.answers[places], NO_ANSWER).astype(np.int64))

    def right(self, outputs: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether each answer is right, one row a sequence (N, T); True beyond its end.

        Args:
            outputs: The classes that a model says (N, T).
        """
        targets = self.targets
        right: NDArray[np.bool_] = (outputs[:, : targets.shape[1]] == targets) | (targets == NO_ANSWER)
        return right


def write_steps(
    folder: Path, name: str, *, ids: Iterable[NDArray[Any]], answers: Iterable[NDArray[Any]]
) -> None:
    """Write the files of `EncodedSteps`.

    Args:
        folder: Where to.
        name: The split.
        ids: The ids of each sequence.
        answers: The classes at the same steps.

    Raises:
        OSError: The disk is full or broken.
    """
    ids_path, ends_path, answers_path = (
        folder / f"{name}.{what}.npy" for what in ("ids", "offsets", "answers")
    )
    with ArrayWriter(ids_path, np.int32) as writer, NumberWriter(ends_path) as ends:
        ends.append(0)
        for piece in ids:
            writer.append(piece)
            ends.append(len(writer))
    with ArrayWriter(answers_path, np.int32) as writer:
        for piece in answers:
            writer.append(piece)


class CountedStrings(EncodedSteps):
    """One split of strings of 2 n symbols, scored by the largest n up to which all are accepted."""

    @property
    def numbers(self) -> NDArray[np.int64]:
        """Return how many a's each string has (N)."""
        return self.lengths // 2

    def accepted(self, outputs: NDArray[Any]) -> NDArray[np.bool_]:
        """Return whether each string's every step is right (N).

        Args:
            outputs: The classes that a model says (N, T).
        """
        return np.asarray(self.right(outputs).all(axis=1))

    def score(self, outputs: NDArray[Any]) -> float:
        """The largest n such that the strings of 1 to n are all accepted; 0 where that of 1 is not."""
        refused = self.numbers[~self.accepted(outputs)]
        return float(refused.min() - 1 if len(refused) else self.numbers.max())
