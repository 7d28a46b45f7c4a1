"""Worker processes on this machine: jobs side by side, a crash costs only its own job."""

import contextlib
import json
import os
import queue
import resource
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from seqcli.errors import StoppedError, WorkerLostError, system_fault
from seqcli.launch.job import STOP_SECONDS, Failed, Finished, Job, Outcome, Progress, event_from_json
from seqcli.results.wording import span

# A worker that tells nothing for this long is hung: one that goes on asks whether to stop, and tells that it
# is alive when its last word was long ago.
WATCHDOG_SECONDS = 600.0
# How long to listen before it is asked again whether to stop.
LISTEN_SECONDS = 0.5
FILES_PER_WORKER = 3
"""Open files that a worker takes here: the pipes of its input, output and errors."""
OTHER_FILES = 32
"""Open files that everything else may need: modules, the lock, the run that is read."""
PACKAGES = str(Path(__file__).resolve().parents[2])
START = (
    "import sys",
    f"sys.path[:0] = [] if {PACKAGES!r} in sys.path else [{PACKAGES!r}]",
    "from seqcli.launch import worker",
    "worker.main()",
)
WORKER = (sys.executable, "-P", "-c", "; ".join(START))
"""Workers run this very seqcli; with `-m` a `random.py` of the working folder would be imported."""
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")


def worker_environment(threads: int) -> dict[str, str]:
    """This process's environment with every thread pool held to `threads`."""
    counts = dict.fromkeys(THREAD_VARIABLES, str(threads))
    return {**os.environ, **counts, "TOKENIZERS_PARALLELISM": "false"}


def start_worker(command: Sequence[str], threads: int) -> subprocess.Popen[str]:
    """Start a worker process that is spoken to in lines.

    Raises:
        OSError: The system allows no further process or pipe.
    """
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        errors="replace",
        env=worker_environment(threads),
        # A terminal's Ctrl-C reaches only the parent, which stops its workers in order.
        start_new_session=True,
    )


def affordable_workers() -> int:
    """Return the workers that the limit on open files (`ulimit -n`) allows side by side, at least one."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return (
        sys.maxsize if files == resource.RLIM_INFINITY else max(1, (files - OTHER_FILES) // FILES_PER_WORKER)
    )


@dataclass
class Worker:
    """One worker process and the job it has in hand."""

    process: subprocess.Popen[str]
    job: Job | None = None
    silence: float = 0.0
    hung_for: float | None = None
    last_words: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    readers: list[threading.Thread] = field(default_factory=list)

    def send(self, message: dict[str, object]) -> None:
        """One line to the worker; nothing to one that was dismissed.

        A worker that has died is noticed by its closed output.
        """
        if self.process.stdin is None or self.process.stdin.closed:
            return
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def take(self, job: Job) -> None:
        """Give the worker a job."""
        self.job, self.silence = job, 0.0
        self.send({"kind": job.kind, "arguments": job.arguments})

    def dismiss(self) -> None:
        """Close the worker's stdin: it ends when it is done."""
        if self.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                self.process.stdin.close()

    def end(self) -> None:
        """Wait until the process and what reads it are gone."""
        self.process.wait()
        for reader in self.readers:
            reader.join()

    def loss_reason(self) -> str:
        """Return the worker's end, in words."""
        self.end()
        code = self.process.returncode
        how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        words = " / ".join(line.strip() for line in self.last_words if line.strip())
        killed = code == -signal.SIGKILL and self.hung_for is None
        memory = " (the system may be out of memory)" if killed else ""
        if self.hung_for is not None:
            how += f" by the watchdog, silent for {span(self.hung_for)}"
        return f"the worker process {how}{memory}" + (f"; its last words: {words[-300:]}" if words else "")


