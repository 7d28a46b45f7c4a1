"""Signals from end to end: train, stop and go on, predict in every format, evaluate, compare, gradprobe."""

import json
import math
import random

import numpy as np
import pyarrow as pa
import pytest
from making.stopping import check_stops_leave_no_trace, trained
from pyarrow import parquet
from sklearn.metrics import f1_score

from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.prepared import prepare
from seqcli.data.signal_tables import read_signals
from seqcli.data.task import choose_task
from seqcli.errors import UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.gradprobe.probed_inputs import TaskSource
from seqcli.experiments.label_signals import new_signals
from seqcli.experiments.look_inside import look_inside
from seqcli.experiments.predict import open_signal_predictor
from seqcli.experiments.train import plan_training
from seqcli.experiments.use_config import PredictConfig
from seqcli.models.baseline import BASELINES
from seqcli.models.config import ModelConfig

SMALL = ["--hidden", "8", "--epochs", "3", "-q"]


def recordings(count=60):
    """Rows of circles, shakes and rest by a simulated sensor of two axes: id, time, axes, gesture."""
    chance = random.Random(0)
    for number in range(count):
        gesture = ("circle", "shake", "still")[number % 3]
        speed, phase = {"circle": 0.2, "shake": 1.2, "still": 0.0}[gesture], chance.random() * 6
        for step in range(chance.randint(10, 20)):
            size = 0.0 if gesture == "still" else 1.0
            x, y = (size * wave(phase + speed * step) + chance.gauss(0, 0.1) for wave in (math.sin, math.cos))
            yield f"r{number},{step * 20},{x:.4f},{y:.4f},{gesture}"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("signals") / "gestures.csv"
    path.write_text("recording,ms,ax,ay,gesture\n" + "\n".join(recordings()) + "\n")
    return path


@pytest.fixture(scope="module")
def run(table):
    folder = table.parent / "run"
    trained(TrainConfig(model="gru", data=str(table), hidden=16, epochs=25, batch_size=8, lr=0.01), folder)
    return folder


