"""Numbers in, the values ahead out: what comes after a window of one or several series.

An example is a window of the test part; its windows do not overlap. Scores are in the data's own units, but
for two. MASE divides each error by that of the naive method within training (Hyndman & Koehler, 2006). MSE is
of values less their mean by their deviation in training, over channels and steps, as in Zeng et al. (2023).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_windows import EncodedWindows
from seqcli.data.facts import MOST_SMOOTHED
from seqcli.data.kind import CorrectedTest, Examples, Kind, KindFit, ReadyData, split_of
from seqcli.data.metric import PART_OF_LOSS, PERCENT_SCALE, POINT, AnswerRow, Metric, Sums, known_fields
from seqcli.data.past_windows import PastWindows, WindowAnswers
from seqcli.registry import later
from seqcli.results.inspect import ColumnLook
from seqcli.results.steps_ahead import LastValueLikeness, StepScores
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Series, first time, right values and their scales, and the predicted values of each test window."""
    split = split_of(prepared, "test", EncodedWindows)
    before = split.with_correction(()).in_own_units(outputs)[..., [0, -1]] if split.shape.correction else None
    for number, (text, answer) in enumerate(
        zip(prepared.texts("test"), split.in_own_units(outputs), strict=True)
    ):
        series, start = text.split("\n")
        uncorrected = {} if before is None else {"uncorrected": before[number].tolist()}
        yield strict_json.line(
            {
                "example": number,
                "series": series,
                "start": start,
                **split.right(number),
                **split.answered(answer),
                **uncorrected,
            }
        )


def examples(prepared: ReadyData, split: str) -> Examples:
    """Return the values before each window's answers, and its answers."""
    windows = split_of(prepared, split, EncodedWindows)
    return PastWindows(windows), WindowAnswers(windows)


def _errors(row: AnswerRow) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Errors (H, C) in own units, and MASE's scale (C); of a method without recurrence as of a network."""
    return np.asarray(row["predicted"], np.float64) - _right(row, "target"), _right(row, "scale")


def _right(row: AnswerRow, name: str) -> NDArray[np.float64]:
    """An array of `EncodedWindows.right`, by its name."""
    return np.asarray(row.get("label", row)[name], np.float64)


def _scaled(row: AnswerRow) -> NDArray[np.float64]:
    error, scale = _errors(row)
    return np.abs(error) / scale


def _absolute(row: AnswerRow) -> NDArray[np.float64]:
    return np.abs(_errors(row)[0])


def _squared(row: AnswerRow) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = _errors(row)[0] ** 2
    return squares


def _standardised(row: AnswerRow) -> NDArray[np.float64]:
    squares: NDArray[np.float64] = (_errors(row)[0] / _right(row, "deviation")) ** 2
    return squares


def _ranked(row: AnswerRow) -> NDArray[np.float64]:
    """Twice the quantile loss, mean over quantiles."""
    target, levels = _right(row, "target")[..., None], _right(row, "levels")
    error = target - _quantiles(row)
    losses: NDArray[np.float64] = 2 * np.maximum(levels * error, (levels - 1) * error).mean(axis=-1)
    return losses


def _covered(row: AnswerRow) -> NDArray[np.float64]:
    target, answers = _right(row, "target"), _quantiles(row)
    return ((answers[..., 0] <= target) & (target <= answers[..., -1])).astype(np.float64)


def _widths(row: AnswerRow) -> NDArray[np.float64]:
    answers = _quantiles(row)
    return answers[..., -1] - answers[..., 0]


def _covered_before(row: AnswerRow) -> NDArray[np.float64]:
    target, ends = _right(row, "target"), np.asarray(row["uncorrected"], np.float64)
    return ((ends[..., 0] <= target) & (target <= ends[..., 1])).astype(np.float64)


def _widths_before(row: AnswerRow) -> NDArray[np.float64]:
    ends = np.asarray(row["uncorrected"], np.float64)
    return ends[..., 1] - ends[..., 0]


def _quantiles(row: AnswerRow) -> NDArray[np.float64]:
    """The quantiles of an answer (H, C, Q); of a method of one value, that value for each of them."""
    if row.get("quantiles") is None:
        return np.asarray(row["predicted"], np.float64)[..., None]
    return np.asarray(row["quantiles"], np.float64)


def _mean(sums: Sequence[float]) -> float:
    return sums[0] / sums[1]


def _root(sums: Sequence[float]) -> float:
    return math.sqrt(sums[0] / sums[1])


Each = Callable[[AnswerRow], NDArray[np.float64]]
"""Of a window to what each of its values contributes to a score (H, C)."""


FromSums = Callable[[Sequence[float]], float]
"""From added-up contributions and their number to a score."""


def _sums(each: Each, score: FromSums = _mean) -> Sums:
    """The mean of what each value of a window contributes (H, C), window by window, and their number."""

    def counts(rows: Sequence[AnswerRow], words: str | None) -> list[list[float]]:  # noqa: ARG001 the contract's
        return [[float(each(row).mean()), 1.0] for row in rows]

    return Sums(counts, score)


def _error(name: str, each: Each, *, score: FromSums = _mean, alias: str = "", needs: str = "") -> Metric:
    """A score in which less is better and 2 % decide nothing.

    Args:
        name: Its name.
        each: What each value contributes.
        score: From the sums to the score.
        alias: Another name that people know it by.
        needs: What rows must hold besides values; '' for nothing.
    """
    return Metric(
        name,
        alias=alias,
        higher_is_better=False,
        margin=PART_OF_LOSS,
        sums=_sums(each, score),
        needs=frozenset({needs} - {""}),
    )


