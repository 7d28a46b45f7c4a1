"""A store on a real disk that is full or read-only, or turns so: exit 6, and the same command goes on."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from making.forked import run_in_text
from torture.test_shared_workers import facts

pytestmark = pytest.mark.torture
SMALL = ("--hidden", "4", "--embedding", "4", "--seeds", "2", "--cost", "no", "--format", "json", "-q")
LONG = ("--epochs", "400", "--patience", "400", "--checkpoint-every", "0.1s")
WORK = ("--jobs", "1", "--idle", "1s", "--lost-after", "5s")


@pytest.fixture
def disk(tmp_path):
    """A file system in memory, as large as a test wants it, where this user may mount one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=32m", "none", place], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    with ExitStack() as ends:
        ends.callback(subprocess.run, ["umount", "--lazy", place], check=True)
        yield place


def change(disk: Path, options: str) -> bool:
    """Whether a mounted disk could be changed; it is not made read-only while a file is being written."""
    return (
        subprocess.run(
            ["mount", "-o", f"remount,{options}", disk], capture_output=True, check=False
        ).returncode
        == 0
    )


def refused(ended, says):
    assert ended.returncode == 6, ended.stderr
    assert [line for line in ended.stderr.splitlines() if says in line], ended.stderr
    assert ended.stderr.count("seqcli: ") == 1
    assert "Traceback" not in ended.stderr


def runs_of(store):
    """The runs that a store knows of, which it also tells where nothing can be written."""
    state = json.loads(run_in_text("work", store, "--state", "--format", "json").stdout)
    return state["waiting"] + state["running"] + state["done"]


@pytest.fixture
def planned(disk, reviews, tmp_path, monkeypatch):
    """A store with a plan, the command that concludes it, and what that says where nothing is wrong."""

    def plan(*settings):
        monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))
        line = ("compare", "rnn", "gru", "--data", reviews, *SMALL, *settings)
        whole = run_in_text(*line)
        assert whole.returncode == 0, whole.stderr
        store = disk / "store"
        assert run_in_text(*line, "--store", store, "--plan-only").returncode == 0
        return (*line, "--store", store), facts(whole.stdout)

    return plan


def test_a_full_store_is_told_and_with_room_again_the_same_commands_go_on(planned, disk):
    line, expected = planned("--epochs", "2")
    store, status = disk / "store", os.statvfs(disk)
    used = (status.f_blocks - status.f_bfree) * status.f_frsize
    assert change(disk, f"size={used + 40_000}")
    refused(run_in_text("work", store, *WORK), "No space left on device")
    refused(run_in_text(*line), "1,048,576 bytes needed")
    assert runs_of(store) == 4
    assert change(disk, "size=32m")
    assert run_in_text("work", store, *WORK).returncode == 0
    concluded = run_in_text(*line)
    assert facts(concluded.stdout) == expected
    assert [*(store / "failures").iterdir(), *store.rglob(".seqcli-*")] == []


def test_a_read_only_store_is_told_and_its_state_can_be_read(planned, disk):
    line, expected = planned("--epochs", "2")
    assert change(disk, "ro")
    refused(run_in_text("work", disk / "store", *WORK), "Read-only file system")
    refused(run_in_text(*line), "Read-only file system")
    assert runs_of(disk / "store") == 4
    assert change(disk, "rw")
    assert facts(run_in_text(*line).stdout) == expected


def test_a_store_that_turns_read_only_under_a_worker_costs_no_run_and_no_checkpoint(planned, disk):
    line, expected = planned(*LONG)
    store = disk / "store"
    with subprocess.Popen(
        [sys.executable, "-P", "-m", "seqcli", "work", store, *WORK], stderr=subprocess.PIPE, text=True
    ) as worker:
        while not list((store / "attempts").glob("*/checkpoints/step-*[0-9]")):
            assert worker.poll() is None
        while not change(disk, "ro"):
            assert worker.poll() is None
        errors = worker.stderr.read()
    refused(subprocess.CompletedProcess((), worker.returncode, "", errors), "Read-only file system")
    assert change(disk, "rw")
    concluded = run_in_text(*line, "--lost-after", "5s")
    assert facts(concluded.stdout) == expected
    logs = [json.loads(text) for path in (store / "logs").iterdir() for text in path.read_text().splitlines()]
    assert max(entry["number"] for entry in logs if entry["what"] == "lease") == 2, "it was taken over"
