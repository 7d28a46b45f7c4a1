"""Workers that die, sleep and are broken, on a disk whose renames fail now and then: none is lost or doubled.

`make torture` trains 2,000 runs by 16 workers; RUNS and WORKERS ask for other numbers.
"""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from making.forked import ForkedProcess, Start, run_in_text
from torture.test_failing_calls import COMPILER, HERE, pytestmark  # noqa: F401 - where it can run at all

RUNS, WORKERS = int(os.environ.get("RUNS", "2000")), int(os.environ.get("WORKERS", "16"))
KILLED, DUE = 10, 11
"""Per cent of the runs that the death of a worker strikes; those due at the very end find nobody at work."""
FAILING = 100
"""Of so many renames below the store one fails."""
LOST_AFTER, ASLEEP = 10.0, 60.0
TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--max-steps", "3", "--batch-size", "8",
        "--cost", "no")  # fmt: skip

FORKS = """
import functools
from making.forked import forked_worker
from seqcli.launch import local
local.start_worker = functools.partial(forked_worker, server={server!r})
from seqcli.__main__ import run
run()
"""
POISONED = """
from making.forked import ForkedProcess, Start
from seqcli.launch import local
local.start_worker = lambda command, threads: ForkedProcess(
    (), Start(environment=local.worker_environment(threads), new_session=True, code={code!r}),
    text=True, server={server!r})
from seqcli.__main__ import run
run()
"""
FAILS_EVERY_RUN = """
from seqcli.launch.jobs import leg
def fail(arguments, should_stop):
    yield from ()
    raise OSError(5, "the memory of this machine is broken")
leg.JOB = fail
from seqcli.launch.worker import main
main()
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server of forked programs on whose disk calls fail when they are told to."""
    place = tmp_path_factory.mktemp("server")
    library = place / "failing_calls.so"
    subprocess.run(
        [COMPILER, "-shared", "-fPIC", "-O1", "-o", library, HERE / "failing_calls.c", "-ldl"], check=True
    )
    environment = {
        **os.environ,
        "LD_PRELOAD": str(library),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "making.fork_server", str(place / "socket")],
        cwd=HERE.parent, env=environment, stdin=subprocess.PIPE,
    )  # fmt: skip
    while not (place / "socket").exists():
        assert process.poll() is None
        time.sleep(0.1)
    yield str(place / "socket")
    process.stdin.close()
    process.wait()


def arm(server, below, *, every, code=errno.EIO):
    """Each so-many-th rename below a folder fails from now on; with 0 none does. The number that failed."""
    asked = (
        "import ctypes; shim = ctypes.CDLL(None); print(shim.failed());"
        f"shim.arm({str(below).encode()!r}, b'rename', ctypes.c_long({every}), {code}, 2)"
    )
    process = ForkedProcess((), Start(code=asked), server=server)
    out, complained = process.communicate()
    assert process.returncode == 0, complained
    return int(out)


@dataclass
class Crowd:
    """Workers on one store, each replaced when it has ended while there is work."""

    server: str
    store: Path
    folder: Path
    count: int = 0
    workers: list[ForkedProcess] = field(default_factory=list)

    def start(self, program=FORKS, **values):
        self.count += 1
        with (self.folder / f"worker-{self.count}").open("wb") as log:
            return ForkedProcess(
                ("work", self.store, "--jobs", "1", "--idle", "2s", "--lost-after", f"{LOST_AFTER}s"),
                Start(self.folder, code=program.format(server=self.server, **values)),
                streams=(log.fileno(),) * 3,
                server=self.server,
            )

    def names(self, what):
        return {path.name for path in (self.store / what).iterdir() if ".tmp" not in path.name}

    def strike(self, chance):
        """Kill a worker for about every tenth run that is done; returns how many were killed."""
        killed, asleep = 0, self.workers[0]
        asleep.send_signal(signal.SIGSTOP)
        woken = time.monotonic() + ASLEEP
        while self.names("jobs"):
            time.sleep(0.2)
            if time.monotonic() > woken:
                asleep.send_signal(signal.SIGCONT)
            for place, worker in enumerate(self.workers[1:], 1):
                if worker.poll() is not None and self.names("jobs"):
                    assert worker.returncode in {0, -signal.SIGKILL}, self.said()
                    self.workers[place] = self.start()
            alive = [worker for worker in self.workers[1:] if worker.poll() is None]
            due = len(self.names("legs")) * DUE // 100 - killed
            for victim in chance.sample(alive, max(0, min(due, len(alive)))):
                victim.kill()
                killed += 1
        time.sleep(max(0.0, woken - time.monotonic()))
        asleep.send_signal(signal.SIGCONT)
        for worker in self.workers:
            worker.wait(120)
        return killed

    def said(self):
        return "\n".join(path.read_text()[-2000:] for path in sorted(self.folder.glob("worker-*")))


def facts(text):
    """A comparison's JSON without what a clock says, and without the seal over that."""
    values = json.loads(text)
    for model in values["models"]:
        del model["seconds_to_best"]
    values.pop("sha256", None)
    return json.dumps(values)


@pytest.mark.torture
@pytest.mark.timeout(7200)
def test_workers_that_die_sleep_and_are_poisoned_on_a_failing_disk_lose_and_double_nothing(
    server, reviews, tmp_path, chance, monkeypatch
):
    """The result is, byte for byte, that of a comparison that nothing disturbed."""
    line = ("compare", "rnn", "gru", "--data", reviews, "--seeds", str(RUNS // 2), *TINY, "--format", "json")
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))
    whole = run_in_text(*line, "-q")
    assert whole.returncode == 0, whole.stderr
    store = tmp_path / "store"
    assert run_in_text(*line, "--store", store, "--plan-only", "-q").returncode == 0
    runs = Crowd(server, store, tmp_path)
    assert len(runs.names("jobs")) == RUNS

    arm(server, store, every=FAILING)
    runs.workers = [runs.start() for _ in range(WORKERS - 1)]
    poisoned = runs.start(POISONED, code=FAILS_EVERY_RUN)
    began = time.monotonic()
    killed = runs.strike(chance)
    assert poisoned.wait(60) == 10, "it takes itself for broken"
    failed = arm(server, store, every=0)

    assert [*runs.names("jobs"), *runs.names("attempts"), *runs.names("leases")] == []
    assert len(runs.names("legs")) == RUNS
    logs = {path.name: path.read_text().splitlines() for path in (store / "logs").iterdir()}
    ends = Counter(json.loads(line)["what"] for lines in logs.values() for line in lines)
    counts = Counter(name for name, lines in logs.items() for line in lines if '"what": "kept"' in line)
    assert max(counts.values()) == 1, "none is done twice"
    shared = run_in_text(*line, "--store", store, "-q")
    assert shared.returncode == 0, shared.stderr
    assert facts(shared.stdout) == facts(whole.stdout)
    assert list(store.rglob(".seqcli-*")) == [], "no temporary of the killed is left after the next start"
    print(  # noqa: T201 - the counts are the result
        f"\n{RUNS} runs, {WORKERS} workers, {killed} killed, {failed} renames failed, {dict(ends)},"
        f" {time.monotonic() - began:.0f} s"
    )
    assert killed >= RUNS * KILLED // 100
    assert failed > 0
