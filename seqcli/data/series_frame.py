"""A table of series as it is written: its columns, and their cells as times and numbers."""

import difflib
import warnings
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcli.data.cells import TIME, TIME_NAMES
from seqcli.data.config import DataConfig
from seqcli.data.tables import quoted
from seqcli.errors import ColumnsError, DataError, first_names

FILL = (
    "Write the missing rows, or say --fill last (the value before), --fill linear (a line between) or"
    " --fill cut (no window reaches over a gap)."
)

LATEST = 9_000
"""The last year of a time, so that those ahead of it have a name too: Python's calendar ends with 9999."""
ZONE = r"(Z|[+-]\d{2}:?\d{2})\s*$"
"""A time's zone as ISO 8601 writes it, at its end."""
FIRST_CELLS = 50
"""Cells by which a column without a usual name is taken for one of times; all are read as such after that."""


@dataclass(frozen=True)
class SeriesFrame:
    """A table as pandas read it, every column as it is written, and where its first row stands."""

    location: str
    cells: pd.DataFrame
    first_row: int

    def row(self, place: int) -> int:
        """Return the number of a row of the file, blank ones counted."""
        return int(self.cells.index[place]) + self.first_row

    def where(self, place: int) -> str:
        """Return what messages call a row: 'sales.csv, row 7'."""
        return f"{self.location}, row {self.row(place)}"


def check_column(frame: SeriesFrame, name: str, option: str) -> None:
    """Refuse a column that is not there.

    Raises:
        DataError: It is not; those that are there are listed.
    """
    columns = [str(column) for column in frame.cells.columns]
    if name in columns:
        return
    near = difflib.get_close_matches(name, columns, n=1)
    raise DataError(
        f"{frame.location} has no column {quoted(name)}. Its columns: {first_names(columns)}.",
        f"Did you mean {option} {near[0]}?" if near else f"Name one of them with {option}.",
    )


def time_column(frame: SeriesFrame, named: str | None) -> str:
    """The column of times: as said, the one with a usual name, or the only one that holds points in time.

    Raises:
        DataError: It is not there, or which one is meant cannot be told.
    """
    if named is not None:
        check_column(frame, named, "--time-column")
        return named
    columns = [str(column) for column in frame.cells.columns]
    usual = [column for column in columns if column.casefold() in TIME_NAMES]
    usual = usual or [column for column in columns if _holds_times(frame.cells[column])]
    if len(usual) != 1:
        raise ColumnsError(
            f"{frame.location}: cannot tell which column holds the times. "
            f"Its columns: {first_names(columns)}.",
            "Say it with --time-column.",
        )
    return usual[0]


def _holds_times(cells: "pd.Series[Any]") -> bool:
    """Return whether a column's first cells are dates or times, and no mere numbers."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return True
    first = cells.head(FIRST_CELLS).astype(str)
    return len(first) > 0 and bool(first.str.fullmatch(TIME.pattern, flags=TIME.flags).all())


def value_columns(frame: SeriesFrame, config: DataConfig, time: str) -> tuple[str, ...]:
    """The channels: as said, or every other column of numbers.

    Raises:
        DataError: One is not there or is said twice, or no column holds numbers.
    """
    covariates = (
        *beside_columns(frame, config, "past_column"),
        *beside_columns(frame, config, "future_column"),
    )
    reserved = {time, config.series_column, *covariates}
    if config.value_column is None:
        others = [str(name) for name in frame.cells.columns if name not in reserved]
        numeric = [
            name for name in others if not name.startswith("Unnamed: ") and _numeric(frame.cells[name])
        ]
        if not numeric:
            raise ColumnsError(
                f"{frame.location}: no column but {quoted(time)} holds numbers",
                "Name the columns of values with --value-column.",
            )
        return tuple(numeric)
    named = _named_columns(frame, config.value_column, "--value-column")
    _refuse_twice(frame, named, reserved)
    return named


def beside_columns(
    frame: SeriesFrame, config: DataConfig, setting: Literal["past_column", "future_column"]
) -> tuple[str, ...]:
    """The columns that are read beside the values; none where none were named.

    Raises:
        DataError: One is not there, or is said twice.
    """
    names = getattr(config, setting)
    if names is None:
        return ()
    named = _named_columns(frame, names, f"--{setting.replace('_', '-')}")
    other = config.future_column if setting == "past_column" else None
    taken = {config.time_column, config.series_column, *(other or ())}
    _refuse_twice(frame, named, taken)
    return named


def _named_columns(frame: SeriesFrame, names: Sequence[str], option: str) -> tuple[str, ...]:
    """Columns by their names, each of which may be several with commas between them.

    Raises:
        DataError: One is not there.
    """
    named: list[str] = []
    for name in names:
        named += [name] if name in frame.cells.columns else [part.strip() for part in name.split(",")]
    for name in named:
        check_column(frame, name, option)
    return tuple(named)


def _refuse_twice(frame: SeriesFrame, named: Sequence[str], taken: Collection[str | None]) -> None:
    """Refuse a column that is meant for two things.

    Raises:
        DataError: Which one.
    """
    for name in named:
        if name in taken or named.count(name) > 1:
            raise DataError(
                f"{frame.location}: column {quoted(name)} is named twice",
                "Times, names of series, values and what is read beside them are different columns.",
            )


def _numeric(cells: "pd.Series[Any]") -> bool:
    """Return whether most of a column's cells are numbers: a wrong one among them is then told."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    written = cells[cells.astype(str) != ""]
    return len(written) > 0 and bool(pd.to_numeric(written, errors="coerce").notna().mean() > 0.5)


