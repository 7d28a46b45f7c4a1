"""A folder with a folder for each class, and in it a file for each sequence: `DIR/walk/7.csv`."""

from dataclasses import replace
from pathlib import Path

from seqcli.data.config import DataConfig
from seqcli.data.labels import as_label
from seqcli.data.signal_columns import LABEL_NAME
from seqcli.data.signal_sources.table import ENDINGS
from seqcli.data.signal_sources.table import SOURCE as TABLE
from seqcli.data.signal_tables import (
    Scope,
    Signal,
    SignalTable,
    check_size,
    inside,
    moving,
    same_channels,
)
from seqcli.data.tables import read_table
from seqcli.errors import DataError, UsageError

LAYOUT = "FOLDER/CLASS/FILE.csv"


class ClassFolders:
    """A folder of folders named by class, or, of sequences without a label, of files."""

    ending = "folders by class"
    of_signals = True
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether it is a folder."""
        return Path(location).is_dir()

    def per_step(self, location: str, config: DataConfig) -> bool:
        """Return whether files lie in no class's folder, and the first has a column of labels."""
        first = next((path for path in inside(location) if path.suffix.lower() in ENDINGS), None)
        if first is None or first.parent != Path(location):
            return False
        columns = read_table(str(first), config).columns
        return (
            config.label_column in columns or sum(bool(LABEL_NAME.fullmatch(name)) for name in columns) == 1
        )

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The sequences in the order of their files' paths.

        Raises:
            DataError: A file is in no class's folder, cannot be read, or has other channels than the first.
            UsageError: A column is named that files of one sequence have none of.
        """
        if scope.guess:
            _refuse_columns(config, scope)
        paths = _files(location, scope)
        single = replace(scope, labels=scope.per_step and scope.labels, lone=True)
        first = TABLE.read(str(paths[0]), config, single)
        known = read_table(str(paths[0]), config).columns
        settled = config.model_copy(
            update={
                "step_column": first.columns.step or None,
                "value_column": first.channels,
                "label_column": first.columns.label or None,
            }
        )
        signals: list[Signal] = []
        for path in paths:
            if not scope.channels:
                same_channels(read_table(str(path), config).columns, known, str(path))
            table = TABLE.read(str(path), settled, single)
            (signal,) = table.signals
            within = path.relative_to(location)
            label = as_label(within.parts[0]) if len(within.parts) > 1 else None
            if scope.per_step:
                label = signal.label
            signals.append(replace(signal, name=within.as_posix(), label=label, where=str(path)))
            check_size(location, len(signals) * signal.values.size)
        table = SignalTable(location, first.channels, signals, first.columns)
        return table if config.value_column is not None else moving(table)


def _refuse_columns(config: DataConfig, scope: Scope) -> None:
    """Refuse columns that the layout stands for.

    Raises:
        UsageError: One is named.
    """
    label = None if scope.per_step else config.label_column
    named = {"--id-column": config.id_column, "--label-column": label, "--group-column": config.group_column}
    for option, name in named.items():
        if name is not None:
            raise UsageError(
                f"{option} {name}: in a folder each file is a sequence, and its folder's name is the label",
                "Leave it out, or give one file with all sequences.",
            )


def _files(location: str, scope: Scope) -> list[Path]:
    """The files of sequences.

    Raises:
        DataError: One is in no class's folder, or is no table.
        UsageError: It is a folder of something else.
    """
    paths = inside(location)
    by_class = scope.labels and not scope.per_step
    direct = [path for path in paths if path.parent == Path(location)]
    other = any(path.suffix.lower() not in ENDINGS for path in direct)
    if not paths or (by_class and (direct == paths or other)):
        raise UsageError(
            f"{location} is a folder, and no folder of sequences in folders named by their class",
            f"Name a file in it. Sequences of numbers lie in {LAYOUT}; ready-made splits are given as --train"
            f" {location}/train --test {location}/test.",
        )
    for path in paths:
        if path.suffix.lower() not in ENDINGS:
            raise DataError(
                f"{path} is not a file of a sequence: its name ends in none of {', '.join(sorted(ENDINGS))}",
                "Move it elsewhere, or hide it by a dot before its name. An .npz or .ts file holds many"
                " sequences: name it alone.",
            )
        if by_class and path.parent == Path(location):
            raise DataError(
                f"{path} is in no class's folder",
                f"Sequences lie in folders named by their class: {LAYOUT}.",
            )
    return paths


SOURCE = ClassFolders()
