"""Series in time: how tables are read and split, what scaling may see, and the scores by hand."""

import io
import json
from contextlib import suppress
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from seqcli.data.config import DataConfig
from seqcli.data.data_words import data_notes
from seqcli.data.kind import KINDS
from seqcli.data.past_windows import PastWindows
from seqcli.data.prepared import prepare
from seqcli.data.series import read_series, stream_series
from seqcli.data.task import TASKS, choose_task
from seqcli.data.time_steps import step_name, times_after, usual_period
from seqcli.errors import DataError, UsageError
from seqcli.models.baseline import BASELINES

KIND = KINDS.get("forecast")


def daily(values, column="v"):
    """A CSV of one value a day from 2024-01-01."""
    days = pd.date_range("2024-01-01", periods=len(values)).strftime("%Y-%m-%d")
    return f"date,{column}\n" + "".join(f"{d},{v}\n" for d, v in zip(days, values, strict=True))


def wave(count):
    """A sine of 10 steps upon a slow rise, which no value repeats."""
    return [round(np.sin(step * np.pi / 5) + step / 100, 6) for step in range(count)]


@pytest.fixture
def read(written):
    def parsed(content, name="x.csv", **options):
        path = written(name, content)
        return read_series(path, DataConfig(data=path, **options))

    return parsed


@pytest.fixture
def cut(written, make):
    def prepared(values, **options):
        chosen = {"time_column": "date", "context": 10, "horizon": 4, **options}
        content = values if isinstance(values, str) else daily(values)
        return make(data=written("x.csv", content), **chosen)

    return prepared


def test_a_time_column_says_that_data_is_a_forecast_and_numbers_are_its_channels(read, cut):
    assert cut(wave(100)).kind == "forecast"
    table = read("when,a,place,b\n2024-01-01,1,x,2.5\n2024-01-02,3,y,4\n", time_column="when")
    assert table.columns == ("a", "b")
    assert table.parts[0].values.tolist() == [[1, 2.5], [3, 4]]


@pytest.mark.parametrize("said", [("b", "a"), ("b,a",), ["b", "a"]])
def test_channels_are_those_named_in_their_order(read, said):
    table = read("date,a,b\n1,1,2\n2,3,4\n", value_column=said)
    assert table.columns == ("b", "a")
    assert table.parts[0].values.tolist() == [[2, 1], [4, 3]]


def test_several_series_stand_in_one_table(read):
    table = read("date,place,v\n1,n,1\n1,s,5\n2,n,2\n2,s,6\n", series_column="place", time_column="date")
    assert [(part.name, part.values.ravel().tolist()) for part in table.parts] == [
        ("n", [1, 2]),
        ("s", [5, 6]),
    ]


def test_of_a_wide_table_every_column_of_numbers_is_answered_and_the_one_of_dates_needs_no_usual_name(read):
    table = read("Zeitpunkt,a,b,note\n2024-01-01,1,2,x\n2024-01-02,3,4,y\n", kind="forecast")
    assert (table.time, table.columns) == ("Zeitpunkt", ("a", "b"))
    with pytest.raises(DataError, match="which column holds the times"):
        read("from,till,v\n2024-01-01,2024-01-02,1\n2024-01-02,2024-01-03,3\n", kind="forecast")


BAD = [
    ("date,v\n2024-01-01,1\n2024-01-03,2\n2024-01-02,3\n", "row 4: the time 2024-01-02 is before that"),
    ("date,v\n2024-01-01,1\n2024-01-02,2\n2024-01-01,3\n", "row 4: the time 2024-01-01 is that of row 2 too"),
    ("date,v\n2024-01-01,1\nsoon,2\n", "row 3: column 'date' holds 'soon', which is no time"),
    ("date,v\n2024-01-01,1\n,2\n", "row 3: column 'date' holds nothing"),
    ("date,v\n2024-01-01,1\n2024-01-02,much\n2024-01-03,2\n2024-01-04,2\n", "row 3: column 'v' holds 'much'"),
    ("date,v\n2024-01-01,1\n2024-01-02,inf\n", "row 3: column 'v' holds 'inf', not a finite"),
    ("date,v\n2024-01-01,1\n2024-01-02,\n2024-01-03,2\n", "row 3: column 'v' is empty"),
    (
        "date,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2024-01-06,4\n",
        r"row 5: 2 steps \(D\) are missing between 2024-01-03 and 2024-01-06",
    ),
    (
        "date,v\n2024-01-01 00:00,1\n2024-01-01 01:00,2\n2024-01-01 02:00,3\n2024-01-01 02:30,4\n",
        "row 5: the time .* is no whole number of steps",
    ),
    ("date,v\n", "holds no row"),
    ("date,v\n2024-01-01,1,2\n", "cannot be read as delimited text"),
    ("date,name\n2024-01-01,x\n", "no column but 'date' holds numbers"),
    ("day,date,v\n1,2024-01-01,2\n", "cannot tell which column holds the times"),
    (
        "date,v\n2024-01-01 00:00+01:00,1\n2024-01-02 00:00+02:00,2\n",
        r"row 3: column 'date' mixes time zones: '2024-01-02 00:00\+02:00' after '2024-01-01 00:00\+01:00'",
    ),
    ("date,v\n2024-01-01,1\n-1,2\n", "row 3: column 'date' holds '-1', which is no time"),
    ("date,v\n2024-01-01,1\n9999-12-31,2\n", "row 3: column 'date' holds '9999-12-31', which is no time"),
    ("date,v\n1,1\n2,2\n3,3\n900000000,4\n", "most steps of its 4 rows would be missing"),
]


