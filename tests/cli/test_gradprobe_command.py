import json
import math
import re
from pathlib import Path

import pytest
import safetensors.torch
import torch

from seqcli.runs.directory import RunDirectory

SMALL = ("--hidden", "8", "--len", "20", "--seeds", "3", "--init", "torch", "--batch-size", "2")


def numbers(value):
    """Every number in a JSON document."""
    if isinstance(value, dict):
        return [number for inner in value.values() for number in numbers(inner)]
    if isinstance(value, list):
        return [number for inner in value for number in numbers(inner)]
    return [value] if isinstance(value, int | float) and not isinstance(value, bool) else []


def test_the_table_says_what_each_model_does_and_progress_stays_off_stdout(seqcli):
    ran = seqcli("gradprobe", "rnn", "lstm", "gru", *SMALL)
    assert ran.code == 0, ran.err
    for name in ("rnn", "lstm", "gru"):
        assert f"{name} vanishes: half-life" in ran.out
    assert "└" in ran.out
    assert "\x1b" not in ran.out
    assert max(map(len, ran.out.splitlines())) <= 80
    assert ran.err == ""


def test_json_is_one_document_of_the_named_schema_without_nan(seqcli):
    ran = seqcli("gradprobe", "lstm", *SMALL, "--format", "json", "--clip", "1")
    document = json.loads(ran.out, parse_constant=pytest.fail)
    assert (document["schema"], document["len"], document["seeds"]) == ("seqcli.gradprobe/1", 20, [0, 1, 2])
    (model,) = document["models"]
    known = set(model)
    assert {"lags", "log10_state_jacobian", "log10_loss_gradient", "half_life", "doubling_time"} <= known
    assert {"memory_length", "lyapunov", "float32_underflow_lag", "clip", "verdict"} <= known
    assert model["lags"][0] == 0
    assert set(model["log10_by_state"]) == {"h", "c"}
    assert set(model["gates"]) == {"i", "f", "o"}
    assert all(map(math.isfinite, numbers(document)))


@pytest.mark.parametrize("name", ["jsonl", "csv", "tidy", "markdown", "github", "latex"])
def test_every_other_format_takes_a_probe(seqcli, name):
    ran = seqcli("gradprobe", "rnn", "gru", *SMALL, "--format", name)
    assert ran.code == 0, ran.err
    assert "rnn" in ran.out


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ("lstm.half_life > 1", 0),
        ("lstm.half_life > 5", 20),
        ("lstm.half_life >= rnn.half_life", 0),
        ("lstm.float32_underflow_lag > 1e6", 21),
        ("lstm.log10_state_jacobian[20] < -1", 0),
    ],
)
def test_a_gate_s_outcome_is_the_exit_code_and_the_table_is_still_printed(seqcli, gate, code):
    ran = seqcli("gradprobe", "rnn", "lstm", *SMALL, "--expect", gate)
    assert ran.code == code, ran.err
    assert gate in ran.out
    assert (gate in ran.err) == (code != 0)


