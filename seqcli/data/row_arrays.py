"""A number for each row of data: in memory, or on disk where there are many rows.

Everything here gives what numpy gives of whole arrays, block by block, so that what a process holds does not
grow with its data. Large arrays are mapped files without a name; `note_read` gives their pages back.
"""

import mmap
import os
from array import array
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqcli.data.arrays import RESIDENT, ROWS_AT_ONCE, ArrayWriter, map_file, nameless_file, note_read

T = TypeVar("T", bound=np.generic)

LARGEST_IN_MEMORY = 1 << 20
"""Bytes of the largest array that stays in memory, 1 MiB."""

PLACES_AT_ONCE = 1 << 12
"""Places that are read together of an array that is not in memory."""

_BUCKETS = 256
"""Parts into which values are dealt out before each is sorted in memory."""


def blocks(count: int) -> Iterator[slice]:
    """Neighbouring rows, some at a time."""
    return (slice(start, min(start + ROWS_AT_ONCE, count)) for start in range(0, count, ROWS_AT_ONCE))


def row_array(count: int, dtype: DTypeLike) -> NDArray[Any]:
    """An array of zeros (count).

    Raises:
        OSError: The disk has no room for it.
    """
    kind = np.dtype(dtype)
    size = count * kind.itemsize
    if size <= LARGEST_IN_MEMORY:
        return np.zeros(count, kind)
    with nameless_file() as file:
        os.posix_fallocate(file.fileno(), 0, size)  # a disk that is full says so now, not by SIGBUS
        return np.frombuffer(map_file(file, size, mmap.ACCESS_WRITE), kind)


class RowWriter:
    """Gathers numbers one by one or some at a time, and gives them as one array.

    Args:
        code: Python's `array` code of their type: 'q' for int64.
    """

    def __init__(self, code: str) -> None:
        self._waiting = array(code)
        self._file: IO[bytes] | None = None
        self._written = 0

    def append(self, number: int) -> None:
        """Take one more."""
        self._waiting.append(number)
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._flush()

    def extend(self, numbers: NDArray[Any]) -> None:
        """Take some more, of the same type."""
        self._waiting.frombytes(np.ascontiguousarray(numbers).tobytes())
        if len(self._waiting) >= ROWS_AT_ONCE:
            self._flush()

    def __len__(self) -> int:
        return self._written + len(self._waiting)

    def _flush(self) -> None:
        self._file = self._file or nameless_file()
        self._file.write(self._waiting.tobytes())
        self._written += len(self._waiting)
        self._waiting = array(self._waiting.typecode)

    def done(self) -> NDArray[Any]:
        """All of them, in order.

        Raises:
            OSError: The disk has no room for them.
        """
        kind = np.dtype(self._waiting.typecode)
        if self._file is None:
            return np.frombuffer(self._waiting, kind)
        self._flush()
        with self._file as file:
            file.flush()
            return np.frombuffer(map_file(file, self._written * kind.itemsize, mmap.ACCESS_READ), kind)


def counting(count: int) -> NDArray[np.int64]:
    """The numbers 0 … count - 1."""
    numbers = row_array(count, np.int64)
    for part in blocks(count):
        numbers[part] = np.arange(part.start, part.stop)
        note_read(8 * ROWS_AT_ONCE)
    return numbers


def joined(arrays: Iterable[NDArray[Any]], dtype: DTypeLike) -> NDArray[Any]:
    """Arrays one after the other, as `concatenate`."""
    every = tuple(arrays)
    whole = row_array(sum(map(len, every)), dtype)
    begin = 0
    for values in every:
        for part in blocks(len(values)):
            whole[begin + part.start : begin + part.stop] = values[part]
            note_read(2 * 8 * ROWS_AT_ONCE)
        begin += len(values)
    return whole


