"""Numbers in, the values ahead out: what comes after a window of one or several series.

An example is a window of the test part; its windows do not overlap. Scores are in the data's own units, but
for two. MASE divides each error by that of the naive method within training (Hyndman & Koehler, 2006). MSE is
of values less their mean by their deviation in training, over channels and steps, as in Zeng et al. (2023).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_windows import EncodedWindows
from seqcli.data.kind import Examples, Kind, KindFit, ReadyData
from seqcli.data.metric import PERCENT_SCALE, AnswerRow, Metric, Sums
from seqcli.data.past_windows import PastWindows, WindowAnswers
from seqcli.data.sequences import SequenceSplit
from seqcli.results.inspect import ColumnLook
from seqcli.runs import strict_json


def _windows(split: SequenceSplit) -> EncodedWindows:
    if not isinstance(split, EncodedWindows):
        raise TypeError(f"the splits of a forecast are windows, not {type(split).__name__}")
    return split


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> bytes:
    """Series, first time, right values and their scales, and the predicted values of each test window."""
    split = _windows(prepared.splits["test"])
    lines = []
    for number, (text, answer) in enumerate(
        zip(prepared.texts("test"), split.in_own_units(outputs), strict=True)
    ):
        series, start = text.split("\n")
        lines.append(
            strict_json.line(
                {
                    "example": number,
                    "series": series,
                    "start": start,
                    **split.right(number),
                    **split.answered(answer),
                }
            )
        )
    return b"".join(lines)


def examples(prepared: ReadyData, split: str) -> Examples:
    """Return the values before each window's answers, and its answers."""
    windows = _windows(prepared.splits[split])
    return PastWindows(windows), WindowAnswers(windows)


def _errors(row: AnswerRow) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors (H, C) in own units, and MASE's scale (C); of a method without recurrence as of a network."""
    return np.asarray(row["predicted"], np.float64) - _right(row, "target"), _right(row, "scale")


def _right(row: AnswerRow, name: str) -> NDArray[np.float64]:
    """An array of `EncodedWindows.right`, by its name."""
    return np.asarray(row.get("label", row)[name], np.float64)


def _scaled(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    return [[float((np.abs(error) / scale).mean()), 1.0] for error, scale in (_errors(row) for row in rows)]


def _absolute(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    return [[float(np.abs(_errors(row)[0]).mean()), 1.0] for row in rows]


def _squared(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    return [[float((_errors(row)[0] ** 2).mean()), 1.0] for row in rows]


def _standardised(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    return [[float(((_errors(row)[0] / _right(row, "deviation")) ** 2).mean()), 1.0] for row in rows]


def _ranked(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    """Twice the quantile loss of each window, mean over steps, channels and quantiles."""
    sums = []
    for row in rows:
        target, levels = _right(row, "target")[..., None], _right(row, "levels")
        error = target - _quantiles(row)
        sums.append([float(2 * np.maximum(levels * error, (levels - 1) * error).mean()), 1.0])
    return sums


def _covered(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    sums = []
    for row in rows:
        target, answers = _right(row, "target"), _quantiles(row)
        inside = (answers[..., 0] <= target) & (target <= answers[..., -1])
        sums.append([float(inside.mean()), 1.0])
    return sums


def _widths(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
    answers = [_quantiles(row) for row in rows]
    return [[float((answer[..., -1] - answer[..., 0]).mean()), 1.0] for answer in answers]


def _quantiles(row: AnswerRow) -> NDArray[np.float64]:
    """The quantiles of an answer (H, C, Q); of a method of one value, that value for each of them."""
    if row.get("quantiles") is None:
        return np.asarray(row["predicted"], np.float64)[..., None]
    return np.asarray(row["quantiles"], np.float64)


def _mean(sums: Sequence[float]) -> float:
    return sums[0] / sums[1]


def _root(sums: Sequence[float]) -> float:
    return math.sqrt(sums[0] / sums[1])


MASE = Metric("MASE", higher_is_better=False, margin=0.02, sums=Sums(_scaled, _mean))
MAE = Metric("MAE", higher_is_better=False, margin=0.02, sums=Sums(_absolute, _mean))
RMSE = Metric("RMSE", higher_is_better=False, margin=0.02, sums=Sums(_squared, _root))
MSE = Metric(
    "standardised_MSE",
    alias="MSE",
    higher_is_better=False,
    margin=0.02,
    sums=Sums(_standardised, _mean),
    needs=frozenset({"deviation"}),
)
CRPS = Metric(
    "CRPS",
    higher_is_better=False,
    margin=0.02,
    sums=Sums(_ranked, _mean),
    needs=frozenset({"levels"}),
)
"""The continuous ranked probability score on the quantiles asked for (Gneiting & Raftery, 2007): the MAE of a
method that says one value, where the quantiles lie evenly about the median."""
COVERAGE = Metric(
    "coverage",
    higher_is_better=True,
    margin=0.01,
    most=PERCENT_SCALE,
    sums=Sums(_covered, _mean),
    needs=frozenset({"levels"}),
    chosen=False,
)
"""The share of values between the outermost quantiles."""
WIDTH = Metric(
    "interval_width",
    higher_is_better=False,
    margin=0.02,
    sums=Sums(_widths, _mean),
    needs=frozenset({"levels"}),
    chosen=False,
)
METRICS = (MASE, MAE, RMSE, MSE, CRPS, COVERAGE, WIDTH)


BASELINES = {
    "last-value": "last value",
    "seasonal-naive": "last season's value",
    "linear-ar": "linear autoregression",
}


def _with_season(prepared: ReadyData) -> frozenset[str]:
    """The baselines that say something of such data: without a season, last year's value is the last one."""
    split = _windows(prepared.splits["train"])
    return frozenset(BASELINES) - ({"seasonal-naive"} if split.shape.season == 1 else set())


def own_task(name: str) -> object:
    """The task that a person's own data makes; imported only where there is such data."""
    from seqcli.data.forecast_task import OwnSeries

    return OwnSeries(name=name)


def fits_columns(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The column of times of a table that has one, numbers beside it, and no texts."""
    from seqcli.data.column_roles import likely_values

    times = [look.name for look in looks if look.role == "time"]
    if len(times) != 1 or not likely_values(looks) or any(look.role == "text" for look in looks):
        return None
    return KindFit({"time_column": times[0]})


KIND = Kind(
    metrics=METRICS,
    open_split=lambda folder, name: EncodedWindows.open(folder, name, METRICS),
    prediction_lines=prediction_lines,
    own=own_task,
    meant=lambda config: config.time_column is not None,
    fits=fits_columns,
    told_by=frozenset({"time_column"}),
    defaults={"dropout": 0.0, "hidden": 32, "lr": 0.003},
    baselines=BASELINES,
    examples=examples,
    fitting=_with_season,
    continues=True,
    use="seqcli predict . --data FILE",
    further_metrics=lambda _: METRICS,
)
