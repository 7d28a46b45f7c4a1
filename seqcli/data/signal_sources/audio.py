"""Recordings: `DIR/yes/7.wav` in folders named by class, or a table of paths and labels beside them."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from seqcli.data.columns import check_columns, listed, refuse_columns
from seqcli.data.config import DataConfig
from seqcli.data.facts import SoundFacts
from seqcli.data.labels import as_label
from seqcli.data.log_mel import SUFFIXES, LogMel, is_sound, most_frequent_rate, read_sound
from seqcli.data.signal_columns import LABEL_NAME
from seqcli.data.signal_tables import Scope, Signal, SignalColumns, SignalTable, check_size, inside
from seqcli.data.tables import Table, quoted, read_table
from seqcli.errors import DataError, UsageError

LAYOUT = "FOLDER/CLASS/FILE.wav"

_TABLES = frozenset({".csv", ".tsv"})
_PEEKED = 2**16
"""Bytes of a table in which the name of a recording is looked for."""


@dataclass(frozen=True)
class _Recording:
    """A file of sound, its name in what was given, its label and group, and its place for messages."""

    path: Path
    name: str
    label: str | None
    where: str
    group: str | None = None


class Recordings:
    """Folders of .wav or .flac files, one such file, or a table with a column of their paths."""

    ending = "folders of .wav"
    of_signals = True
    of_sound = True

    def reads(self, location: str) -> bool:
        """Return whether it is a file of sound, a folder that holds any, or a table that names any."""
        path = Path(location)
        if path.is_dir():
            return any(is_sound(file) for file in inside(location))
        if path.suffix.lower() in _TABLES and path.is_file():
            with path.open("rb") as file:
                beginning = file.read(_PEEKED).lower()
            return any(suffix.encode() in beginning for suffix in SUFFIXES) and _named(location)
        return is_sound(path)

    def per_step(self, location: str, config: DataConfig) -> bool:  # noqa: ARG002 the format knows none
        """Return False: a recording has one class."""
        return False

    def named_files(self, location: str, config: DataConfig) -> list[Path]:
        """The recordings that a table names."""
        if Path(location).is_dir() or is_sound(Path(location)):
            return []
        return [each.path for each in _of_table(location, config, Scope(labels=False))]

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The recordings as log-mel frames.

        Raises:
            DataError: A file is no sound, or lies in no class's folder.
            UsageError: An option has no meaning here, or a package is missing.
        """
        if scope.per_step:
            raise UsageError(
                f"{location}: recordings have one class each, none for their frames",
                "Leave --kind signal-tag out, or write the frames to an .npz file.",
            )
        by_table = not Path(location).is_dir() and not is_sound(Path(location))
        recordings = _of_table(location, config, scope) if by_table else _of_folder(location, config, scope)
        columns = SignalColumns(
            label=_columns(location, config, scope)[1] if by_table else "",
            group=(config.group_column or "") if by_table and scope.labels else "",
        )
        return _framed(location, recordings, config, columns)


def _framed(
    location: str, recordings: Sequence[_Recording], config: DataConfig, columns: SignalColumns
) -> SignalTable:
    """The recordings as frames, all at one rate."""
    sounds = [read_sound(str(recording.path)) for recording in recordings]
    making = LogMel.of(config, most_frequent_rate([sound.rate for sound in sounds]))
    making.check(location)
    signals: list[Signal] = []
    numbers = 0
    for recording, sound in zip(recordings, sounds, strict=True):
        values = making.frames(sound, recording.where)
        numbers += values.size
        check_size(location, numbers)
        signals.append(Signal(recording.name, values, recording.label, recording.where, recording.group))
    others = Counter(sound.rate for sound in sounds if sound.rate != making.rate)
    facts = SoundFacts(
        rate=making.rate,
        mels=making.mels,
        frame=making.frame,
        hop=making.hop,
        files=len(sounds),
        resampled={str(rate): count for rate, count in sorted(others.items())},
        mixed=sum(sound.channels > 1 for sound in sounds),
    )
    return SignalTable(location, making.names, signals, columns, named=False, sound=facts)