@pytest.mark.parametrize(("content", "says"), BAD)
def test_a_table_that_is_no_regular_series_is_refused_with_row_and_column(read, content, says):
    with pytest.raises(DataError, match=says):
        read(content)


def test_columns_that_are_not_there_are_named(read):
    with pytest.raises(DataError, match="no column 'load'") as error:
        read("date,Load\n1,1\n2,2\n", value_column="load")
    assert "Did you mean --value-column Load" in error.value.hint
    with pytest.raises(DataError, match="no column 'place'"):
        read("date,v\n1,1\n2,2\n", series_column="place")
    with pytest.raises(DataError, match="named twice"):
        read("date,v\n1,1\n2,2\n", value_column=("v", "v"))


def test_blank_lines_keep_the_numbers_of_rows(read):
    with pytest.raises(DataError, match="row 5: column 'v' holds 'x'"):
        read("date,v\n1,1\n\n2,2\n3,x\n4,4\n")


def test_gaps_are_filled_only_when_asked_and_counted(read):
    content = "date,v\n1,\n2,1\n3,\n4,3\n7,6\n"
    last, line = (read(content, fill=how).parts[0] for how in ("last", "linear"))
    assert last.times.tolist() == [2, 3, 4, 5, 6, 7]
    assert last.values.ravel().tolist() == [1, 1, 3, 3, 3, 6]
    assert line.values.ravel().tolist() == [1, 2, 3, 4, 5, 6]
    assert last.filled == line.filled == 3


def test_no_window_reads_or_answers_what_is_missing_where_gaps_cut(cut):
    values = wave(300)
    for missing in (20, 21, 285):
        values[missing] = ""
    plain, whole = cut(values, fill="last"), cut(values, fill="cut")
    for name in ("train", "valid", "test"):
        held = {
            int(origin): set(range(origin - 10, origin + 4)) for origin in plain.splits[name].origins.tolist()
        }
        results = [origin for origin, rows in held.items() if not rows & {20, 21, 285}]
        assert whole.splits[name].origins.tolist() == results
    assert len(whole.splits["train"]) < len(plain.splits["train"])
    assert "3 numbers are missing: no window reads or answers one" in data_notes(whole.facts)


def test_what_is_missing_scales_nothing_where_gaps_cut(cut):
    values = wave(100)
    known = np.array([value for place, value in enumerate(values[:80]) if place not in (20, 21)])
    steps = [abs(after - before) for place, (before, after) in enumerate(pairwise(values[:80]))
             if not {place, place + 1} & {20, 21}]  # fmt: skip
    values[20] = values[21] = ""
    (scaled,) = cut(values, fill="cut").splits["train"].shape.series
    assert (scaled.means, scaled.deviations) == ((known.mean(),), (known.std(),))
    assert scaled.naive_errors[0] == pytest.approx(np.mean(steps))


def test_gaps_that_leave_no_window_are_told(cut):
    values = [value if place % 9 else "" for place, value in enumerate(wave(100))]
    with pytest.raises(DataError, match=r"11 of all are missing, and --fill cut"):
        cut(values, fill="cut")


