"""Texts on their way from a table to prepared data: on disk, read by row, and never mapped.

Rows are written in the order of the file and read in that of the splits, which is any. Through a mapping each
of them would bring the pages around it into this process's memory; what is read from the file does not.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryFile
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import TextWriter, nameless_file, note_read
from seqcli.data.plain_pieces import PieceCounts, PieceIds, PlainPieces
from seqcli.data.preparation_steps import Step, tell
from seqcli.data.row_arrays import RowWriter, row_array, spans_of
from seqcli.data.sequences import LazySequence

BYTES_AT_ONCE = 1 << 20
"""Bytes of rows that are held together, 1 MiB; a longer row is held alone."""

NUMBERED_AT_ONCE = 1 << 17
"""Different stretches of text whose number is known in memory, about 25 MB of them."""
NUMBERED_FOR_GOOD = 1 << 15
"""Of those the ones that stay when there are more: the first to be seen, for they are the most frequent."""

_CODE_POINTS = 0x110000
"""The code points that Unicode has room for: a character is its own number below it."""


class RowBytes:
    """Bytes of each row in a file without a name.

    Args:
        folder: Where the file is, which is closed with this object; None for among temporary files.
    """

    def __init__(self, folder: Path | None = None) -> None:
        # It lives as long as this object.
        self._file = TemporaryFile(dir=folder) if folder else nameless_file()  # noqa: SIM115
        finalize(self, self._file.close)
        self._size = 0
        self._writing = RowWriter("q")
        self._writing.append(0)
        self._offsets: NDArray[np.int64] = np.zeros(1, np.int64)

    def append(self, row: bytes) -> None:
        """Write one more row.

        Raises:
            OSError: The disk is full or broken.
        """
        self._file.write(row)
        self._size += len(row)
        self._writing.append(self._size)

    def done(self) -> "RowBytes":
        """These rows, of which there will be no more; only now they can be read."""
        self._file.flush()
        self._offsets = self._writing.done()
        return self

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def row(self, place: int) -> bytes:
        """The bytes of one row."""
        start, end = self._offsets[place : place + 2].tolist()
        return self._read(start, end)

    def _read(self, start: int, end: int) -> bytes:
        """Bytes of the file.

        Raises:
            OSError: The disk is broken.
        """
        part = os.pread(self._file.fileno(), end - start, start)
        while len(part) < end - start:  # the system may give less at once
            part += os.pread(self._file.fileno(), end - start - len(part), start + len(part)) or _cut_short()
        return part

    def picked(self, places: NDArray[np.int64], step: Step) -> Iterator[list[bytes]]:
        """The rows at the places, some at a time.

        Args:
            places: Which rows, in any order.
            step: What they are read for.
        """
        done = 0
        for starts, sizes in spans_of(self._offsets, places, BYTES_AT_ONCE):
            yield [
                self._read(start, end)
                for start, end in zip(starts.tolist(), (starts + sizes).tolist(), strict=True)
            ]
            done += len(starts)
            tell(step, done, len(places))

    def all(self) -> Iterator[list[bytes]]:
        """All rows in their order, some at a time."""
        first = 0
        while first < len(self):
            near = self._offsets[first : first + BYTES_AT_ONCE // 16 + 1]
            count = max(int(np.searchsorted(near, near[0] + BYTES_AT_ONCE, side="right")) - 1, 1)
            ends = (near[: count + 1] - near[0]).tolist()
            span = self._read(int(near[0]), int(near[count]))
            yield [span[start:end] for start, end in pairwise(ends)]
            first += count


def _cut_short() -> bytes:
    raise OSError("a file without a name has become shorter")


class _Numbers(dict[bytes, int]):
    """The number of each stretch; one that is new gets the next, and is written to a table."""

    def __init__(self, table: RowBytes) -> None:
        super().__init__()
        self._table = table
        self._next = 0

    def __missing__(self, stretch: bytes) -> int:
        if len(self) >= NUMBERED_AT_ONCE:
            # Those that are dropped get another number where they come again: the table has them twice.
            frequent = [entry for entry, _ in zip(self.items(), range(NUMBERED_FOR_GOOD), strict=False)]
            self.clear()
            self.update(frequent)
        number = self[stretch] = self._next
        self._next += 1
        self._table.append(stretch)
        return number


class NumberedPieces:
    """The pieces of texts as numbers, given while the texts are read, before there is a vocabulary.

    A text is cut once, at its blanks; what is between them is cut further once for each different stretch.
    Of characters the numbers are their code points.

    Args:
        pieces: Cuts a stretch.
        folder: Where the numbers are kept.
    """

    def __init__(self, pieces: PlainPieces, folder: Path) -> None:
        self.pieces = pieces
        self._rows = RowBytes(folder)
        self._table = RowBytes(folder)
        self._number = _Numbers(self._table).__getitem__
        self._ids: tuple[PieceIds, _IdTable] | None = None

    def append(self, text: str) -> bytes | None:
        """Number the pieces of one more text; return what is read of it, in UTF-8, where that is known now.

        Raises:
            OSError: The disk is full or broken.
        """
        if not self.pieces.words:
            self._rows.append(self.pieces.spelt(text).encode("utf-32-le"))
            return None
        stretches = self.pieces.stretches(text)
        self._rows.append(np.fromiter(map(self._number, stretches), np.int32, len(stretches)).tobytes())
        return self.pieces.as_read(text, stretches)

    def done(self) -> "NumberedPieces":
        """These numbers, of which there will be no more."""
        self._rows.done()
        self._table.done()
        return self

    def count(self, places: NDArray[np.int64], counts: PieceCounts) -> None:
        """Count the pieces of the texts at the places."""
        times = row_array(len(self._table) if self.pieces.words else _CODE_POINTS, np.int64)
        for rows in self._rows.picked(places, "counting"):
            np.add.at(times, np.frombuffer(b"".join(rows), np.int32), 1)
            note_read(times.nbytes)
        if not self.pieces.words:
            for number in np.flatnonzero(times).tolist():
                counts.add((chr(number),), int(times[number]))
            return
        first = 0
        for stretches in self._table.all():
            for stretch, count in zip(stretches, times[first : first + len(stretches)].tolist(), strict=True):
                if count:
                    counts.add(self.pieces.of_stretch(stretch), count)
            first += len(stretches)

    def encoded(
        self, places: NDArray[np.int64], piece_ids: PieceIds
    ) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The ids of the texts at the places one after the other, and how many each has, some at a time."""
        if self._ids is None or self._ids[0] is not piece_ids:
            self._ids = piece_ids, self._id_table(piece_ids)
        table = self._ids[1]
        for rows in self._rows.picked(places, "encoding"):
            sizes = np.fromiter(map(len, rows), np.int64, len(rows)) // 4
            ids, lengths = table.ids_of(np.frombuffer(b"".join(rows), np.int32), sizes)
            yield _never_empty(ids, lengths, piece_ids.unknown)

    def _id_table(self, piece_ids: PieceIds) -> "_IdTable":
        """The ids of each number's pieces."""
        if not self.pieces.words:
            ids = np.full(_CODE_POINTS, piece_ids.unknown, np.int32)
            for piece, number in piece_ids.vocabulary.items():
                if len(piece) == 1:
                    ids[ord(piece)] = number
            return _IdTable(ids, None)
        flat, offsets = RowWriter("i"), RowWriter("q")
        offsets.append(0)
        for stretches in self._table.all():
            for stretch in stretches:
                for number in piece_ids.of_pieces(self.pieces.of_stretch(stretch)):
                    flat.append(number)
                offsets.append(len(flat))
        return _IdTable(flat.done(), offsets.done())


