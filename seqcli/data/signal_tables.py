"""Signals: sequences of vectors of unequal length with labels, read from any of several formats."""

import hashlib
import math
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from seqcli.data.config import DataConfig
from seqcli.data.facts import FilmFacts, SoundFacts
from seqcli.data.files import check_readable, sha256
from seqcli.data.tables import ABSENT, CellValue, quoted
from seqcli.errors import ColumnsError, DataError, SeqcliError, UsageError, first_names
from seqcli.registry import Registry

MISSING = frozenset({"", "nan", "na", "n/a", "null", "none", "?"})
"""Spellings of a value that was not measured, in any case."""

LARGEST = 1e30
"""The largest value: sums of squares of larger ones leave float64, and no sensor says such a number."""

MAX_NUMBERS = 2**27
"""The most numbers of a data set, 1 GiB of float64: they are in memory while they are read."""


@dataclass(frozen=True, eq=False)
class Signal:
    """One sequence of vectors.

    Args:
        name: What its file calls it.
        values: A row a step, NaN where a value is missing (T, C) float64.
        label: Its class as the file spells it; None where it has none.
        where: Its place for messages: 'gestures.csv, row 7'.
        group: What must not be torn apart by a split, such as who made it; None where nothing is named.
        step_labels: The class of each step (T), None where one has none; () where steps have no classes.
    """

    name: str
    values: NDArray[np.float64]
    label: str | None
    where: str
    group: str | None = None
    step_labels: tuple[str | None, ...] = ()

    def first(self, steps: int | None) -> "Signal":
        """Its first steps; all of them for None."""
        return replace(self, values=self.values[:steps], step_labels=self.step_labels[:steps])

    def __str__(self) -> str:
        return self.name

    @property
    def digest(self) -> bytes:
        """The hash of its values: sequences of equal ones are taken for the same."""
        hashed = hashlib.sha256(np.array(self.values.shape, np.int64).tobytes())
        hashed.update(np.ascontiguousarray(self.values).tobytes())
        return hashed.digest()


@dataclass(frozen=True)
class SignalColumns:
    """The columns of a table of signals; those of formats without columns are empty.

    Args:
        id: The column that names the sequences; '' where there is none.
        step: The column by which rows are sorted; '' leaves them in the file's order.
        label: The column of labels; '' where there is none.
        guessed: The options that were not given and whose column was guessed.
        left_out: Columns that nobody named and that are no channel: no numbers, or never changing.
        group: The column of groups; '' for none.
        steps: Of a row a sequence, the columns of its first and its last step; empty of a row a step.
    """

    id: str = ""
    step: str = ""
    label: str = ""
    guessed: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    group: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class SignalTable:
    """All sequences of a location.

    Args:
        location: What messages call it.
        channels: The names of the channels, by which new data is matched.
        signals: The sequences, in the location's order.
        columns: Where they stood in it.
        named: Whether the channels' names are the data's own, and not their numbers.
        sound: Of recordings, how they became frames.
        film: Of steps that are images, their size.
    """

    location: str
    channels: tuple[str, ...]
    signals: Sequence[Signal]
    columns: SignalColumns = field(default_factory=SignalColumns)
    named: bool = True
    sound: SoundFacts | None = None
    film: FilmFacts | None = None


@dataclass(frozen=True)
class Scope:
    """The part of a location that is of use.

    Args:
        labels: Whether labels are read; they need not be there otherwise.
        channels: The channels as a run learnt them; empty for any.
        lone: Whether rows are all of one sequence where no column of ids is there; then none is guessed.
        guess: Whether a column of steps is guessed.
        per_step: Whether each step has a label of its own, and not the whole sequence.
        rows: Whether each row of a table stands for itself, a sequence of one step.
    """

    labels: bool = True
    channels: tuple[str, ...] = ()
    lone: bool = False
    guess: bool = True
    per_step: bool = False
    rows: bool = False


LEARNING = Scope()
"""All of a labelled location, to learn from."""


