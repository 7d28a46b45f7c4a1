"""Tables of series in time, read by pandas: a column of times, columns of values, a column of names."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from io import BufferedReader, BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcli.data.config import DataConfig
from seqcli.data.files import Content, ending
from seqcli.data.lines import MAX_LINE, check_text
from seqcli.data.series_frame import (
    FILL,
    SeriesFrame,
    beside_columns,
    check_column,
    numbers_of,
    time_column,
    times_of,
    value_columns,
)
from seqcli.data.sources.parquet import read_frame
from seqcli.data.tables import MAX_COLUMNS, quoted
from seqcli.data.time_steps import step_name, step_of, time_text
from seqcli.errors import ColumnsError, DataError, UsageError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

PARQUET = (".parquet", ".pq")
SEPARATORS = {".csv": ",", ".tsv": "\t"}
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
        cut: True of rows that were missing and that no window may hold (n); empty where windows may hold all.
        beside: What is read beside the values: known up to the present, then known ahead too (n, P + F).
        ahead: What is known of the times after the last (k, F).
    """

    name: str
    times: "pd.Index[Any]"
    values: NDArray[np.float64]
    filled: int = 0
    cut: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, bool))
    beside: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    ahead: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

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
        past: The columns that are read beside them, known up to the present alone.
        future: The same of those known ahead too.
    """

    location: str
    time: str
    series: str | None
    columns: tuple[str, ...]
    parts: tuple[Series, ...]
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()


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
        return _tabled(SeriesFrame(location, read_frame(content), 1), config)
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
            # pandas only warns of rows longer than the header, and drops what is too much.
            warnings.simplefilter("error")
            cells = pd.read_csv(
                BufferedReader(_Rejoined(first_line, stream)),
                sep=separator,
                header=0 if named else None,
                # As text: a wrong number can then be told with its row, as it is written.
                dtype=str,
                na_filter=False,
                index_col=False,
                # So that the numbers of rows in messages are those of the file.
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
    return _tabled(SeriesFrame(location, cells[~blank], 2 if named else 1), config)


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


def _tabled(frame: SeriesFrame, config: DataConfig) -> SeriesTable:
    """The columns that are meant, as series."""
    if frame.cells.empty:
        raise DataError(f"{frame.location} holds no row", "A series needs a header and a row for each time.")
    time = time_column(frame, config.time_column)
    if config.series_column is not None:
        check_column(frame, config.series_column, "--series-column")
    layout = _Layout(
        value_columns(frame, config, time),
        beside_columns(frame, config, "past_column"),
        beside_columns(frame, config, "future_column"),
    )
    times = times_of(frame, time)
    missing = config.fill is not None or bool(layout.future)
    values = np.column_stack([numbers_of(frame, column, missing=missing) for column in layout.every]).astype(
        np.float64
    )
    parts = []
    for name, places in _grouped(frame, config.series_column):
        ordered = layout.parted(_ordered(frame, name, places, times=times, values=values))
        if config.fill is None:
            _refuse_empty(frame, layout.every, ordered.values, places)
        parts.append(layout.split(_regular(frame, ordered, places, config.fill)))
    return SeriesTable(
        frame.location, time, config.series_column, layout.columns, tuple(parts), layout.past, layout.future
    )


@dataclass(frozen=True)
class _Layout:
    """The columns of a table's numbers, in the order in which they are read.

    Args:
        columns: The channels.
        past: Those beside them that are known up to the present.
        future: Those that are known ahead too.
    """

    columns: tuple[str, ...]
    past: tuple[str, ...]
    future: tuple[str, ...]

    @property
    def every(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.columns, *self.past, *self.future)

    def parted(self, series: Series) -> Series:
        """The series up to its last value, and what its rows after that say of the times ahead.

        Such rows have a time and columns known ahead, and nothing else.
        """
        if not self.future:
            return series
        first = len(self.columns) + len(self.past)
        held = np.flatnonzero(np.isfinite(series.values[:, :first]).any(axis=1))
        end = int(held[-1]) + 1 if len(held) else 0
        ahead = series.values[end:, first:]
        whole = np.isfinite(ahead).all(axis=1)
        known = ahead if whole.all() else ahead[: int((~whole).argmax())]
        return replace(series, times=series.times[:end], values=series.values[:end], ahead=known)

    def split(self, series: Series) -> Series:
        """The series with its channels apart from what is read beside them."""
        count = len(self.columns)
        return replace(series, values=series.values[:, :count], beside=series.values[:, count:])


def _refuse_empty(
    frame: SeriesFrame, columns: Sequence[str], values: NDArray[np.float64], places: NDArray[np.int64]
) -> None:
    """Refuse a missing number that shall not be filled.

    Raises:
        DataError: Where the first is.
    """
    if not len(values):
        raise DataError(f"{frame.location} holds no value", "A series needs a row of values for each time.")
    rows, numbers = np.nonzero(np.isnan(values))
    if len(rows):
        where = frame.where(int(places[rows[0]]))
        raise DataError(f"{where}: column {quoted(columns[numbers[0]])} is empty", FILL)


def _grouped(frame: SeriesFrame, column: str | None) -> Iterator[tuple[str, NDArray[np.int64]]]:
    """Each series' name and the places of its rows."""
    if column is None:
        yield "", np.arange(len(frame.cells))
        return
    names = frame.cells[column].astype(str).to_numpy()
    for name in dict.fromkeys(names.tolist()):
        if not name:
            place = int((names == "").argmax())
            raise DataError(f"{frame.where(place)}: column {quoted(column)} names no series", "Name it.")
        yield name, np.flatnonzero(names == name)


def _ordered(
    frame: SeriesFrame,
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
            f"{frame.where(int(places[place]))}: the time {shown} is that of row "
            f"{frame.row(int(places[first]))} too{series.called}",
            "Keep one row for each time, or name the column that separates series: --series-column.",
        )
    late = series.times[1:] < series.times[:-1]
    if late.any():
        place = int(late.argmax()) + 1
        raise DataError(
            f"{frame.where(int(places[place]))}: the time {time_text(series.times, place)} is "
            f"before that of the row above, {time_text(series.times, place - 1)}{series.called}",
            "Sort the rows by time.",
        )
    return series


def _regular(frame: SeriesFrame, series: Series, places: NDArray[np.int64], fill: str | None) -> Series:
    """The series with a row for every step.

    Raises:
        DataError: A time lies between two steps, or one is missing and shall not be filled.
    """
    grid = _grid(frame, series)
    steps = grid.get_indexer(series.times)
    if (steps < 0).any():
        place = int((steps < 0).argmax())
        raise DataError(
            f"{frame.where(int(places[place]))}: the time {time_text(series.times, place)} is "
            f"no whole number of steps ({step_name(series.times)}) after the first{series.called}",
            "Bring all rows to one frequency first.",
        )
    if len(grid) > len(series.times) and fill is None:
        place = int((np.diff(steps) > 1).argmax()) + 1
        raise DataError(
            f"{frame.where(int(places[place]))}: "
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
    gaps = table.isna().to_numpy()
    if fill == "linear":
        table = table.interpolate(method="linear", limit_area="inside")
    return replace(
        series,
        times=times,
        values=table.ffill().to_numpy(np.float64),
        filled=int(gaps.sum()),
        cut=np.asarray(gaps.any(axis=1), np.bool_) if fill == "cut" else series.cut,
    )


def _grid(frame: SeriesFrame, series: Series) -> "pd.Index[Any]":
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
        raise ColumnsError(
            f"{config.data}: cannot tell its format from its name",
            "Series are read from .csv, .tsv and .parquet; other names with --sep, such as --sep ','.",
        )
