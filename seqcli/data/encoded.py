"""Texts as ids and sequences of real vectors: one flat array with offsets each, mapped."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from seqcli.data.arrays import (
    ROWS_AT_ONCE,
    ArrayWriter,
    NumberWriter,
    note_read,
    private_text,
    read_array,
    read_private_array,
)
from seqcli.data.row_arrays import differences, save_rows, within
from seqcli.data.sequences import FlatSequences, Rows
from seqcli.data.tokenizer import EOS, PAD, UNK, Tokenizer

R = TypeVar("R", bound=BaseModel)

LONGEST_BY_DEFAULT = 250
"""The most tokens that are kept of a text when nothing was said."""

IDS_AT_ONCE = 1 << 17
"""Ids of short texts that are written together."""

# Ids are counted in blocks: they may lie in a file that is mapped and larger than the memory.
_AT_ONCE = 2**20


@dataclass(frozen=True, eq=False)
class FlatIds(FlatSequences):
    """Texts as one flat array of ids with offsets.

    Args:
        ids: All texts' ids one after the other (sum of lengths) int32.
        offsets: Where each text starts in `ids`, and where the last one ends (N + 1) int64.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path, name: str) -> "FlatIds":
        """The texts of two files, the ids mapped.

        Raises:
            ValueError: The files do not fit together.
        """
        ids = read_private_array(folder / f"{name}.ids.npy", np.int32)
        offsets = read_private_array(folder / f"{name}.offsets.npy", np.int64)
        if not len(offsets) or offsets[-1] != len(ids):
            raise unfit(folder, name)
        return FlatIds(ids, offsets)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """The ids of each text (N), on disk where there are many texts."""
        return differences(self.offsets)

    @classmethod
    def joined(cls, pieces: Sequence[NDArray[np.int32]]) -> "FlatIds":
        """Texts in memory, each as its ids."""
        ids = np.concatenate(pieces) if pieces else np.zeros(0, np.int32)
        ends = np.cumsum([len(piece) for piece in pieces])
        return FlatIds(ids, np.concatenate([[0], ends]).astype(np.int64))

    def padded(self, indices: NDArray[Any], *, end: bool = False) -> NDArray[np.int64]:
        """The texts at the indices, filled up with padding (B, T); `end` puts EOS after each."""
        lengths, inside, places = self.places(indices, room=int(end))
        note_read(4 * int(lengths.sum()), len(lengths))
        ids = np.where(inside, self.ids[places], PAD).astype(np.int64)
        if end:
            ids[np.arange(len(lengths)), lengths] = EOS
        return ids


def recorded(folder: Path) -> dict[str, Any]:
    """The record of prepared data, as its splits read it.

    Raises:
        ValueError: The file is no JSON.
    """
    record: dict[str, Any] = json.loads(private_text(folder / "prepared.json"))
    return record


def reading_of(record: Mapping[str, Any], reading: type[R]) -> R:
    """The part of such a record that says how data of the kind is read.

    Raises:
        ValueError: It is another kind's.
        KeyError: There is none.
    """
    return reading.model_validate_json(json.dumps(record["reading"]))


def unfit(folder: Path, name: str) -> ValueError:
    """The error for a split of which one file says something else than another."""
    return ValueError(f"the files of {name} in {folder} do not fit together")