@pytest.mark.parametrize(
    ("start", "freq", "name", "period"),
    [
        ("2024-01-31", "ME", "ME", 12),
        ("2024-01-15", None, "1 months", 12),
        ("2024-01-06", "W-SAT", "W-SAT", 52),
        ("2024-01-01", "h", "h", 24),
        ("2024-01-01", "15min", "15min", 96),
        ("2024-01-01", "D", "D", 7),
        ("2024-01-01", "QS-OCT", "QS-JAN", 4),
        ("2000-01-01", "YS-JAN", "YS-JAN", 1),
    ],
)
def test_the_step_of_time_its_usual_season_and_what_comes_next(start, freq, name, period):
    every = pd.date_range(start, periods=30, freq=freq or pd.DateOffset(months=1))
    times = every[:27]
    assert step_name(times) == name
    assert usual_period(times) == period
    assert times_after(times, 3).equals(every[27:].rename(None))


def test_parquet_is_read_with_its_own_types(tmp_path):
    path = tmp_path / "x.parquet"
    times = pd.date_range("2024-01-01", periods=5, freq="h")
    pd.DataFrame({"v": [1, 2, 3, 4, 5]}, index=times.rename("date")).to_parquet(path)
    (series,) = read_series(str(path), DataConfig(data=str(path))).parts
    assert series.times.tolist() == times.tolist()
    assert series.values.ravel().tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("first_line", "says"),
    [("date," + "v," * 10_001 + "\n", "more than 10,000 columns"), ("a" * 17_000_000, "line 1 is longer")],
)
def test_a_table_wider_than_any_series_is_refused_before_pandas_makes_its_columns(read, first_line, says):
    with pytest.raises(DataError, match=says):
        read(first_line + "1,2\n")


def test_windows_are_split_in_time_and_answers_stay_within_their_split(cut):
    prepared = cut(wave(100))
    train, valid, test = (prepared.splits[name] for name in ("train", "valid", "test"))
    assert train.origins.tolist() == list(range(10, 77))  # the last answers rows 76 to 79
    assert valid.origins.tolist() == [80, 84]
    assert test.origins.tolist() == [90, 94]
    assert prepared.facts.series.valid_from == "2024-03-21"  # day 81
    assert [text.split("\n")[1] for text in prepared.texts("test")] == ["2024-03-31", "2024-04-04"]


@pytest.mark.parametrize(
    ("split", "valid_from", "test_from", "last"),
    [
        ("50,25,25", "2024-02-20", "2024-03-16", "2024-04-09"),
        ("1m,20d,2w", "2024-02-01", "2024-02-21", "2024-03-05"),
        ("744h,20d,2w", "2024-02-01", "2024-02-21", "2024-03-05"),
    ],
)
def test_a_split_is_shares_of_the_time_or_spans_of_it_and_what_is_after_them_is_left_out(
    cut, split, valid_from, test_from, last
):
    """100 days from 1 January 2024: January has 31 of them, and February 29."""
    prepared = cut(wave(100), split=split, horizon=1)
    series = prepared.facts.series
    assert (series.valid_from, series.test_from) == (valid_from, test_from)
    assert list(prepared.texts("test"))[-1] == f"\n{last}"


def test_spans_divide_series_that_are_as_long_and_have_a_calendar(cut):
    with pytest.raises(DataError, match="ends at 2024-04-09, and --split 2m,1m,1m needs times up to 2024-05"):
        cut(wave(100), split="2m,1m,1m")
    numbered = "date,v\n" + "".join(f"{t},{v}\n" for t, v in enumerate(wave(100)))
    with pytest.raises(UsageError, match="are numbers"):
        cut(numbered, split="2m,1m,1m")


def test_spans_do_not_divide_texts(make, written):
    rows = "text,label\n" + "".join(f"word {n},{n % 2}\n" for n in range(40))
    with pytest.raises(UsageError, match="divide series alone"):
        make(data=written("x.csv", rows), split="2m,1m,1m")


def test_scaling_is_that_of_training_and_of_each_channel(cut):
    values = wave(100)
    rows = "".join(f"{t},{v},{100 - 3 * v}\n" for t, v in enumerate(values))
    prepared = cut("date,a,b\n" + rows)
    learnt = np.array([[v, 100 - 3 * v] for v in values[:80]])
    inputs, lengths, targets = prepared.splits["train"].rows(np.array([5]))
    expected = (learnt - learnt.mean(axis=0)) / learnt.std(axis=0)
    assert np.allclose(inputs[0], expected[5:15], atol=1e-6)
    assert np.allclose(targets[0].reshape(4, 2), expected[15:19], atol=1e-6)
    assert lengths.tolist() == [10]
    assert (prepared.input_size, prepared.output_size) == (2, 8)


