"""Forecasts from end to end: train, go on after a stop, predict, compare with --vary."""

import io
import json
import math
from pathlib import Path

import pandas as pd
import pytest
from making.forked import output as seqcli
from making.stopping import check_stops_leave_no_trace

from seqcli.cli import series_answers
from seqcli.data.config import DataConfig
from seqcli.errors import DataError
from seqcli.experiments.compare.shared_examples import scores_beside
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.continue_series import continue_series
from seqcli.experiments.train import plan_training
from seqcli.experiments.use_config import PredictConfig

SMALL = ["--context", "12", "--horizon", "3", "--hidden", "8", "--epochs", "2", "--batch-size", "16", "-q"]
ROUND = ["--seeds", "2", "--no-cost", "--jobs", "1", "--format", "json"]


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    """Two places, 150 hours each, two channels."""
    path = tmp_path_factory.mktemp("forecasting") / "load.csv"
    hours = pd.date_range("2024-01-01", periods=150, freq="h")
    rows = [
        (time, place, round(10 * level + 5 * math.sin(step * math.pi / 12), 4), round(step % 7 + level, 4))
        for level, place in enumerate(("north", "south"), start=1)
        for step, time in enumerate(hours)
    ]
    pd.DataFrame(rows, columns=["date", "place", "load", "wind"]).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def data(table):
    return ["--data", table, "--time-column", "date", "--series-column", "place"]


@pytest.fixture(scope="module")
def run(table, data):
    folder = table.parent / "run"
    seqcli("train", "gru", *data, *SMALL, "-o", folder)
    return folder


