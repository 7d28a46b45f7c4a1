"""Tables of series in time, read by pandas: a column of times, columns of values, a column of names."""

import difflib
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedReader, BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcli.data.cells import TIME_NAMES
from seqcli.data.config import DataConfig
from seqcli.data.files import MAX_LINE, Content, check_text, ending
from seqcli.data.sources.parquet import read_frame
from seqcli.data.tables import MAX_COLUMNS, quoted
from seqcli.data.time_steps import step_name, step_of, time_text
from seqcli.errors import ColumnsError, DataError, UsageError, first_names

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PARQUET = (".parquet", ".pq")
SEPARATORS = {".csv": ",", ".tsv": "\t"}
FILL = "Write the missing rows, or say --fill last (the value before) or --fill linear (a line between)."
MOST_GAPS = 10
"""A series may have so many times as many gaps as rows: with more, its times are read wrongly."""


@dataclass(frozen=True, eq=False)
class Series:
    """One series at regular times.

    Args:
        name: What its table calls it; '' of the only one.
        times: Whole numbers, or points in time, ascending (n).
        values: A number for each time and channel (n, C).
        filled: How many numbers were missing and are filled.
    """

    name: str
    times: "pd.Index[Any]"
    values: NDArray[np.float64]
    filled: int = 0

    @property
    def called(self) -> str:
        """Its name in messages, after a comma: ', series north'."""
        return f", series {quoted(self.name)}" if self.name else ""


@dataclass(frozen=True)
class SeriesTable:
    """All series of a table.

    Args:
        location: What messages call it.
        time: The column of times.
        series: The column that names the series; None where there is one.
        columns: The columns of values: the channels.
        parts: The series, in the table's order.
    """

    location: str
    time: str
    series: str | None
    columns: tuple[str, ...]
    parts: tuple[Series, ...]


@dataclass(frozen=True)
class _Frame:
    """A table as pandas read it, every column as it is written, and where its first row stands."""

    location: str
    cells: pd.DataFrame
    first_row: int

    def where(self, place: int) -> str:
        return f"{self.location}, row {place + self.first_row}"


def read_series(location: str, config: DataConfig, *, content: Content | None = None) -> SeriesTable:
    """The series of a file.

    Args:
        location: A CSV, TSV or Parquet file.
        config: Which columns are meant, how text is spelt, and whether gaps are filled.
        content: The file, where its hash was taken already.

    Raises:
        DataError: It cannot be read, a column is not there, or a time or value is none.
        UsageError: It is a folder, pipe or device.
    """
    content = content or Content(location)
    if ending(location) in PARQUET:
        return _tabled(_Frame(location, read_frame(content), 1), config)
    check_text(location, config.encoding)
    with content.opened() as stream:
        return stream_series(stream, location, config)


def stream_series(stream: BinaryIO, location: str, config: DataConfig) -> SeriesTable:
    """The series of delimited text.

    Raises:
        DataError: It cannot be read, a column is not there, or a time or value is none.
    """
    named = config.header is not False
    separator = config.sep or SEPARATORS.get(ending(location), ",")
    first_line = stream.readline(MAX_LINE + 1)
    _refuse_width(location, first_line, separator)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            cells = pd.read_csv(
                BufferedReader(_Rejoined(first_line, stream)),
                sep=separator,
                header=0 if named else None,
                dtype=str,
                na_filter=False,
                index_col=False,
                skip_blank_lines=False,
                encoding=config.encoding,
                encoding_errors="strict",
            )
    except (ValueError, OverflowError, LookupError, Warning) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        raise DataError(
            f"{location} cannot be read as delimited text: {reason}",
            "Each row has as many fields as the header; --sep and --encoding say how they are written.",
        ) from error
    if not named:
        cells.columns = pd.Index([str(number + 1) for number in range(cells.shape[1])])
    cells = cells.fillna("").map(str.strip)
    blank = (cells == "").all(axis=1)
    return _tabled(_Frame(location, cells[~blank], 2 if named else 1), config)


class _Rejoined(RawIOBase):
    """A stream from its beginning, of which the first line was read already."""

    def __init__(self, first_line: bytes, rest: BinaryIO) -> None:
        self._first_line = BytesIO(first_line)
        self._rest = rest

    def readable(self) -> bool:
        """True, as `io` asks."""
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        """Fill a buffer, as `io` asks."""
        view = memoryview(buffer)
        content = self._first_line.read(len(view)) or self._rest.read(len(view))
        view[: len(content)] = content
        return len(content)


def _refuse_width(location: str, first_line: bytes, separator: str) -> None:
    """Refuse a table of more columns than pandas makes in minutes and megabytes.

    Raises:
        DataError: Its first line has more than `MAX_COLUMNS`, or never ends.
    """
    if len(first_line) > MAX_LINE:
        raise DataError(f"{location}, line 1 is longer than {MAX_LINE:,} bytes", "Is this a table?")
    if first_line.count(separator.encode()) >= MAX_COLUMNS:
        raise DataError(
            f"{location} has more than {MAX_COLUMNS:,} columns",
            "A row holds one time and the values at that time: are rows and columns exchanged?",
        )