def test_nothing_of_the_future_is_in_training(cut):
    """A spike on the first day of validation, and after it, changes no byte that training sees."""
    values = wave(100)
    spiked = [*values[:80], *(1000.0 + v for v in values[80:])]
    plain, leaked = (cut(item).splits["train"] for item in (values, spiked))
    assert plain.shape == leaked.shape  # means, deviations, MASE's denominators
    every = np.arange(len(plain))
    for row, other in zip(plain.rows(every), leaked.rows(every), strict=True):
        assert row.tobytes() == other.tobytes()
    assert cut([*values[:79], 1000.0, *values[80:]]).splits["train"].shape != plain.shape


def test_what_is_answered_is_in_no_input(cut):
    """A marked value is read by windows after it alone, by training, by testing and by baselines."""
    values = wave(100)
    values[91] = 1e6
    test = cut(values).splits["test"]
    inputs, _, targets = test.rows(np.arange(2))
    assert (targets.max(axis=1) > 1e4).tolist() == [True, False]
    assert (inputs.max(axis=(1, 2)) > 1e4).tolist() == [False, True]
    assert [past.values.max() > 1e4 for past in PastWindows(test)] == [False, True]


def test_windows_about_their_last_value_end_at_zero_and_are_told_in_own_units(cut):
    split = cut(wave(100), scale="window").splits["test"]
    inputs, _, targets = split.rows(np.arange(2))
    assert np.allclose(inputs[:, -1], 0)
    assert np.allclose(
        split.in_own_units(targets)[..., 0, 0], [[wave(100)[o + h] for h in range(4)] for o in (90, 94)]
    )


def test_scores_are_those_of_the_book_by_hand(cut):
    """MASE (Hyndman & Koehler, 2006): mean |error| over the mean |y_t − y_{t−m}| of training."""
    values = wave(100)
    prepared = cut(values, period=7)
    split = prepared.splits["test"]
    result = np.zeros((2, 4))  # scaled: training's mean
    mean = sum(values[:80]) / 80
    errors = [abs(values[place] - mean) for place in range(90, 98)]
    naive = sum(abs(values[t] - values[t - 7]) for t in range(7, 80)) / 73
    lines = [json.loads(line) for line in KIND.prediction_lines(prepared, result)]
    mapping = {metric.name: metric.value(lines) for metric in KIND.metrics if "levels" not in metric.needs}
    assert mapping["MAE"] == pytest.approx(sum(errors) / 8, rel=1e-6)
    assert mapping["RMSE"] == pytest.approx((sum(e * e for e in errors) / 8) ** 0.5, rel=1e-6)
    assert mapping["MASE"] == pytest.approx(sum(errors) / 8 / naive, rel=1e-6)
    deviation = (sum((value - mean) ** 2 for value in values[:80]) / 80) ** 0.5
    assert mapping["standardised_MSE"] == pytest.approx(
        sum((e / deviation) ** 2 for e in errors) / 8, rel=1e-6
    )
    assert split.score(result) == mapping["MASE"]
    assert lines[1]["target"] == [[value] for value in values[94:98]]


LEVELS = [0.1, 0.5, 0.9]
SPREAD = {
    "target": [[1.0], [5.0]],
    "scale": [0.5],
    "levels": LEVELS,
    "predicted": [[2.0], [2.0]],
    "quantiles": [[[0.0, 2.0, 3.0]], [[1.0, 2.0, 4.0]]],
}


def test_quantiles_are_scored_by_hand():
    """The quantile loss is q·e above the quantile, (1 − q)·|e| below it; 1 lies within 0 to 3, 5 above 4."""
    mapping = {metric.name: metric.value([SPREAD]) for metric in KIND.metrics if "levels" in metric.needs}
    losses = [0.1 * 1, 0.5 * 1, 0.1 * 2, 0.1 * 4, 0.5 * 3, 0.9 * 1]
    assert mapping["CRPS"] == pytest.approx(2 * sum(losses) / 6)
    assert mapping["coverage"] == 0.5
    assert mapping["interval_width"] == 3.0


def test_a_baseline_says_one_value_for_every_quantile_and_its_crps_is_its_mae():
    right = {name: SPREAD[name] for name in ("target", "scale", "levels")}
    rows = [{"label": right, "predicted": [[2.0], [2.5]]}]
    mapping = {metric.name: metric.value(rows) for metric in KIND.metrics if metric.name in ("CRPS", "MAE")}
    assert mapping["CRPS"] == pytest.approx(mapping["MAE"]) == pytest.approx(1.75)


