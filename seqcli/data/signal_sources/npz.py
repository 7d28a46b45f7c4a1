"""An .npz file of numpy: `x` with all sequences, `lengths` where they differ, `y` with the labels.

Steps are vectors, or the images of a film.

Where each step has a label of its own, `y` is (N, T), padded as `x` is, or (ΣT) with the lengths.
"""

import errno
import math
import tokenize
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from seqcli.data.columns import refuse_columns
from seqcli.data.config import DataConfig
from seqcli.data.facts import FilmFacts
from seqcli.data.files import opened
from seqcli.data.labels import as_label
from seqcli.data.signal_tables import (
    MAX_NUMBERS,
    Scope,
    Signal,
    SignalTable,
    check_size,
    check_values,
    numbered,
    same_channels,
)
from seqcli.data.tables import quoted
from seqcli.errors import DataError, first_names

ENDING = ".npz"
_INPUTS = ("x", "X", "inputs", "data")
_LABELS = ("y", "Y", "labels", "label", "targets")
_LENGTHS = ("lengths", "length", "lens")
_IDS = ("ids", "id", "names")
_HEADER = 2**16
"""Bytes of an array's header, at most: its type and its shape are a line."""

WRITE = "np.savez(FILE, x=np.concatenate(x), lengths=[len(one) for one in x], y=y)"
"""The writing of sequences of unequal length without Python's objects."""


class Npz:
    """Files named .npz: x (N, T, C) padded, or x (ΣT, C) with lengths (N), or x (N, T); y (N)."""

    ending = ENDING
    of_signals = True
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether the name ends in .npz, in any case."""
        return PurePath(location).suffix.lower() == ENDING

    def per_step(self, location: str, config: DataConfig) -> bool:  # noqa: ARG002 shapes tell
        """Return whether the labels are as many as steps, and not as sequences."""
        arrays = _arrays(location)
        member, lengths = _optional(arrays, _LABELS), _optional(arrays, _LENGTHS)
        if member is None:
            return False
        labels = _array(location, member)
        if labels.ndim == 2:
            return bool(labels.shape[1] > 1)
        return lengths is not None and len(labels) != len(_array(location, lengths))

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The sequences of the file.

        Raises:
            DataError: It is no .npz file, holds objects, or its arrays do not fit together.
            UsageError: It is a pipe or device, or a column is named.
        """
        if scope.guess:
            refuse_columns(config, f" is for tables, and {location} holds arrays: x, lengths, y")
        arrays = _arrays(location)
        lengths = _optional(arrays, _LENGTHS)
        picked = _picked(location, arrays, _INPUTS, "sequences")
        flat, film = _frames(location, picked[1], None if lengths is None else _array(location, lengths))
        inputs = _numbers(location, picked[0], flat)
        values = _sequences(location, inputs, lengths)
        steps = scope.per_step and scope.labels
        labels = _texts(location, _optional(arrays, _LABELS), len(values), scope=scope.labels, steps=steps)
        by_step = _step_labels(location, _optional(arrays, _LABELS), values) if steps else [()] * len(values)
        names = _texts(location, _optional(arrays, _IDS), len(values), scope=False)
        channels = numbered(values[0].shape[1] if values else 0)
        signals = []
        parts = zip(values, labels, by_step, names, strict=True)
        for number, (sequence, label, step_labels, name) in enumerate(parts, start=1):
            where = f"{location}, sequence {number}"
            check_values(sequence, where, channels)
            first = next((each for each in step_labels if each is not None), label)
            signals.append(Signal(name or str(number), sequence, first, where, None, step_labels))
        if scope.channels:
            same_channels(channels, numbered(len(scope.channels)), location)
        return SignalTable(location, channels, signals, named=False, film=film)


@dataclass(frozen=True)
class _Member:
    """An array of the file: its name, and its bytes with the header."""

    name: str
    content: bytes


@contextmanager
def _faults(location: str) -> Iterator[None]:
    """One message for whatever is wrong in the archive.

    Raises:
        DataError: It is no archive of arrays.
        OSError: The disk failed.
    """
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DataError(f"{location} cannot be read as .npz: {reason}", f"Write it anew: {WRITE}.") from error
    except OSError as error:
        if error.errno not in (None, errno.EINVAL):
            raise
        raise DataError(f"{location} cannot be read as .npz: {error}", f"Write it anew: {WRITE}.") from error


