"""One text as a stream of ids, in stretches that follow each other; each step answers with the next id.

Methods without recurrence take each stretch after what stands before it.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, note_read, read_private_array
from seqcli.data.encoded import IDS_AT_ONCE, recorded, unfit
from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.data.metric import Metric
from seqcli.data.sequences import Rows, ViewsOf
from seqcli.data.tokenizer import BOS, PAD, UNK
from seqcli.data.tokenizer_spelling import CHARACTERS

SCORED_STEPS = 100
"""Steps of a stretch of validation and test: what is resampled, however long those of training are."""

STRETCHES_A_STREAM = 50
"""Stretches of validation or test that are read one after the other, at least: each stream starts anew."""

MOST_STREAMS = 32
"""Streams that are read side by side in evaluation."""

UNKNOWN_BITS = math.log2(CHARACTERS)
"""What an unknown token costs beside its own probability: any of Unicode's characters, equally likely."""


@dataclass(frozen=True, eq=False)
class EncodedStream:
    """One part of a text, its stretches in order.

    Args:
        ids: All ids of the part (sum of lengths) int32.
        steps: Ids of each stretch but the last, which may be shorter.
        characters: How many characters each stretch ends (N) int64.
        words: How many words begin in each stretch (N) int64.
        vocab_size: How many ids there are, the reserved ones included.
        metric: What answers are scored by; None where no score was chosen.
        spelling: Of tokens that are words, the bits in which the unknown ones of each stretch are spelt (N)
            float64; None where they are characters, each of which costs `UNKNOWN_BITS`, or bytes.
    """

    ids: NDArray[np.int32]
    steps: int
    characters: NDArray[np.int64]
    words: NDArray[np.int64]
    vocab_size: int
    metric: Metric | None = None
    spelling: NDArray[np.float64] | None = None

    @classmethod
    def open(cls, folder: Path, name: str, metrics: Sequence[Metric]) -> "EncodedStream":
        """The part that `StreamWriter` wrote.

        Args:
            folder: The prepared data.
            name: The part: 'train', 'valid' or 'test'.
            metrics: The kind's scores, of which the data's record names one.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record does not say how long stretches are.
        """
        record = recorded(folder)
        steps = int(record["reading"][name])
        ids = read_private_array(folder / f"{name}.ids.npy", np.int32)
        characters, words = (
            read_private_array(folder / f"{name}.{what}.npy", np.int64) for what in ("characters", "words")
        )
        path = folder / f"{name}.spelling.npy"
        spelling = read_private_array(path, np.float64) if path.exists() else None
        sizes = {len(counts) for counts in (characters, words, spelling) if counts is not None}
        if steps < 1 or not len(ids) or sizes != {math.ceil(len(ids) / steps)}:
            raise unfit(folder, name)
        metric = next(metric for metric in metrics if metric.name == record["metric"])
        return cls(ids, steps, characters, words, int(record["vocab_size"]), metric, spelling)

    def __len__(self) -> int:
        return math.ceil(len(self.ids) / self.steps)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Return how many steps each stretch has (N)."""
        lengths = np.full(len(self), self.steps, np.int64)
        lengths[-1] = len(self.ids) - self.steps * (len(self) - 1)
        return lengths

    @property
    def targets(self) -> NDArray[np.int64]:
        """The ids to be told at each step (N, T), `NO_ANSWER` beyond the last stretch's end."""
        return self.rows(np.arange(len(self))).targets

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The stretches at the indices (B).

        Returns:
            The id before each step (B, T) int64, which is `BOS` before the part's first; lengths (B); and the
            id of each step (B, T) int64.
        """
        lengths = self.lengths[indices]
        note_read(4 * int(lengths.sum()), len(lengths))
        places = np.asarray(indices)[:, None] * self.steps + np.arange(lengths.max(initial=0))
        inside = np.arange(places.shape[1]) < lengths[:, None]
        known = np.where(inside, places, 0)
        before = np.where(places > 0, self.ids[np.maximum(known - 1, 0)], BOS)
        return Rows(
            np.where(inside, before, PAD).astype(np.int64),
            lengths,
            np.where(inside, self.ids[known], NO_ANSWER).astype(np.int64),
        )

    def batches(
        self,
        *,
        batch_size: int,
        seed: int,  # noqa: ARG002 the order is the text's own
        epoch: int,  # noqa: ARG002 and that of every epoch
        of: NDArray[Any] | None = None,
    ) -> list[NDArray[np.int64]]:
        """The batches of an epoch: the text in `batch_size` streams side by side, each read in order.

        Args:
            batch_size: Streams; fewer where there are fewer stretches.
            seed: It decides nothing.
            epoch: It decides nothing.
            of: Only these stretches, ascending; all by default.
        """
        rows = np.arange(len(self)) if of is None else np.asarray(of)
        return side_by_side(rows, batch_size)

    def reading(self) -> list[NDArray[np.int64]]:
        """The batches in which the whole part is read once, for its score."""
        streams = min(MOST_STREAMS, max(1, len(self) // STRETCHES_A_STREAM))
        return side_by_side(np.arange(len(self)), streams)

    def follows(self, before: NDArray[Any], now: NDArray[Any]) -> NDArray[np.bool_]:
        """Return which rows of a batch (B) go on where the batch before it ended in the same row."""
        follows = np.zeros(len(now), np.bool_)
        both = min(len(before), len(now))
        follows[:both] = np.asarray(now)[:both] == np.asarray(before)[:both] + 1
        return follows

    @cached_property
    def unknown(self) -> NDArray[np.int64]:
        """The unknown tokens of each stretch (N)."""
        counts = np.zeros(len(self), np.int64)
        at_once = max(IDS_AT_ONCE // self.steps, 1)
        for first in range(0, len(self), at_once):
            ids = self.ids[first * self.steps : (first + at_once) * self.steps]
            note_read(4 * len(ids))
            begins = np.arange(0, len(ids), self.steps)
            counts[first : first + at_once] = np.add.reduceat((ids == UNK).astype(np.int64), begins)
        return counts

    def counted(self, place: int) -> dict[str, float]:
        """Return the characters that end in a stretch, the words that begin, its tokens, unknown ones.

        Of tokens that are words, also the bits in which the unknown ones are spelt.
        """
        counts: dict[str, float] = {
            "characters": int(self.characters[place]),
            "words": int(self.words[place]),
            "tokens": int(self.lengths[place]),
            "unknown": int(self.unknown[place]),
        }
        return counts if self.spelling is None else {**counts, "spelling": float(self.spelling[place])}

    def context(self, place: int, most: int) -> NDArray[np.int32]:
        """The ids before a stretch, `most` of them, `BOS` where the part had not begun."""
        start = place * self.steps
        note_read(4 * most)
        known = self.ids[max(start - most, 0) : start]
        return np.concatenate([np.full(most - len(known), BOS, np.int32), known])

    def stretch(self, place: int) -> NDArray[np.int32]:
        """The ids of a stretch."""
        note_read(4 * self.steps)
        return self.ids[place * self.steps : (place + 1) * self.steps]

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of all stretches together.

        Args:
            outputs: The bits that each one took (N, 1).
        """
        if self.metric is None:
            return None
        rows = [{**self.counted(place), "bits": float(bits)} for place, bits in enumerate(outputs[:, 0])]
        return self.metric.value(rows)