def test_quantiles_are_told_in_order_and_the_median_is_the_value(cut):
    prepared = cut(wave(100), quantiles="0.1,0.5,0.9")
    split = prepared.splits["test"]
    assert (prepared.output_size, prepared.quantiles, prepared.metric) == (12, (0.1, 0.5, 0.9), "CRPS")
    crossed = np.tile([1.0, -1.0, 0.0], (2, 4))
    mean, deviation = np.mean(wave(100)[:80]), np.std(wave(100)[:80])
    assert np.allclose(split.in_own_units(crossed)[1, 2, 0], mean + deviation * np.array([-1, 0, 1]))
    line = json.loads(next(KIND.prediction_lines(prepared, crossed)))
    assert line["predicted"][0] == [line["quantiles"][0][0][1]] == [pytest.approx(mean)]
    assert cut(wave(100), quantiles=[0.1, 0.5, 0.9], metric="MASE").metric == "MASE"


def test_data_without_quantiles_is_the_data_that_it_was(cut):
    assert "quantiles" not in cut(wave(100)).reading


@pytest.mark.parametrize(
    "levels", ["0.1,0.9", "0.9,0.5,0.1", "0,0.5", "0.5,1.5", "0.5", "low,0.5", [0.5, True, 2]]
)
def test_quantiles_that_cannot_be_are_refused(levels):
    with pytest.raises(ValidationError, match="0\\.5 among them"):
        DataConfig.model_validate({"quantiles": levels})


def test_a_score_of_quantiles_needs_some_and_a_description_judges_nothing(cut):
    with pytest.raises(UsageError, match="none are asked for"):
        cut(wave(100), metric="CRPS")
    with pytest.raises(ValidationError, match="metric"):
        cut(wave(100), metric="coverage", quantiles="0.1,0.5,0.9")


def test_rows_and_baselines_are_scored_alike():
    right = {"target": [[1.0], [2.0]], "scale": [0.5]}
    row = {**right, "predicted": [[2.0], [2.0]]}
    assert KIND.metric.value([row]) == 1.0  # a mean error of ½, twice a half
    assert KIND.metric.value([{"label": right, "predicted": [[2.0], [2.0]]}]) == 1.0


@pytest.mark.parametrize(
    ("values", "options", "says"),
    [
        (wave(20), {}, "20 steps are too few for context 10 and horizon 4: train / valid / test have 16 / 2"),
        ([1.0] * 80 + wave(20), {}, "column 'v' is constant in training, until 2024-03-20"),
        ([1.0, 2.0] * 50, {"period": 2}, "repeats itself exactly after 2 steps"),
    ],
)
def test_series_that_teach_nothing_are_refused(cut, values, options, says):
    with pytest.raises(DataError, match=says):
        cut(values, **options)


def test_a_short_series_among_others_is_named(cut):
    rows = [f"{t},long,{v}" for t, v in enumerate(wave(100))]
    rows += [f"{t},brief,{v}" for t, v in enumerate(wave(100)) if t > 70]
    with pytest.raises(DataError, match="series 'brief': 29 steps"):
        cut("date,place,v\n" + "\n".join(rows), series_column="place")


def test_series_of_one_file_are_split_at_the_same_times(cut):
    rows = [f"{t},{name},{v}" for name in "ab" for t, v in enumerate(wave(100)) if name == "a" or t >= 40]
    prepared = cut("date,place,v\n" + "\n".join(rows), series_column="place")
    assert prepared.splits["test"].origins.tolist() == [90, 94, 100 + 50, 100 + 54]
    assert prepared.splits["test"].numbers.tolist() == [0, 0, 1, 1]
    assert [text.split("\n") for text in prepared.texts("test")] == [
        ["a", "90"], ["a", "94"], ["b", "90"], ["b", "94"],
    ]  # fmt: skip
    first = prepared.splits["train"].shape.series
    assert first[0].means != first[1].means


def test_ready_made_splits_and_texts_options_are_refused(written, cache):
    path = written("x.csv", daily(wave(100)))
    for options, says in (
        ({"train": path, "kind": "forecast"}, "split in time"),
        ({"data": path, "kind": "forecast", "text_column": "v"}, "--text-column does not apply"),
        ({"data": path, "context": 5}, "--context does not apply"),
    ):
        config = DataConfig(**options)
        with pytest.raises(UsageError, match=says):
            prepare(choose_task(None, config), config, cache)


def test_a_season_is_found_by_the_step_where_training_has_two_and_names_the_baselines(cut):
    assert KIND.baselines_for(cut(wave(100))) == ("last-value", "seasonal-naive", "linear-ar", "ets")
    yearless = "date,v\n" + "".join(f"{t},{v}\n" for t, v in enumerate(wave(100)))
    assert KIND.baselines_for(cut(yearless)) == ("last-value", "seasonal-naive", "linear-ar", "ets")
    assert cut(yearless).facts.series.season == 10  # numbers tell no season; the values show it
    noise = np.random.default_rng(0).normal(size=100).round(6)
    unseasonal = "date,v\n" + "".join(f"{t},{v}\n" for t, v in enumerate(noise))
    assert KIND.baselines_for(cut(unseasonal)) == ("last-value", "linear-ar", "ets")
    assert cut(wave(100)).splits["train"].shape.season == 7