def test_one_seed_leaves_a_gate_undecided(seqcli):
    small = ("--hidden", "8", "--len", "20", "--seeds", "1", "--init", "torch")
    assert seqcli("gradprobe", "lstm", *small, "--expect", "lstm.half_life > 1").code == 21


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_picture_is_drawn_in_the_kind_that_its_ending_names(seqcli, tmp_path, kind, start):
    ran = seqcli("gradprobe", "rnn", "lstm", *SMALL, "--plot", f"probe.{kind}")
    assert ran.code == 0, ran.err
    assert (tmp_path / f"probe.{kind}").read_bytes().startswith(start)


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ((), 2, "no model to probe"),
        (("rnn", "--len", "0"), 2, "--len must be a whole number of steps from 1 to 10,000,000, got 0"),
        (("rnn", "--len", "-1"), 2, "--len must be"),
        (("rnn", "--len", "1.5"), 2, "--len must be"),
        (("rnn", "--clip", "nan"), 2, "--clip must be"),
        (("lsmt",), 2, "Did you mean lstm?"),
        (("rnn:gian=2",), 2, "did you mean gain?"),
        (("rnn:gain=2", "--init", "torch"), 2, "torch has no gain"),
        (("rnn", "--expect", "rnn.half_life"), 2, "one of >= <= > < was expected"),
        (("rnn", "--expect", "rnn.half_live > 1"), 2, "Did you mean half_life?"),
        (("rnn", "--plot", "x.bmp"), 2, ".png, .svg, .pdf"),
        (("rnn", "--plot", "nowhere/x.png"), 2, "no folder nowhere"),
        (("rnn", "--format", "xml"), 2, "unknown format 'xml'"),
        (("rnn", "--expect", "rnn.clip.gradient_norm < 1"), 2, "Add --clip X"),
        (("--run", "nowhere"), 4, "there is no run"),
        (("--run", "nowhere", "--task", "sentiment"), 2, "leave task out"),
        (("--run", "nowhere", "--hidden", "64"), 2, "leave hidden out"),
        (("--run", "nowhere", "--init", "chrono"), 2, "leave init out"),
        (("--run", "nowhere", "--text-column", "text"), 2, "leave text_column out"),
        (
            ("rnn:activation=identity,gain=10", "--len", "1000", "--hidden", "4"),
            8,
            "overflows float64 at step",
        ),
    ],
)
def test_bad_input_ends_with_its_code_and_one_message(seqcli, arguments, code, told):
    ran = seqcli("gradprobe", *arguments)
    assert (ran.code, ran.out) == (code, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_task_s_own_batches_are_probed_over_the_median_length(seqcli, reviews):
    columns = ("--data", reviews, "--text-column", "text", "--label-column", "label")
    ran = seqcli("gradprobe", "gru", *columns, "--hidden", "8", "--embedding", "8", "--format", "json", "-q")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["inputs"]["kind"] == "task"
    assert 3 <= document["len"] <= 10
    too_far = seqcli("gradprobe", "gru", *columns, "--len", "50")
    assert too_far.code == 2
    assert re.search(r"the longest has \d+ steps", too_far.err)


@pytest.fixture
def trained(seqcli, reviews):
    columns = ("--data", reviews, "--text-column", "text", "--label-column", "label")
    shape = ("--hidden", "8", "--embedding", "8", "--epochs", "1", "--batch-size", "16")
    ran = seqcli("train", "lstm", *columns, *shape, "--out", "run", "-q")
    assert ran.code == 0, ran.err
    return "run"


def test_a_trained_run_is_probed_with_its_own_weights_and_data(seqcli, trained):
    ran = seqcli("gradprobe", "--run", trained, "--over-training", "--format", "json", "-q")
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    assert document["inputs"]["kind"] == "run"
    labels = [model["label"] for model in document["models"]]
    assert (labels[0], labels[-1]) == ("lstm at the start", "lstm best epoch")
    first, last = document["models"][0], document["models"][-1]
    assert first["log10_state_jacobian"] != last["log10_state_jacobian"]
    alone = json.loads(seqcli("gradprobe", "--run", trained, "--format", "json", "-q").out)
    assert alone["models"][0]["log10_state_jacobian"] == last["log10_state_jacobian"]


def test_a_run_that_kept_its_epochs_is_probed_after_each_of_them(seqcli, reviews):
    shape = ("--hidden", "8", "--embedding", "8", "--epochs", "3", "--batch-size", "16", "--keep-epochs")
    assert seqcli("train", "gru", "--data", reviews, *shape, "--out", "kept", "-q").code == 0
    ran = seqcli("gradprobe", "--run", "kept", "--over-training", "--format", "json", "-q")
    assert ran.code == 0, ran.err
    probed = {model["label"]: model["log10_state_jacobian"] for model in ran.json["models"]}
    assert list(probed) == [
        f"gru {moment}" for moment in ("at the start", "epoch 1", "epoch 2", "epoch 3")
    ] + ["gru best epoch"]
    best = json.loads(Path("kept/summary.json").read_text())["best_epoch"]
    assert probed["gru best epoch"] == probed[f"gru epoch {best}"]
    assert len({str(curve) for curve in probed.values()}) == 4


def copied(trained, folder, *, weights=None, **config):
    """A run like the trained one, committed with other weights or settings."""
    source = RunDirectory.open(trained)
    settings = {**source.config, **config}
    with RunDirectory.create(folder, settings, identity=source.identity) as run:
        files = {"task.json": source.read("task.json"), "tokenizer.json": source.read("tokenizer.json")}
        value = safetensors.torch.load(source.read("model.safetensors")) if weights is None else weights
        run.commit_result({**files, "model.safetensors": safetensors.torch.save(value)}, {})


def test_weights_that_are_not_finite_are_refused(seqcli, trained, tmp_path):
    weights = safetensors.torch.load_file(tmp_path / trained / "model.safetensors")
    weights["recurrent.weight_hh_l0"][0, 0] = torch.nan
    copied(tmp_path / trained, tmp_path / "bad", weights=weights)
    ran = seqcli("gradprobe", "--run", "bad")
    assert ran.code == 4
    assert "recurrent.weight_hh_l0 has values" in ran.err


def test_a_run_without_a_recurrence_is_refused(seqcli, trained, tmp_path):
    copied(tmp_path / trained, tmp_path / "bow", model="bow")
    ran = seqcli("gradprobe", "--run", "bow")
    assert ran.code == 4
    assert "'bow', which is not" in ran.err


def test_settings_come_from_files_and_the_environment_too(seqcli, tmp_path, monkeypatch):
    (tmp_path / "probe.yaml").write_text("models: [gru]\nlen: 12\nhidden: 4\nseeds: 2\n")
    monkeypatch.setenv("SEQCLI_LEN", "9")
    shown = seqcli("gradprobe", "-c", "probe.yaml", "--print-config")
    assert shown.code == 0, shown.err
    assert re.search(r"^len: 9 +# SEQCLI_LEN$", shown.out, re.MULTILINE)
    assert re.search(r"^hidden: 4 +# probe.yaml:3$", shown.out, re.MULTILINE)
