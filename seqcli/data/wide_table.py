"""Tables with a row a sequence: a column a step, those of several channels one after the other."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from seqcli.data.cells import is_number
from seqcli.data.column_roles import of_role
from seqcli.data.columns import listed
from seqcli.data.config import DataConfig
from seqcli.data.kind import KindFit
from seqcli.data.labels import as_label, checked_label
from seqcli.data.signal_columns import ID_NAME, LABEL_NAME, STEP_NAME, fits_signals
from seqcli.data.signal_tables import Scope, Signal, SignalColumns, SignalTable, as_number, check_size
from seqcli.data.tables import CellValue, Table
from seqcli.errors import ColumnsError, DataError, SeqcliError
from seqcli.results.inspect import ColumnLook

FEWEST_STEPS = 12
"""Numbered columns of a channel from which a row is a sequence: fewer may be channels of a table of steps."""

_NUMBERED = re.compile(r"(?P<stem>.*?)[ _.-]?(?P<number>\d{1,5})")
_STEP_STEM = re.compile(r"t|ts|time|step|frame|tick|sample|timestep|time[ _-]step", re.IGNORECASE)

_PEEKED = 200
"""Rows by which a column of classes is told without a name."""


@dataclass(frozen=True)
class WideLayout:
    """The columns of a table with a row a sequence.

    Args:
        channels: The columns of each channel, in the order of their steps.
        certain: Whether their names are those of steps, and not of numbers of any kind.
    """

    channels: dict[str, tuple[str, ...]]
    certain: bool

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them, channel after channel."""
        return tuple(name for names in self.channels.values() for name in names)


def wide_layout(names: Sequence[str], config: DataConfig) -> WideLayout | None:
    """The columns that are numbered as steps are, by their names alone; None where a row is no sequence.

    They are named alike and numbered on from 0 or 1, as many in each channel: t0, t1, …; x_1, x_2, …, y_1, ….

    Args:
        names: The columns of a table.
        config: What they are named for: a table with a column of steps has a row a step.
    """
    if config.step_column is not None or (config.value_column is not None and config.header is not False):
        return None
    taken = {config.id_column, config.label_column, config.group_column}
    stems: dict[str, dict[int, str]] = {}
    for name in names:
        numbered = _NUMBERED.fullmatch(name)
        if numbered and name not in taken:
            stems.setdefault(numbered["stem"], {})[int(numbered["number"])] = name
    if config.header is False:  # columns are called 1, 2, 3, …: one of them holds the classes
        return WideLayout({"": tuple(names)}, certain=False) if len(names) > FEWEST_STEPS else None
    channels = {stem: steps for stem, steps in stems.items() if len(steps) >= FEWEST_STEPS}
    if not channels or any(STEP_NAME.fullmatch(name) for name in names):
        return None
    sizes = Counter(tuple(sorted(steps)) for steps in channels.values())
    numbers = next(iter(sizes))
    if len(sizes) > 1 or numbers[0] not in (0, 1) or numbers[-1] - numbers[0] + 1 != len(numbers):
        return None
    certain = all(_STEP_STEM.fullmatch(stem) for stem in channels)
    ordered = {
        stem or "value": tuple(steps[number] for number in numbers) for stem, steps in channels.items()
    }
    return WideLayout(ordered, certain)


def rows_are_sequences(table: Table, config: DataConfig) -> WideLayout | None:
    """The layout of a table with a row a sequence; None where rows of one id are, or nothing tells."""
    layout = wide_layout(table.columns, config)
    if layout is None:
        return None
    named = [name for name in table.columns if ID_NAME.fullmatch(name) and name not in layout.columns]
    ids = config.id_column or (named[0] if len(named) == 1 else None)
    if ids is None or ids not in table.columns:
        return layout
    try:
        cells = [row[0] for _, row in islice(table.read((ids,)), _PEEKED)]
    except SeqcliError:
        return None  # whoever reads the table tells it
    return layout if len(set(cells)) == len(cells) else None


