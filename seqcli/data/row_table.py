"""Tables of independent rows: numbers and a label each, and no order among them."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice, pairwise

import numpy as np

from seqcli.data.column_roles import likely_values, of_role
from seqcli.data.columns import check_columns, listed
from seqcli.data.config import DataConfig
from seqcli.data.kind import KindFit
from seqcli.data.labels import as_label, checked_label
from seqcli.data.signal_columns import (
    ID_NAME,
    LABEL_NAME,
    PEEKED,
    STEP_NAME,
    mostly_numbers,
    said_values,
)
from seqcli.data.signal_tables import (
    Scope,
    Signal,
    SignalColumns,
    SignalTable,
    as_number,
    check_size,
    same_channels,
)
from seqcli.data.tables import CellValue, Table
from seqcli.data.wide_table import certainly_sequences
from seqcli.data.written_numbers import numbers_as_names
from seqcli.errors import ColumnsError, DataError
from seqcli.results.inspect import ColumnLook

_LONG_RUN = 5
"""Rows of one label after each other, on average, from which on rows may be the steps of a recording."""
_BEYOND_CHANCE = 3
"""Times as long as runs of shuffled rows with the same shares of labels, likewise."""
_REPEATED = 3
"""Rows of each label on average, at least, where its column is guessed: dates are all different."""


def read_rows(table: Table, location: str, config: DataConfig, scope: Scope) -> SignalTable:
    """Each row of a table as a sequence of one step.

    Args:
        table: The table.
        location: What messages call it.
        config: Which columns are meant.
        scope: Whether labels are read, and the channels of a run.

    Raises:
        DataError: A column is not there or cannot be told, a cell is no number, or there is no row.
    """
    label, guessed = _label_column(table, config) if scope.labels else ("", False)
    check_columns(table, {"--id-column": config.id_column, "--label-column": label or None})
    names = said_values(table, config) or _numbers(table, (label, config.id_column or ""))
    if scope.channels:
        same_channels(names, scope.channels, location)
    signals = []
    heads = [name for name in (config.id_column, label) if name]
    for row, cells in table.read((*heads, *names)):
        heading = dict(zip(heads, cells, strict=False))
        values = [
            as_number(cell, table.where(row), name)
            for cell, name in zip(cells[len(heads) :], names, strict=True)
        ]
        name = as_label(heading[config.id_column]) if config.id_column else None
        signals.append(
            Signal(
                name or f"{table.unit} {row}",
                np.array([values], np.float64),
                checked_label(heading.get(label), label, table, row) if label else None,
                table.where(row),
            )
        )
        check_size(table.name, len(signals) * len(names))
    columns = SignalColumns(
        id=config.id_column or "",
        label=label,
        guessed=("--label-column",) if guessed else (),
        left_out=tuple(name for name in table.columns if name not in (*heads, *names)),
    )
    return SignalTable(location, tuple(names), signals, columns)


def label_run(labels: Sequence[str | None]) -> float:
    """Return how many rows after each other have one label on average, where they look like steps in time.

    A table sorted by its labels has one run each, and is none; neither is one whose runs are about as long as
    those of shuffled rows, 1 / (1 - sum of squared shares).
    """
    runs = 1 + sum(before != after for before, after in pairwise(labels))
    counts = Counter(labels)
    alike = sum((count / len(labels)) ** 2 for count in counts.values())
    mean = len(labels) / runs
    usual = 1 / max(1 - alike, 1 / len(labels))
    return mean if runs > len(counts) and mean >= max(_LONG_RUN, _BEYOND_CHANCE * usual) else 0.0


def _label_column(table: Table, config: DataConfig) -> tuple[str, bool]:
    """The column of labels, and whether it was guessed: by its name, or as the only one without numbers.

    Raises:
        ColumnsError: Which one is meant cannot be told.
    """
    if config.label_column is not None:
        return config.label_column, False
    column = _only_label(table, {config.id_column, *(config.value_column or ())})
    if column is None:
        raise ColumnsError(
            f"{table.name}: cannot tell which column holds the labels. Its columns: {listed(table)}.",
            "Say it with --label-column.",
        )
    return column, True


def _only_label(table: Table, taken: set[str | None]) -> str | None:
    """The one column that may hold labels; None where there is none, or more than one."""
    named = [name for name in table.columns if LABEL_NAME.fullmatch(name) and name not in taken]
    if len(named) == 1:
        return named[0]
    rows = _first_rows(table)
    words = [
        name for name, cells in rows.items() if name not in taken and cells and not mostly_numbers(cells)
    ]
    if len(words) != 1 or len(set(rows[words[0]])) * _REPEATED > len(rows[words[0]]):
        return None
    return words[0]


def _first_rows(table: Table) -> dict[str, Sequence[CellValue]]:
    """The cells of the first rows, by column."""
    rows = [cells for _, cells in islice(table.read(table.columns), PEEKED)]
    return dict(zip(table.columns, zip(*rows, strict=True), strict=True)) if rows else {}


def _numbers(table: Table, others: Sequence[str]) -> tuple[str, ...]:
    """The columns of numbers but some.

    Raises:
        DataError: There is none, or no row.
    """
    rows = _first_rows(table)
    if not rows:
        raise DataError(f"{table.name} has a header but no rows", "Add rows of data below it.")
    names = tuple(name for name, cells in rows.items() if name not in others and mostly_numbers(cells))
    if not names:
        raise ColumnsError(
            f"{table.name}: no column holds numbers beside that of labels",
            "Name the columns of values with --value-column.",
        )
    return names


def unmistakable_rows(table: Table) -> bool:
    """Return whether a table can be nothing but independent rows, by its names and by its first rows.

    One column may hold labels, all others are numbers, two at least, and none numbers sequences or steps.
    """
    if certainly_sequences(table, DataConfig()) or numbers_as_names(table.columns):
        return False
    odd = [name for name in table.columns if ID_NAME.fullmatch(name) or STEP_NAME.fullmatch(name)]
    label = None if odd else _only_label(table, set())
    if label is None:
        return False
    others = [cells for name, cells in _first_rows(table).items() if name != label]
    return len(others) > 1 and all(map(mostly_numbers, others))


def fits_rows(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The column of labels of a table that has one, numbers beside it, and neither texts nor times."""
    labels = [look.name for look in looks if LABEL_NAME.fullmatch(look.name)]
    labels = labels or [look.name for look in of_role(looks, "label")]
    numbers = [name for name in likely_values(looks) if name not in labels]
    if len(labels) != 1 or len(numbers) < 2 or any(look.role in ("text", "time") for look in looks):
        return None
    return KindFit({"label_column": labels[0]})