def _tabled(frame: _Frame, config: DataConfig) -> SeriesTable:
    """The columns that are meant, as series."""
    if frame.cells.empty:
        raise DataError(f"{frame.location} holds no row", "A series needs a header and a row for each time.")
    time = _time_column(frame, config.time_column)
    if config.series_column is not None:
        _known(frame, config.series_column, "--series-column")
    columns = _value_columns(frame, config, time)
    times = _times(frame, time)
    values = np.column_stack(
        [_numbers(frame, column, missing=config.fill is not None) for column in columns]
    ).astype(np.float64)
    parts = [
        _regular(frame, _ordered(frame, name, places, times=times, values=values), places, config.fill)
        for name, places in _grouped(frame, config.series_column)
    ]
    return SeriesTable(frame.location, time, config.series_column, columns, tuple(parts))


def _known(frame: _Frame, name: str, option: str) -> None:
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


def _time_column(frame: _Frame, named: str | None) -> str:
    """The column of times: as said, or the one with a usual name.

    Raises:
        DataError: It is not there, or none or several have such a name.
    """
    if named is not None:
        _known(frame, named, "--time-column")
        return named
    columns = [str(column) for column in frame.cells.columns]
    usual = [column for column in columns if column.casefold() in TIME_NAMES]
    if len(usual) != 1:
        raise ColumnsError(
            f"{frame.location}: cannot tell which column holds the times. "
            f"Its columns: {first_names(columns)}.",
            "Say it with --time-column.",
        )
    return usual[0]


def _value_columns(frame: _Frame, config: DataConfig, time: str) -> tuple[str, ...]:
    """The channels: as said, or every other column of numbers.

    Raises:
        DataError: One is not there or is said twice, or no column holds numbers.
    """
    reserved = {time, config.series_column}
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
    named: list[str] = []
    for name in config.value_column:
        named += [name] if name in frame.cells.columns else [part.strip() for part in name.split(",")]
    for name in named:
        _known(frame, name, "--value-column")
        if name in reserved or named.count(name) > 1:
            raise DataError(
                f"{frame.location}: column {quoted(name)} is named twice",
                "Times, names of series and values are different columns.",
            )
    return tuple(named)


def _numeric(cells: "pd.Series[Any]") -> bool:
    """Return whether most of a column's cells are numbers: a wrong one among them is then told."""
    if pd.api.types.is_bool_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells):
        return False
    written = cells[cells.astype(str) != ""]
    return len(written) > 0 and bool(pd.to_numeric(written, errors="coerce").notna().mean() > 0.5)


def _numbers(frame: _Frame, column: str, *, missing: bool) -> NDArray[np.float64]:
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
        where = f"{frame.where(_label(frame, place))}: column {quoted(column)}"
        if empty[place]:
            raise DataError(f"{where} is empty", FILL)
        raise DataError(
            f"{where} holds {quoted(str(cells.iloc[place]))}, not a finite number",
            "Correct it, or name the columns of values with --value-column.",
        )
    return np.asarray(numbers, np.float64)


def _label(frame: _Frame, place: int) -> int:
    """Return a row's place in the file, blank ones counted."""
    return int(frame.cells.index[place])


def _times(frame: _Frame, column: str) -> "pd.Index[Any]":
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
    if moments.isna().any():
        place = int(moments.isna().to_numpy().argmax())
        shown = quoted(texts.iloc[place]) if texts.iloc[place] else "nothing"
        raise ColumnsError(
            f"{frame.where(_label(frame, place))}: column {quoted(column)} holds {shown}, which is no time",
            "Write every time alike, such as 2024-01-31, 2024-01-31 23:00 or a whole number.",
        )
    return pd.DatetimeIndex(moments)


def _moments(frame: _Frame, cells: "pd.Series[Any]", column: str) -> "pd.Series[Any]":
    """Times as pandas reads them, missing where it cannot."""
    if pd.api.types.is_datetime64_any_dtype(cells):
        return cells
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that dateutil reads what no one format fits: it is checked here
        try:
            moments = pd.to_datetime(cells, errors="coerce", format="ISO8601")
            return moments if moments.notna().all() else pd.to_datetime(cells, errors="coerce")
        except (ValueError, TypeError, OverflowError) as error:
            raise DataError(
                f"{frame.location}: column {quoted(column)} mixes time zones: {str(error)[:120]}",
                "Write all times in one time zone, or none with a zone.",
            ) from error