def _arrays(location: str) -> dict[str, _Member]:
    """The arrays of the file by name, unpacked no further than they say and fit.

    Raises:
        DataError: It is no archive, or unpacks to more than fits.
    """
    members: dict[str, _Member] = {}
    with opened(location) as file, _faults(location), zipfile.ZipFile(file) as archive:
        left = MAX_NUMBERS * 8 + _HEADER
        for entry in archive.infolist():
            name = entry.filename.removesuffix(".npy")
            if name not in (*_INPUTS, *_LABELS, *_LENGTHS, *_IDS):
                continue
            left -= entry.file_size
            if left < 0:
                check_size(location, MAX_NUMBERS + 1)
            with archive.open(entry) as member:
                members[name] = _Member(name, member.read(entry.file_size + 1))
    return members


def _picked(
    location: str, arrays: dict[str, _Member], names: tuple[str, ...], what: str
) -> tuple[str, NDArray[Any]]:
    for name in names:
        if name in arrays:
            return name, _array(location, arrays[name])
    with opened(location) as file, _faults(location), zipfile.ZipFile(file) as archive:
        others = [entry.filename.removesuffix(".npy") for entry in archive.infolist()]
    raise DataError(
        f"{location} has no array {names[0]} of {what}; it has: {first_names(list(map(quoted, others)))}",
        "x holds the sequences (N, T, C), lengths their steps (N), y their labels (N).",
    )


def _optional(arrays: dict[str, _Member], names: tuple[str, ...]) -> _Member | None:
    return next((arrays[name] for name in names if name in arrays), None)


def _array(location: str, member: _Member) -> NDArray[Any]:
    """An array as its header says; one of Python's objects, which are code, is refused.

    Raises:
        DataError: It holds objects, or is not as long as its header says.
    """
    stream = BytesIO(member.content)
    with _faults(location):
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        try:
            shape, fortran, dtype = read(stream, max_header_size=_HEADER)
        except (SyntaxError, TypeError, KeyError, RecursionError, MemoryError, tokenize.TokenError) as error:
            raise ValueError(f"the header of {member.name}") from error
    if dtype.hasobject:
        raise DataError(
            f"{location}: {member.name} is an array of Python objects, which can hold code and are not read",
            f"Write the numbers themselves: {WRITE}.",
        )
    count = math.prod(shape)
    if dtype.itemsize == 0 or len(member.content) - stream.tell() != count * dtype.itemsize:
        raise DataError(
            f"{location}: {member.name} is not as long as its header says", f"Write it anew: {WRITE}."
        )
    flat = np.frombuffer(member.content, dtype, count=count, offset=stream.tell())
    return flat.reshape(shape, order="F" if fortran else "C")


def _frames(
    location: str, array: NDArray[Any], lengths: NDArray[Any] | None
) -> tuple[NDArray[Any], FilmFacts | None]:
    """Steps that are images as vectors, row by row, and their size; an array of vectors as it is.

    They are (N, T, Y, X) or (N, T, Y, X, 3), or with lengths all one below the other: (ΣT, Y, X) and so on.

    Raises:
        DataError: An image has no pixel, or neither one number a pixel nor three.
    """
    joined = lengths is not None and lengths.ndim == 1 and len(array) != len(lengths)
    leading = 1 if joined else 2
    if array.ndim not in (leading + 2, leading + 3):
        return array, None
    height, width, channels = (*array.shape[leading:], 1)[:3]
    if channels not in (1, 3) or not height * width:
        raise DataError(
            f"{location}: x of shape {array.shape} holds images of {height} x {width} pixels with {channels}"
            " numbers each",
            "Films are (N, T, Y, X), grey, or (N, T, Y, X, 3), in colour.",
        )
    flat = array.reshape(*array.shape[:leading], height * width * channels)
    return flat, FilmFacts(height=height, width=width, channels=channels)


def _numbers(location: str, name: str, array: NDArray[Any]) -> NDArray[np.float64]:
    """The inputs as numbers, in two or three dimensions.

    Raises:
        DataError: They are none, or of another shape.
    """
    if array.dtype.kind not in "biuf" or array.ndim not in (2, 3):
        raise DataError(
            f"{location}: {name} holds {array.dtype} of shape {array.shape}, not numbers (N, T, C)",
            f"N sequences of T steps and C channels; of unequal length: {WRITE}.",
        )
    check_size(location, array.size)
    return array.astype(np.float64)