@dataclass(frozen=True, eq=False)
class _IdTable:
    """The ids of numbered stretches.

    Args:
        ids: Those of all stretches one after the other.
        offsets: Where each stretch's begin, and where the last one's end; None where each has one.
    """

    ids: NDArray[np.int32]
    offsets: NDArray[np.int64] | None

    def ids_of(
        self, numbers: NDArray[np.int32], sizes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The ids of some texts, and how many each has.

        Args:
            numbers: The numbers of all their stretches.
            sizes: How many stretches each text has (N).
        """
        if self.offsets is None:
            return self.ids[numbers], sizes
        starts = self.offsets[numbers]
        counts = self.offsets[1:][numbers] - starts
        ends = np.concatenate([[0], np.cumsum(counts)])
        places = np.arange(ends[-1]) + np.repeat(starts - ends[:-1], counts)
        return self.ids[places], np.diff(ends[np.concatenate([[0], np.cumsum(sizes)])])


def _never_empty(
    ids: NDArray[np.int32], lengths: NDArray[np.int64], unknown: int
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The same with one unknown token for each text that has none."""
    empty = lengths == 0
    if not empty.any():
        return ids, lengths
    return np.insert(ids, (np.cumsum(lengths) - lengths)[empty], unknown), np.maximum(lengths, 1)


class ScratchTexts(LazySequence[str]):
    """Texts in a file without a name, written one by one and read by row.

    Args:
        folder: Where they are kept.
        pieces: Cuts them, where their pieces are numbered as they come.
    """

    def __init__(self, folder: Path, pieces: PlainPieces | None = None) -> None:
        self._rows = RowBytes(folder)
        self.numbered = None if pieces is None else NumberedPieces(pieces, folder)

    def append(self, text: str) -> bytes | None:
        """Write one more text; return what is read of it, in UTF-8, where numbering its pieces tells.

        Raises:
            OSError: The disk is full or broken.
        """
        self._rows.append(text.encode("utf-8"))
        return None if self.numbered is None else self.numbered.append(text)

    def done(self) -> "ScratchTexts":
        """These texts, of which there will be no more."""
        self._rows.done()
        if self.numbered is not None:
            self.numbered.done()
        return self

    def __len__(self) -> int:
        return len(self._rows)

    def _at(self, place: int) -> str:
        return self._rows.row(place).decode("utf-8")

    def picked(self, places: NDArray[np.int64]) -> "PickedTexts":
        """The texts at the places."""
        return PickedTexts(((self, places),))

    def raw(self, places: NDArray[np.int64], step: Step) -> Iterator[list[bytes]]:
        """The UTF-8 bytes of the texts at the places, some at a time; raises as `RowBytes.picked`."""
        return self._rows.picked(places, step)


@dataclass(frozen=True, eq=False)
class PickedTexts(Iterable[str]):  # and `NumberedTexts`
    """Some texts, in an order of their own.

    Args:
        parts: Texts, and the places of those that are meant.
    """

    parts: tuple[tuple[ScratchTexts, NDArray[np.int64]], ...]

    def __iter__(self) -> Iterator[str]:
        return (raw.decode("utf-8") for rows in self.raw("going through") for raw in rows)

    def raw(self, step: Step) -> Iterator[list[bytes]]:
        """Their UTF-8 bytes, some at a time."""
        for texts, places in self.parts:
            yield from texts.raw(places, step)

    def numbered_by(self, pieces: PlainPieces) -> bool:
        """Return whether their pieces have numbers, and are those that `pieces` cuts."""
        return all(
            texts.numbered is not None and texts.numbered.pieces.alike(pieces) for texts, _ in self.parts
        )

    def count(self, counts: PieceCounts) -> None:
        """Count their numbered pieces."""
        for texts, places in self.parts:
            if texts.numbered is not None:
                texts.numbered.count(places, counts)

    def encoded(self, piece_ids: PieceIds) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
        """The ids of their numbered pieces one after the other, and how many each text has."""
        for texts, places in self.parts:
            if texts.numbered is not None:
                yield from texts.numbered.encoded(places, piece_ids)


def write_texts(texts: Iterable[str], writer: TextWriter) -> None:
    """Write texts to prepared data.

    Raises:
        OSError: The disk is full or broken.
    """
    if isinstance(texts, PickedTexts):
        for rows in texts.raw("writing"):
            writer.extend(rows)
        return
    for text in texts:
        writer.append(text)