def test_ets_stands_beside_where_its_package_is_and_there_are_few_series_else_that_is_said(cut, monkeypatch):
    prepared = cut(wave(100))
    columns = ",".join(f"v{n}" for n in range(31))
    rows = "".join(f"{t}," + ",".join(str(v + n) for n in range(31)) + "\n" for t, v in enumerate(wave(100)))
    many = cut(f"date,{columns}\n{rows}")
    assert "ets" not in KIND.baselines_for(many)
    assert any("30 channels of series" in note for note in data_notes(many.facts))
    monkeypatch.setattr("seqcli.data.kinds.forecast.find_spec", lambda _: None)
    monkeypatch.setattr("seqcli.data.data_words.find_spec", lambda _: None)
    assert "ets" not in KIND.baselines_for(prepared)
    assert any("pip install 'seqcli[series]'" in note for note in data_notes(prepared.facts))


def test_longer_contexts_are_tested_on_the_same_days(cut):
    brief, long = (cut(wave(100), context=steps).splits["test"] for steps in (5, 20))
    assert brief.origins.tolist() == long.origins.tolist()


@pytest.mark.parametrize(
    ("series", "steps", "windows", "filled"),
    [
        ("elnino", 732, 12, 0),
        ("sunspots", 309, 31, 0),
        ("co2", 2284, 17, 59),
        ("glucose", 57770, 820, 5687),
        ("prices", 3270, 65, 0),
        ("buoy", 19249, 320, 24),
    ],
)
def test_the_built_in_series_are_whole(cache, series, steps, windows, filled):
    task = type(TASKS.get("forecast"))(series=series)
    prepared = prepare(task, DataConfig(), cache)
    value = prepared.facts.series
    assert (value.steps, len(prepared.splits["test"]), value.filled) == (steps, windows, filled)
    assert prepared.splits["train"].shape.about_last


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    content=st.binary()
    | st.lists(
        st.sampled_from([b"date", b"v", b",", b"\n", b"2024-01-01", b"1", b"1e400", b"nan", b'"',
                         b"\xe9", b"9999-12-31", b"12:00", b"+01:00", b"99999999999999999999", b"\0"])
    ).map(lambda bits: b"date,v\n" + b"".join(bits)),
    fill=st.sampled_from([None, "last", "linear", "cut"]),
)  # fmt: skip
def test_any_bytes_are_read_or_refused(content, fill):
    with suppress(DataError, UsageError):
        stream_series(io.BytesIO(content), "x.csv", DataConfig(fill=fill))


def answers(said, truth, last, scale=1.0):
    """Rows of one channel, as `predictions.jsonl` has them."""
    return [
        {
            "target": np.reshape(came, (-1, 1)).tolist(),
            "predicted": np.reshape(values, (-1, 1)).tolist(),
            "last": [before],
            "scale": [scale],
            "deviation": [2.0],
        }
        for values, came, before in zip(said, truth, last, strict=True)
    ]


def test_scores_are_told_of_each_step_ahead_by_hand():
    result = KIND.step_scores(answers([[1, 2], [3, 4]], [[2, 2], [6, 0]], [1, 1], scale=0.5))
    assert result.scores["MAE"] == [2.0, 2.0]  # |1 − 2|, |3 − 6| and |2 − 2|, |4 − 0|
    assert result.scores["MASE"] == [4.0, 4.0]
    assert result.scores["RMSE"] == pytest.approx([(10 / 2) ** 0.5, (16 / 2) ** 0.5])
    assert result.scores["standardised_MSE"] == pytest.approx([10 / 2 / 4, 16 / 2 / 4])


def test_the_mean_over_steps_of_a_score_is_the_score():
    draw = np.random.default_rng(0)
    rows = answers(draw.normal(size=(9, 4)), draw.normal(size=(9, 4)), draw.normal(size=9))
    result = KIND.step_scores(rows)
    for metric in KIND.metrics[:2]:
        assert np.mean(result.scores[metric.name]) == pytest.approx(metric.value(rows))