def _sequences(
    location: str, inputs: NDArray[np.float64], lengths: _Member | None
) -> list[NDArray[np.float64]]:
    """Each sequence's values (T, C).

    Raises:
        DataError: The lengths are not those of the inputs.
    """
    if lengths is None:
        padded = inputs if inputs.ndim == 3 else inputs[..., None]
        return [sequence[: _last_known(sequence) + 1] for sequence in padded]
    steps = _array(location, lengths)
    if steps.ndim != 1 or steps.dtype.kind not in "iu" or not len(steps) or steps.min() < 1:
        raise DataError(
            f"{location}: lengths holds {steps.dtype} of shape {steps.shape}, not whole numbers from 1 (N)",
            "One for each sequence.",
        )
    total, longest = sum(steps.tolist()), int(steps.max())
    if inputs.ndim == 2 and total == len(inputs):
        return np.split(inputs, np.cumsum(steps.astype(np.int64))[:-1])
    padded = inputs if inputs.ndim == 3 else inputs[..., None]
    if len(padded) != len(steps) or longest > padded.shape[1]:
        turned = padded.shape[2] if longest <= padded.shape[2] else None
        raise DataError(
            f"{location}: x of shape {inputs.shape} does not fit {len(steps):,} lengths up to {longest:,}, "
            f"{total:,} in all",
            "x is (N, T, C), padded, or all steps one below the other (sum of T, C)."
            + (" Its last two dimensions seem exchanged: x.transpose(0, 2, 1)." if turned else ""),
        )
    return [sequence[:length] for sequence, length in zip(padded, steps.tolist(), strict=True)]


def _last_known(sequence: NDArray[np.float64]) -> int:
    """The last step with any value: what comes after is padding. The first, where there is none at all."""
    known = np.flatnonzero(~np.isnan(sequence).all(axis=1))
    return int(known[-1]) if len(known) else min(0, len(sequence) - 1)


def _step_labels(
    location: str, member: _Member | None, values: list[NDArray[np.float64]]
) -> list[tuple[str | None, ...]]:
    """The labels of each sequence's steps; texts that are empty and NaN are none.

    Raises:
        DataError: There are more or fewer than steps, or they are no whole numbers or texts.
    """
    if member is None:
        return []  # told by who reads them
    array = _array(location, member)
    lengths = [len(sequence) for sequence in values]
    if array.ndim == 1 and len(array) == sum(lengths):
        pieces = np.split(array, np.cumsum(lengths)[:-1])
    elif array.ndim == 2 and len(array) == len(values) and array.shape[1] >= max(lengths, default=0):
        pieces = [row[:length] for row, length in zip(array, lengths, strict=True)]
    else:
        pieces = None
    if pieces is None or array.dtype.kind not in "biufU":
        raise DataError(
            f"{location}: {member.name} holds {array.dtype} of shape {array.shape}, and there are"
            f" {len(values):,} sequences of {sum(lengths):,} steps in all",
            "A whole number or text for each step: (N, T), padded as x is, or all one below the other.",
        )
    return [tuple(as_label(cell) for cell in _whole(piece)) for piece in pieces]


def _whole(labels: NDArray[Any]) -> list[Any]:
    """Labels as Python's own values; numbers that are whole as whole ones."""
    if labels.dtype.kind != "f":
        return list(labels.tolist())
    return [int(value) if float(value).is_integer() else value for value in labels.tolist()]


def _texts(
    location: str, member: _Member | None, count: int, *, scope: bool, steps: bool = False
) -> list[str | None]:
    """Labels or names, one a sequence; None of each where steps have their own.

    Raises:
        DataError: They are wanted and not there, or there are more or fewer than sequences.
    """
    if member is None:
        if scope:
            what = "step (N, T)" if steps else "sequence (N)"
            raise DataError(f"{location} has no array y of labels", f"y holds a label for each {what}.")
        return [None] * count
    if steps:
        return [None] * count
    array = _array(location, member)
    if array.shape != (count,) or array.dtype.kind not in "biufU":
        raise DataError(
            f"{location}: {member.name} holds {array.dtype} of shape {array.shape}, and there are {count:,}"
            " sequences",
            "One whole number or text for each.",
        )
    return [as_label(sequence) for sequence in array.tolist()]


SOURCE = Npz()
