"""Worker processes that are forked from the test's own: most of a tiny comparison is importing torch again.

A forked worker runs `seqcli.launch.worker` as a started one does: its own process, session, pipes and end.
It starts with what this process has imported, so tests of the start itself (`tests/launch`, `tests/torture`,
whatever runs in a `shell`) use real ones.
"""

import io
import os
import signal
import subprocess
import sys
import time
import warnings
from typing import ClassVar

from seqcli.launch.local import WORKER, LocalWorkers, worker_environment


class ForkedProcess:
    """Of `subprocess.Popen` what `LocalWorkers` uses."""

    alive: ClassVar[set["ForkedProcess"]] = set()

    def __init__(self, threads: int) -> None:
        (below_in, stdin), (stdout, below_out), (stderr, below_err) = os.pipe(), os.pipe(), os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the readers' threads; the child uses none
            self.pid = os.fork()
        if not self.pid:
            _serve((below_in, below_out, below_err), (stdin, stdout, stderr), threads)
        for descriptor in (below_in, below_out, below_err):
            os.close(descriptor)
        self.stdin = open(stdin, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        self.stdout = open(stdout, encoding="utf-8", errors="replace")  # noqa: SIM115, PTH123
        self.stderr = open(stderr, encoding="utf-8", errors="replace")  # noqa: SIM115, PTH123
        self.returncode: int | None = None
        self.alive.add(self)

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
                self.alive.discard(self)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        deadline = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if deadline is not None and time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.002)
        return code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _serve(pipes: tuple[int, int, int], parents: tuple[int, int, int], threads: int) -> None:
    """Be a worker, in a forked process from which nothing returns into the test."""
    try:
        os.setsid()
        # A sibling whose stdin stayed open here would not see its end.
        for descriptor in (*parents, *(process.stdin.fileno() for process in ForkedProcess.alive
                                       if not process.stdin.closed)):  # fmt: skip
            os.close(descriptor)
        for number, descriptor in enumerate(pipes):
            os.dup2(descriptor, number)
        sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False), encoding="utf-8")  # noqa: SIM115
        sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115
        sys.stdout = sys.stderr
        os.environ.update(worker_environment(threads))
        warnings.resetwarnings()
        from seqcli.launch import worker

        worker.main()
        sys.stderr.flush()
    finally:
        os._exit(0)


def import_what_workers_need() -> None:
    """Import all jobs here, once, and what they import only when they run.

    The first optimiser that a process makes imports torch._dynamo, which takes as long as torch itself.
    """
    import torch._dynamo  # noqa: F401

    from seqcli.launch.job import JOBS

    for name in JOBS.names():
        JOBS.get(name)


def open_worker(workers: LocalWorkers) -> "subprocess.Popen[str] | ForkedProcess":
    """In place of `LocalWorkers._open`: forked, where it is the usual worker with one thread.

    OpenMP's threads do not live on in a fork, and a worker that a test names itself is that test's point.
    """
    if workers.command != WORKER or workers.threads != 1:
        return REAL(workers)
    import_what_workers_need()
    return ForkedProcess(workers.threads)


REAL = LocalWorkers._open
"""Starts a worker as a person's command does; for tests of the start itself."""
