"""`--processes N`: what several processes compute of a batch is what one computes of the whole."""

import importlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from pydantic import ValidationError
from torch import distributed
from training.halting_processes import RUN_VARIABLE, halted, started_by

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.errors import RunError, StoppedError, WorkerLostError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training, train
from seqcli.launch import processes
from seqcli.launch.jobs.shared_leg import follow, train_shared_leg
from seqcli.models.architecture import DataShape, architecture
from seqcli.ops.batch_part import BatchPart, computing
from seqcli.results.events import drive
from seqcli.runs.directory import RunDirectory
from seqcli.training.identity import LegConfig
from seqcli.training.shared_training import SharedLoss, share_of
from seqcli.training.step import Batch

LENGTHS = torch.tensor([7, 5, 5, 3, 2])
IDS = torch.randint(3, 11, (5, 7), generator=torch.Generator().manual_seed(0))
CLASSES = torch.tensor([0, 2, 1, 1, 0])
BEYOND = torch.arange(7) >= LENGTHS.unsqueeze(1)
STEPWISE = torch.where(BEYOND, NO_ANSWER, IDS % 3)
WRITTEN = torch.where(BEYOND, 0, IDS)
KINDS = [
    ("classify", "gru", {"layers": 2}, CLASSES),
    ("classify", "lstm", {"bidirectional": True, "pooling": "mean"}, CLASSES),
    ("classify", "bag", {"layers": 2}, CLASSES),
    ("tag", "gru", {}, STEPWISE),
    ("tag", "rnn", {"crf": True}, STEPWISE),
    ("translate", "seq2seq", {"teacher_forcing": 0.5, "label_smoothing": 0.1}, WRITTEN),
]


def made(kind, model, settings):
    entry = architecture(model)
    config = entry.config(model=model, hidden=6, embedding=5, dropout=0.4, **settings)
    outputs = 11 if kind == "translate" else 3
    shape = DataShape(kind, 11, 0, outputs, shared_vocabulary=kind == "translate")
    return entry.build(config, shape, torch.Generator().manual_seed(1)).double().train()


def gradients(network):
    return {name: weight.grad.clone() for name, weight in network.named_parameters()}


def as_whole(network, batch):
    network.zero_grad()
    torch.manual_seed(3)
    loss = network.batch_loss(*batch)
    loss.backward()
    return loss.item(), gradients(network)


def as_parts(network, batch, count):
    """The same by each of so many processes in turn, added up."""
    network.zero_grad()
    total = 0.0
    for first in range(count):
        part = BatchPart(first, count, batch.sequences)
        torch.manual_seed(3)
        with computing(part):
            loss = SharedLoss(network)(batch.of_rows(part.rows), share_of(network, batch, part))
        loss.backward()
        total += loss.item()
    return total, gradients(network)


@pytest.mark.parametrize("count", [2, 3, 7])
@pytest.mark.parametrize(("kind", "model", "settings", "targets"), KINDS)
def test_the_parts_of_a_batch_add_up_to_it_dropout_padding_and_uneven_parts_included(
    kind, model, settings, targets, count
):
    """5 sequences on 2, 3 and 7 processes: of seven, two have no row at all."""
    network, batch = made(kind, model, settings), Batch(IDS, LENGTHS, targets)
    loss, slopes = as_whole(network, batch)
    parts_loss, parts_slopes = as_parts(network, batch, count)
    assert parts_loss == pytest.approx(loss, rel=1e-12)
    for name, slope in slopes.items():
        torch.testing.assert_close(parts_slopes[name], slope, rtol=1e-9, atol=1e-12)


def test_a_part_counts_by_the_weights_of_its_classes_where_classes_are_weighted():
    network, batch = made("classify", "gru", {}), Batch(IDS, LENGTHS, CLASSES)
    network.head.class_weights = torch.tensor([1.0, 5.0, 2.0], dtype=torch.float64)
    loss, slopes = as_whole(network, batch)
    parts_loss, parts_slopes = as_parts(network, batch, 2)
    assert parts_loss == pytest.approx(loss, rel=1e-12)
    torch.testing.assert_close(parts_slopes["head.linear.weight"], slopes["head.linear.weight"])


