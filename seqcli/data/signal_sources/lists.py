"""A Parquet file with a row a sequence: columns of lists are channels, another column holds the label."""

from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.columns import check_columns
from seqcli.data.config import DataConfig
from seqcli.data.files import Content
from seqcli.data.labels import as_label
from seqcli.data.signal_columns import LABEL_NAME, choose_list_columns
from seqcli.data.signal_tables import (
    Scope,
    Signal,
    SignalTable,
    check_size,
    check_values,
    same_channels,
)
from seqcli.data.sources.parquet import list_columns, read_cells
from seqcli.data.tables import Table, quoted
from seqcli.errors import DataError, SeqcliError, UsageError


class ParquetLists:
    """Files named .parquet or .pq that have columns of lists of numbers."""

    ending = ".parquet (lists)"
    of_signals = True
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether the name is that of a Parquet file, and it has such columns."""
        if PurePath(location).suffix.lower() not in {".parquet", ".pq"}:
            return False
        try:
            return bool(list_columns(location))
        except SeqcliError:
            return False  # whoever reads the table tells it

    def per_step(self, location: str, config: DataConfig) -> bool:
        """Return whether the column of labels holds lists."""
        lists = list_columns(location, of_numbers=False)
        named = [config.label_column] if config.label_column else filter(LABEL_NAME.fullmatch, lists)
        return any(name in lists for name in named)

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The sequences of the file, one a row.

        Raises:
            DataError: It cannot be read, a column is not there, or a row's lists have unequal lengths.
            UsageError: It is a folder, pipe or device, or steps are named.
        """
        if scope.guess and config.step_column is not None:
            raise UsageError(
                f"--step-column {config.step_column}: a row of {location} is a whole sequence in its order",
                "Leave it out.",
            )
        table, lists = _table(location, config)
        lists = tuple(name for name in lists if name != _label_list(config, table, scope))
        columns, channels = choose_list_columns(table, config, scope, lists)
        if scope.channels:
            same_channels(channels, scope.channels, location)
        heads = tuple(name for name in (columns.id, columns.label, columns.group) if name)
        signals, numbers = [], 0
        for row, cells in table.read((*heads, *channels)):
            heading = dict(zip(heads, cells, strict=False))
            where = table.where(row)
            values = _values(cells[len(heads) :], channels, where)
            numbers += values.size
            check_size(location, numbers)
            name = as_label(heading.get(columns.id)) or str(row)
            label, steps = _labels(heading.get(columns.label), len(values), where, scope)
            group = as_label(heading.get(columns.group)) if columns.group else None
            if columns.group and group is None:
                raise DataError(f"{where} has no group in column {quoted(columns.group)}", "Give it one.")
            signals.append(Signal(name, values, label, where, group, steps))
        return SignalTable(location, channels, signals, columns)


def _label_list(config: DataConfig, table: Table, scope: Scope) -> str | None:
    """The column of lists of numbers that are the steps' labels; None where there is none."""
    if not scope.per_step:
        return None
    if config.label_column is not None:
        return config.label_column
    named = [name for name in table.columns if LABEL_NAME.fullmatch(name)]
    return named[0] if len(named) == 1 else None


def _labels(cell: Any, steps: int, where: str, scope: Scope) -> tuple[str | None, tuple[str | None, ...]]:
    """The label of a row's sequence, and those of its steps.

    Raises:
        DataError: There are more or fewer of them than steps, or none where steps have their own.
    """
    listed = isinstance(cell, list | np.ndarray)
    if not scope.per_step or not scope.labels:
        if listed and scope.labels:
            raise DataError(
                f"{where}: the labels are a list, one for each step", "So they are read as --kind signal-tag."
            )
        return (None if listed else as_label(cell)), ()
    if not listed:
        raise DataError(
            f"{where}: the column of labels holds no list", "Write a label for each step: ['walk', 'run', …]."
        )
    if len(cell) != steps:
        raise DataError(
            f"{where}: {len(cell):,} labels for {steps:,} steps", "Each step has one; null for none."
        )
    if isinstance(cell, np.ndarray):  # numbers came as float64, by which 1 would be called 1.0
        cell = [int(value) if float(value).is_integer() else value for value in cell.tolist()]
    labels = tuple(as_label(value) for value in cell)
    return next((label for label in labels if label is not None), None), labels


def _table(location: str, config: DataConfig) -> tuple[Table, tuple[str, ...]]:
    """The file as a table whose cells may be arrays, and which of its columns hold lists."""
    from seqcli.data.tables import read_table

    flat = read_table(location, config)
    content = Content(location)

    def read(scope: tuple[str, ...]) -> Iterator[tuple[int, tuple[Any, ...]]]:
        check_columns(flat, {f"column {number}": name for number, name in enumerate(scope)})
        yield from read_cells(content, scope)

    return Table(flat.name, flat.columns, read, flat.sha256), list_columns(location)


def _values(lists: tuple[Any, ...], channels: tuple[str, ...], where: str) -> NDArray[np.float64]:
    """One row's lists side by side (T, C).

    Raises:
        DataError: One is not there, they have unequal lengths, or a value is infinite.
    """
    for name, values in zip(channels, lists, strict=True):
        if not isinstance(values, np.ndarray):
            raise DataError(
                f"{where}: column {quoted(name)} holds no list", "Write the values, or drop the row."
            )
        if len(values) != len(lists[0]):
            raise DataError(
                f"{where}: column {quoted(name)} has {len(values):,} values, and {quoted(channels[0])} has "
                f"{len(lists[0]):,}",
                "All channels of a sequence have the same steps; write null for a missing value.",
            )
    values = np.column_stack(lists).astype(np.float64)
    check_values(values, where, channels)
    return values


SOURCE = ParquetLists()
