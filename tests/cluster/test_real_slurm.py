"""`--on slurm` with a real controller and two node daemons on this machine."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from cluster.conftest import facts

pytestmark = pytest.mark.cluster


@pytest.fixture
def start():
    """Start a command; none outlives its test."""
    with ExitStack() as ends:

        def begin(*line):
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "seqcli", *map(str, line)],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            ends.enter_context(process)
            ends.callback(process.kill)
            return process

        yield begin


@pytest.fixture
def run(start):
    """Run a command to its end, which is as it should be."""

    def to_the_end(*line, code=0):
        process = start(*line)
        out, err = process.communicate(timeout=240)
        assert process.returncode == code, err
        return out, err

    return to_the_end


def wait_for(condition, seconds=60.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_comparison_by_slurms_workers_is_that_of_one_machine(slurm, run, line, tmp_path):
    alone, _ = run(*line)
    store = tmp_path / "store"
    out, result = run(*line, "--on", "slurm", "--store", store, "--set", "slurm.workers=2")
    assert facts(out) == facts(alone)
    assert "SLURM job 1: an array of 2 workers" in result
    logs = [path.read_text() for path in (store / "slurm").glob("*_log.out")]
    assert len(logs) == 2
    assert any("GRU seed" in text for text in logs)


def test_a_lost_node_costs_time_alone_and_a_stop_detaches_and_attaches_again(
    slurm, start, run, line, tmp_path
):
    """One node of two dies with its worker; the command is stopped meanwhile, and given again."""
    alone, _ = run(*line)
    store = tmp_path / "store"
    by_slurm = (*line, "--on", "slurm", "--store", store, "--lost-after", "6s", "--set", "slurm.cpus=2")
    first = start(*by_slurm)
    wait_for(lambda: len(list((store / "workers").glob("*.json"))) >= 1, 200)
    first.send_signal(signal.SIGINT)
    out, err = first.communicate(timeout=60)
    assert first.returncode == 130, err
    assert "the workers of SLURM job 1 go on without this command" in err
    assert "Attach again: seqcli compare rnn gru" in err
    assert "--on slurm" in err
    slurm.kill_node("node1")
    out, err = run(*by_slurm)
    assert facts(out) == facts(alone)


def test_a_time_limit_queues_a_worker_again_which_goes_on(slurm, start, line, tmp_path):
    store = tmp_path / "store"
    process = start(*line, "--on", "slurm", "--store", store, "--set", "slurm.workers=1")
    wait_for(lambda: len(list((store / "workers").glob("*.json"))) >= 1, 200)
    slurm.ask("scancel", "--signal=USR2", "1_0")
    _, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert "Restarts=1" in slurm.ask("scontrol", "show", "job", "1_0")


def workers_on(store, node):
    """The process ids of the workers that told that they work on a node."""
    records = [json.loads(path.read_text()) for path in (store / "workers").glob("*.json")]
    return {record["pid"] for record in records if record["node"] == node}


def test_a_preempted_worker_is_queued_again_and_goes_on(slurm, start, run, line, tmp_path):
    """What is more urgent takes both nodes, and gives them back."""
    alone, _ = run(*line)
    store = tmp_path / "store"
    process = start(
        *line, "--on", "slurm", "--store", store, "--set", "slurm.workers=1", "--set", "slurm.cpus=2"
    )
    wait_for(lambda: (store / "workers").is_dir() and any((store / "workers").glob("*.json")), 200)
    urgent = ("--partition=urgent", "--nodes=2", "--exclusive", "--output=/dev/null")
    assert "Submitted" in slurm.ask("sbatch", *urgent, "--wrap=sleep 3")
    out, err = process.communicate(timeout=280)
    assert process.returncode == 0, err
    assert "Restarts=1" in slurm.ask("scontrol", "show", "job", "1_0")
    assert facts(out) == facts(alone)


def test_a_node_on_which_two_workers_were_lost_is_excluded_by_its_name(slurm, start, line, tmp_path):
    store = tmp_path / "store"
    longer = ("--seeds", "4", "--epochs", "300", "--patience", "300", "--lost-after", "6s")
    several = ("--set", "slurm.workers=2", "--set", "slurm.cpus=2")
    process = start(*line, *longer, "--on", "slurm", "--store", store, *several)
    killed = set()
    for _ in range(2):
        wait_for(lambda: workers_on(store, "node1") - killed, 200)
        for worker in workers_on(store, "node1") - killed:
            os.kill(worker, signal.SIGKILL)
            killed.add(worker)
    _, err = process.communicate(timeout=400)
    assert process.returncode == 0, err
    assert "node node1 is excluded: 2 workers were lost" in err


@pytest.mark.usefixtures("slurm")
def test_a_run_that_diverges_is_tried_once_and_its_log_is_named(run, line, tmp_path):
    store = tmp_path / "store"
    _, result = run(*line, "--lr", "1e30", "--clip", "1e30", "--on", "slurm", "--store", store, code=9)
    logs = sorted((store / "logs").iterdir())
    assert len(logs) == 4
    for log in logs:
        assert log.read_text().count('"what": "lease"') == 1
        assert f"its log: {log}" in result


@pytest.mark.usefixtures("slurm")
def test_slurms_refusal_is_told_in_its_words(run, line, tmp_path):
    _, result = run(*line, "--on", "slurm", "--store", tmp_path / "s", "--set", "slurm.partition=no", code=2)
    assert "SLURM refused: invalid partition specified: no" in result