@pytest.fixture
def walk():
    """Windows of a random walk with a rhythm: last values, and what came in the 5 steps after."""
    draw = np.random.default_rng(0)
    series = draw.normal(size=600).cumsum() + 20 * np.sin(np.arange(600))
    origins = np.arange(100, 590, 5)
    return series[origins - 1], np.stack([series[origin : origin + 5] for origin in origins])


def test_a_model_that_repeats_the_last_value_is_found_out(walk):
    last, truth = walk
    planted = last[:, None] + np.random.default_rng(1).normal(0, 0.5, truth.shape)
    likeness = KIND.step_scores(answers(planted, truth, last)).likeness
    assert likeness.repeats
    assert likeness.to_last < 0.1 * likeness.to_truth
    assert likeness.naive == pytest.approx(np.abs(truth - last[:, None]).mean())


def test_a_good_model_and_one_that_says_the_mean_do_not_repeat_it(walk):
    last, truth = walk
    good = truth + np.random.default_rng(1).normal(0, 1, truth.shape)
    for item in (good, np.full(truth.shape, truth.mean())):
        assert not KIND.step_scores(answers(item, truth, last)).likeness.repeats


def test_every_start_of_a_test_window_is_tested_with_stride_1(cut):
    assert cut(wave(100), stride=1).splits["test"].origins.tolist() == list(range(90, 97))
    assert cut(wave(100), stride=3).splits["test"].origins.tolist() == [90, 93, 96]
    assert cut(wave(100), stride=1).splits["valid"].origins.tolist() == [80, 84]
    assert cut(wave(100), stride=4).splits["test"].origins.tolist() == [90, 94]
    assert "block" not in cut(wave(100), stride=4).reading