class LocalWorkers:
    """Runs jobs in worker processes, `count` side by side.

    >>> workers = LocalWorkers(2)
    >>> for outcome in workers.run(jobs, should_stop=lambda: False):  # doctest: +SKIP
    ...     print(outcome.job.name, outcome)

    Args:
        count: How many workers; fewer where the system does not allow so many.
        threads: Threads of each.
        fresh: A new process for each job; else a worker takes job after job and pays torch's import once.
        retries: How often a job whose worker was lost is tried again. A job that failed by itself never is.
        watchdog: Seconds of silence after which a worker is taken for hung.
        command: What starts a worker.

    Attributes:
        workers: Those that are running now.
        should_stop: Asked all the time while jobs run.
    """

    def __init__(
        self,
        count: int,
        *,
        threads: int = 1,
        fresh: bool = False,
        retries: int = 1,
        watchdog: float = WATCHDOG_SECONDS,
        command: Sequence[str] = WORKER,
    ) -> None:
        self.count = count
        self.threads = threads
        self.fresh = fresh
        self.retries = retries
        self.watchdog = watchdog
        self.command = command
        self._heard: queue.SimpleQueue[tuple[Worker, str | None]] = queue.SimpleQueue()
        self.workers: list[Worker] = []
        self.should_stop: Callable[[], bool] = lambda: False
        self._counted_at = 0.0

    def run(self, jobs: Sequence[Job], should_stop: Callable[[], bool]) -> Generator[Outcome]:
        """Run all jobs, first come first served, and tell what they tell.

        Closing the generator early, or an exception in it, stops the workers.

        Args:
            jobs: The work, each under a name of its own.
            should_stop: Asked about once a second.

        Raises:
            StoppedError: A stop was asked for; the workers have saved their state.
            WorkerLostError: The system does not let a worker start.
        """
        self.should_stop = should_stop
        waiting = deque(jobs)
        tries = dict.fromkeys((job.name for job in jobs), 0)
        with self.stopped_in_order():
            for _ in range(min(self.count, len(waiting), affordable_workers())):
                self.start().take(waiting.popleft())
            while any(worker.job for worker in self.workers):
                worker, line = self.listen()
                if line is not None:
                    outcome = self.understand(worker, line)
                else:
                    outcome = self._after_loss(worker, waiting, tries)
                if outcome is not None:
                    yield outcome
                if worker.job is None:
                    self._next(worker, waiting)

    @contextlib.contextmanager
    def stopped_in_order(self) -> Iterator[None]:
        """Stop all workers on the way out; where a stop was asked for, tell which could not save their state.

        Raises:
            StoppedError: A stop was asked for.
        """
        try:
            yield
        except StoppedError as stopped:
            unsaved = self.stop()
            if unsaved:
                raise StoppedError(
                    f"stopped; {', '.join(unsaved)} did not end a step within {span(STOP_SECONDS)}"
                    " and will go on from an earlier checkpoint",
                    stopped.hint,
                ) from None
            raise
        finally:
            self.stop()

    def start(self) -> Worker:
        """Start a worker process and listen to it.

        Raises:
            WorkerLostError: The system does not let a worker start.
        """
        try:
            worker = Worker(start_worker(self.command, self.threads))
        except OSError as error:
            raise WorkerLostError(
                f"no worker process can be started: {error.strerror}",
                "Give fewer --jobs, or raise the system's limits (ulimit -n, ulimit -u).",
            ) from error
        self.workers.append(worker)
        for read in (self._read, self._read_errors):
            # Both pipes are read all the time: a full one would stop the worker in the middle of a word.
            reader = threading.Thread(target=read, args=(worker,), daemon=True)
            try:
                reader.start()
            except RuntimeError as error:
                worker.process.kill()
                worker.end()
                for pipe in (worker.process.stdout, worker.process.stderr):
                    if pipe is not None:
                        pipe.close()  # nobody reads it
                raise system_fault(error) or error from error
            worker.readers.append(reader)
        return worker

    def _read(self, worker: Worker) -> None:
        if worker.process.stdout is not None:
            with worker.process.stdout as lines:
                for line in lines:
                    if line.endswith("\n"):  # half a line: it was killed in the middle of a word
                        self._heard.put((worker, line))
        # The end of its output, also of one that was killed: no other sign comes of that.
        self._heard.put((worker, None))

    def _read_errors(self, worker: Worker) -> None:
        if worker.process.stderr is not None:
            with worker.process.stderr as lines:
                worker.last_words.extend(lines)

    def listen(self) -> tuple[Worker, str | None]:
        """Return a worker and its next line; None in place of a line that will not come.

        Raises:
            StoppedError: A stop was asked for.
        """
        while True:
            message = self.hear()
            if message is not None:
                return message

    def hear(self) -> tuple[Worker, str | None] | None:
        """As `listen`, but None where nobody says anything for `LISTEN_SECONDS`."""
        if self.should_stop():
            raise StoppedError(
                "stopped; what is finished is kept, and what was running is saved",
                "The same command continues from here.",
            )
        self._count_silence()
        with contextlib.suppress(queue.Empty):
            worker, line = self._heard.get(timeout=LISTEN_SECONDS)
            worker.silence = 0.0
            if line is not None or worker.job is not None:
                return worker, line
            self.forget(worker)
        return None

    def _count_silence(self) -> None:
        """Count the time since the last count as silence of every worker, and end those that are hung.

        Never much at once: it may be this process that was stopped for hours, by Ctrl-Z.
        """
        now = time.monotonic()
        passed = min(now - self._counted_at, LISTEN_SECONDS)
        self._counted_at = now
        for worker in self.workers:
            worker.silence += passed
            if worker.job is not None and worker.silence > self.watchdog:
                worker.silence, worker.hung_for = 0.0, self.watchdog
                worker.process.kill()

    def understand(self, worker: Worker, line: str) -> Outcome | None:
        """Return the outcome that a worker's line tells of; None for a sign of life."""
        message = json.loads(line)
        job = worker.job
        if job is None or "alive" in message:
            return None
        if "event" in message:
            return Progress(job, event_from_json(message))
        worker.job = None
        if "result" in message:
            return Finished(job, message["result"])
        return Failed(job, message["failed"], message["message"], message["hint"], message.get("crash"))

    def _after_loss(self, worker: Worker, waiting: deque[Job], tries: dict[str, int]) -> Outcome | None:
        """The job of a lost worker is tried again, or has failed."""
        job, worker.job = worker.job, None
        if job is None:
            return None
        reason = worker.loss_reason()
        if tries[job.name] < self.retries:
            tries[job.name] += 1
            # First in line again: its checkpoint is fresh, and the order of results stays nearly that of the
            # jobs.
            waiting.appendleft(job)
            return None
        return Failed(job, WorkerLostError.exit_code, reason, "The same command tries this again.")

    def _next(self, worker: Worker, waiting: deque[Job]) -> None:
        """Give a free worker its next job, in a fresh process where one is wanted or the old one is dead."""
        if worker not in self.workers:
            return
        alive = worker.process.poll() is None and not self.fresh
        if alive and waiting:
            worker.take(waiting.popleft())
            return
        worker.dismiss()
        # Measurements run alone: the next process starts when this one is gone.
        worker.end()
        self.forget(worker)
        if waiting:
            self.start().take(waiting.popleft())

    def forget(self, worker: Worker) -> None:
        """A worker that is gone counts no more."""
        if worker in self.workers:
            self.workers.remove(worker)

    def stop(self) -> list[str]:
        """Ask every worker to stop, and end those that have not after `STOP_SECONDS`.

        Returns:
            The names of the jobs that were ended so: they have not saved their last steps.
        """
        unsaved = []
        for worker in self.workers:
            # All are asked before any is waited for.
            worker.send({"stop": True})
            worker.dismiss()
        # One deadline for all of them: they save their states side by side.
        deadline = time.monotonic() + STOP_SECONDS
        for worker in self.workers:
            try:
                worker.process.wait(timeout=max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                unsaved += [worker.job.name] if worker.job else []
            worker.end()
        self.workers.clear()
        return unsaved