def test_a_run_keeps_windows_with_their_times_and_all_scores(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    test = json.loads((run / "summary.json").read_text())["test"]
    assert [(row["series"], row["start"]) for row in rows[:2]] == [
        ("north", "2024-01-06 15:00:00"),
        ("north", "2024-01-06 18:00:00"),
    ]
    errors = [
        abs(element - right) / scale
        for row in rows
        for item, other in zip(row["predicted"], row["target"], strict=True)
        for element, right, scale in zip(item, other, row["scale"], strict=True)
    ]
    assert test["metric"] == "MASE"
    assert test["value"] == pytest.approx(sum(errors) / len(errors), rel=1e-9)
    assert "predict . --data" in (run / "README.md").read_text()


def test_a_stopped_run_goes_on_to_the_same_bytes(table, tmp_path):
    plan = plan_training(
        TrainConfig(
            model="lstm",
            data=str(table),
            time_column="date",
            series_column="place",
            context=12,
            horizon=3,
            hidden=8,
            epochs=2,
            batch_size=16,
        )
    )
    check_stops_leave_no_trace(plan, tmp_path, stops=(3, 14))


def test_predict_continues_every_series_as_rows_like_the_table_s(run, table):
    frame = pd.read_csv(io.StringIO(seqcli("predict", run, "--data", table)))
    assert list(frame.columns) == ["place", "date", "load", "wind"]
    assert frame["place"].tolist() == ["north"] * 3 + ["south"] * 3
    assert frame["date"].tolist()[:3] == ["2024-01-07 06:00:00", "2024-01-07 07:00:00", "2024-01-07 08:00:00"]
    assert frame["load"][:3].mean() + 3 < frame["load"][3:].mean()  # each on its own scale
    assert seqcli("predict", run, stdin=table.read_text()) == seqcli("predict", run, "--data", table)


def test_predict_says_of_a_test_window_what_the_run_did(run, table):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    whole = pd.read_csv(table)
    until = whole[whole["date"] < rows[1]["start"]]
    ran = seqcli("predict", run, "--format", "jsonl", stdin=until.to_csv(index=False))
    values = [list(json.loads(line)["values"].values()) for line in ran.splitlines()[:3]]
    for value, other in zip(values, rows[1]["predicted"], strict=True):
        assert value == pytest.approx(other, rel=1e-5)


@pytest.fixture(scope="module")
def spread(table, data):
    """A run that answers three quantiles."""
    folder = table.parent / "spread"
    seqcli("train", "gru", *data, *SMALL, "--quantiles", "0.1,0.5,0.9", "-o", folder)
    return folder


def test_a_run_of_quantiles_tells_their_score_coverage_and_width(spread):
    test = json.loads((spread / "summary.json").read_text())["test"]
    rows = [json.loads(line) for line in (spread / "predictions.jsonl").read_text().splitlines()]
    beside = scores_beside("forecast", [], "CRPS", (spread / "predictions.jsonl").read_bytes())
    inside = [
        answers[0] <= right <= answers[-1]
        for row in rows
        for step, values in zip(row["quantiles"], row["target"], strict=True)
        for answers, right in zip(step, values, strict=True)
    ]
    assert test["metric"] == "CRPS"
    assert set(beside) == {
        "MASE", "MAE", "RMSE", "standardised_MSE",
        "coverage", "interval_width", "uncorrected_coverage", "uncorrected_width",
    }  # fmt: skip
    assert beside["coverage"] == pytest.approx(sum(inside) / len(inside))


def test_predict_writes_quantiles_as_columns_and_as_json(spread, table):
    rows = pd.read_csv(io.StringIO(seqcli("predict", spread, "--data", table)))
    assert list(rows.columns)[2:] == [
        "load", "wind", "load q0.1", "load q0.5", "load q0.9", "wind q0.1", "wind q0.5", "wind q0.9",
    ]  # fmt: skip
    assert (rows["load"] == rows["load q0.5"]).all()
    assert (rows["wind q0.1"] <= rows["wind q0.9"]).all()
    line = json.loads(seqcli("predict", spread, "--data", table, "--format", "jsonl").splitlines()[0])
    assert line["quantiles"]["load"]["0.5"] == line["values"]["load"]


def test_the_picture_shows_what_was_what_was_said_of_it_and_what_comes(spread, table, tmp_path):
    picture = tmp_path / "ahead.png"
    seqcli("predict", spread, "--data", table, "--plot", picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    shown = continue_series(spread, PredictConfig(), DataConfig(data=str(table)))
    north = next(curve for curve in shown.curves if (curve.series, curve.column) == ("north", "load"))
    known = pd.read_csv(table).query("place == 'north'")["load"].tolist()
    assert list(north.past) == known[-12:]
    assert north.times[-1] == shown.rows[2].time
    assert [step[1] for step in north.ahead] == [row.values["load"] for row in shown.rows[:3]]
    before = pd.read_csv(table).groupby("place").head(147)
    before.to_csv(tmp_path / "before.csv", index=False)
    earlier = continue_series(spread, PredictConfig(), DataConfig(data=str(tmp_path / "before.csv")))
    assert [step[1] for step in north.checked] == [row.values["load"] for row in earlier.rows[:3]]


def test_only_forecasts_are_drawn(tmp_path, run, table):
    assert ".jpg" in seqcli("predict", run, "--data", table, "--plot", tmp_path / "x.jpg", code=2)


def test_predict_refuses_what_is_no_such_series(run, table):
    whole = table.read_text().splitlines()
    assert "11 rows, and the run reads 12" in seqcli("predict", run, stdin="\n".join(whole[:12]), code=3)
    other = "date,place,load,wind\n" + "".join(f"2024-01-{d:02},north,{d},1\n" for d in range(1, 20))
    assert "the run learnt h" in seqcli("predict", run, stdin=other, code=3)
    assert "no column 'place'" in seqcli("predict", run, stdin="date,load\n1,2\n", code=3)
    assert "continues series" in seqcli("predict", run, "a text", code=2)


def test_compare_judges_by_mase_beside_three_baselines_and_varies_the_context(data, tmp_path):
    page = tmp_path / "page.html"
    document = json.loads(seqcli("compare", "lstm", "gru", *data, *SMALL, *ROUND, "--report", page))
    assert (document["task"]["kind"], document["task"]["metric"], document["task"]["higher_is_better"]) == (
        "forecast",
        "MASE",
        False,
    )
    assert document["answers"]["examples"] == document["task"]["test"] == 10
    assert all(set(model["beside"]) == {"MAE", "RMSE", "standardised_MSE"} for model in document["models"])
    assert [baseline["name"] for baseline in document["baselines"]] == [
        "last-value",
        "seasonal-naive",
        "linear-ar",
        "ets",
    ]
    assert any("neighbours depend on each other" in note for note in document["task"]["notes"])
    assert "MASE, step by step ahead" in page.read_text()
    assert all(
        len(each["ahead"]["scores"]["MASE"]) == 3 for each in (*document["models"], *document["baselines"])
    )
    varied = json.loads(seqcli("compare", "gru", "rnn", *data, *SMALL, *ROUND, "--vary", "context=6,12"))
    assert varied["metric"] == "MASE"


def test_noise_cannot_be_told_ahead_by_network_or_baseline(tmp_path):
    """None beats the mean, as one would to which anything of the answers leaks."""
    import numpy as np

    noise = np.random.default_rng(0).normal(size=400)
    path = tmp_path / "noise.csv"
    pd.DataFrame({"date": range(400), "v": noise}).to_csv(path, index=False)
    document = json.loads(
        seqcli(
            "compare",
            "gru",
            "--data",
            path,
            "--time-column",
            "date",
            "--horizon",
            "1",
            *SMALL[:2],
            *SMALL[4:],
            *ROUND,
            "--metric",
            "RMSE",
            "--value-column",
            "v",
        )
    )
    for item in (*document["models"], *document["baselines"]):
        assert item["quality"]["mean"] > 0.75  # the mean's own error is 1


def test_a_pipe_that_never_ends_is_refused(monkeypatch):
    monkeypatch.setattr(series_answers, "MOST_PIPED", 1000)
    assert series_answers.piped_table(io.BytesIO(b"1" * 1000)) == b"1" * 1000
    with Path("/dev/zero").open("rb") as endless, pytest.raises(DataError, match="more than 1,000 bytes"):
        series_answers.piped_table(endless)


def test_a_run_reads_what_is_known_ahead_and_says_what_it_needs_to_predict(tmp_path):
    import numpy as np

    draw = np.random.default_rng(0)
    plan = draw.normal(size=163).round(3)
    rows = [f"{t},{3 * plan[t]:.3f},{plan[t]}" for t in range(160)]
    ahead = [f"{t},,{plan[t]}" for t in range(160, 163)]
    path, known = tmp_path / "known.csv", tmp_path / "ahead.csv"
    path.write_text("\n".join(["date,v,plan", *rows]) + "\n")
    known.write_text("\n".join(["date,v,plan", *rows, *ahead]) + "\n")
    run = tmp_path / "run"
    options = ["--time-column", "date", "--value-column", "v", "--future-column", "plan", "--horizon", "3"]
    seqcli("train", "gru", "--data", known, *options, "--context", "6", "--epochs", "40", "-q", "-o", run)
    frame = pd.read_csv(io.StringIO(seqcli("predict", run, "--data", known)))
    assert frame["date"].tolist() == [160, 161, 162]
    assert np.corrcoef(frame["v"], 3 * plan[160:])[0, 1] > 0.9
    refused = seqcli("predict", run, "--data", path, code=3)
    assert "needs 'plan' for the 3 steps" in refused
