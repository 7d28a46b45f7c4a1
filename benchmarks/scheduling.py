"""What sharing a store costs: legs of a known length, by workers that claim, watch and commit them.

    OMP_NUM_THREADS=1 python benchmarks/scheduling.py [--legs 12] [--seconds 10] [--workers 2]

A leg here sleeps for its seconds and commits a run directory as training does, so that all that a worker
takes beyond is the store's: listing, leases, heartbeats, logs, the last rename. It is told from commit to
commit; what each worker takes once, starting its process, is in the times below.

12 legs of 10 s by 2 workers on a busy machine (load 6 on 2 cores): 1.2 % beyond a leg's time; 63.2 s for 60 s
from the first lease to the last commit, most of it the start of the two workers' processes.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean

from seqcli.launch import job as jobs
from seqcli.launch.job import Job
from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared import SharedWorkers
from seqcli.launch.shared_store import SharedStore
from seqcli.launch.worker import main as serve_jobs
from seqcli.results.events import Event
from seqcli.runs.directory import RunDirectory

LOST_AFTER = 60.0


def sleep(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """A leg that takes its time, and commits."""
    with RunDirectory.create(Path(str(arguments["run"])), {"seed": 0}) as run:
        ends = time.monotonic() + float(str(arguments["seconds"]))
        while time.monotonic() < ends and not should_stop():
            time.sleep(min(0.1, max(0.0, ends - time.monotonic())))
        yield from ()
        run.commit_result({}, {"seed": 0})
    return {}


class OneKind:
    """A registry of this job alone."""

    @staticmethod
    def get(_name: str) -> jobs.JobFunction:
        return sleep


def publish(store: SharedStore, legs: int, seconds: float) -> None:
    (store.folder / "data" / "d").mkdir(parents=True)
    for seed in range(legs):
        arguments: dict[str, object] = {
            "leg": None,
            "data": str(store.folder / "data" / "d"),
            "run": f"leg-{seed}",
            "seconds": seconds,
        }
        store.publish(Job("sleep", f"leg {seed}", arguments))


def work(folder: str) -> None:
    """One worker, as `seqcli work` is one."""
    store = SharedStore.open(Path(folder), lost_after=LOST_AFTER, make=False)
    local = LocalWorkers(1, command=(sys.executable, __file__, "--leg"))
    for _ in SharedWorkers(store, local).serve(lambda: False, idle=0.0):
        pass


def times(store: SharedStore, what: str) -> dict[str, list[datetime]]:
    """When each worker did that, in order."""
    lines = [line for log in (store.folder / "logs").iterdir() for line in log.read_text().splitlines()]
    found: dict[str, list[datetime]] = {}
    for record in map(json.loads, lines):
        if record["what"] == what:
            found.setdefault(record["worker"], []).append(datetime.fromisoformat(record["at"]))
    return {worker: sorted(moments) for worker, moments in found.items()}


def measure(legs: int, seconds: float, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SharedStore.open(Path(folder) / "store", lost_after=LOST_AFTER, make=True)
        publish(store, legs, seconds)
        began = time.monotonic()
        command = [sys.executable, __file__, "--work", str(store.folder)]
        for process in [subprocess.Popen(command) for _ in range(workers)]:
            process.wait()
        whole = time.monotonic() - began
        kept, leased = times(store, "kept").values(), times(store, "lease").values()
    turns = [(b - a).total_seconds() for moments in kept for a, b in pairwise(moments)]
    took = (max(map(max, kept)) - min(map(min, leased))).total_seconds()
    ideal = -(-legs // workers) * seconds
    print(f"{sum(map(len, kept))} of {legs} legs of {seconds:g} s, {workers} workers")
    print(f"from commit to commit of a worker: {100 * (mean(turns) / seconds - 1):.1f} % beyond a leg's time")
    print(f"from first lease to last commit, workers' starts included: {took:.1f} s for {ideal:g} s")
    print(f"the whole, with starting and ending Python: {whole:.1f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--legs", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    parser.add_argument("--leg", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.leg:
        from seqcli.launch import worker

        vars(worker)["JOBS"] = OneKind()
        serve_jobs()
    elif given.work:
        work(given.work)
    else:
        measure(given.legs, given.seconds, given.workers)
