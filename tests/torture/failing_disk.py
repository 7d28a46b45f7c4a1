"""A process that has imported everything and forks a command a request, on a disk that fails when told to.

Run with `failing_calls.c` preloaded. A request is one JSON line on stdin, its answer one on stdout.
"""

import ctypes
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

SHIM = ctypes.CDLL(None)
"""The preloaded library is among the program's own symbols."""
SHIM.arm.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_long, ctypes.c_int, ctypes.c_int]
SHIM.seen.argtypes = [ctypes.c_char_p]
SHIM.seen.restype = SHIM.failed.restype = ctypes.c_long
NO_FAULT = {"operation": "", "call": 0, "errno": 0, "from_then_on": False}


class ForkedWorker:
    """Of `subprocess.Popen` what `LocalWorkers` uses, without the seconds of importing torch again."""

    def __init__(self) -> None:
        (below_in, stdin), (stdout, below_out), (stderr, below_err) = os.pipe(), os.pipe(), os.pipe()
        self.pid = os.fork()
        if not self.pid:
            _serve(below_in, below_out, below_err, close=(stdin, stdout, stderr))
        for descriptor in (below_in, below_out, below_err):
            os.close(descriptor)
        self.stdin = open(stdin, "w", encoding="utf-8")  # noqa: SIM115, PTH123
        self.stdout = open(stdout, encoding="utf-8")  # noqa: SIM115, PTH123
        self.stderr = open(stderr, encoding="utf-8")  # noqa: SIM115, PTH123
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float = 60.0) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("worker", timeout)
            time.sleep(0.005)
        return code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


def _serve(stdin: int, stdout: int, stderr: int, *, close: tuple[int, ...]) -> None:
    """Be a worker, in a forked process from which nothing returns."""
    try:
        for descriptor in close:
            os.close(descriptor)
        for number, descriptor in enumerate((stdin, stdout, stderr)):
            os.dup2(descriptor, number)
        sys.stdin = io.TextIOWrapper(open(0, "rb", closefd=False))  # noqa: SIM115
        from seqcli.launch import worker

        worker.main()
    finally:
        os._exit(0)


def run(request: dict) -> int:
    """One command line with one fault, in this process; its exit code."""
    from seqcli.cli.main import execute
    from seqcli.cli.signals import end_at_signals
    from seqcli.launch import local

    os.chdir(request["folder"])
    os.environ["SEQCLI_CACHE_DIR"] = request["cache"]
    local.start_worker = lambda _command, _threads: ForkedWorker()
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    with open("stdout", "wb") as out, open("stderr", "wb") as err:  # noqa: PTH123
        os.dup2(out.fileno(), 1)
        os.dup2(err.fileno(), 2)
    sys.stdout = io.TextIOWrapper(open(1, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115
    sys.stderr = io.TextIOWrapper(open(2, "wb", closefd=False), encoding="utf-8")  # noqa: SIM115
    end_at_signals()
    SHIM.arm(
        request["below"].encode(), request["operation"].encode(), request["call"], request["errno"],
        request["from_then_on"],
    )  # fmt: skip
    return execute(request["arguments"])


def answer(request: dict) -> dict:
    """Fork, run, and tell how it ended and how many calls there were."""
    pid = os.fork()
    if not pid:
        code = 70
        try:
            code = run(request)
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001 - seen in the code, 70
            import traceback

            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(code)
    deadline = time.monotonic() + request["seconds"]
    while (ended := os.waitpid(pid, os.WNOHANG))[0] == 0:
        if time.monotonic() > deadline:
            os.kill(pid, signal.SIGKILL)
        time.sleep(0.003)
    mapping: dict = {"code": os.waitstatus_to_exitcode(ended[1]), "failed": SHIM.failed()}
    mapping["calls"] = {name: SHIM.seen(name.encode()) for name in request["count"]}
    SHIM.arm(b"", b"", 0, 0, 0)
    return mapping


def main() -> None:
    """Import what commands need by running the first, then serve."""
    channel = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import torch

    torch.set_num_threads(1)
    import seqcli.cli.commands.compare
    import seqcli.cli.commands.runs
    import seqcli.experiments.compare.comparison
    import seqcli.experiments.compare.study
    import seqcli.experiments.runs.checking
    import seqcli.experiments.runs.listing
    import seqcli.experiments.runs.pruning
    import seqcli.experiments.train
    import seqcli.experiments.translate
    import seqcli.launch.jobs.baseline
    import seqcli.launch.jobs.leg
    import seqcli.launch.worker
    import seqcli.training.predictor
    import seqcli.training.translator  # noqa: F401
    from seqcli.cli.main import execute

    folder = Path(sys.argv[1])
    os.environ["SEQCLI_CACHE_DIR"] = str(folder / "cache")
    for arguments in json.loads(sys.argv[2]):
        code = execute([word.replace("RUN", str(folder / "run")) for word in arguments])
        channel.write(json.dumps({"first": arguments[0], "code": code}) + "\n")
        channel.flush()
    for line in sys.stdin:
        channel.write(json.dumps(answer({**NO_FAULT, **json.loads(line)})) + "\n")
        channel.flush()


if __name__ == "__main__":
    main()