def test_a_run_keeps_the_right_and_the_said_class_of_each_sequence_and_how_to_use_it(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    summary = json.loads((run / "summary.json").read_text())
    right = sum(row["label"] == row["predicted"] for row in rows)
    assert summary["test"]["value"] == right / len(rows) > 0.8
    assert "predict . --data" in (run / "README.md").read_text()


def test_a_stopped_run_goes_on_to_the_same_bytes(table, tmp_path):
    plan = plan_training(
        TrainConfig(
            model="lstm", data=str(table), hidden=8, epochs=3, bidirectional=True, layers=2, batch_size=16
        )
    )
    check_stops_leave_no_trace(plan, tmp_path, stops=(2, 4))


@pytest.mark.parametrize("model", ["bag", "gru:control=shuffle"])
def test_a_stopped_control_goes_on_to_the_same_bytes(table, tmp_path, model):
    plan = plan_training(TrainConfig(model=model, data=str(table), hidden=4, epochs=2, batch_size=16))
    check_stops_leave_no_trace(plan, tmp_path, stops=(2,))


def test_a_run_is_seen_step_by_step_on_a_file_of_one_sequence(run, table):
    """It leans after the last step to what it predicts of the whole."""
    value = table.parent / "one.csv"
    rows = table.read_text().splitlines()
    value.write_text("\n".join(row for row in rows if row.split(",")[0] in ("recording", "r4")))
    look = look_inside(run, str(value), nearest=1)
    predictor = open_signal_predictor(run, PredictConfig())
    signals, _ = new_signals(predictor.shape, DataConfig(data=str(value)))
    (predicted,) = predictor.predict(signals.signals)
    assert (look.steps[-1].leaning, look.text) == (predicted.answer.label, "r4")
    assert look.steps[-1].probability == pytest.approx(predicted.answer.probability, abs=1e-6)
    assert [step.token for step in look.steps[:2]] == ["1", "2"]
    assert {*look.steps[0].gates} == {"r", "z"}
    assert look.nearest[0].label is not None
    with pytest.raises(UsageError, match="60 sequences, and look reads one"):
        look_inside(run, str(table))


def test_predict_labels_new_sequences_by_name_in_every_form(run, table, seqcli):
    new = table.parent / "new.csv"
    rows = [line.rsplit(",", 1)[0] for line in table.read_text().splitlines()]
    new.write_text("\n".join(line for line in rows if line.split(",")[0] in ("recording", "r3", "r7")))
    lines = seqcli("predict", run, "--data", new).out.splitlines()
    assert [line.split("\t")[0] for line in lines] == ["r3", "r7"]
    assert [line.split("\t")[1] for line in lines] == ["circle", "shake"]
    head, *rows = seqcli("predict", run, "--data", new, "--format", "csv", "--all-classes").out.splitlines()
    assert head == "sequence,label,probability,circle,shake,still"
    assert [row.split(",")[0] for row in rows] == ["r3", "r7"]
    first = json.loads(seqcli("predict", run, "--data", new, "--format", "jsonl").out.splitlines()[0])
    assert (first["sequence"], first["label"]) == ("r3", "circle")


def test_one_recording_without_an_id_is_one_sequence_and_that_is_said(run, table, seqcli):
    lone = table.parent / "lone.csv"
    rows = [line.split(",") for line in table.read_text().splitlines()]
    lone.write_text("\n".join(",".join(row[1:4]) for row in rows if row[0] in ("recording", "r7")))
    ran = seqcli("predict", run, "--data", lone)
    assert ran.out.split("\t")[:2] == ["lone", "shake"]
    assert "no column recording" in ran.err


def test_the_same_sequences_in_every_format_get_the_same_answers(run, table, tmp_path):
    """Arrays, cases, lists and folders say what the table says, and probabilities are equal to the bit."""
    signals = read_signals(str(table), DataConfig()).signals[:9]
    lengths = [len(signal.values) for signal in signals]
    np.savez(tmp_path / "x.npz", x=np.concatenate([signal.values for signal in signals]), lengths=lengths)
    cases = [
        ":".join(",".join(map(repr, column)) for column in signal.values.T.tolist()) for signal in signals
    ]
    (tmp_path / "x.ts").write_text("@classLabel false\n@data\n" + "\n".join(cases))
    columns = {name: [s.values[:, n].tolist() for s in signals] for n, name in enumerate(("ax", "ay"))}
    parquet.write_table(pa.table(columns), tmp_path / "x.parquet")
    (tmp_path / "x").mkdir()
    for number, signal in enumerate(signals):
        rows = [f"{n},{x!r},{y!r}" for n, (x, y) in enumerate(signal.values.tolist())]
        (tmp_path / "x" / f"{number}.csv").write_text("ms,ax,ay\n" + "\n".join(rows))
    predictor = open_signal_predictor(run, PredictConfig())
    expected = [element.answer.probability for element in predictor.predict(signals)]
    for name in ("x.npz", "x.ts", "x.parquet", "x"):
        again, _ = new_signals(predictor.shape, DataConfig(data=str(tmp_path / name)))
        assert [item.answer.probability for item in predictor.predict(again.signals)] == expected, name


def test_what_stands_beside_a_sequence_in_its_batch_changes_no_answer(run, table):
    predictor = open_signal_predictor(run, PredictConfig())
    signals = sorted(read_signals(str(table), DataConfig()).signals, key=lambda signal: len(signal.values))
    brief, long = signals[0], signals[-1]
    alone, beside = predictor.predict([brief])[0], predictor.predict([brief, long])[0]
    assert alone.answer.probability == pytest.approx(beside.answer.probability, abs=1e-6)
    assert len(brief.values) < len(long.values)


def test_predict_says_of_the_test_split_what_the_run_did(run, table):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    prepared = prepare(choose_task(None, DataConfig(data=str(table))), DataConfig(data=str(table)))
    signals = {signal.name: signal for signal in read_signals(str(table), DataConfig()).signals}
    predictor = open_signal_predictor(run, PredictConfig())
    answers = predictor.predict([signals[name] for name in prepared.texts("test")])
    assert [answer.answer.label for answer in answers] == [row["predicted"] for row in rows]
    assert [answer.answer.probability for answer in answers] == pytest.approx(
        [row["probability"] for row in rows], abs=1e-5
    )


def test_predict_refuses_what_the_run_cannot_read(run, table, seqcli, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("recording,ms,ax,az\na,0,1,2\n")
    refused = seqcli("predict", run, "--data", other)
    assert (refused.code, "no column 'ay'" in refused.err) == (3, True)
    np.savez(tmp_path / "x.npz", x=np.zeros((2, 5, 3)))
    refused = seqcli("predict", run, "--data", tmp_path / "x.npz")
    assert (refused.code, "3 channels, and the run reads 2" in refused.err) == (3, True)
    refused = seqcli("predict", run, "a text")
    assert (refused.code, "labels sequences of numbers" in refused.err) == (2, True)
    other.write_text("recording,ms,ax,ay\na,0,,\na,1,,\n")
    ran = seqcli("predict", run, "--data", other)
    assert (ran.code, "has no value at all" in ran.err) == (0, True)


def test_evaluate_tests_a_run_on_new_labelled_sequences_and_names_those_it_gets_wrong(run, table, seqcli):
    value = seqcli("evaluate", run, "--data", table, "--format", "json").json
    assert (value["kind"], value["score"]["examples"], value["unit"]) == ("signal", 60, "sequence")
    assert value["columns"] == {"--id-column": "recording", "--label-column": "gesture"}
    wrong = table.parent / "wrong.csv"
    wrong.write_text(table.read_text().replace(",shake", ",still"))
    value = seqcli("evaluate", run, "--data", wrong, "--format", "json").json
    assert value["wrong"] >= 15
    assert value["worst"][0]["text"].startswith("r")
    wrong.write_text(table.read_text().replace(",shake", ",wave"))
    assert "no class of the run" in seqcli("evaluate", run, "--data", wrong).err


def test_compare_judges_beside_three_baselines(table, seqcli, tmp_path):
    value = seqcli(
        "compare", "rnn", "gru", "--data", table, *SMALL, "--seeds", "2", "--no-cost", "--jobs", "1",
        "--match", "params", "--format", "json", "--report", tmp_path / "page.html",
    ).json  # fmt: skip
    assert (value["task"]["kind"], value["task"]["metric"]) == ("signal", "accuracy")
    assert [baseline["name"] for baseline in value["baselines"]] == ["majority", "moments", "dtw"]
    assert value["baselines"][2]["quality"]["mean"] > 0.8
    assert any("read as --kind signal" in note for note in value["task"]["notes"])
    assert "nearest by DTW" in (tmp_path / "page.html").read_text()


def test_gradprobe_reads_fresh_models_on_signals(table):
    options = DataConfig(data=str(table))
    source = TaskSource(prepare(choose_task(None, options), options), steps=8, batch_size=4)
    subject = source.subject(ModelConfig(model="gru", hidden=4), 0)
    assert subject.recurrent.weight_ih_l0.shape == (12, 2)
    assert len(source.gradient_norms(ModelConfig(model="gru", hidden=4), 0)) == 8


def test_another_metric_is_scored_on_the_whole_split_and_classes_are_weighed(table, seqcli, tmp_path):
    """Macro-F1 is the mean of the classes' own F1 (scikit-learn's), and not the share of right answers."""
    words = ["--metric", "macro_F1", "--class-weights", "balanced", "-o", tmp_path / "run"]
    value = seqcli("train", "gru", "--data", table, *SMALL, *words, "--format", "json").json["test"]["value"]
    rows = [json.loads(line) for line in (tmp_path / "run" / "predictions.jsonl").read_text().splitlines()]
    sides = [row["label"] for row in rows], [row["predicted"] for row in rows]
    assert value == pytest.approx(f1_score(*sides, average="macro"), abs=1e-9)


@pytest.mark.parametrize("name", ["moments", "dtw"])
def test_a_baseline_s_probabilities_are_of_every_class_and_add_up_to_one(table, name):
    options = DataConfig(data=str(table))
    prepared = prepare(choose_task(None, options), options)
    method = BASELINES.get(name)().fit(*KINDS.get("signal").examples(prepared, "train"))
    inputs, _ = KINDS.get("signal").examples(prepared, "test")
    for label, shares in zip(method.predict(inputs), method.shares(inputs), strict=True):
        assert set(shares) == set(prepared.labels)
        assert sum(shares.values()) == pytest.approx(1)
        assert max(shares, key=shares.get) == label
