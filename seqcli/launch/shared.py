"""Workers on many machines: each takes from a shared store what nobody has finished, and commits it there."""

import hashlib
import importlib.metadata
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from seqcli import __version__
from seqcli.config.hardware import numerics
from seqcli.errors import SeqcliError, StorageError, WorkerLostError
from seqcli.launch.job import Failed, Finished, Job, Outcome, Progress, event_to_json
from seqcli.launch.local import LISTEN_SECONDS, LocalWorkers, Worker, affordable_workers
from seqcli.launch.patience import Patience, patiently
from seqcli.launch.shared_store import FINAL, Lease, SharedStore, running
from seqcli.results.events import EpochFinished, Leg, LegFinished, Note, StepProgress
from seqcli.results.work import WorkResult
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.run_layout import LEGS_FOLDER

BEATS_A_LOSS = 8
"""Beats in the time after which a silent worker is given up: a slow disk may swallow a few of them."""
LOOK_SECONDS = 1.0
"""Between two looks into the store: short against a run, long against listing some thousand files."""
SICK_AFTER = 3
"""Runs failed in a row, none finished between them, after which a worker takes its machine for broken."""
RETRIES = 1
"""A lost process of this machine is started once more before others are asked to try."""


def unfit(job: Job) -> str | None:
    """Return why this machine cannot train a run, whose numbers would be others here; None where it can.

    A run is named by all that decides its numbers: the processor's instructions and torch's version too.
    """
    leg = job.arguments["leg"]
    if not isinstance(leg, dict):
        return None
    numbers = {"cpu": numerics(), "torch": importlib.metadata.version("torch"), "seqcli": __version__}
    differing = [f"{name} {leg[name]}" for name in numbers if leg.get(name) != numbers[name]]
    return ", ".join(differing) or None


@dataclass
class InHand:
    """A leased run in one of this machine's processes.

    Attributes:
        lease: The right to it.
        doing: Where it is, for whoever watches.
        tries: How many processes were lost over it.
    """

    lease: Lease
    doing: str = ""
    tries: int = 0


@dataclass
class Awaited:
    """The runs that a caller waits for.

    Attributes:
        jobs: By their names in the store; None for whatever there is.
        idle: Seconds to wait for new work where there is none.
        settled: Those whose end was told.
    """

    jobs: dict[str, Job] | None
    idle: float = 0.0
    settled: set[str] = field(default_factory=set)