def differences(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """The difference between each value and the next, as `diff`."""
    between = row_array(len(values) - 1, np.int64)
    for part in blocks(len(between)):
        between[part] = np.diff(values[part.start : part.stop + 1])
        note_read(2 * 8 * ROWS_AT_ONCE)
    return between


def taken(values: NDArray[T], places: NDArray[np.int64]) -> NDArray[T]:
    """The values at the places, as `values[places]`."""
    chosen = row_array(len(places), values.dtype)
    for part in blocks(len(places)):
        chosen[part] = gathered(values, places[part])
        note_read(2 * 8 * ROWS_AT_ONCE)
    return chosen


def gathered(values: NDArray[T], places: NDArray[np.int64]) -> NDArray[T]:
    """The values at some places, as `values[places]`, in memory."""
    if values.nbytes <= RESIDENT:
        note_read(values.nbytes)
        return values[places]
    order = np.argsort(places, kind="stable")  # those near each other are read together
    chosen = np.empty(len(places), values.dtype)
    for first in range(0, len(places), PLACES_AT_ONCE):
        near = order[first : first + PLACES_AT_ONCE]
        chosen[near] = values[places[near]]
        note_read(int(places[near[-1]] - places[near[0]] + 1) * values.itemsize)
    return chosen


def spans_of(
    offsets: NDArray[np.int64], places: NDArray[np.int64], most: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """The beginnings of some rows and how much each holds, as many at a time as hold `most` together, or one.

    Args:
        offsets: Where each row begins, and where the last one ends (N + 1).
        places: Which rows (M).
        most: The most that those of one time hold.
    """
    for part in blocks(len(places)):
        starts = gathered(offsets, places[part])
        sizes = gathered(offsets, places[part] + 1) - starts
        for block in within(sizes, most):
            yield starts[block], sizes[block]


def within(sizes: NDArray[np.int64], most: int) -> Iterator[slice]:
    """Neighbouring rows, as many at a time as hold `most` together, or one."""
    ends = np.cumsum(sizes)
    first = before = 0
    while first < len(ends):
        last = max(int(np.searchsorted(ends, before + most, side="right")), first + 1)
        yield slice(first, last)
        first, before = last, int(ends[last - 1])


def places_of(values: NDArray[Any], value: int) -> NDArray[np.int64]:
    """The places of a value, ascending, as `flatnonzero(values == value)`."""
    return _places_where(values, lambda part: part == value)


def places_other_than(values: NDArray[Any], value: int) -> NDArray[np.int64]:
    """The places of all other values, ascending, as `flatnonzero(values != value)`."""
    return _places_where(values, lambda part: part != value)


def _places_where(
    values: NDArray[Any], meant: Callable[[NDArray[Any]], NDArray[np.bool_]]
) -> NDArray[np.int64]:
    """The places of the values that are meant, ascending."""
    places = RowWriter("q")
    for part in blocks(len(values)):
        places.extend(part.start + np.flatnonzero(meant(values[part])))
        note_read(values.itemsize * ROWS_AT_ONCE)
    return places.done()


def among(values: NDArray[np.int64], known: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Those of some places that are among others, in their order, as `values[isin(values, known)]`.

    Args:
        values: Places below `count` (N).
        known: Others.
        count: How many places there are.
    """
    return taken(values, places_of(taken(_marked(known, count), values), 1))


def without(values: NDArray[np.int64], places: NDArray[np.int64]) -> NDArray[np.int64]:
    """The values but for those at some places, as `delete(values, places)`."""
    return taken(values, places_of(_marked(places, len(values)), 0))


def _marked(places: NDArray[np.int64], count: int) -> NDArray[np.uint8]:
    """1 at some places, 0 elsewhere (count)."""
    marked = row_array(count, np.uint8)
    for part in blocks(len(places)):
        marked[places[part]] = 1
        note_read(8 * ROWS_AT_ONCE)
    return marked


def counted(values: NDArray[Any], least: int = 0) -> NDArray[np.int64]:
    """The count of each whole number from 0, as `bincount`."""
    counts = np.zeros(least, np.int64)
    for part in blocks(len(values)):
        of_part = np.bincount(values[part], minlength=len(counts))
        of_part[: len(counts)] += counts
        counts = of_part
        note_read(values.itemsize * ROWS_AT_ONCE)
    return counts


def save_rows(path: Path, values: NDArray[Any], dtype: DTypeLike) -> None:
    """Write an array as `numpy.save` does.

    Raises:
        OSError: The disk is full or broken.
    """
    with ArrayWriter(path, dtype) as writer:
        for part in blocks(len(values)):
            writer.append(values[part])
            note_read(values.itemsize * ROWS_AT_ONCE)


def in_order(values: NDArray[T]) -> tuple[NDArray[np.int64], NDArray[T]]:
    """The stable order of values from 0 on, as `argsort`, and the values in that order (N)."""
    if values.nbytes <= LARGEST_IN_MEMORY:
        order = np.argsort(values, kind="stable").astype(np.int64)
        return order, values[order]
    lowest = min(int(values[part].min()) for part in blocks(len(values)))
    highest = max(int(values[part].max()) for part in blocks(len(values)))
    shift = max((highest - lowest).bit_length() - (_BUCKETS - 1).bit_length(), 0)
    order, ordered, ends = _dealt_out(values, lowest, shift)
    begin = 0
    for end in ends.tolist() if shift else ():  # else each bucket holds one value
        inner = np.argsort(ordered[begin:end], kind="stable")
        order[begin:end] = order[begin:end][inner]
        ordered[begin:end] = ordered[begin:end][inner]
        note_read(16 * (end - begin))
        begin = end
    return order, ordered


def _dealt_out(
    values: NDArray[T], lowest: int, shift: int
) -> tuple[NDArray[np.int64], NDArray[T], NDArray[np.int64]]:
    """Places and values, those of one bucket together and in their own order, and each bucket's end."""

    def bucket_of(part: slice) -> NDArray[np.int64]:
        above = values[part].astype(np.uint64) - np.uint64(lowest)
        return (above >> np.uint64(shift)).astype(np.int64)

    sizes = np.zeros(_BUCKETS, np.int64)
    for part in blocks(len(values)):
        sizes += np.bincount(bucket_of(part), minlength=_BUCKETS)
        note_read(values.itemsize * ROWS_AT_ONCE)
    ends = np.cumsum(sizes)
    free = ends - sizes
    order, ordered = row_array(len(values), np.int64), row_array(len(values), values.dtype)
    for part in blocks(len(values)):
        buckets = bucket_of(part)
        inner = np.argsort(buckets, kind="stable")
        added = np.bincount(buckets, minlength=_BUCKETS)
        rank = np.arange(len(inner)) - np.repeat(np.cumsum(added) - added, added)
        places = np.repeat(free, added) + rank
        order[places] = part.start + inner
        ordered[places] = values[part][inner]
        free += added
        note_read(3 * 8 * ROWS_AT_ONCE, places=len(ends) // 8)
    return order, ordered, ends


def beginnings(ordered: NDArray[Any]) -> Iterator[tuple[slice, NDArray[np.bool_]]]:
    """Some sorted values at a time, and which of them differ from the one before."""
    for part in blocks(len(ordered)):
        values = ordered[part]
        differs = np.ones(len(values), np.bool_)
        differs[1:] = values[1:] != values[:-1]
        differs[0] = part.start == 0 or values[0] != ordered[part.start - 1]
        yield part, differs
        note_read(2 * 8 * ROWS_AT_ONCE)


def first_of_each(values: NDArray[Any]) -> NDArray[np.int64]:
    """The place where each value first occurs, by value, as `unique` returns it."""
    order, ordered = in_order(values)
    places = RowWriter("q")
    for part, begins in beginnings(ordered):
        places.extend(order[part][begins])
    return places.done()


def different(ordered: NDArray[Any]) -> int:
    """The number of different values among sorted ones."""
    return sum(int(begins.sum()) for _, begins in beginnings(ordered))


def shared_count(ordered: NDArray[Any], known: NDArray[Any]) -> int:
    """The number of sorted values that are among others, sorted too."""
    return len(shared_places(ordered, known))


def shared_places(ordered: NDArray[Any], known: NDArray[Any]) -> NDArray[np.int64]:
    """The places of sorted values that are among others, sorted too."""
    places = RowWriter("q")
    for part in blocks(len(ordered) if len(known) else 0):
        values = ordered[part]
        nearest = np.minimum(np.searchsorted(known, values), len(known) - 1)
        places.extend(part.start + np.flatnonzero(known[nearest] == values))
        note_read(2 * 8 * ROWS_AT_ONCE)
    return places.done()


class LengthCounts:
    """The number of sequences of each length: all that is told of lengths, whatever their number.

    Args:
        lengths: Of some sequences each, in steps.
    """

    def __init__(self, *lengths: NDArray[np.int64]) -> None:
        most = max(int(values[part].max()) for values in lengths for part in blocks(len(values)))
        self._counts = np.sum([counted(values, most + 1) for values in lengths], axis=0)
        self._count = int(self._counts.sum())

    def mean(self) -> float:
        """The mean length."""
        return int((self._counts * np.arange(len(self._counts))).sum()) / self._count

    def max(self) -> int:
        """The greatest length."""
        return len(self._counts) - 1

    def above(self, length: int) -> int:
        """The number of longer ones."""
        return int(self._counts[length + 1 :].sum())

    def percentile(self, percent: float) -> float:
        """The length that so many percent do not exceed, between two neighbours as `numpy.percentile`."""
        place = (self._count - 1) * (percent / 100)
        below = int(place)
        ends = np.cumsum(self._counts)
        low, high = (int(np.searchsorted(ends, each, side="right")) for each in (below, below + 1))
        high, share = min(high, self.max()), place - below
        return low + (high - low) * share if share < 0.5 else high - (high - low) * (1 - share)