def read_wide(table: Table, layout: WideLayout, config: DataConfig, scope: Scope) -> SignalTable:
    """Each row of a table as a sequence; cells missing at its end are steps that it does not have.

    Args:
        table: The table.
        layout: Its columns of steps.
        config: Which other columns are meant.
        scope: What is of use.

    Raises:
        DataError: A cell is no number, a row has none, or the column of labels cannot be told.
    """
    label = _label_column(table, layout, config) if scope.labels else config.label_column or ""
    label = label if label in table.columns else ""
    ids = _named_column(table, layout, config)
    channels = {
        name: tuple(column for column in columns if column not in (label, ids))
        for name, columns in layout.channels.items()
    }
    group = config.group_column or "" if scope.labels else ""
    heads = [name for name in (ids, label if scope.labels else "", group) if name]
    steps = tuple(column for columns in channels.values() for column in columns)
    signals: list[Signal] = []
    for row, cells in table.read((*heads, *steps)):
        heading = dict(zip(heads, cells, strict=False))
        where = table.where(row)
        values = _values(cells[len(heads) :], steps, len(channels), where)
        signals.append(
            Signal(
                as_label(heading.get(ids)) or f"{table.unit} {row}",
                values,
                checked_label(heading.get(label), label, table, row) if scope.labels else None,
                where,
                as_label(heading.get(group)) if group else None,
            )
        )
        check_size(table.name, len(signals) * len(steps))
    columns = SignalColumns(
        id=ids,
        label=label,
        guessed=("--label-column",) if label and config.label_column is None else (),
        left_out=tuple(name for name in table.columns if name not in (*heads, *steps, label)),
        group=group,
        steps=(steps[0], steps[-1]),
    )
    return SignalTable(table.name, tuple(channels), signals, columns, named=False)


def _named_column(table: Table, layout: WideLayout, config: DataConfig) -> str:
    """The column that names each row's sequence; '' for none."""
    if config.id_column is not None:
        return config.id_column if config.id_column in table.columns else ""
    named = [name for name in table.columns if ID_NAME.fullmatch(name) and name not in layout.columns]
    return named[0] if len(named) == 1 else ""


def _values(
    cells: Sequence[CellValue], names: Sequence[str], channels: int, where: str
) -> NDArray[np.float64]:
    """One row's numbers (T, C), without the steps at its end at which no channel has any.

    Raises:
        DataError: A cell is no number, or none is there.
    """
    numbers = [as_number(cell, where, name) for cell, name in zip(cells, names, strict=True)]
    values = np.array(numbers, np.float64).reshape(channels, -1).T
    known = np.flatnonzero(~np.isnan(values).all(axis=1))
    if not len(known):
        raise DataError(f"{where} has no value in its columns of steps", "Leave the row out, or write them.")
    return values[: known[-1] + 1]


def _label_column(table: Table, layout: WideLayout, config: DataConfig) -> str:
    """The column of classes: as said, by its name, or the only one of few words or whole numbers.

    Raises:
        ColumnsError: Which one is meant cannot be told.
    """
    if config.label_column is not None:
        return config.label_column
    others = [name for name in table.columns if name not in layout.columns]
    named = [name for name in others if LABEL_NAME.fullmatch(name)]
    if len(named) == 1:
        return named[0]
    likely = [name for name in _classes(table) if config.header is False or name in others]
    if len(likely) == 1:
        return likely[0]
    raise ColumnsError(
        f"{table.name}: cannot tell which column holds the labels of the sequences, one a row. Its columns: "
        f"{listed(table)}.",
        "Say it with --label-column.",
    )


def _classes(table: Table) -> list[str]:
    """The columns of few values that repeat: words, or whole numbers."""
    rows = [cells for _, cells in islice(table.read(table.columns), _PEEKED)]
    likely = []
    for name, cells in zip(table.columns, zip(*rows, strict=True), strict=False):
        values = {str(cell).strip() for cell in cells}
        whole = all(value.lstrip("+-").isdecimal() or not is_number(value) for value in values)
        if whole and 2 <= len(values) <= len(cells) / 2:
            likely.append(name)
    return likely


def certainly_sequences(table: Table, config: DataConfig) -> bool:
    """Return whether each row of a table is a labelled sequence: columns named as steps, and a label's."""
    layout = rows_are_sequences(table, config)
    if layout is None or not layout.certain:
        return False
    others = [name for name in table.columns if name not in layout.columns]
    return sum(LABEL_NAME.fullmatch(name) is not None for name in others) == 1


def fits_sequences(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The columns of a table that may hold signals, a row a step or a row a sequence."""
    long = fits_signals(looks)
    if long is not None:
        return long
    layout = wide_layout([look.name for look in looks], DataConfig())
    if layout is None:
        return None
    others = [look for look in looks if look.name not in layout.columns]
    ids = [look.name for look in others if ID_NAME.fullmatch(look.name)]
    if any(look.distinct < look.rows for look in others if look.name in ids):
        return None
    named = [look.name for look in others if LABEL_NAME.fullmatch(look.name)]
    # Without a header the column of classes is numbered as all others are.
    labels = named or [look.name for look in of_role(others or looks, "label")]
    return KindFit({"label_column": labels[0]}, sure=layout.certain) if len(labels) == 1 else None