def _width(name: str, each: Each, needs: str) -> Metric:
    """The width of intervals: narrow ones are no aim of their own, so nobody chooses by it."""
    return replace(_error(name, each, needs=needs), chosen=False)


def _coverage(name: str, each: Each, needs: str) -> Metric:
    """The share of values within intervals."""
    return Metric(
        name,
        higher_is_better=True,
        margin=POINT,
        most=PERCENT_SCALE,
        sums=_sums(each),
        needs=frozenset({needs}),
        chosen=False,
    )


MASE = _error("MASE", _scaled)
MAE = _error("MAE", _absolute)
RMSE = _error("RMSE", _squared, score=_root)
MSE = _error("standardised_MSE", _standardised, alias="MSE", needs="deviation")
CRPS = _error("CRPS", _ranked, needs="levels")
"""The continuous ranked probability score on the quantiles asked for (Gneiting & Raftery, 2007): the MAE of a
method that says one value, where the quantiles lie evenly about the median."""
COVERAGE = _coverage("coverage", _covered, "levels")
"""The share of values between the outermost quantiles."""
WIDTH = _width("interval_width", _widths, "levels")
EACH: "dict[str, Each]" = {
    "MASE": _scaled,
    "MAE": _absolute,
    "RMSE": _squared,
    "standardised_MSE": _standardised,
    "CRPS": _ranked,
    "coverage": _covered,
    "interval_width": _widths,
}
"""What a value of a window contributes to each score that is told step by step."""
UNCORRECTED_COVERAGE = _coverage("uncorrected_coverage", _covered_before, "uncorrected")
"""The same of the network's own quantiles, before validation corrected them."""
UNCORRECTED_WIDTH = _width("uncorrected_width", _widths_before, "uncorrected")
METRICS = (MASE, MAE, RMSE, MSE, CRPS, COVERAGE, WIDTH, UNCORRECTED_COVERAGE, UNCORRECTED_WIDTH)


HALF, TENTH = 0.5, 0.9
"""A forecast at most half as far from the last value as from what came says little of its own; and it buys
little where its error is above nine tenths of the last value's."""


def step_scores(rows: Sequence[AnswerRow]) -> StepScores | None:
    """Every score at each step ahead, and how near forecasts are to the last value; None without rows."""
    if not rows:
        return None
    known = known_fields(rows[0]).keys()
    scores = {}
    for metric in METRICS:
        each = EACH.get(metric.name)
        if each is not None and metric.needs <= known and metric.sums is not None:
            total = sum((each(row).mean(axis=1) for row in rows), np.zeros(1))
            scores[metric.name] = [metric.sums.score([value, len(rows)]) for value in total.tolist()]
    return StepScores(scores=scores, likeness=_likeness(rows) if "last" in known else None)


def _likeness(rows: Sequence[AnswerRow]) -> LastValueLikeness:
    """Mean distances between forecasts, what came, and the last value before."""
    distances = np.zeros(3)
    for row in rows:
        forecast, target = np.asarray(row["predicted"], np.float64), _right(row, "target")
        last, scale = _right(row, "last"), _right(row, "scale")
        each = (forecast - last, forecast - target, last - target)
        distances += [float((np.abs(part) / scale).mean()) for part in each]
    to_last, to_truth, naive = (distances / len(rows)).tolist()
    repeats = to_last <= HALF * to_truth and to_truth >= TENTH * naive
    return LastValueLikeness(to_last=to_last, to_truth=to_truth, naive=naive, repeats=repeats)


BASELINES = {
    "last-value": "last value",
    "seasonal-naive": "last season's value",
    "linear-ar": "linear autoregression",
    "ets": "ETS by AICc",
}


def _with_season(prepared: ReadyData) -> frozenset[str]:
    """The baselines that say something of such data: without a season, last year's value is the last one.

    Exponential smoothing needs an extra, and seconds for every channel of every series.
    """
    shape = split_of(prepared, "train", EncodedWindows).shape
    left_out = {"seasonal-naive"} if shape.season == 1 else set()
    if find_spec("statsmodels") is None or shape.channels * len(shape.series) > MOST_SMOOTHED:
        left_out.add("ets")
    return frozenset(BASELINES) - left_out


def corrected(prepared: ReadyData, outputs: NDArray[Any]) -> CorrectedTest | None:
    """The test windows, to whose quantiles validation adds, and what `predict` must know of that."""
    valid, test = split_of(prepared, "valid", EncodedWindows), split_of(prepared, "test", EncodedWindows)
    if not valid.shape.conformal:
        return None
    correction = valid.corrected_by(outputs)
    return test.with_correction(correction), {"correction": [list(channel) for channel in correction]}


def fits_columns(looks: Sequence[ColumnLook]) -> KindFit | None:
    """The column of times of a table that has one, numbers beside it, and no texts.

    Ids that repeat beside a column of labels are a sensor's recordings rather, which have times too.
    """
    from seqcli.data.column_roles import likely_values
    from seqcli.data.signal_columns import fits_signals

    times = [look.name for look in looks if look.role == "time"]
    if len(times) != 1 or not likely_values(looks) or any(look.role == "text" for look in looks):
        return None
    return KindFit({"time_column": times[0]}, sure=fits_signals(looks) is None)


KIND = Kind(
    metrics=METRICS,
    open_split=lambda folder, name: EncodedWindows.open(folder, name, METRICS),
    prediction_lines=prediction_lines,
    own=later("seqcli.data.forecast_task", "OwnSeries"),
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
    step_scores=step_scores,
    corrected=corrected,
)
