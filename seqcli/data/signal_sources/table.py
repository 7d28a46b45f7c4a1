"""A table with a row a step: CSV, TSV, JSON lines or Parquet; rows of one id are one sequence."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice, pairwise
from pathlib import PurePath

import numpy as np
from numpy.typing import NDArray

from seqcli.data.config import DataConfig
from seqcli.data.labels import as_label, checked_label
from seqcli.data.row_table import read_rows
from seqcli.data.signal_columns import PEEKED, choose_signal_columns, labels_change, mostly_numbers
from seqcli.data.signal_tables import (
    Scope,
    Signal,
    SignalColumns,
    SignalTable,
    as_number,
    check_size,
    moving,
    number_in,
    same_channels,
    stem_of,
)
from seqcli.data.tables import CellValue, Table, quoted, read_table
from seqcli.data.wide_table import read_wide, rows_are_sequences
from seqcli.data.written_numbers import refuse_numbers_as_names, with_points
from seqcli.errors import ColumnsError, DataError

ENDINGS = frozenset({".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".pq"})


class LongTable:
    """Files named .csv, .tsv, .jsonl or .parquet, of one row a step."""

    ending = ".csv, .tsv, .jsonl, .parquet"
    of_signals = False
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether the name is that of a table, in any case."""
        return PurePath(location).suffix.lower() in ENDINGS

    def per_step(self, location: str, config: DataConfig) -> bool:
        """Return whether labels change within sequences, as the first rows have it."""
        return labels_change(with_points(read_table(location, config), config), config)

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The sequences of the table.

        Raises:
            DataError: It cannot be read, a column is not there or cannot be told, or a cell is wrong.
            UsageError: It is a pipe or device, or an option has no meaning for it.
        """
        table = with_points(read_table(location, config, "test" if scope.lone else "train"), config)
        refuse_numbers_as_names(table, config)
        if scope.rows:
            return read_rows(table, location, config, scope)
        layout = None if scope.per_step else rows_are_sequences(table, config)
        if layout is not None:
            return read_wide(table, layout, config, scope)
        columns, values = choose_signal_columns(table, config, scope)
        channels = _channels(table, values, chosen=config.value_column is not None)
        columns = replace(columns, left_out=tuple(name for name in values if name not in channels))
        signals = _Sequences(table, columns, channels, per_step=scope.per_step and scope.labels).read()
        if config.value_column is None and not scope.lone:
            return moving(SignalTable(location, channels, signals, columns))
        if scope.channels:
            same_channels(channels, scope.channels, location)
        return SignalTable(location, channels, signals, columns)


def _channels(table: Table, values: Sequence[str], *, chosen: bool) -> tuple[str, ...]:
    """The columns of values: as chosen, or those that mostly hold numbers.

    Raises:
        DataError: There is none, or no row.
    """
    if chosen:
        return tuple(values)
    rows = [cells for _, cells in islice(table.read(tuple(values)), PEEKED)]
    if not rows:
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    columns = list(zip(*rows, strict=True))
    number = tuple(name for name, cells in zip(values, columns, strict=True) if mostly_numbers(cells))
    if not number:
        raise ColumnsError(
            f"{table.name}: no column holds numbers beside those of sequences, steps and labels",
            "Name the columns of values with --value-column.",
        )
    return number


@dataclass
class _Growing:
    """One sequence while its rows are read.

    Args:
        first: Its first row.
        values: Its numbers, row after row.
        steps: What its rows are sorted by.
        rows: Its rows' numbers.
        label: Its label, once a row has one.
        labelled: The row that has it.
        step_labels: The label of each row, where rows have their own.
        group: Its group, where there are any.
    """

    first: int
    values: "array[float]" = field(default_factory=lambda: array("d"))
    steps: list[str] = field(default_factory=list)
    rows: "array[int]" = field(default_factory=lambda: array("q"))
    label: str | None = None
    labelled: int = 0
    step_labels: list[str | None] = field(default_factory=list)
    group: str | None = None


@dataclass(frozen=True)
class _Sequences:
    """The rows of a table as sequences."""

    table: Table
    columns: SignalColumns
    channels: tuple[str, ...]
    per_step: bool = False

    def read(self) -> list[Signal]:
        """The sequences in the order of their first rows.

        Raises:
            DataError: A row cannot be read, has no id or another label than its sequence, or a step is wrong.
        """
        grown: dict[str, _Growing] = {}
        numbers = 0
        for row, name, step, (label, group), cells in self._rows():
            rows = grown.setdefault(name, _Growing(row))
            where = self.table.where(row)
            rows.values.extend(
                as_number(cell, where, column) for cell, column in zip(cells, self.channels, strict=True)
            )
            rows.steps.append(step)
            rows.rows.append(row)
            self._label(rows, row, name, label)
            self._group(rows, row, name, group)
            numbers += len(self.channels)
            check_size(self.table.name, numbers)
        if not grown:
            raise DataError(f"{self.table.name} has a header but no rows", "Add rows of data below it.")
        self._refuse_rows_alone(grown)
        key = self._key(rows.steps for rows in grown.values()) if self.columns.step else None
        return [self._signal(name, rows, key) for name, rows in grown.items()]

    def _rows(self) -> Iterator[tuple[int, str, str, tuple[CellValue, CellValue], tuple[CellValue, ...]]]:
        """Row, id, step, label with group, and values of each row."""
        columns = self.columns
        heads = [name for name in (columns.id, columns.step, columns.label, columns.group) if name]
        for row, cells in self.table.read((*heads, *self.channels)):
            heading = dict(zip(heads, cells, strict=False))
            name = as_label(heading[columns.id]) if columns.id else stem_of(self.table.name)
            if name is None:
                raise DataError(
                    f"{self.table.where(row)}: column {quoted(columns.id)} names no sequence",
                    "Write the sequence's id in each of its rows.",
                )
            step = as_label(heading[columns.step]) or "" if columns.step else ""
            says = heading.get(columns.label), heading.get(columns.group)
            yield row, name, step, says, cells[len(heads) :]

    def _label(self, rows: _Growing, row: int, name: str, cell: CellValue) -> None:
        """Note a row's label.

        Raises:
            DataError: The sequence has another one.
        """
        named = self.columns.label
        label = checked_label(cell, named, self.table, row) if named else None
        if self.per_step:
            rows.step_labels.append(label)
        if label is None:
            return
        if rows.label is None:
            rows.label, rows.labelled = label, row
        elif rows.label != label and not self.per_step:
            raise DataError(
                f"{self.table.where(row)}: column {quoted(self.columns.label)} holds {quoted(label)}, but the"
                f" sequence {quoted(name)} is {quoted(rows.label)} in {self.table.unit} {rows.labelled}",
                f"A sequence has one label. Is {quoted(self.columns.id)} the column that names the sequences,"
                f" and {quoted(self.columns.label)} that of labels? Say others with --id-column and"
                " --label-column; where each step has a label of its own: --kind signal-tag.",
            )

    def _group(self, rows: _Growing, row: int, name: str, cell: CellValue) -> None:
        """Note a row's group.

        Raises:
            DataError: It has none, or the sequence has another one.
        """
        if not self.columns.group:
            return
        group = as_label(cell)
        where, column = self.table.where(row), quoted(self.columns.group)
        if group is None:
            raise DataError(
                f"{where} has no group in column {column}",
                "Give each row its group; a sequence that belongs to no other gets a name of its own.",
            )
        if rows.group not in (None, group):
            raise DataError(
                f"{where}: column {column} holds {quoted(group)}, but the sequence {quoted(name)} is of"
                f" {quoted(str(rows.group))}",
                "A sequence belongs to one group. Is this the column of groups (--group-column)?",
            )
        rows.group = group

    def _refuse_rows_alone(self, grown: dict[str, _Growing]) -> None:
        """Refuse ids of which each has one row: they name rows.

        Raises:
            DataError: So it is.
        """
        if self.columns.id and len(grown) > 1 and all(len(rows.rows) == 1 for rows in grown.values()):
            raise DataError(
                f"{self.table.name}: each of its {len(grown):,} rows has an id of its own in column "
                f"{quoted(self.columns.id)}, so that no sequence has two steps",
                "Name the column whose value is the same in all rows of a sequence: --id-column.",
            )

    def _key(self, steps: Iterator[list[str]]) -> Callable[[str], float | datetime | None]:
        """Return the reading of steps: as numbers, or as times where the first is none."""
        first = next(iter(next(steps)), "")
        return _time if number_in(first) is None else _finite

    def _signal(
        self, name: str, rows: _Growing, key: Callable[[str], float | datetime | None] | None
    ) -> Signal:
        values = np.array(rows.values, np.float64).reshape(len(rows.rows), len(self.channels))
        labels = rows.step_labels
        if key is not None:
            order = self._order(name, rows, key)
            values = values[order]
            labels = [labels[place] for place in order.tolist()] if labels else []
        return Signal(name, values, rows.label, self.table.where(rows.first), rows.group, tuple(labels))

    def _order(
        self, name: str, rows: _Growing, key: Callable[[str], float | datetime | None]
    ) -> NDArray[np.int64]:
        """The places of a sequence's rows by their steps.

        Raises:
            DataError: A step is none, is of another kind than the others, or occurs twice.
        """
        column = quoted(self.columns.step)
        keys: list[float | datetime] = []
        for text, row in zip(rows.steps, rows.rows, strict=True):
            number = key(text)
            if number is None:
                raise DataError(
                    f"{self.table.where(row)}: column {column} holds {quoted(text) if text else 'nothing'},"
                    " which is no step",
                    "Steps are numbers, or all of them times such as 2024-01-31 23:00:05.",
                )
            keys.append(number)
        try:
            order = sorted(range(len(keys)), key=keys.__getitem__)
        except TypeError:
            raise DataError(
                f"{self.table.where(rows.first)}: column {column} mixes times with and without a time zone",
                "Write all of them in one way.",
            ) from None
        for before, after in pairwise(order):
            if keys[before] == keys[after]:
                raise DataError(
                    f"{self.table.where(rows.rows[after])}: the step {quoted(rows.steps[after])} of"
                    f" the sequence {quoted(name)} is that of {self.table.unit} {rows.rows[before]} too",
                    f"Does {quoted(self.columns.id)} name the sequences? Keep one row for each step, or leave"
                    " rows in the file's order by naming another --step-column.",
                )
        return np.array(order, np.int64)


def _finite(text: str) -> float | None:
    number = number_in(text)
    return number if number is not None and np.isfinite(number) else None


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


SOURCE = LongTable()