class SignalSource(Protocol):
    """One format of signals; each file of `seqcli.data.signal_sources` keeps one under `SOURCE`."""

    ending: str
    """The ending of its locations, for messages."""

    of_signals: bool
    """Whether such a location holds signals whatever is said, so that their kind need not be named."""

    of_sound: bool
    """Whether it holds recordings, which become frames as options say."""

    def reads(self, location: str) -> bool:
        """Return whether a location is of this format."""

    def per_step(self, location: str, config: DataConfig) -> bool:
        """Return whether its labels are those of steps, as far as its beginning tells.

        Raises:
            SeqcliError: It cannot be read.
        """

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The location's sequences.

        Raises:
            DataError: It cannot be read, or is not what this format says.
            UsageError: It is a pipe or device, or an option has no meaning for it.
        """


@runtime_checkable
class NamesFiles(Protocol):
    """A format whose locations name further files, which are part of the data."""

    def named_files(self, location: str, config: DataConfig) -> list[Path]:
        """Those files.

        Raises:
            DataError: The location cannot be read, or names a file that is not there.
        """


OF_SOUND = ("rate", "mels", "frame", "hop")
"""Options that say how recordings become frames."""

SIGNAL_SOURCES: Registry[SignalSource] = Registry("format of signals", "seqcli.data.signal_sources", "SOURCE")


def signal_source(location: str) -> SignalSource | None:
    """The first format, by its name, that reads a location; None where none does."""
    sources = map(SIGNAL_SOURCES.get, SIGNAL_SOURCES.names())
    return next((source for source in sources if source.reads(location)), None)


def meant_per_step(config: DataConfig) -> bool:
    """Return whether a person's own data is of signals whose steps have labels, as its beginning tells."""
    if config.location is None or config.pairs or config.time_column is not None:
        return False
    if config.text_column is not None:
        return False
    source = signal_source(config.location)
    with suppress(SeqcliError):  # whoever reads the data tells what is wrong with it
        return source is not None and source.per_step(config.location, config)
    return False


def read_signals(location: str, config: DataConfig, scope: Scope = LEARNING) -> SignalTable:
    """The sequences at a location, by the format that its name tells.

    Args:
        location: A file, or a folder.
        config: Which columns are meant, and how text is spelt.
        scope: What is of use.

    Raises:
        DataError: It cannot be read, or holds no sequence.
        UsageError: It is a pipe or device.
    """
    source = signal_source(location)
    if source is None and config.sep is not None:
        source = SIGNAL_SOURCES.get("table")
    if source is None:
        check_readable(location)
        endings = ", ".join(SIGNAL_SOURCES.get(name).ending for name in SIGNAL_SOURCES.names())
        raise ColumnsError(
            f"{location}: cannot tell its format from its name",
            f"Sequences of numbers are read from {endings}; delimited text under another name with --sep.",
        )
    idle = [name for name in OF_SOUND if getattr(config, name) is not None and not source.of_sound]
    if idle and scope.guess:
        raise UsageError(f"--{idle[0]} is for recordings, and {location} holds none", "Leave it out.")
    table = source.read(location, config, scope)
    if config.image_size and scope.guess and not (table.film and table.film.image_size):
        raise UsageError(
            f"--image-size is for image files, and {location} holds none of frames", "Leave it out."
        )
    _check(table)
    return table


def _check(table: SignalTable) -> None:
    """Check what every format must give.

    Raises:
        DataError: There is no sequence or channel, a sequence has no step, or a value is too large or none.
    """
    if not table.signals or not table.channels:
        raise DataError(f"{table.location} holds no sequence of numbers", "Is this the right file?")
    for signal in table.signals:
        if not len(signal.values):
            raise DataError(f"{signal.where}: the sequence has no step", "Leave it out, or write its steps.")


def check_size(location: str, numbers: int) -> None:
    """Refuse more numbers than fit.

    Raises:
        DataError: There are more than `MAX_NUMBERS`.
    """
    if numbers > MAX_NUMBERS:
        raise DataError(
            f"{location} holds more than {MAX_NUMBERS:,} numbers",
            "They are in memory while they are read: keep fewer channels, or fewer steps a second.",
        )


def check_values(values: NDArray[np.float64], where: str, names: Sequence[str]) -> None:
    """Refuse values that no sensor says, in an array that came as numbers; NaN is a missing one.

    Args:
        values: (T, C).
        where: The sequence, for messages.
        names: Its channels (C).

    Raises:
        DataError: Where the first infinite or too large value is.
    """
    bad = ~(np.abs(values) <= LARGEST) & ~np.isnan(values)
    if bad.any():
        step, channel = (int(place) for place in np.argwhere(bad)[0])
        raise DataError(
            f"{where}: step {step + 1} of channel {quoted(names[channel])} is {values[step, channel]}",
            f"Values are finite, from -{LARGEST:g} to {LARGEST:g}; NaN is a missing one.",
        )


_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def as_number(cell: CellValue, where: str, column: str) -> float:
    """A cell as a number, NaN where it is missing.

    Args:
        cell: The cell.
        where: Its row, for messages.
        column: Its column, for messages.

    Raises:
        DataError: It is no number, or an infinite one.
    """
    value = number_in(cell)
    if value is None:
        comma = isinstance(cell, str) and _DECIMAL_COMMA.fullmatch(cell.strip())
        raise DataError(
            f"{where}: column {quoted(column)} holds {quoted(str(cell))}, not a number",
            "Write decimals with a point: 0.5."
            if comma
            else "Correct it, leave it empty where nothing was measured, or name the columns of numbers with "
            "--value-column.",
        )
    if abs(value) > LARGEST:
        raise DataError(
            f"{where}: column {quoted(column)} holds {quoted(str(cell))}, which is no finite number",
            f"Values lie from -{LARGEST:g} to {LARGEST:g}; leave the field empty where nothing was measured.",
        )
    return value