@dataclass(frozen=True, eq=False)
class EncodedTexts(FlatIds):
    """Texts of one split as ids.

    Args:
        targets: Each text's class (N) int64.
    """

    targets: NDArray[np.int64]

    @classmethod
    def open(cls, folder: Path, name: str) -> "EncodedTexts":
        """The texts that `write` wrote, their ids mapped.

        Raises:
            ValueError: The files do not fit together.
        """
        flat = FlatIds.open(folder, name)
        targets = read_private_array(folder / f"{name}.targets.npy", np.int64)
        if len(flat) != len(targets):
            raise unfit(folder, name)
        return EncodedTexts(flat.ids, flat.offsets, targets)

    @classmethod
    def of(cls, pieces: Iterable[NDArray[np.int32]], *, max_len: int) -> "EncodedTexts":
        """Texts in memory whose classes are not known: new ones, to be predicted.

        Args:
            pieces: Each text's ids (T) as a tokenizer gives them.
            max_len: How many ids are kept of each text.
        """
        flat = FlatIds.joined([piece[:max_len] for piece in pieces])
        return cls(flat.ids, flat.offsets, np.zeros(len(flat), np.int64))

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The texts at the indices (B): padded ids (B, T) int64, lengths (B) and classes (B)."""
        return Rows(self.padded(indices), self.lengths[indices], self.targets[indices])

    def unknown_share(self) -> float:
        """The share of ids that stand for an unknown token."""
        return unknown_share(self.ids)


def unknown_share(ids: NDArray[np.int32]) -> float:
    """The share of ids that stand for an unknown token."""
    unknown = 0
    for start in range(0, len(ids), _AT_ONCE):
        unknown += int(np.count_nonzero(ids[start : start + _AT_ONCE] == UNK))
        note_read(4 * _AT_ONCE)
    return unknown / max(len(ids), 1)


def kept_length(training: Iterable[NDArray[np.int64]], max_len: int | None) -> int:
    """The most ids that are kept of a text: as said, or the longest training text up to a multiple of ten.

    Args:
        training: The lengths of the training texts, side by side where they have two.
        max_len: What a person said.
    """
    longest = max(int(lengths.max()) for lengths in training)
    return max_len or min(-(-longest // 10) * 10, LONGEST_BY_DEFAULT)


@dataclass(frozen=True, eq=False)
class WholeTexts:
    """Texts encoded in full on disk, before it is known where they are cut.

    Args:
        ids: All texts' ids (sum of lengths) int32, mapped.
        lengths: How many ids each text has (N) int64.
    """

    ids: NDArray[np.int32]
    lengths: NDArray[np.int64]

    @classmethod
    def encode(cls, texts: Iterable[str], tokenizer: Tokenizer, path: Path) -> "WholeTexts":
        """Encode texts one after the other into a file.

        Raises:
            OSError: The disk is full or broken.
        """
        lengths = path.with_name(f"{path.name}.lengths.npy")
        with ArrayWriter(path, np.int32) as writer, NumberWriter(lengths) as counted:
            for ids, lengths_of_some in tokenizer.encode_blocks(texts):
                writer.append(ids)
                counted.extend(lengths_of_some)
        return cls(read_array(path, np.int32, mapped=True), read_array(lengths, np.int64, mapped=True))

    def write(self, folder: Path, name: str, *, targets: NDArray[np.int64], max_len: int) -> None:
        """Write the files of `EncodedTexts`, each text cut at `max_len` ids.

        Raises:
            OSError: The disk is full or broken.
        """
        self.write_ids(folder, name, max_len=max_len)
        save_rows(folder / f"{name}.targets.npy", targets, np.int64)

    def write_ids(
        self, folder: Path, name: str, *, max_len: int, chosen: NDArray[np.int64] | None = None
    ) -> None:
        """Write the files of `FlatIds`, each text cut at `max_len` ids.

        Args:
            folder: Where to.
            name: The beginning of their names.
            max_len: The most ids of a text.
            chosen: Which texts, ascending; all by default.

        Raises:
            OSError: The disk is full or broken.
        """
        begin = end = 0
        ids, offsets = (folder / f"{name}.{what}.npy" for what in ("ids", "offsets"))
        with ArrayWriter(ids, np.int32) as writer, ArrayWriter(offsets, np.int64) as ends:
            ends.append(np.zeros(1, np.int64))
            for first in range(0, len(self.lengths), ROWS_AT_ONCE):
                whole = self.lengths[first : first + ROWS_AT_ONCE]
                starts = begin + np.cumsum(whole) - whole
                begin = int(starts[-1] + whole[-1])
                places = _within(chosen, first, len(whole))
                lengths = np.minimum(whole, max_len)[places]
                for block in within(lengths, IDS_AT_ONCE):
                    writer.append(self._beginnings(starts[places][block], lengths[block]))
                ends.append(end + np.cumsum(lengths))
                end += int(lengths.sum())

    def _beginnings(self, starts: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.int32]:
        """So many ids from each of ascending starts on, one after the other."""
        ends = np.cumsum(lengths)
        if not len(ends):
            return self.ids[:0]
        begin, end = int(starts[0]), int(starts[-1] + lengths[-1])
        note_read(4 * (end - begin))
        if end - begin == ends[-1]:
            return self.ids[begin:end]
        places: NDArray[np.int64] = np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)
        return self.ids[places]


def _within(chosen: NDArray[np.int64] | None, first: int, count: int) -> "NDArray[np.int64] | slice":
    """Of ascending places those among `count` from the first on, counted from there; None is all of them."""
    if chosen is None:
        return slice(None)
    begin, end = np.searchsorted(chosen, [first, first + count])
    return chosen[begin:end] - first


@dataclass(frozen=True, eq=False)
class VectorSequences(FlatSequences):
    """Sequences of vectors with one answer each, whatever the answer is.

    Args:
        values: All steps' vectors one after the other (sum of lengths, I) float32.
        offsets: At which step each sequence starts, and where the last one ends (N + 1) int64.
        targets: Each sequence's answer (N): a number float32, or a class int64.
    """

    values: NDArray[np.float32]
    offsets: NDArray[np.int64]
    targets: NDArray[Any]

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The sequences at the indices (B): padded vectors (B, T, I) float32, lengths (B), answers (B)."""
        lengths, inside, places = self.places(indices)
        inputs = np.where(inside[..., None], self.values[places], np.float32(0))
        return Rows(inputs, lengths, self.targets[indices])


class EncodedVectors(VectorSequences):
    """One split of sequences of vectors whose answer is a number (N) float32."""

    @classmethod
    def open(cls, folder: Path, name: str) -> "EncodedVectors":
        """The sequences that `write_vectors` wrote, their values mapped.

        Raises:
            ValueError: The files do not fit together.
        """
        flat = read_private_array(folder / f"{name}.values.npy", np.float32)
        offsets = read_private_array(folder / f"{name}.offsets.npy", np.int64)
        targets = read_private_array(folder / f"{name}.targets.npy", np.float32)
        steps = int(offsets[-1]) if len(offsets) else 0
        if len(offsets) != len(targets) + 1 or steps == 0 or len(flat) % steps:
            raise unfit(folder, name)
        return cls(flat.reshape(steps, -1), offsets, targets)


def write_vectors(
    folder: Path, name: str, *, values: NDArray[np.float32], targets: NDArray[np.float32]
) -> None:
    """Write the files of `EncodedVectors` for sequences of equal length.

    Args:
        folder: Where to.
        name: The split.
        values: The vectors (N, T, I).
        targets: The answers (N).

    Raises:
        OSError: The disk is full or broken.
    """
    count, steps = values.shape[:2]
    np.save(folder / f"{name}.values.npy", values.astype(np.float32).reshape(-1))
    np.save(folder / f"{name}.offsets.npy", np.arange(count + 1, dtype=np.int64) * steps)
    np.save(folder / f"{name}.targets.npy", targets.astype(np.float32))