def test_more_processes_than_sequences_a_step_are_refused():
    with pytest.raises(ValidationError, match="a batch of 4"):
        TrainConfig(model="gru", task="spam", batch_size=4, processes=5)


def test_a_runs_identity_names_its_processes_only_where_there_are_several(planned):
    alone, together = planned(processes=1), planned(processes=2)
    assert "processes" not in alone.leg.leg.model_dump(mode="json")
    assert "processes" not in alone.leg.config
    assert together.leg.leg.model_dump(mode="json")["processes"] == together.leg.config["processes"] == 2
    assert together.leg.leg.signature("0" * 8).endswith("2 processes")
    result = LegConfig.model_validate_json(json.dumps(alone.leg.leg.model_dump(mode="json")))
    assert result.processes == 1


def run(plan, folder, should_stop=lambda: False):
    return drive(train(plan, folder, overwrite=False, should_stop=should_stop))


def losses(folder):
    records = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [record[name] for record in records for name in ("train_loss", "valid_loss", "gradient_norm")]


@pytest.fixture
def shared(tmp_path):
    """A function that trains a plan on this process and a copy of it, as the launched processes do."""

    importlib.import_module("torch._dynamo")  # DistributedDataParallel takes it: once, not in each process

    def run_shared(plan, folder):
        limits = {"run": str(folder), "texts": False}
        job = plan.leg.job(folder, limits)
        meeting = (tmp_path / f"meeting-{folder.name}").as_uri()
        other = os.fork()
        distributed.init_process_group("gloo", init_method=meeting, rank=int(not other), world_size=2)
        if not other:
            try:
                follow("cpu")
            finally:
                os._exit(0)
        drive(train_shared_leg(job.arguments, lambda: False))
        distributed.destroy_process_group()
        os.waitpid(other, 0)

    return run_shared


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_two_processes_have_the_loss_curve_of_one_and_are_resumed_by_two_alone(planned, shared, tmp_path):
    settings = {"epochs": 2, "model": "gru", "train_size": 0.9}
    shared(planned(processes=2, **settings), tmp_path / "two")
    run(planned(**settings), tmp_path / "one")
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-5)
    with pytest.raises(RunError, match="processes: 2 in the run, 3 now"):
        run(planned(processes=3, **settings), tmp_path / "two")


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_state_that_goes_on_from_batch_to_batch_is_each_processs_own_rows(shared, tmp_path):
    text = tmp_path / "text.txt"
    text.write_text("the cat sat on the mat and the dog sat on the log. " * 40)
    settings = {
        "data": str(text), "kind": "generate", "tokenizer": "char", "bptt": 10, "batch_size": 5,
        "hidden": 6, "embedding": 4, "epochs": 2, "model": "lstm",
    }  # fmt: skip
    for count, name in ((1, "one"), (2, "two")):
        plan = plan_training(TrainConfig(processes=count, **settings))
        (run if count == 1 else shared)(plan, tmp_path / name)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-5)


@pytest.mark.torture
def test_the_command_starts_its_processes_and_returns_their_result(planned, tmp_path):
    result = run(planned(processes=2, epochs=2), tmp_path / "two")
    alone = run(planned(epochs=2), tmp_path / "one")
    assert result.test.loss == pytest.approx(alone.test.loss, rel=1e-5)
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-5)


