"""Programs that are forked from a process which has imported seqcli already: see `fork_server`.

A forked worker runs `seqcli.launch.worker` as a started one does: its own process, session, pipes and end.
Tests of the start itself (`tests/launch`, `tests/torture`) use real ones.
"""

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from seqcli.launch.local import WORKER, start_worker, worker_environment

SEQCLI = "from seqcli.__main__ import run\nrun()"
SERVE_JOBS = "from seqcli.launch.worker import main\nmain()"
REAL_WORKER = start_worker
"""Starts a worker as a person's command does; for tests of the start itself."""


@functools.cache
def own_server() -> str:
    """Start the server of this test process; the path of its socket."""
    path = str(Path(tempfile.mkdtemp(prefix="seqcli-fork-")) / "socket")
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}  # other threads are not forked along
    server = subprocess.Popen(
        [sys.executable, "-m", "making.fork_server", path],
        cwd=Path(__file__).parents[1],
        env={**os.environ, **threads},
        stdin=subprocess.PIPE,
    )

    @atexit.register
    def stop() -> None:
        server.stdin.close()
        server.wait()
        Path(path).unlink(missing_ok=True)
        Path(path).parent.rmdir()

    while server.poll() is None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as asking:
            asking.connect(path)
            return path
        time.sleep(0.05)
    raise RuntimeError(f"the fork server ended with {server.returncode}")


@dataclass(frozen=True)
class Start:
    """How a program begins."""

    folder: str | Path | None = None
    environment: Mapping[str, str] | None = None
    new_session: bool = False
    code: str = SEQCLI

    def request(self, arguments: Sequence[object]) -> dict[str, object]:
        """What the server is asked for."""
        return {
            "arguments": [str(argument) for argument in arguments],
            "folder": str(self.folder or Path.cwd()),
            "environment": dict(os.environ if self.environment is None else self.environment),
            "new_session": self.new_session,
            "code": self.code,
        }


def opened(descriptor: int, kind: str, *, text: bool) -> IO:
    """The stream of a pipe, in UTF-8 or in bytes that are written at once."""
    if text:
        return open(descriptor, kind, encoding="utf-8", errors="replace")
    return open(descriptor, kind + "b", buffering=0 if kind == "w" else -1)


USUAL = Start()


class ForkedProcess:
    """Of `subprocess.Popen` what tests and `LocalWorkers` use; streams are pipes, or descriptors given."""

    def __init__(
        self,
        arguments: Sequence[object],
        start: Start = USUAL,
        *,
        streams: Sequence[int] = (subprocess.PIPE,) * 3,
        text: bool = False,
        server: str | None = None,
    ) -> None:
        theirs, ours = [], []
        for given, kind in zip(streams, "wrr", strict=True):
            if given != subprocess.PIPE:
                theirs.append(os.dup(given))
                ours.append(None)
                continue
            reading, writing = os.pipe()
            theirs.append(reading if kind == "w" else writing)
            ours.append(opened(writing if kind == "w" else reading, kind, text=text))
        self.stdin, self.stdout, self.stderr = ours
        self.returncode: int | None = None
        self._asked = socket.socket(socket.AF_UNIX)
        self._asked.connect(server or own_server())
        socket.send_fds(self._asked, [b"-"], theirs)
        self._asked.sendall(json.dumps(start.request(arguments)).encode() + b"\n")
        for descriptor in theirs:
            os.close(descriptor)
        self._answers = self._asked.makefile("r")
        self.pid = int(self._answers.readline())

    def poll(self) -> int | None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._asked], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("a forked program", timeout)
            self.returncode = int(self._answers.readline())
            self._answers.close()
            self._asked.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, content: bytes = b"", timeout: float | None = None) -> tuple[bytes, bytes]:
        """Write to stdin, read the others to their ends, and wait."""

        def write() -> None:
            with contextlib.suppress(BrokenPipeError), self.stdin:
                self.stdin.write(content)

        mapping: dict[int, bytes] = {}
        reading = [threading.Thread(target=write)] if self.stdin else []
        for number, stream in enumerate((self.stdout, self.stderr)):
            if stream:
                reading.append(
                    threading.Thread(target=lambda n=number, s=stream: mapping.update({n: s.read()}))
                )
        for thread in reading:
            thread.start()
        try:
            self.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise
        finally:
            for thread in reading:
                thread.join()
            self._close()
        return mapping.get(0, b""), mapping.get(1, b"")

    def _close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr):
            if stream:
                stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self.wait()


def run(
    *arguments: object,
    stdin: bytes = b"",
    folder: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    code: str = SEQCLI,
    timeout: float = 800,
) -> subprocess.CompletedProcess[bytes]:
    """Run `seqcli` with these arguments (or Python's `code`) as `subprocess.run` does."""
    process = ForkedProcess(arguments, Start(folder, environment, code=code))
    out, complained = process.communicate(stdin, timeout)
    return subprocess.CompletedProcess(list(map(str, arguments)), process.returncode, out, complained)


def run_in_text(*arguments: object, stdin: str = "", **start: object) -> subprocess.CompletedProcess[str]:
    """The same, in text."""
    done = run(*arguments, stdin=stdin.encode(), **start)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def output(*arguments: object, stdin: str = "", code: int = 0) -> str:
    """What `seqcli` says with these arguments on stdout; on stderr where it is to end with this code."""
    ended = run_in_text(*arguments, stdin=stdin)
    assert ended.returncode == code, ended.stderr
    return ended.stderr if code else ended.stdout


def forked_worker(
    command: Sequence[str], threads: int, *, server: str | None = None
) -> "subprocess.Popen[str] | ForkedProcess":
    """In place of `start_worker`: forked, where it is the usual worker or a script, and has one thread.

    OpenMP's threads do not live on in a fork.
    """
    is_script = len(command) == 2 and command[1].endswith(".py")
    if threads != 1 or not (is_script or tuple(command) == WORKER):
        return REAL_WORKER(command, threads)
    code = Path(command[1]).read_text(encoding="utf-8") if is_script else SERVE_JOBS
    start = Start(environment=worker_environment(threads), new_session=True, code=code)
    return ForkedProcess((), start, text=True, server=server)


if __name__ == "__main__":  # for scripts: python -m making.forked SOCKET, and what `seqcli` is to be given
    sys.exit(ForkedProcess(sys.argv[2:], streams=(0, 1, 2), server=sys.argv[1]).wait())