def numbers_of(frame: SeriesFrame, column: str, *, missing: bool) -> NDArray[np.float64]:
    """A column's numbers, NaN where one is missing and may be.

    Raises:
        DataError: Where the first cell is that is no number.
    """
    cells = frame.cells[column]
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    empty = (cells.isna() | (cells.astype(str) == "")).to_numpy(bool)
    wrong = ~np.isfinite(numbers) & ~(empty & missing)
    if wrong.any():
        place = int(wrong.argmax())
        where = f"{frame.where(place)}: column {quoted(column)}"
        if empty[place]:
            raise DataError(f"{where} is empty", FILL)
        raise DataError(
            f"{where} holds {quoted(str(cells.iloc[place]))}, not a finite number",
            "Correct it, or name the columns of values with --value-column.",
        )
    return np.asarray(numbers, np.float64)


def times_of(frame: SeriesFrame, column: str) -> "pd.Index[Any]":
    """A column's times: whole numbers as they are, anything else as pandas understands it.

    Raises:
        DataError: Where the first cell is that is no time.
    """
    cells = frame.cells[column]
    if pd.api.types.is_integer_dtype(cells):
        return pd.Index(cells.astype("int64"))
    texts = cells.astype(str)
    if not pd.api.types.is_datetime64_any_dtype(cells) and texts.str.fullmatch(r"-?\d{1,15}").all():
        dates = pd.to_datetime(texts, format="%Y%m%d", errors="coerce")
        eight = bool((texts.str.len() == 8).all() and dates.notna().all())
        return pd.DatetimeIndex(dates) if eight else pd.Index(texts.astype("int64"))
    moments = _moments(frame, cells, column)
    unread = moments.isna() | (moments.dt.year < 1) | (moments.dt.year > LATEST)
    if unread.any():
        place = int(unread.to_numpy().argmax())
        shown = quoted(texts.iloc[place]) if texts.iloc[place] else "nothing"
        raise ColumnsError(
            f"{frame.where(place)}: column {quoted(column)} holds {shown}, which is no time",
            "Write every time alike, such as 2024-01-31, 2024-01-31 23:00 or a whole number.",
        )
    return pd.DatetimeIndex(moments)


def _moments(frame: SeriesFrame, cells: "pd.Series[Any]", column: str) -> "pd.Series[Any]":
    """Times as pandas reads them, missing where it cannot."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that dateutil reads what no one format fits: it is checked here
        try:
            moments = pd.to_datetime(cells, errors="coerce", format="ISO8601")
            return moments if moments.notna().all() else pd.to_datetime(cells, errors="coerce")
        except (ValueError, TypeError, OverflowError) as error:
            place = _other_zone(cells)
            shown = f"{quoted(str(cells.iloc[place]))} after {quoted(str(cells.iloc[0]))}"
            raise DataError(
                f"{frame.where(place)}: column {quoted(column)} mixes time zones: {shown}",
                "Write all times in one time zone, or none with a zone.",
            ) from error


def _other_zone(cells: "pd.Series[Any]") -> int:
    """Return the first place whose zone is written otherwise than that of the first cell; 0 for none."""
    zones = cells.astype(str).str.extract(ZONE, expand=False).fillna("").to_numpy()
    return int((zones != zones[0]).argmax())
