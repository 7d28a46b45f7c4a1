"""A process that has imported seqcli and forks itself for each program that a test starts.

Most of a tiny command is importing torch again. A forked program is a process of its own (pipes, signals,
exit code, environment, folder, its own end); it only starts with what this one has imported. So a test of the
start itself (hash seed, locale, imports) starts Python anew.

    python -m making.fork_server SOCKET        # ends when its stdin does

A program is asked for on a connection: one line of JSON with its three streams beside it. The answer is a
line with its process id and, when it has ended, a line with its exit code as `subprocess` counts it.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import threading
import time
import traceback
from typing import NoReturn

from making.forked import forked_worker

from seqcli.launch import local

WHEN_USED = (
    "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg",
    "matplotlib.figure",
    "pyarrow.csv",
    "pyarrow.parquet",
    "sacrebleu",
    "safetensors.torch",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.feature_extraction.text",
    "sklearn.linear_model",
    "torch._dynamo",  # by the first optimiser that a process makes; takes as long as torch itself
)
"""What seqcli imports within functions."""


def import_all() -> None:
    """Import every module of seqcli, and what those import only when they are used."""
    import seqcli

    for module in pkgutil.walk_packages(seqcli.__path__, "seqcli."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for name in WHEN_USED:
        importlib.import_module(name)


class ForkServer:
    """Forks at each request; `program` returns in forked processes alone."""

    def __init__(self, path: str) -> None:
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        self.listening.listen(64)
        self.running: dict[int, socket.socket] = {}
        self.woken, self.waking = os.pipe()
        for descriptor in (self.woken, self.waking):
            os.set_blocking(descriptor, False)

    def program(self) -> str | None:
        """Return the code that this process is to run; None where the server is at its end."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is for the test run
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.waking)
        while True:
            ready, _, _ = select.select([0, self.listening, self.woken], [], [])
            if self.woken in ready:
                os.read(self.woken, 4096)
                self.reap()
            if self.listening in ready and (code := self.accept()) is not None:
                return code
            if 0 in ready and not os.read(0, 1):
                return None

    def reap(self) -> None:
        while self.running:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            asked = self.running.pop(pid)
            with contextlib.suppress(OSError):  # who asked for it has gone
                asked.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
            asked.close()

    def accept(self) -> str | None:
        asked, _ = self.listening.accept()
        word, streams, _, _ = socket.recv_fds(asked, 1, 3)
        line = asked.makefile("rb").readline() if word else b""
        if not line:
            asked.close()
            return None
        pid = os.fork()
        if pid:
            self.running[pid] = asked
            with contextlib.suppress(OSError):  # who asked for it was killed meanwhile
                asked.sendall(b"%d\n" % pid)
            for stream in streams:
                os.close(stream)
            return None
        for mine in (asked, self.listening, *self.running.values()):
            mine.close()
        signal.set_wakeup_fd(-1)
        for mine in (self.woken, self.waking):
            os.close(mine)
        return become(json.loads(line), streams)


def become(request: dict, streams: list[int]) -> str:
    """Take on the program's streams, environment, folder and arguments, as if started with them."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if request["new_session"]:
        os.setsid()
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    sys.argv = ["seqcli", *request["arguments"]]
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        before = getattr(sys, name)
        raw = open(number, mode + "b", closefd=False)  # noqa: SIM115 - open as long as the process
        settings = {"encoding": before.encoding, "errors": before.errors}
        line_buffering = name == "stderr" or os.isatty(number)
        fresh = io.TextIOWrapper(raw, **settings, line_buffering=line_buffering)
        fresh.mode = mode
        setattr(sys, name, fresh)
        setattr(sys, f"__{name}__", fresh)
    return request["code"]


def exit_code(code: str) -> int:
    """Run a program and return how Python would end after it."""
    try:
        exec(compile(code, "<program>", "exec"), {"__name__": "__main__"})  # noqa: S102 - as `python -c` does
    except SystemExit as wanted:
        return wanted.code if isinstance(wanted.code, int) else int(wanted.code is not None)
    except BaseException:  # noqa: BLE001 - as Python itself tells what nobody caught
        traceback.print_exc()
        return 1
    return 0


def end(code: int) -> NoReturn:
    """End as Python does, but for freeing each of the imported objects, which takes a second."""
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError as error:
            code = 120
            os.write(2, f"Exception ignored while flushing: {error!r}\n".encode())
    os._exit(code)


if __name__ == "__main__":
    import_all()
    server = ForkServer(sys.argv[1])
    local.start_worker = functools.partial(forked_worker, server=sys.argv[1])
    gc.collect()
    gc.freeze()  # a forked process that collects would copy every page
    if (program := server.program()) is not None:
        end(exit_code(program))