def number_in(cell: CellValue) -> float | None:
    """A cell's number, NaN where it is missing; None where it holds anything else."""
    text = "" if cell is None or cell is ABSENT else str(cell).strip()
    if text.lower() in MISSING:
        return math.nan
    try:
        return None if "_" in text else float(text)  # Python's own 1_000 is nobody's data
    except ValueError:
        return None  # truth values among them


def same_channels(channels: Sequence[str], expected: Sequence[str], where: str) -> None:
    """Refuse channels that are not those of another file or of a run.

    Raises:
        DataError: There are more or fewer, or they have other names.
    """
    if tuple(channels) == tuple(expected):
        return
    lost = [name for name in expected if name not in channels]
    more = [name for name in channels if name not in expected]
    what = f"lacks {first_names([quoted(n) for n in lost])}" if lost else "orders them otherwise"
    raise DataError(
        f"{where} has {len(channels)} channels, where {len(expected)} are expected: it "
        + (what if lost or not more else f"also has {first_names([quoted(n) for n in more])}"),
        f"Its channels: {first_names(list(channels))}. Those expected: {first_names(list(expected))}.",
    )


def moving(table: SignalTable) -> SignalTable:
    """The table without channels that never change within a sequence: a person's number, an age.

    They would name the sequence and not what happens in it; where none moves, all stay.
    """
    constant = np.ones(len(table.channels), bool)
    for signal in table.signals:
        first = signal.values[:1]
        constant &= ((signal.values == first) | (np.isnan(signal.values) & np.isnan(first))).all(axis=0)
    if constant.all() or not constant.any():
        return table
    still = tuple(name for name, same in zip(table.channels, constant, strict=True) if same)
    return replace(
        table,
        channels=tuple(name for name in table.channels if name not in still),
        signals=[replace(signal, values=signal.values[:, ~constant]) for signal in table.signals],
        columns=replace(table.columns, left_out=(*table.columns.left_out, *still)),
    )


def numbered(count: int) -> tuple[str, ...]:
    """The names of channels that have none of their own: 1, 2, 3, …."""
    return tuple(str(number + 1) for number in range(count))


def data_sha256(location: str, config: DataConfig) -> str:
    """The SHA-256 of a location and of the files that it names.

    Raises:
        DataError: One cannot be read.
        UsageError: One is a pipe or device.
    """
    source: object = signal_source(location)
    own = location_sha256(location)
    files = source.named_files(location, config) if isinstance(source, NamesFiles) else []
    if not files:
        return own
    listed = "".join(f"{sha256(str(path))}\n" for path in files)
    return hashlib.sha256(f"{own}\n{listed}".encode()).hexdigest()


def location_sha256(location: str) -> str:
    """The SHA-256 of a file; of a folder, of the paths within it and their hashes, in order.

    Raises:
        DataError: It cannot be read.
        UsageError: It is a pipe or device.
    """
    if not Path(location).is_dir():
        return sha256(location)
    listed = "".join(
        f"{path.relative_to(location).as_posix()} {sha256(str(path))}\n" for path in every_file(location)
    )
    return hashlib.sha256(listed.encode("utf-8", "surrogateescape")).hexdigest()


def every_file(folder: str) -> list[Path]:
    """The files of a folder and of all folders below it, in the order of their paths; hidden ones left out.

    Raises:
        DataError: It cannot be listed.
    """

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename} cannot be listed: {error.strerror}", "May you read it?") from error

    files = []
    for place, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(place, name) for name in names if not name.startswith(".")]
    return sorted(files)


def inside(folder: str) -> list[Path]:
    """The files of a folder and of the folders in it, in the order of their paths; hidden ones left out.

    Raises:
        DataError: It cannot be listed.
    """
    try:
        entries = sorted(path for path in Path(folder).iterdir() if not path.name.startswith("."))
        deeper = [
            sorted(child for child in path.iterdir() if not child.name.startswith("."))
            if path.is_dir()
            else [path]
            for path in entries
        ]
    except OSError as error:
        raise DataError(f"{folder} cannot be listed: {error.strerror}", "May you read it?") from error
    return [path for paths in deeper for path in paths if not path.is_dir()]


def stem_of(location: str) -> str:
    """A file's name without its folder and its ending."""
    return PurePath(location).stem