def test_windows_that_overlap_stand_in_blocks_of_time_alike_in_all_series(cut):
    rows = [
        (f"2024-01-01 {h // 60:02}:{h % 60:02}", name, v) for name in "ab" for h, v in enumerate(wave(600))
    ]
    table = "date,name,v\n" + "".join(f"{t},{n},{v}\n" for t, n, v in rows)
    split = cut(table, series_column="name", stride=1, horizon=2).splits["test"]
    assert split.shape.block == 5  # a tenth of 60 steps, which is less than four horizons
    assert len(split) == 2 * 59
    assert split.blocks.tolist() == [step // 5 for step in range(59)] * 2
    assert split.right(7)["block"] == [1]


def test_a_block_is_four_horizons_where_there_are_enough_of_them(cut):
    assert (
        cut(wave(400), stride=1, horizon=1).splits["test"].shape.block == 0
    )  # windows of one step share none
    assert cut(wave(2000), stride=1, horizon=3).splits["test"].shape.block == 12


def test_quantiles_are_corrected_by_validation_and_the_median_stays(cut):
    prepared = cut(wave(200), quantiles="0.1,0.5,0.9", horizon=2)
    outputs = np.tile([-0.1, 0.0, 0.1], (10, 2))
    test, remembered = KIND.corrected(prepared, outputs)
    after = replace(prepared, splits={**prepared.splits, "test": test})
    ((low, middle, high),) = test.shape.correction
    residuals = np.sort(prepared.splits["valid"].targets.ravel().astype(float))
    assert (low, middle, high) == pytest.approx((residuals[1] + 0.1, 0.0, residuals[18] - 0.1))
    assert remembered == {"correction": [[low, middle, high]]}
    assert prepared.splits["train"].shape.correction == ()
    line = json.loads(next(KIND.prediction_lines(after, outputs)))
    mean, deviation = np.mean(wave(200)[:160]), np.std(wave(200)[:160])
    assert line["uncorrected"][0][0] == pytest.approx([mean - 0.1 * deviation, mean + 0.1 * deviation])
    assert line["predicted"][0][0] == pytest.approx(mean)
    assert line["quantiles"][0][0] == pytest.approx(sorted([mean + low * deviation - 0.1 * deviation, mean,
        mean + high * deviation + 0.1 * deviation]))  # fmt: skip


def test_quantiles_are_left_as_they_are_when_asked_for(cut):
    prepared = cut(wave(100), quantiles="0.1,0.5,0.9", conformal=False)
    assert KIND.corrected(prepared, np.zeros((2, 12))) is None
    with pytest.raises(UsageError, match="none are asked for"):
        cut(wave(100), conformal=True)


def planned(count=200, *, future_from=10**9, spoilt=1e6):
    """A table of values, a column of the past and one known ahead; from a row on both are spoilt."""
    draw = np.random.default_rng(3)
    plan, past = draw.normal(size=count).round(4), draw.normal(size=count).round(4)
    values = (3 * plan + 10).round(4)
    plan[future_from:], past[future_from:] = spoilt, spoilt
    return "date,v,weather,plan\n" + "".join(
        f"{t},{v},{w},{p}\n" for t, (v, w, p) in enumerate(zip(values, past, plan, strict=True))
    )


BESIDE = {"value_column": "v", "past_column": "weather", "future_column": "plan"}


def test_a_network_reads_what_is_beside_values_and_on_through_what_is_known_ahead(cut):
    prepared = cut(planned(), **BESIDE, context=10, horizon=4)
    inputs, lengths, targets = prepared.splits["train"].rows(np.array([5]))
    assert (prepared.input_size, prepared.output_size, lengths.tolist()) == (4, 4, [14])
    table = pd.read_csv(io.StringIO(planned()))
    learnt = table[:160]
    scaled = ((table - learnt.mean()) / learnt.std(ddof=0)).to_numpy()
    assert np.allclose(inputs[0, :10, :3], scaled[5:15, 1:], atol=1e-5)
    assert np.allclose(inputs[0, 10:, 2], scaled[15:19, 3], atol=1e-5)
    assert inputs[0, 10:, :2].tolist() == [[0, 0]] * 4
    assert inputs[0, :, 3].tolist() == [0] * 10 + [1] * 4
    assert np.allclose(targets[0], scaled[15:19, 1], atol=1e-5)


def test_of_the_steps_ahead_nothing_is_read_but_what_is_known_then(cut):
    """Both columns are spoilt from row 100 on: the window that answers rows 100 to 103 sees one of them."""
    plain, leaked = (cut(planned(future_from=at), **BESIDE).splits["train"] for at in (10**9, 100))
    place = np.array([100 - 10])
    leaked = type(plain)(plain.values, plain.starts, plain.origins, plain.shape, plain.metric, leaked.beside)
    for item, other in zip(PastWindows(plain)[90:91], PastWindows(leaked)[90:91], strict=True):
        assert (item.beside[:20] == other.beside[:20]).all()  # 10 steps of two columns
        assert (item.beside[20:] != other.beside[20:]).all()  # 4 steps of the one known ahead
    before, after = plain.rows(place).inputs[0], leaked.rows(place).inputs[0]
    assert before[:10].tobytes() == after[:10].tobytes()
    assert (before[10:, [0, 1, 3]] == after[10:, [0, 1, 3]]).all()
    assert (before[10:, 2] != after[10:, 2]).all()


def test_what_is_beside_values_is_scaled_by_training_alone(cut):
    plain, spoilt = (cut(planned(future_from=at), **BESIDE).splits["train"] for at in (10**9, 160))
    assert plain.shape == spoilt.shape


def test_the_linear_baseline_sees_what_is_known_ahead_too(cut):
    """The values are three times the plan of the same step, which no past tells."""
    scores = {}
    for name, options in (("with", BESIDE), ("without", {"value_column": "v"})):
        prepared = cut(planned(), **options)
        model = BASELINES.get("linear-ar")().fit(*KIND.examples(prepared, "train"))
        inputs, right = KIND.examples(prepared, "test")
        rows = [{"label": r, "predicted": p} for r, p in zip(right, model.predict(inputs), strict=True)]
        scores[name] = KIND.metric.value(rows)
    assert scores["with"] < 0.05
    assert scores["without"] > 0.5


def test_rows_after_the_last_value_say_what_is_known_ahead(read):
    rows = "1,1,5,0\n2,2,6,1\n3,3,7,0\n4,,,1\n5,,,0\n"
    (series,) = read("date,v,weather,plan\n" + rows, **BESIDE).parts
    assert (series.values.ravel().tolist(), series.beside.tolist()) == ([1, 2, 3], [[5, 0], [6, 1], [7, 0]])
    assert series.ahead.tolist() == [[1], [0]]
    with pytest.raises(DataError, match="row 3: column 'v' is empty"):
        read("date,v,weather,plan\n1,1,5,0\n2,,6,1\n3,3,7,0\n", **BESIDE)
    with pytest.raises(DataError, match="named twice"):
        read("date,v,plan\n1,1,1\n", value_column="v", future_column="plan", past_column="plan")
    with pytest.raises(DataError, match="no column 'plans'") as error:
        read("date,v,plan\n1,1,1\n", value_column="v", future_column="plans")
    assert "--future-column plan" in error.value.hint


def test_data_without_what_is_beside_values_is_the_data_that_it_was(cut):
    reading = cut(wave(100)).reading
    assert not {"past", "future"} & reading.keys()
    assert set(reading["series"][0]) == {"name", "means", "deviations", "naive_errors"}