def _grouped(frame: _Frame, column: str | None) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each series' name and the places of its rows."""
    if column is None:
        yield "", np.arange(len(frame.cells))
        return
    names = frame.cells[column].astype(str).to_numpy()
    for name in dict.fromkeys(names.tolist()):
        if not name:
            place = _label(frame, int((names == "").argmax()))
            raise DataError(f"{frame.where(place)}: column {quoted(column)} names no series", "Name it.")
        yield name, np.flatnonzero(names == name)


def _ordered(
    frame: _Frame,
    name: str,
    places: NDArray[np.int64],
    *,
    times: "pd.Index[Any]",
    values: NDArray[np.float64],
) -> Series:
    """One series' rows.

    Raises:
        DataError: A time occurs twice, or before an earlier row's.
    """
    series = Series(name, times[places], values[places])
    twice = series.times.duplicated()
    if twice.any():
        place = int(twice.argmax())
        shown = time_text(series.times, place)
        first = int((series.times == series.times[place]).argmax())
        raise DataError(
            f"{frame.where(_label(frame, int(places[place])))}: the time {shown} is that of row "
            f"{_label(frame, int(places[first])) + frame.first_row} too{series.called}",
            "Keep one row for each time, or name the column that separates series: --series-column.",
        )
    late = series.times[1:] < series.times[:-1]
    if late.any():
        place = int(late.argmax()) + 1
        raise DataError(
            f"{frame.where(_label(frame, int(places[place])))}: the time {time_text(series.times, place)} is "
            f"before that of the row above, {time_text(series.times, place - 1)}{series.called}",
            "Sort the rows by time.",
        )
    return series


def _regular(frame: _Frame, series: Series, places: NDArray[np.int64], fill: str | None) -> Series:
    """The series with a row for every step.

    Raises:
        DataError: A time lies between two steps, or one is missing and shall not be filled.
    """
    grid = _grid(frame, series)
    steps = grid.get_indexer(series.times)
    if (steps < 0).any():
        place = int((steps < 0).argmax())
        raise DataError(
            f"{frame.where(_label(frame, int(places[place])))}: the time {time_text(series.times, place)} is "
            f"no whole number of steps ({step_name(series.times)}) after the first{series.called}",
            "Bring all rows to one frequency first.",
        )
    if len(grid) > len(series.times) and fill is None:
        place = int((np.diff(steps) > 1).argmax()) + 1
        raise DataError(
            f"{frame.where(_label(frame, int(places[place])))}: "
            f"{int(steps[place] - steps[place - 1]) - 1:,} steps ({step_name(series.times)}) are missing "
            f"between {time_text(series.times, place - 1)} and "
            f"{time_text(series.times, place)}{series.called}",
            FILL,
        )
    values = np.full((len(grid), series.values.shape[1]), np.nan)
    values[steps] = series.values
    return _filled(replace(series, times=grid, values=values), fill)


def _filled(series: Series, fill: str | None) -> Series:
    """The series without what is missing; rows before every channel has begun are dropped.

    Raises:
        DataError: A channel has no value at all.
    """
    if fill is None:
        return series
    table = pd.DataFrame(series.values)
    known = table.notna().cummax().all(axis=1).to_numpy()
    if not known.any():
        raise DataError(f"a column has no value at all{series.called}", "Leave it out of --value-column.")
    table, times = table[known], series.times[known]
    missing = int(table.isna().to_numpy().sum())
    if fill == "linear":
        table = table.interpolate(method="linear", limit_area="inside")
    return Series(series.name, times, table.ffill().to_numpy(np.float64), missing)


def _grid(frame: _Frame, series: Series) -> "pd.Index[Any]":
    """All times from the first to the last, one a step."""
    times = series.times
    if len(times) < 3:
        return times
    step: Any = step_of(times)
    usual = pd.Series(times[1:] - times[:-1]).mode().iloc[0]
    if (times[-1] - times[0]) / usual > MOST_GAPS * len(times):
        raise DataError(
            f"{frame.location}: most steps of its {len(times):,} rows would be missing, if a step is "
            f"{step_name(times)}{series.called}",
            "Are its times written all alike, and in one unit?",
        )
    if isinstance(times, pd.DatetimeIndex):
        return pd.date_range(times[0], times[-1], freq=step, unit=times.unit)
    return pd.RangeIndex(int(times[0]), int(times[-1]) + 1, step)


def refuse_parts(config: DataConfig) -> None:
    """Refuse ready-made splits: what is before and what is after must be told by one table.

    Raises:
        UsageError: There are some, or the data is none that is read.
    """
    if config.data is None:
        raise UsageError(
            "series are split in time, so that all of them are in one file", "Give it with --data FILE."
        )
    if ending(config.data) not in (*PARQUET, *SEPARATORS) and config.sep is None:
        raise DataError(
            f"{config.data}: cannot tell its format from its name",
            "Series are read from .csv, .tsv and .parquet; other names with --sep, such as --sep ','.",
        )