def side_by_side(stretches: NDArray[Any], streams: int) -> list[NDArray[np.int64]]:
    """Stretches in order, cut into as many streams of nearly one length; batch k is the k-th of each.

    The longer streams stand first, so that rows keep their places when the shorter ones are over.
    """
    parts = np.array_split(np.asarray(stretches, np.int64), min(streams, len(stretches)))
    return [
        np.array([part[number] for part in parts if number < len(part)], np.int64)
        for number in range(len(parts[0]))
    ]


class StreamWriter:
    """Appends tokens to the files of `EncodedStream`, counting what each stretch holds.

    Args:
        folder: Where to.
        name: The part.
        steps: Tokens of a stretch.
    """

    def __init__(self, folder: Path, name: str, steps: int) -> None:
        self._folder, self._name, self._steps = folder, name, steps
        self._ids = ArrayWriter(folder / f"{name}.ids.npy", np.int32)
        self._counts: dict[str, ArrayWriter] = {}
        self._open: dict[str, float] = {}

    def append(self, ids: NDArray[Any], counts: Mapping[str, NDArray[Any]]) -> None:
        """Write further tokens (n).

        Args:
            ids: Theirs (n).
            counts: What is added up over each stretch, by name: how many characters each token ends, how many
                words begin in it (n).

        Raises:
            OSError: The disk is full or broken.
        """
        stretches = (len(self._ids) % self._steps + np.arange(len(ids))) // self._steps
        begins = len(self._ids) % self._steps == 0
        for name, each in counts.items():
            sums = np.bincount(stretches, weights=each)
            writer = self._counts[name] if name in self._counts else self._begun(name)
            if name in self._open and begins:
                writer.append(np.array([self._open[name]]))
            elif name in self._open:
                sums[0] += self._open[name]
            writer.append(sums[:-1])
            self._open[name] = float(sums[-1])
        self._ids.append(ids)

    def _begun(self, name: str) -> ArrayWriter:
        """The file of a count, which is whole numbers but for bits."""
        path = self._folder / f"{self._name}.{name}.npy"
        self._counts[name] = ArrayWriter(path, np.float64 if name == SPELLING else np.int64)
        return self._counts[name]

    def __len__(self) -> int:
        return len(self._ids)

    def close(self) -> None:
        """Finish the files.

        Raises:
            OSError: The disk is full or broken.
        """
        self._ids.__exit__(None, None, None)
        for name, writer in self._counts.items():
            writer.append(np.array([self._open[name]]))
            writer.__exit__(None, None, None)


SPELLING = "spelling"
"""The one count that is no whole number: bits."""

CONTEXT = 4
"""Tokens before a stretch that are told: what a 5-gram sees."""


@dataclass(frozen=True, eq=False)
class TextStretch:
    """Some tokens that follow each other.

    Args:
        before: The `CONTEXT` ids before them; `BOS` where the text had not begun.
        ids: Theirs (n), at least one.
        vocab_size: How many ids there are, the reserved ones included.
    """

    before: NDArray[np.int32]
    ids: NDArray[np.int32]
    vocab_size: int


class Stretches(ViewsOf[EncodedStream, TextStretch]):
    """The stretches of a part."""

    def _at(self, place: int) -> TextStretch:
        stream = self.split
        return TextStretch(stream.context(place, CONTEXT), stream.stretch(place), stream.vocab_size)


class StretchCounts(ViewsOf[EncodedStream, dict[str, float]]):
    """The counts of each stretch of a part: characters, words, tokens, unknown tokens and their bits."""

    def _at(self, place: int) -> dict[str, float]:
        return self.split.counted(place)
