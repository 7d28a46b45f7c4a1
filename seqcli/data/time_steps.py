"""Times at a regular step: the step, the season it usually has, the times that follow, how one is written."""

import re
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

MONTHS = {range(28, 32): 1, range(59, 63): 2, range(89, 93): 3, range(181, 185): 6, range(365, 367): 12}
"""Days between two rows, and the months that they mean."""


UNITS = {
    "min": "minutes", "h": "hours", "d": "days", "w": "weeks", "m": "months", "y": "years",
}  # fmt: skip
"""How people write the units of a span of time, and what pandas calls them."""


def step_of(times: "pd.Index[Any]") -> Any:
    """The step between two times that most of them show: a whole number, or an offset of pandas.

    Args:
        times: At least 3, ascending.
    """
    if not isinstance(times, pd.DatetimeIndex):
        return int(pd.Series(np.diff(times.to_numpy())).mode().iloc[0])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a later pandas gives an offset here: both are taken below
        named = pd.infer_freq(times)
    if named is not None:
        return pd.tseries.frequencies.to_offset(named)
    usual = pd.Series(times[1:] - times[:-1]).mode().iloc[0]
    months = next((count for days, count in MONTHS.items() if usual.days in days), None)
    if months is None:
        whole = usual == pd.Timedelta(days=usual.days)
        return pd.tseries.frequencies.to_offset(f"{usual.days}D" if whole else usual)
    ends = bool(((times + pd.Timedelta(days=1)).day == 1).all())
    return pd.offsets.MonthEnd(months) if ends else pd.DateOffset(months=months)


def step_name(times: "pd.Index[Any]") -> str:
    """The step as pandas calls it: 'h', 'MS', 'W-SAT'; of whole numbers, their difference."""
    step = step_of(times)
    if type(step) is pd.DateOffset:  # it has no name of its own
        return f"{step.kwds['months']} months"
    return str(getattr(step, "freqstr", step))


def usual_period(times: "pd.Index[Any]") -> int:
    """The steps of the season that times of such a step usually have; 1 for none.

    A day for what is shorter, a week for days, a year for weeks, months and quarters.
    """
    if not isinstance(times, pd.DatetimeIndex) or len(times) < 3:
        return 1
    step = pd.Series(times[1:] - times[:-1]).median()
    day = pd.Timedelta(days=1)
    if step < day:
        return int(day / step) if day % step == pd.Timedelta(0) else 1
    days = step / day
    # A day, a week, the longest month and the longest quarter, in days and half a day more.
    spans = ((1.5, 7), (7.5, 52), (31.5, 12), (92.5, 4))
    usual = {7: days == 1, 52: days == 7, 12: days >= 28, 4: days >= 89}
    return next((period for most, period in spans if days < most and usual[period]), 1)


def times_after(times: "pd.Index[Any]", count: int) -> "pd.Index[Any]":
    """The times that follow the last."""
    step = step_of(times)
    if not isinstance(times, pd.DatetimeIndex):
        return pd.RangeIndex(int(times[-1]) + step, int(times[-1]) + step * (count + 1), step)
    return pd.date_range(times[-1], periods=count + 1, freq=step)[1:]


def times_from(times: "pd.Index[Any]", spans: Sequence[str]) -> "list[pd.Timestamp]":
    """The times at which spans end that begin one after the other at the first time.

    Args:
        times: Points in time, ascending.
        spans: Such as '12m', '4w', '30d', '8640h', '90min', '2y'; months and years are the calendar's.

    Raises:
        TypeError: The times are numbers.
    """
    if not isinstance(times, pd.DatetimeIndex):
        raise TypeError("numbers have no calendar")
    ends, end = [], times[0]
    for span in spans:
        number, unit = re.fullmatch(r"(\d+)(\w+)", span).groups()  # type: ignore[union-attr]
        length: Any = {UNITS[unit]: int(number)}
        end = end + pd.DateOffset(**length)
        ends.append(end)
    return ends


def time_text(times: "pd.Index[Any]", place: int) -> str:
    """A time as people write it: the day alone where all times are at midnight."""
    return time_texts(times, times[place : place + 1] if place >= 0 else times[place:])[0]


def time_texts(like: "pd.Index[Any]", times: "pd.Index[Any]") -> Sequence[str]:
    """Times as people write them, all as those that they are like."""
    if not isinstance(times, pd.DatetimeIndex) or not isinstance(like, pd.DatetimeIndex):
        return [str(time) for time in times]
    days = bool((like == like.normalize()).all()) and like.tz is None
    return [str(time.date()) if days else time.isoformat(sep=" ") for time in times]
