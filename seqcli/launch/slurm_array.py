"""Workers that SLURM runs on a shared store: submitted, found again, topped up, kept off bad nodes.

An array is of workers and not of training runs: the store says who trains what, so that a lost node, a time
limit or a preemption costs a run what it did since its last checkpoint, wherever it goes on.
"""

import contextlib
import io
import math
import re
import shlex
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from seqcli.errors import RunError, SeqcliError, StorageError, UsageError, WorkerLostError
from seqcli.launch.engine import Placement
from seqcli.launch.other_numerics import OtherNumerics, refused
from seqcli.launch.patience import patiently
from seqcli.launch.shared import state_of
from seqcli.launch.shared_store import SharedStore
from seqcli.launch.store_mark import NOT_SHARED
from seqcli.results.events import Note
from seqcli.results.work import WorkerFacts
from seqcli.runs import strict_json
from seqcli.runs.atomic import write_bytes
from seqcli.runs.sealed import sealed, unsealed
from seqcli.runs.storage import read_file, storage_faults

FOLDER = "slurm"
"""In the store: the submitted scripts, the workers' logs, and which arrays there are."""
ARRAYS = "arrays.json"
_LARGEST_RECORD = 1 << 20
"""Bytes; a record of arrays has a few hundred: what is larger is no such record."""

