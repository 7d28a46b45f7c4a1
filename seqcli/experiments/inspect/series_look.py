"""A table of series as it stands, unsorted, with gaps and all: what a forecast would have to be given."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from seqcli.data.seasonality import autocorrelation, found_period
from seqcli.data.series_frame import LATEST
from seqcli.data.time_steps import step_name, step_of, time_text, usual_period
from seqcli.experiments.inspect.stationarity import stationarity
from seqcli.results.inspect import ChannelLook, SeriesLook

MOST_CHANNELS = 50  # that are looked at: each costs a pass, and no screen holds more
MOST_STEPS = 1_000_000
"""Steps between the first time and the last, beyond which gaps are not counted: times are misread then."""


def series_look(
    cells: Mapping[str, Sequence[str]], time: str, values: Sequence[str], candidates: Sequence[str]
) -> SeriesLook:
    """The times and values of a table.

    Args:
        cells: Its columns as they are written.
        time: The column of times.
        values: The columns of numbers.
        candidates: Columns that may name the series, of which one is taken if times repeat without it.
    """
    times = _times(list(cells[time]))
    readable = ~pd.isna(times)
    series_column = _series_column(times, cells, candidates)
    names = (
        np.array(cells[series_column]) if series_column is not None else np.full(len(times), "", dtype=object)
    )
    parts = [np.flatnonzero((names == name) & readable) for name in dict.fromkeys(names[readable].tolist())]
    steps = [_steps(times[part]) for part in parts]
    longest = max(parts, key=len) if parts else np.zeros(0, np.int64)
    ordered = times[longest].unique().sort_values()
    usual = usual_period(ordered)
    season = usual if usual > 1 else _found_season(cells, values, times, longest)
    return SeriesLook(
        time=time,
        shape="long" if series_column is not None else "wide" if len(values) > 1 else "single",
        season_found=usual == 1 and season > 1,
        series_column=series_column,
        series=len(parts),
        rows=len(times),
        step=step_name(ordered) if len(ordered) > 2 else "",
        first=time_text(ordered, 0) if len(ordered) else "",
        last=time_text(ordered, -1) if len(ordered) else "",
        unreadable=int((~readable).sum()),
        unsorted=sum(late for late, _, _ in steps),
        repeated=sum(repeated for _, repeated, _ in steps),
        gaps=sum(gaps for _, _, gaps in steps),
        season=season,
        channels=[
            _channel(name, cells[name], times=times, rows=longest, season=season)
            for name in values[:MOST_CHANNELS]
        ],
    )


def _times(texts: list[str]) -> "pd.Index[Any]":
    """Whole numbers as they are, anything else as pandas reads it; missing where it is neither."""
    filled = pd.Series(texts, dtype=str)
    if filled.str.fullmatch(r"-?\d{1,15}").all():
        dates = pd.to_datetime(filled, format="%Y%m%d", errors="coerce")
        eight = bool((filled.str.len() == 8).all() and dates.notna().all())
        return pd.DatetimeIndex(dates) if eight else pd.Index(filled.astype("int64"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that dateutil reads what no one format fits
        try:
            read = pd.to_datetime(filled, errors="coerce", format="ISO8601")
            read = read if read.notna().all() else pd.to_datetime(filled, errors="coerce")
        except (ValueError, TypeError, OverflowError):
            read = pd.to_datetime(filled, errors="coerce", utc=True)
    return pd.DatetimeIndex(read.where((read.dt.year >= 1) & (read.dt.year <= LATEST)))


def _series_column(
    times: "pd.Index[Any]", cells: Mapping[str, Sequence[str]], candidates: Sequence[str]
) -> str | None:
    """The column within whose values no time repeats, where times repeat without it."""
    if not times.has_duplicates:
        return None
    for name in candidates:
        if not pd.DataFrame({"time": times, "name": list(cells[name])}).duplicated().any():
            return name
    return None


def _steps(times: "pd.Index[Any]") -> tuple[int, int, int]:
    """Rows before an earlier time, rows of a time that occurred before, and steps that are missing."""
    late = int((times[1:] < times[:-1]).sum())
    repeated = int(times.duplicated().sum())
    ordered = times.unique().sort_values()
    if len(ordered) < 3:
        return late, repeated, 0
    return late, repeated, max(_planned(ordered) - len(ordered), 0)


def _planned(ordered: "pd.Index[Any]") -> int:
    """Steps from the first time to the last; as many as there are where the step makes no sense."""
    step: Any = step_of(ordered)
    usual = pd.Series(ordered[1:] - ordered[:-1]).mode().iloc[0]
    if (ordered[-1] - ordered[0]) / usual > MOST_STEPS:
        return len(ordered)
    if isinstance(ordered, pd.DatetimeIndex):
        return len(pd.date_range(ordered[0], ordered[-1], freq=step, unit=ordered.unit))
    return int((ordered[-1] - ordered[0]) // step) + 1


def _in_order(texts: Sequence[str], times: "pd.Index[Any]", rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """The numbers of one series in the order of its times, missing where a cell holds none."""
    numbers = pd.to_numeric(pd.Series(list(texts), dtype=str), errors="coerce").to_numpy(np.float64)
    ordered: NDArray[np.float64] = numbers[rows[np.argsort(times[rows], kind="stable")]]
    return ordered


def _found_season(
    cells: Mapping[str, Sequence[str]],
    values: Sequence[str],
    times: "pd.Index[Any]",
    rows: NDArray[np.int64],
) -> int:
    """The season that the first column of values shows, where times do not tell one."""
    return found_period(_in_order(cells[values[0]], times, rows)) if values and len(rows) else 1


def _channel(
    name: str, texts: Sequence[str], *, times: "pd.Index[Any]", rows: NDArray[np.int64], season: int
) -> ChannelLook:
    """A column of values, its autocorrelation within the longest series in the order of its times."""
    numbers = pd.to_numeric(pd.Series(list(texts), dtype=str), errors="coerce").to_numpy(np.float64)
    ordered = _in_order(texts, times, rows)
    return ChannelLook(
        name=name,
        missing=int((~np.isfinite(numbers)).sum()),
        next_step=autocorrelation(ordered, 1),
        season=autocorrelation(ordered, season) if season > 1 else None,
        constant=longest_run(ordered),
        stationarity=stationarity(ordered),
    )


def longest_run(values: NDArray[np.float64]) -> int:
    """The steps of the longest stretch of one value."""
    if not len(values):
        return 0
    changes = np.flatnonzero(np.diff(values) != 0) + 1
    ends = np.concatenate([[0], changes, [len(values)]])
    return int(np.diff(ends).max())