def _of_folder(location: str, config: DataConfig, scope: Scope) -> list[_Recording]:
    """The recordings of a folder in the order of their paths, or one file.

    Raises:
        DataError: One is in no class's folder, or is no sound.
        UsageError: A column is named.
    """
    if scope.guess:
        refuse_columns(
            config,
            ": in a folder each recording's label is its folder's name",
            "Leave it out, or name a table of paths and labels.",
        )
    root = Path(location)
    if not root.is_dir():
        if scope.labels:
            raise UsageError(f"{location} is one recording", f"Name the folder of all: {LAYOUT}.")
        return [_Recording(root, root.name, None, location)]
    recordings = []
    for path in inside(location):
        within = path.relative_to(root)
        if not is_sound(path):
            raise DataError(
                f"{path} is no recording: its name ends in none of {', '.join(sorted(SUFFIXES))}",
                "Move it elsewhere, or hide it by a dot before its name.",
            )
        if scope.labels and len(within.parts) == 1:
            raise DataError(
                f"{path} is in no class's folder", f"Recordings lie in folders named by class: {LAYOUT}."
            )
        label = as_label(within.parts[0]) if len(within.parts) > 1 else None
        recordings.append(_Recording(path, within.as_posix(), label, str(path)))
    return recordings


def _named(location: str) -> bool:
    """Return whether a table's first row names a recording."""
    table = read_table(location, DataConfig())
    first = next((cells for _, cells in itertools.islice(table.read(table.columns), 1)), ())
    return any(is_sound(PurePath(str(cell))) for cell in first)


def _columns(location: str, config: DataConfig, scope: Scope) -> tuple[str, str]:
    """The columns of paths, and of labels or '' where none are read.

    Raises:
        DataError: One cannot be told, or is not there.
    """
    table = read_table(location, config)
    label, group = (config.label_column, config.group_column) if scope.labels else (None, None)
    check_columns(table, {"--id-column": config.id_column, "--label-column": label, "--group-column": group})
    path = config.id_column or _path_column(table)
    if not scope.labels:
        return path, ""
    rest = [name for name in table.columns if name not in (path, group)]
    usual = [name for name in rest if LABEL_NAME.fullmatch(name)]
    candidates = [label] if label else usual or rest
    if len(candidates) != 1:
        raise DataError(
            f"{location}: cannot tell which column holds the labels. Its columns: {listed(table)}.",
            "Say it with --label-column.",
        )
    return path, candidates[0]


def _path_column(table: Table) -> str:
    """The one column whose first cell names a recording.

    Raises:
        DataError: None does, or several.
    """
    first = next((cells for _, cells in itertools.islice(table.read(table.columns), 1)), ())
    named = [name for name, cell in zip(table.columns, first, strict=False) if is_sound(PurePath(str(cell)))]
    if len(named) != 1:
        raise DataError(
            f"{table.name}: cannot tell which column holds the recordings' paths",
            "Say it with --id-column.",
        )
    return named[0]


def _of_table(location: str, config: DataConfig, scope: Scope) -> list[_Recording]:
    """The recordings that a table names, their paths from its folder on.

    Raises:
        DataError: A path leads to no file, or a row has no path or group.
    """
    table = read_table(location, config)
    path_column, label_column = _columns(location, config, scope)
    group_column = (config.group_column or "") if scope.labels else ""
    heads = tuple(name for name in (path_column, label_column, group_column) if name)
    folder = Path(location).parent
    recordings = []
    for row, cells in table.read(heads):
        says = dict(zip(heads, map(as_label, cells), strict=True))
        path, where = says[path_column], table.where(row)
        if path is None:
            raise DataError(f"{where} names no recording in column {quoted(path_column)}", "Write its path.")
        if not (folder / path).is_file():
            raise DataError(
                f"{where}: there is no file {folder / path}", "Paths are from the table's own folder on."
            )
        if group_column and says[group_column] is None:
            raise DataError(f"{where} has no group in column {quoted(group_column)}", "Give it one.")
        recordings.append(
            _Recording(folder / path, path, says.get(label_column), where, says.get(group_column))
        )
    if not recordings:
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    return recordings


SOURCE = Recordings()