POLL_SECONDS = 5.0
"""Between two looks at the queue: a controller serves thousands."""
PATIENCE = 300.0
"""Seconds for which the controller may be silent: they are restarted, and what runs goes on meanwhile."""
IDLE = "30s"
"""Wait of a worker with nothing to do: a comparison that adds seeds needs a few seconds."""
SUBMISSIONS = 3
"""Arrays submitted with no run finished between them, before the cluster counts as lost."""
FAILED_TWICE = 2
"""Workers lost or sick on a node, after which it is excluded by name."""
MOST_REQUEUES = 1000
"""Time limits that a worker may reach: a bound against a worker that does nothing but begin."""
ENDED = frozenset(
    {"COMPLETED", "CANCELLED", "FAILED", "TIMEOUT", "NODE_FAIL", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY"}
)
"""States of a task that will not go on; all others may, those that SLURM queues again included."""
UNREACHED = re.compile(
    r"unable to contact|timed out|zero bytes|connection refused|communication", re.IGNORECASE
)
"""SLURM's words where its controller does not answer, which is no refusal."""
LAST_WORDS = 300
"""Characters of a worker's log that are told where no worker works any more."""


def ask(*command: str) -> str:
    """The answer of one of SLURM's programs.

    Raises:
        WorkerLostError: It cannot be started, or the controller does not answer.
        UsageError: It refuses.
    """
    try:
        # SLURM's own programs wait 10 s for the controller (MessageTimeout) and try again.
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise WorkerLostError(f"{command[0]} does not answer: {error}") from error
    if ended.returncode:
        raise refusal(ended.stderr or ended.stdout)
    return ended.stdout


def refusal(answer: str) -> SeqcliError:
    """The error for what SLURM said, in its own words without the noise around them."""
    lines = [re.sub(r"^\w+: (?:error: )?", "", line.strip()) for line in answer.splitlines()]
    words = "; ".join(dict.fromkeys(line for line in lines if line)) or "no reason was given"
    if UNREACHED.search(words):
        return WorkerLostError(f"SLURM does not answer: {words}", "The same command continues from here.")
    return UsageError(f"SLURM refused: {words}", "Look at the `slurm:` section: sinfo lists partitions.")


def worker_command(store: SharedStore, placement: Placement) -> list[str]:
    """The command line of a worker, run by this very Python; `-P`, lest the working folder hide a module."""
    options = {
        "--jobs": placement.jobs or 1,
        "--threads": placement.threads,
        "--idle": IDLE,
        "--lost-after": f"{placement.lost_after:g}s",
        "--store-id": store.id,
    }
    words = [str(word) for pair in options.items() if pair[1] for word in pair]
    return [sys.executable, "-P", "-m", "seqcli", "work", str(store.folder), *words]


AFTER = (
    "code=$?",
    f'if [ "$code" = 75 ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt {MOST_REQUEUES} ]; then',
    '    scontrol requeue "$SLURM_JOB_ID"',
    "fi",
    'exit "$code"',
)
"""The script's end: 75 says that the time is over and all is saved, and the worker is queued again."""


def parameters(placement: Placement, exclude: Sequence[str], count: int) -> dict[str, Any]:
    """The array's options as submitit names them; what is None is left to SLURM."""
    settings = placement.slurm
    further = dict(text.partition("=")[::2] for text in settings.options)
    return {
        "job_name": "seqcli",
        "partition": settings.partition,
        "account": settings.account,
        "qos": settings.qos,
        # SLURM counts a time limit in minutes.
        "time": None if settings.time is None else math.ceil(settings.time / 60),
        "mem": settings.memory,
        "cpus_per_task": settings.cpus or (placement.jobs or 1) * placement.threads,
        "gpus_per_node": settings.gpus,
        "constraint": settings.constraint,
        "exclude": ",".join(exclude) or None,
        "signal_delay_s": round(settings.signal_before),
        "array_parallelism": settings.array_limit or count,
        "setup": list(settings.setup),
        "teardown": list(AFTER),
        "wckey": None,
        "stderr_to_stdout": True,
        "additional_parameters": {"requeue": True, **{key: value or True for key, value in further.items()}},
    }


class WorkerArray:
    """The workers of one store under SLURM, as the command sees them that waits for their work.

    Args:
        store: The store.
        placement: What each worker asks for.

    Attributes:
        arrays: The numbers of the arrays that were submitted, by this command or by one before.
        excluded: Nodes that are not used any more.
    """

    def __init__(self, store: SharedStore, placement: Placement) -> None:
        self.store = store
        self.placement = placement
        self.folder = store.folder / FOLDER
        self.arrays: list[str] = []
        self.excluded: list[str] = [] if placement.slurm.exclude is None else [placement.slurm.exclude]
        self._before: set[str] = set()
        self._asked_at = float("-inf")
        self._answered_at = time.monotonic()
        self._submissions = 0
        self._finished = -1
        self._attached = False
        self._numerics = OtherNumerics(store, strict=placement.strict)
        self._read()

    def attend(self) -> Iterator[Note]:
        """Look after the workers, once in a while: submit those that are missing, keep them off bad nodes.

        Raises:
            WorkerLostError: The controller is silent, or workers end and nothing gets finished.
            UsageError: SLURM refuses them, or the nodes' numbers would be others than this machine's.
        """
        now = time.monotonic()
        if now - self._asked_at < POLL_SECONDS:
            return
        self._asked_at = now
        try:
            alive = self._alive()
            self._answered_at = now
        except WorkerLostError:
            if now - self._answered_at < PATIENCE:
                return
            raise
        workers = self._workers()
        self._check_numerics(workers)
        yield from self._numerics.tell(workers)
        yield from self._exclude(workers)
        yield from self._top_up(alive)

    def _alive(self) -> int:
        """The tasks that run or wait; one that SLURM holds since it could not be started is given up."""
        alive = 0
        for array in self.arrays:
            try:
                answer = ask("squeue", "--noheader", "--array", f"--jobs={array}", "--format=%i|%T|%r")
            except UsageError:  # so long ago that SLURM does not know it any more
                continue
            for line in answer.splitlines():
                task, _, rest = line.strip().partition("|")
                state, _, reason = rest.partition("|")
                if "held" in reason.lower() and "launch" in reason.lower():
                    ask("scancel", task)
                else:
                    alive += state not in ENDED
        return alive

    def _workers(self) -> list[WorkerFacts]:
        """The workers that came since the first array: by their names, for clocks of machines may differ."""
        return [worker for worker in patiently(self.store.workers) if worker.id not in self._before]

    def _check_numerics(self, workers: Sequence[WorkerFacts]) -> None:
        """Refuse to wait where every worker so far has left the work to others.

        Raises:
            UsageError: No node can do it.
        """
        if workers and all(worker.unfit and worker.state == "ended" for worker in workers):
            raise refused(workers[0])

    def _exclude(self, workers: Sequence[WorkerFacts]) -> Iterator[Note]:
        """Exclude by name a node on which two workers were lost, or failed run after run."""
        failed = Counter(worker.node for worker in workers if worker.state == "lost" or worker.sick)
        bad = [node for node, count in failed.items() if node and count >= FAILED_TWICE]
        for node in sorted(set(bad) - set(self.excluded)):
            self.excluded.append(node)
            for array in self.arrays:
                with contextlib.suppress(SeqcliError):  # one that has ended has nothing to be kept off
                    ask("scontrol", "update", f"JobId={array}", f"ExcNodeList={','.join(self.excluded)}")
            yield Note(subject="node excluded", values={"node": node, "times": failed[node]})

    def _top_up(self, alive: int) -> Iterator[Note]:
        """Submit the workers that are missing for what waits.

        Raises:
            WorkerLostError: So many arrays ended with nothing finished.
            RunError: Nothing that they did is seen here: the store is not shared.
        """
        state = patiently(partial(state_of, self.store))
        if state.done != self._finished:
            self._finished, self._submissions = state.done, 0
        missing = min(self.placement.slurm.workers, state.waiting) - alive
        if alive and not self._attached:
            self._attached = True
            yield Note(subject="slurm attached", values={"job": ",".join(self.arrays), "workers": alive})
        if missing <= 0:
            return
        if self._submissions >= SUBMISSIONS:
            raise self._all_lost()
        self._submissions += 1
        job = self.submit(missing)
        self._attached = True
        yield Note(
            subject="slurm submitted", values={"job": job, "workers": missing, "logs": str(self.folder)}
        )

    def _all_lost(self) -> SeqcliError:
        """The error where array after array has ended, and what each leaves where it sees the store."""
        words = self._last_words()
        if not words and not self._workers():
            return RunError(
                f"{SUBMISSIONS} arrays of workers ended under SLURM, and neither a worker's record nor a log"
                f" came into {self.store.folder}: its nodes see another folder of that name, or none",
                NOT_SHARED,
            )
        return WorkerLostError(
            f"{SUBMISSIONS} arrays of workers ended under SLURM and finished nothing{words}",
            f"Their logs are in {self.folder}. The same command continues from here.",
        )

    def submit(self, count: int) -> str:
        """Submit an array of so many workers; returns its number.

        Raises:
            UsageError: SLURM refuses it.
            WorkerLostError: SLURM does not answer.
            StorageError: The store is full or fails.
        """
        from submitit import SlurmExecutor
        from submitit.core.utils import FailedJobError, FailedSubmissionError

        with storage_faults(self.folder):
            self.folder.mkdir(exist_ok=True)
            executor = SlurmExecutor(folder=self.folder)
            executor.update_parameters(**parameters(self.placement, self.excluded, count))
            executor.parameters["map_count"] = count
            command = shlex.join(worker_command(self.store, self.placement))
            try:
                with contextlib.redirect_stderr(io.StringIO()):  # it says there what it raises
                    job = executor._submit_command(command)  # noqa: SLF001 - its other way writes pickles
            except (FailedJobError, FailedSubmissionError) as error:
                raise refusal(str(error)) from error
        self.arrays.append(job.job_id)
        self.write_record()
        return str(job.job_id)

    def _read(self) -> None:
        """Find again what was submitted for this store before."""
        self._before = {worker.id for worker in patiently(self.store.workers)}
        with contextlib.suppress(RunError, ValueError):
            content = read_file(self.folder / ARRAYS, at_most=_LARGEST_RECORD)
            record = unsealed(strict_json.parse_object(content))
            self._before = {str(worker) for worker in _listed(record.get("before"))}
            self.arrays = [str(number) for number in _listed(record["arrays"]) if str(number).isdecimal()]

    def write_record(self) -> None:
        """Keep which arrays were submitted for this store, and which workers were there before."""
        record = {"arrays": self.arrays, "before": sorted(self._before)}
        write_bytes(self.folder / ARRAYS, strict_json.document(sealed(record)))

    def _last_words(self) -> str:
        """The end of the newest log, for a person."""
        with contextlib.suppress(OSError, StorageError, ValueError):
            logs = sorted(self.folder.glob("*_log.out"), key=lambda path: path.stat().st_mtime)
            if logs:
                with logs[-1].open("rb") as log:
                    log.seek(max(0, logs[-1].stat().st_size - LAST_WORDS))
                    lines = log.read(LAST_WORDS).decode(errors="replace").splitlines()
                words = " / ".join(line.strip() for line in lines if line.strip())
                return f"; the last words of one: {words}" if words else ""
        return ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