class SharedWorkers:
    """Worker processes here that take their work from a store, beside those of other machines.

    >>> workers = SharedWorkers(store, LocalWorkers(2))
    >>> for outcome in workers.run(jobs, should_stop=lambda: False):  # doctest: +SKIP
    ...     print(outcome.job.name, outcome)

    Args:
        store: Where the work is.
        local: The processes of this machine, not running yet; where there are none it only watches.
        attend: Looks after workers elsewhere, all the time, and yields what a person should know.

    Attributes:
        done: How many runs were finished here.
        sick: The failure that made this machine take no more, if one did.
        unfit: Names of runs that need another machine, with what they need.
        only: Names of the runs that it may take; None is any that waits.
    """

    def __init__(
        self,
        store: SharedStore,
        local: LocalWorkers,
        attend: Callable[[], Iterable[Note]] = tuple,
    ) -> None:
        self.store = store
        self.local = local
        self.attend = attend
        self.done = 0
        self.sick: Failed | None = None
        self.unfit: dict[str, str] = {}
        self.only: set[str] | None = None
        self._in_hand: dict[str, InHand] = {}
        self._backlog: list[str] = []
        self._leases: dict[str, int] = {}
        self._failed_here: dict[str, Failed] = {}
        self._failed_in_row = 0
        self._looked_at = -LOOK_SECONDS
        self._beat_at = float("-inf")
        self._beats_fail = Patience(store.folder, store.lost_after, lambda: store.awake)
        self._looks_fail = Patience(store.folder, store.lost_after, lambda: store.awake)
        self._counted_at = time.monotonic()
        self._sees = False
        self._open: set[str] = set()
        self._failed: set[str] = set()

    def run(self, jobs: Sequence[Job], should_stop: Callable[[], bool]) -> Generator[Outcome]:
        """Publish jobs, work on them with everybody else, and tell how each ended, wherever that was.

        Raises:
            StoppedError: A stop was asked for; the runs in hand have saved their state.
            WorkerLostError: The system does not let a worker start.
            StorageError: The store is full or fails.
        """
        awaited = Awaited({patiently(partial(self.store.publish, job)): job for job in jobs})
        if awaited.jobs:
            yield from self._work(awaited, should_stop)

    def serve(self, should_stop: Callable[[], bool], *, idle: float) -> Generator[Outcome]:
        """Work on whatever the store holds until nothing is left, and for `idle` seconds nothing has come.

        Raises:
            StoppedError: A stop was asked for; the runs in hand have saved their state.
            WorkerLostError: No worker can be started, or this machine fails every run.
            StorageError: The store is full or fails.
        """
        yield from self._work(Awaited(None, idle), should_stop)
        if self.sick is not None:
            raise WorkerLostError(
                f"{SICK_AFTER} training runs in a row failed on this machine, the last with:"
                f" {self.sick.message}",
                "They are left to other workers; look at this machine, then give the command again.",
            )

    def _work(self, awaited: Awaited, should_stop: Callable[[], bool]) -> Generator[Outcome]:
        self.local.should_stop = should_stop
        self._beat()
        nothing_since: float | None = None
        try:
            with self.local.stopped_in_order():
                while True:
                    self.count_time()
                    self._look()
                    self._engage()
                    yield from self._ended_elsewhere(awaited)
                    if awaited.jobs:
                        any_job = next(iter(awaited.jobs.values()))
                        yield from (Progress(any_job, note) for note in self.attend())
                    if self._is_over(awaited):
                        nothing_since = self.store.awake if nothing_since is None else nothing_since
                        if self.store.awake - nothing_since >= awaited.idle:
                            return
                    else:
                        nothing_since = None
                    message = self.local.hear()
                    if message is not None:
                        yield from self._after(*message, awaited)
        finally:
            if self.local.count:
                self.store.leave()

    def count_time(self) -> None:
        """Count this process's own life, and beat; time for which it was stopped does not count."""
        now = time.monotonic()
        self.store.awake += min(now - self._counted_at, 2 * LISTEN_SECONDS)
        self._counted_at = now
        if now - self._beat_at >= self.store.lost_after / BEATS_A_LOSS:
            self._beat()
            self._give_up_lost()

    def _beat(self) -> None:
        if not self.local.count:
            return  # who only watches is no worker
        legs = running((in_hand.lease.job.name, in_hand.doing) for in_hand in self._in_hand.values())
        values = {
            "running": legs,
            "done": self.done,
            "failed": len(self._failed_here),
            "unfit": len(self.unfit),
            "needs": next(iter(self.unfit.values()), ""),
            "sick": self.sick is not None,
        }
        self.store.me = self.store.me.model_copy(update=values)
        with self._beats_fail.passing_over():
            self.store.beat()
        self._beat_at = time.monotonic()

    def _give_up_lost(self) -> None:
        """End the processes whose run another worker took over while this one was silent."""
        for worker in list(self.local.workers):
            lease = self._lease_of(worker)
            if lease is not None and patiently(partial(self.store.is_lost, lease)):
                self._drop(worker, lease)

    def _drop(self, worker: Worker, lease: Lease) -> None:
        worker.job = None
        worker.process.kill()
        worker.dismiss()
        worker.end()
        self.local.forget(worker)
        del self._in_hand[lease.key]

    def _look(self) -> None:
        """List what is to be done and what is leased, once in a while."""
        if self.store.awake - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = self.store.awake
        self._sees = False
        with self._looks_fail.passing_over():
            self._open, self._leases, self._failed = (
                self.store.open_keys(),
                self.store.leases(),
                self.store.failed_keys(),
            )
            self._sees = True
        open_legs = self._open if self.only is None else self._open & self.only
        self._backlog = sorted(
            open_legs - self._in_hand.keys() - self._failed_here.keys() - self.unfit.keys(), key=self._order
        )

    def _order(self, key: str) -> str:
        """Each worker begins at another place, so that few reach for the same run."""
        return hashlib.sha256(f"{self.store.me.id} {key}".encode()).hexdigest()

    def _engage(self) -> None:
        """Give idle processes, and those that may still be started, a run each."""
        most = 0 if self.sick is not None else min(self.local.count, affordable_workers())
        while len(self._in_hand) < most and (lease := self._next_lease()) is not None:
            idle = next((worker for worker in self.local.workers if worker.job is None), None)
            self._in_hand[lease.key] = InHand(lease)
            (self.local.start() if idle is None else idle).take(lease.job)

    def _next_lease(self) -> Lease | None:
        while self._backlog:
            key = self._backlog.pop()
            lease = patiently(partial(self._lease, key))
            if lease is not None:
                self.store.log(key, "lease", number=lease.number, run=lease.job.name)
                return lease
        return None

    def _lease(self, key: str) -> Lease | None:
        """Lease a run that this machine can train and that nobody has settled; None where it is another's."""
        job = self.store.job(key)
        if job is None or self.store.is_settled(key):
            return None
        needs = unfit(job)
        if needs is not None:
            self.unfit[key] = needs
            return None
        return self.store.lease(key, self._leases)

    def _after(self, worker: Worker, line: str | None, awaited: Awaited) -> Iterator[Outcome]:
        lease = self._lease_of(worker)
        outcome = self._after_loss(worker, lease) if line is None else self.local.understand(worker, line)
        if outcome is None or lease is None:
            return
        if isinstance(outcome, Progress):
            self._in_hand[lease.key].doing = _doing(outcome)
            if not isinstance(outcome.event, StepProgress):
                record = event_to_json(outcome.event)
                self.store.log(lease.key, str(record["event"]), fields=record["fields"])
            yield outcome
            return
        end: Outcome | None = outcome
        if isinstance(outcome, Failed):
            end = self._after_failure(worker, outcome, lease, awaited)
        else:
            del self._in_hand[lease.key]
            is_kept = patiently(partial(self.store.finish, lease))
            self.store.log(lease.key, "kept" if is_kept else "thrown away")
            self.done += is_kept
            self._failed_in_row = 0
        if end is not None:
            awaited.settled.add(lease.key)
            yield end

    def _after_failure(self, worker: Worker, failed: Failed, lease: Lease, awaited: Awaited) -> Failed | None:
        """The failure that counts, noted for others; None where this or another worker may do better."""
        if patiently(partial(self.store.is_finished, lease.key)):
            self._throw_away(lease)
            return None
        if self._tries_again(worker, failed, lease):
            return None
        del self._in_hand[lease.key]
        failed = replace(failed, log=str(self.store.log_file(lease.key)))
        self._note_failure(failed, lease.key)
        is_told = awaited.jobs is None or patiently(partial(self.store.is_settled, lease.key))
        return failed if is_told else None  # what comes of it elsewhere is told in the end

    def _throw_away(self, lease: Lease) -> None:
        """Leave a run that another has finished, and whose folder here it took away."""
        del self._in_hand[lease.key]
        patiently(partial(self.store.finish, lease))
        self.store.log(lease.key, "thrown away")

    def _tries_again(self, worker: Worker, failed: Failed, lease: Lease) -> bool:
        """Try a run again that the disk failed; what else fails would fail again, or is a lost process."""
        in_hand = self._in_hand[lease.key]
        if failed.exit_code != StorageError.exit_code or in_hand.tries >= RETRIES:
            return False
        in_hand.tries += 1
        self.store.log(lease.key, "again", message=failed.message)
        worker.take(lease.job)
        return True

    def _note_failure(self, failed: Failed, key: str) -> None:
        self._failed_here[key] = failed
        self.store.log(key, "failed", exit_code=failed.exit_code, message=failed.message, crash=failed.crash)
        patiently(partial(self.store.fail, failed, key))
        self._failed_in_row += failed.exit_code not in FINAL
        if self._failed_in_row >= SICK_AFTER:
            self.sick = failed

    def _after_loss(self, worker: Worker, lease: Lease | None) -> Outcome | None:
        """The run of a lost process is tried once more here, and then by others."""
        worker.job = None
        worker.dismiss()
        reason = worker.loss_reason()
        self.local.forget(worker)
        if lease is None:
            return None
        lost = Failed(lease.job, WorkerLostError.exit_code, reason, "The same command tries this again.")
        in_hand = self._in_hand[lease.key]
        in_hand.tries += 1
        if in_hand.tries > RETRIES:
            return lost
        self.store.log(lease.key, "again", message=lost.message)
        self.local.start().take(lease.job)
        return None

    def _lease_of(self, worker: Worker) -> Lease | None:
        if worker.job is None:
            return None
        return next(
            (in_hand.lease for in_hand in self._in_hand.values() if in_hand.lease.job is worker.job), None
        )

    def _ended_elsewhere(self, awaited: Awaited) -> Iterator[Outcome]:
        """Tell of awaited runs that others finished, or that nobody will."""
        if awaited.jobs is None:
            return
        for key in awaited.jobs.keys() - awaited.settled - self._in_hand.keys() - self._open:
            job = awaited.jobs[key]
            if not patiently(partial(self.store.is_finished, key)):  # its record was removed or damaged
                patiently(partial(self.store.publish, job))
                continue
            awaited.settled.add(key)
            event = finished_event(job, self.store.folder / LEGS_FOLDER / key)
            if event is not None:
                yield Progress(job, event)
            yield Finished(job, {})
        doubtful = self._open if self.sick is not None else self._failed | self._failed_here.keys()
        for key in (awaited.jobs.keys() & self._open & doubtful) - awaited.settled - self._in_hand.keys():
            failed = patiently(partial(self.final_failure, key, awaited.jobs[key]))
            if failed is not None:
                awaited.settled.add(key)
                yield failed

    def final_failure(self, key: str, job: Job) -> Failed | None:
        """The failure that settled a run; None while somebody may yet finish it."""
        failures, log = self.store.failures(key), str(self.store.log_file(key))
        settled = self.store.is_settled(key) or (
            (key in self._failed_here or self.sick is not None) and not self._others_work()
        )
        if not settled:
            return None
        if not failures:  # taken away by one who planned the run again
            known = self._failed_here.get(key) or self.sick
            return known and Failed(job, known.exit_code, known.message, known.hint, log=log)
        last = max(failures.values(), key=lambda failure: failure["exit_code"] in FINAL)
        hint = None if last["hint"] is None else str(last["hint"])
        return Failed(job, int(str(last["exit_code"])), str(last["message"]), hint, log=log)

    def _others_work(self) -> bool:
        return any(worker.state == "working" for worker in self.store.workers())

    def _is_over(self, awaited: Awaited) -> bool:
        if awaited.jobs is not None:
            return awaited.settled >= awaited.jobs.keys()
        if self._in_hand or not self._sees:
            return False
        if self.sick is not None:
            return True
        left = self._open - self._failed_here.keys() - self.unfit.keys()
        return left <= self._failed and all(patiently(partial(self.store.is_settled, key)) for key in left)