def ranks(folder):
    """The process ids of a training's processes by their rank."""
    pids = {}
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            words = dict(word.split("=", 1) for word in environment.read_text().split("\0") if "=" in word)
            parent = int((environment.parent / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, ValueError):
            continue
        if "RANK" in words and words.get(RUN_VARIABLE) == str(folder):
            pids[int(words["RANK"])] = (int(environment.parent.name), parent)
    return pids


def kill_when_halted(folder, victim, number=signal.SIGKILL):
    def wait():
        while not halted(folder).exists() or len(ranks(folder)) < 2:
            time.sleep(0.05)
        pid, parent = ranks(folder)[victim % 2]
        os.kill(parent if victim == 2 else pid, number)

    threading.Thread(target=wait, daemon=True).start()


@pytest.mark.torture
@pytest.mark.parametrize("victim", [0, 1, 2], ids=["the first", "the second", "their agent"])
def test_a_lost_process_ends_the_run_with_10_and_the_same_command_goes_on_to_the_same_bytes(
    planned, tmp_path, monkeypatch, victim
):
    """The first process waits at its first checkpoint until one is killed, however fast the others are."""
    plan = planned(processes=2, epochs=20, patience=20, checkpoint_every=0.05)
    with monkeypatch.context() as patched:
        patched.setenv(RUN_VARIABLE, str(tmp_path / "killed"))
        patched.setattr(processes, "started_by", started_by)
        kill_when_halted(tmp_path / "killed", victim)
        with pytest.raises(WorkerLostError):
            run(plan, tmp_path / "killed")
    assert ranks(tmp_path / "killed") == {}
    (checkpoint,) = (tmp_path / "killed" / "checkpoints").iterdir()
    assert checkpoint.name.startswith("step-")
    run(plan, tmp_path / "killed")
    run(plan, tmp_path / "whole")
    for name in ("metrics.jsonl", "model.safetensors", "summary.json", "predictions.jsonl"):
        assert (tmp_path / "killed" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name


def newest_step(folder):
    """The number of the newest checkpoint of a run, by its name, which it has when it is whole; else -1."""
    names = [path.name for path in (folder / "checkpoints").glob("step-*")]
    return max((int(name[5:]) for name in names if re.fullmatch(r"step-\d+", name)), default=-1)


@pytest.mark.torture
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_the_command_and_its_processes_with_its_code_and_the_same_command_goes_on(
    reviews, tmp_path, monkeypatch, name
):
    """A terminal's Ctrl-C reaches the whole group; what goes on is stopped again, further on."""
    folder, number = tmp_path / "run", getattr(signal, name)
    monkeypatch.setenv(RUN_VARIABLE, str(folder))
    line = ("train", "gru", "--data", reviews, "--hidden", "8", "--embedding", "8", "--processes", "2",
            "--epochs", "100000", "--patience", "100000", "--checkpoint-every", "0.05s",
            "--out", folder)  # fmt: skip
    reached = -1
    for _ in range(2):
        command = subprocess.Popen(
            [sys.executable, "-P", "-m", "seqcli", *map(str, line)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        with command:
            while newest_step(folder) <= reached:
                assert command.poll() is None, command.stderr.read()
                time.sleep(0.05)
            (os.killpg if name == "SIGINT" else os.kill)(command.pid, number)
            errors = command.stderr.read()
        assert command.returncode == 128 + number, errors
        assert "Traceback" not in errors
        assert ranks(folder) == {}, "none of its processes outlives it"
        saved = RunDirectory.open(folder).checkpoints.latest_verified()
        assert saved.step == newest_step(folder) > reached
        reached = saved.step


@pytest.mark.torture
def test_a_stop_saves_and_the_same_command_goes_on_to_the_same_bytes(planned, tmp_path):
    plan = planned(processes=2, epochs=60, patience=60, checkpoint_every=0.05)
    saved = tmp_path / "stopped" / "checkpoints"
    with pytest.raises(StoppedError):
        run(plan, tmp_path / "stopped", lambda: saved.is_dir() and any(saved.iterdir()))
    run(plan, tmp_path / "stopped")
    run(plan, tmp_path / "whole")
    for name in ("metrics.jsonl", "model.safetensors", "summary.json", "predictions.jsonl"):
        assert (tmp_path / "stopped" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
