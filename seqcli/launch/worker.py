"""A worker process: takes jobs as JSON lines on stdin, tells events and results as JSON lines on stdout.

It ends when its stdin ends, so no worker outlives the process that started it.
"""

import json
import os
import queue
import signal
import sys
import threading
import time
import traceback
from typing import TextIO

from seqcli.errors import SeqcliError, system_fault
from seqcli.launch.job import JOBS, STOP_SECONDS, event_to_json
from seqcli.results.events import drive

Message = dict[str, object]

# A job still running this long after the parent has died, without a word, is ended.
ORPHAN_SECONDS = 4.0
# A job that asks whether to stop is told to be alive, this long after its last word.
BEAT_SECONDS = 30.0


class WorkerInput:
    """The parent's messages: jobs one after the other, and perhaps a stop."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._jobs: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._idle = threading.Event()
        # A thread of its own: a stop must be heard while a job computes.
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        patience = ORPHAN_SECONDS
        for line in self._stream:
            if not line.endswith("\n"):
                break  # the parent died in the middle of a word
            order: Message = json.loads(line)
            if order.get("stop"):
                patience = STOP_SECONDS
                self._stop.set()
            else:
                self._jobs.put(order)
        self._stop.set()
        self._jobs.put(None)
        if not self._idle.wait(timeout=patience):
            # Not `sys.exit`: that ends this thread, and it is the main one that hangs.
            os._exit(1)

    def next_job(self) -> Message | None:
        """The next job, or None when the parent has gone or wants no more."""
        self._idle.set()
        job = None if self._stop.is_set() else self._jobs.get()
        self._idle.clear()
        return job

    def stop_requested(self) -> bool:
        """Return whether the parent asked the running job to stop (and keep its state)."""
        return self._stop.is_set()

    def stop(self) -> None:
        """The parent is gone: the running job shall keep its state and end."""
        self._stop.set()


def failure(error: BaseException) -> Message:
    """Return an exception as the parent's message."""
    known = error if isinstance(error, SeqcliError) else system_fault(error)
    if known is not None:
        return {"failed": known.exit_code, "message": known.message, "hint": known.hint}
    crash = "".join(traceback.format_exception(error))
    return {"failed": 1, "message": f"{type(error).__name__}: {error}", "hint": None, "crash": crash}


class WorkerOutput:
    """The worker's messages to its parent, and the time of the latest."""

    def __init__(self, orders: WorkerInput, channel: TextIO) -> None:
        self._orders = orders
        self._channel = channel
        self._told_at = time.monotonic()

    def tell(self, message: Message) -> None:
        """One line to the parent; when nobody hears any more, the running job is asked to stop."""
        self._told_at = time.monotonic()
        try:
            self._channel.write(json.dumps(message) + "\n")
            self._channel.flush()
        except BrokenPipeError:
            self._orders.stop()

    def stop_requested(self) -> bool:
        """Return whether a stop was asked for; a job that hangs stops asking, which the watchdog sees."""
        if time.monotonic() - self._told_at > BEAT_SECONDS:
            self.tell({"alive": True})
        return self._orders.stop_requested()


def work(orders: WorkerInput, channel: TextIO) -> None:
    """Do jobs until there are none left, or nobody hears any more."""
    words = WorkerOutput(orders, channel)
    while (job := orders.next_job()) is not None:
        try:
            steps = JOBS.get(str(job["kind"]))(dict(job["arguments"]), words.stop_requested)  # type: ignore[call-overload]
            result = drive(steps, lambda event: words.tell(event_to_json(event)))
            words.tell({"result": result})
        except Exception as error:  # noqa: BLE001 - every fault of a job is told; the worker lives on
            words.tell(failure(error))


def main() -> None:
    """Serve the parent on stdin and stdout; stray prints of libraries go to stderr.

    What ends a whole group of processes (a terminal, systemd, a batch system) reaches the parent too, which
    asks for a stop and waits until the state is saved; a worker that died of it first would lose its steps.
    """
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR2):
        signal.signal(ending, signal.SIG_IGN)
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints would else stand between the JSON lines.
    os.dup2(2, 1)
    work(WorkerInput(sys.stdin), channel)


if __name__ == "__main__":
    main()