def state_of(store: SharedStore, *, trained_here: int = 0, elsewhere: int = 0) -> WorkResult:
    """The state of a store: what is done, waits and runs, and who works on it."""
    keys, leases = store.open_keys(), store.leases()
    failed = {key for key in keys & store.failed_keys() if store.is_settled(key)}
    held = {key for key in keys - failed if key in leases and not store.is_free(key, leases[key])}
    return WorkResult(
        store=str(store.folder),
        done=len(store.finished_keys()),
        waiting=len(keys) - len(failed) - len(held),
        running=len(held),
        failed=len(failed),
        here=trained_here,
        elsewhere=elsewhere,
        workers=store.workers(),
    )


def _doing(progress: Progress) -> str:
    event = progress.event
    if isinstance(event, StepProgress):
        return f"epoch {event.epoch}"
    return f"epoch {event.record.epoch}" if isinstance(event, EpochFinished) else ""


def finished_event(job: Job, folder: Path) -> LegFinished | None:
    """The event of a run that another finished; None where it cannot be read."""
    leg = job.arguments["leg"]
    seed = leg.get("seed") if isinstance(leg, dict) else None
    with suppress(SeqcliError, ValueError):
        run = FinishedRun.open(folder)
        if run is not None and isinstance(seed, int):
            named = Leg(model=str(job.arguments["label"]), seed=seed)
            return LegFinished.of(named, run.summary, kept=False)
    return None
