"""Promises 1-4, 6 and 15: a leg killed at every single disk call, then started again."""

import itertools
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from seqcli.errors import RunError
from seqcli.runs.checkpoints import Checkpoints
from seqcli.runs.directory import RunDirectory
from seqcli.runs.metrics import read_metrics

STEPS = 7  # three checkpoints, so that retention is struck too


@pytest.fixture
def uninterrupted(tmp_path, tiny_leg, tree, faulty_disk):
    faulty_disk()
    tiny_leg.train(tmp_path / "reference", STEPS)
    return tree(tmp_path / "reference")


def check_what_a_death_left(folder: Path) -> None:
    """At every instant: nothing, or one verified checkpoint after the first commit; readable metrics."""
    if not (folder / "manifest.json").exists():
        return
    checkpoints = Checkpoints(folder / "checkpoints")
    if not (folder / "DONE").exists() and checkpoints.steps():
        assert checkpoints.latest_verified() is not None
        assert checkpoints.warnings == []
    if (folder / "metrics.jsonl").exists():
        read_metrics(folder / "metrics.jsonl")
    if (folder / "config.yaml").exists():
        with RunDirectory.open(folder) as run:
            assert run.verify() == []


def last_step(folder: Path) -> int:
    log = folder / "metrics.jsonl"
    return read_metrics(log)[-1]["step"] if log.exists() and read_metrics(log) else 0


def test_a_leg_killed_at_any_call_ends_in_the_same_bytes_and_repeats_one_interval_at_most(
    tmp_path, tiny_leg, tree, uninterrupted, killed_at, death
):
    folder = tmp_path / "run"
    for call in itertools.count(1):
        died = killed_at(lambda: tiny_leg.train(folder, STEPS), call, death)
        check_what_a_death_left(folder)
        reached = last_step(folder)
        computed = tiny_leg.train(folder, STEPS)
        assert tree(folder) == uninterrupted, f"killed at call {call}"
        assert len([step for step in computed if step <= reached]) <= tiny_leg.INTERVAL
        if not died:
            assert computed == [], "a finished leg never runs again"
            break
        shutil.rmtree(folder)
    assert call > 100


def test_a_leg_killed_again_and_again_ends_in_the_same_bytes(
    tmp_path, tiny_leg, tree, uninterrupted, killed_at, death
):
    """Each attempt dies a little later into its own work, resume and sweeping included."""
    folder = tmp_path / "run"
    for attempt in range(1, 400):
        if not killed_at(lambda: tiny_leg.train(folder, STEPS), 5 + attempt % 40, death):
            break
    assert attempt > 5
    assert tree(folder) == uninterrupted


def test_starting_anew_killed_at_any_call_leaves_no_foreign_folder_and_no_half_result(
    tmp_path, tiny_leg, killed_at, tree
):
    other = {"model": "other"}
    for call in itertools.count(1):
        folder = tmp_path / str(call)
        tiny_leg.train(folder, 2)
        died = killed_at(
            lambda folder=folder: RunDirectory.create(folder, other, overwrite=True).release(), call
        )
        with suppress(RunError):
            left = RunDirectory.open(folder)
            assert left.status().state != "done" or left.verify() == []
        with RunDirectory.create(folder, other, overwrite=True) as run:
            assert run.status().state == "new"
            assert run.config == other
        assert set(tree(folder)) == {"config.yaml", "manifest.json"}
        if not died:
            break
    assert call > 8


@pytest.mark.parametrize(
    "stride",
    [37, pytest.param(1, marks=[pytest.mark.torture, pytest.mark.timeout(3600)])],
    ids=["some", "all"],
)
def test_a_leg_killed_at_any_two_calls_ends_in_the_same_bytes(
    tmp_path, tiny_leg, tree, uninterrupted, killed_at, death, stride
):
    """The second death strikes the recovery from the first: resume, sweeping, retention."""
    folder, again = tmp_path / "run", tmp_path / "again"
    for first in itertools.count(stride, stride):
        died = killed_at(lambda: tiny_leg.train(folder, STEPS), first, death)
        folder.mkdir(exist_ok=True)  # the first call is what makes it
        for second in itertools.count(1 + first % 7 % stride, stride):
            shutil.copytree(folder, again)
            died_again = killed_at(lambda: tiny_leg.train(again, STEPS), second, death)
            check_what_a_death_left(again)
            tiny_leg.train(again, STEPS)
            assert tree(again) == uninterrupted, f"killed at call {first}, then {second}"
            shutil.rmtree(again)
            if not died_again:
                break
        shutil.rmtree(folder)
        if not died:
            break


@pytest.mark.torture
@pytest.mark.timeout(3600)
@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("call", ["write", "fsync", "rename", "unlink", "unlinkat", "link", "rmdir", "mkdir"])
def test_a_process_killed_by_the_kernel_at_any_call_ends_in_the_same_bytes(
    tmp_path, tiny_leg, tree, uninterrupted, call
):
    folder = tmp_path / "run"
    script = [sys.executable, tiny_leg.__file__, str(folder), str(STEPS)]
    for number in itertools.count(1):
        inject = [f"--inject={call}:signal=KILL:when={number}", f"--trace={call}", "-o", os.devnull]
        code = subprocess.run(["strace", "-f", *inject, *script], check=False).returncode
        assert code in {0, -signal.SIGKILL, 128 + signal.SIGKILL}
        check_what_a_death_left(folder)
        tiny_leg.train(folder, STEPS)
        assert tree(folder) == uninterrupted, f"killed at {call} number {number}"
        if code == 0:
            break
        shutil.rmtree(folder)
    assert number > 1
