"""Signals with a label for each step from end to end: train, stop, predict, evaluate, compare, gradprobe."""

import json
import math
import random

import pytest
import torch
from making.stopping import check_stops_leave_no_trace, trained

from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.signal_tables import Scope, read_signals
from seqcli.data.task import choose_task
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.gradprobe.probed_inputs import TaskSource
from seqcli.experiments.predict import open_signal_predictor
from seqcli.experiments.train import plan_training
from seqcli.experiments.use_config import PredictConfig
from seqcli.models.config import ModelConfig

SMALL = ["--hidden", "8", "--epochs", "2", "-q"]


def recordings(count=60):
    """Rows of a simulated sensor of two axes whose wearer walks and runs by turns."""
    chance = random.Random(0)
    for number in range(count):
        phase, walks = chance.random() * 6, True
        for step in range(chance.randint(12, 22)):
            walks ^= chance.random() < 0.15
            phase += 0.3 if walks else 1.3
            x, y = (wave(phase) + chance.gauss(0, 0.1) for wave in (math.sin, math.cos))
            yield f"r{number},{step * 20},{x:.4f},{y:.4f},{'walk' if walks else 'run'}"


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    path = tmp_path_factory.mktemp("tags") / "activity.csv"
    path.write_text("recording,ms,ax,ay,activity\n" + "\n".join(recordings()) + "\n")
    return path


@pytest.fixture(scope="module")
def run(table):
    folder = table.parent / "run"
    trained(TrainConfig(model="gru", data=str(table), hidden=16, epochs=8, batch_size=8, lr=0.02), folder)
    return folder


def test_a_run_keeps_the_right_and_the_said_class_of_each_step(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    pairs = [pair for row in rows for pair in zip(row["label"], row["predicted"], strict=True)]
    test = json.loads((run / "summary.json").read_text())["test"]
    assert test["metric"] == "step_accuracy"
    assert test["value"] == pytest.approx(sum(right == answer for right, answer in pairs) / len(pairs))
    assert test["value"] > 0.85
    assert "predict . --data" in (run / "README.md").read_text()


def test_a_stopped_run_goes_on_to_the_same_bytes(table, tmp_path):
    config = TrainConfig(model="lstm", data=str(table), hidden=8, epochs=3, bidirectional=True, batch_size=16)
    check_stops_leave_no_trace(plan_training(config), tmp_path, stops=(2, 4))


def test_predict_labels_each_step_in_every_form(run, table, seqcli):
    new = table.parent / "new.csv"
    rows = [line.rsplit(",", 1)[0] for line in table.read_text().splitlines()]
    new.write_text("\n".join(line for line in rows if line.split(",")[0] in ("recording", "r3")))
    steps = sum(line.startswith("r3,") for line in rows)
    lines = [line.split("\t") for line in seqcli("predict", run, "--data", new).out.splitlines()]
    assert [line[:2] for line in lines] == [["r3", str(number)] for number in range(1, steps + 1)]
    assert {line[2] for line in lines} <= {"walk", "run"}
    head, *cells = seqcli("predict", run, "--data", new, "--format", "csv").out.splitlines()
    assert (head, len(cells), cells[0].split(",")[:2]) == ("sequence,step,label", steps, ["r3", "1"])
    document = json.loads(seqcli("predict", run, "--data", new, "--format", "jsonl").out)
    assert document == {"sequence": "r3", "labels": [line[2] for line in lines]}


def test_what_stands_beside_a_sequence_in_its_batch_changes_no_answer_and_no_gradient(run, table):
    predictor = open_signal_predictor(run, PredictConfig())
    signals = read_signals(str(table), DataConfig(), Scope(per_step=True)).signals
    brief, long = (choose(signals, key=lambda signal: len(signal.values)) for choose in (min, max))
    alone, beside = predictor.predict([brief])[0], predictor.predict([brief, long])[0]
    assert alone.answer.labels == beside.answer.labels
    prepared = prepare(choose_task(None, DataConfig(data=str(table))), DataConfig(data=str(table)))
    inputs, lengths, targets = map(torch.from_numpy, prepared.splits["train"].rows([0]))
    network = predictor.network  # in evaluation mode: dropout would differ
    gradients = []
    for padded in (0, 5):
        network.zero_grad()
        wide = torch.nn.functional.pad(inputs, (0, 0, 0, padded), value=7.0)
        answers = torch.nn.functional.pad(targets, (0, padded), value=-100)
        network.batch_loss(wide, lengths, answers).backward()
        gradients.append([weight.grad.clone() for weight in network.parameters()])
    for item, other in zip(*gradients, strict=True):
        torch.testing.assert_close(item, other)


def test_evaluate_tests_a_run_on_new_labelled_steps(run, table, seqcli):
    value = seqcli("evaluate", run, "--data", table, "--format", "json").json
    assert (value["kind"], value["score"]["metric"], value["score"]["examples"]) == (
        "signal-tag", "step_accuracy", 60,
    )  # fmt: skip
    assert value["score"]["value"] > 0.85
    wrong = table.parent / "wrong.csv"
    wrong.write_text(table.read_text().replace(",walk", ",stroll"))
    assert "no class of" in seqcli("evaluate", run, "--data", wrong).err


@pytest.mark.torture
def test_compare_judges_beside_three_baselines_by_the_score_that_was_chosen(table, seqcli, tmp_path):
    value = seqcli(
        "compare", "rnn", "gru", "--data", table, *SMALL, "--seeds", "2", "--no-cost", "--jobs", "1",
        "--metric", "step_macro_F1", "--format", "json", "--report", tmp_path / "page.html",
    ).json  # fmt: skip
    assert (value["task"]["kind"], value["task"]["metric"]) == ("signal-tag", "step_macro_F1")
    assert [baseline["name"] for baseline in value["baselines"]] == [
        "step-majority",
        "one-step",
        "step-window",
    ]
    assert "steps around" in (tmp_path / "page.html").read_text()
    swept = seqcli(
        "compare", "gru", "--data", table, *SMALL, "--seeds", "2", "--no-cost", "--jobs", "1",
        "--vary", "hidden=4,8", "--format", "json",
    ).json  # fmt: skip
    assert swept["schema"].startswith("seqcli.sweep/")


def test_a_finished_run_is_run_again_to_the_same_scores(run, seqcli, tmp_path):
    ran = seqcli("rerun", run, "-o", tmp_path / "again", "--format", "json")
    assert ran.code == 0
    first, second = (
        json.loads((folder / "summary.json").read_text()) for folder in (run, tmp_path / "again")
    )
    assert first["test"] == second["test"]


def test_gradprobe_reads_fresh_models_on_steps(table):
    options = DataConfig(data=str(table))
    source = TaskSource(prepare(choose_task(None, options), options), steps=8, batch_size=4)
    assert len(source.gradient_norms(ModelConfig(model="gru", hidden=4), 0)) == 8


def test_train_says_how_its_run_is_used(table, seqcli):
    ran = seqcli(
        "train", "rnn", "--data", table, "--hidden", "4", "--epochs", "1", "-o", table.parent / "said"
    )
    assert f"seqcli predict {table.parent / 'said'} --data FILE" in " ".join(ran.out.split())
