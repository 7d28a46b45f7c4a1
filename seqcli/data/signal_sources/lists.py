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
from seqcli.data.signal_columns import choose_list_columns
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

    def reads(self, location: str) -> bool:
        """Return whether the name is that of a Parquet file, and it has such columns."""
        if PurePath(location).suffix.lower() not in {".parquet", ".pq"}:
            return False
        try:
            return bool(list_columns(location))
        except SeqcliError:
            return False  # whoever reads the table tells it

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
        columns, channels = choose_list_columns(table, config, scope, lists)
        if scope.channels:
            same_channels(channels, scope.channels, location)
        heads = tuple(name for name in (columns.id, columns.label) if name)
        signals, numbers = [], 0
        for row, cells in table.read((*heads, *channels)):
            heading = dict(zip(heads, cells, strict=False))
            where = table.where(row)
            values = _values(cells[len(heads) :], channels, where)
            numbers += values.size
            check_size(location, numbers)
            name = as_label(heading.get(columns.id)) or str(row)
            signals.append(Signal(name, values, as_label(heading.get(columns.label)), where))
        return SignalTable(location, channels, signals, columns)


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
