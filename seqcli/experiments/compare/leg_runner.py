"""Running planned legs: what is kept is not run again, what fails is one row of the result."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from seqcli.data.kind import KINDS
from seqcli.data.prepared import Prepared
from seqcli.errors import StoppedError, StorageError
from seqcli.experiments.compare.plan import Plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.engine import ENGINES, Engine, Placement
from seqcli.launch.job import Failed, Finished, Job, Progress
from seqcli.results.compare import Failure
from seqcli.results.events import Event, Leg, LegFailed, Note
from seqcli.results.wording import counted


def engine_of(config: CompareConfig) -> Engine:
    """The engine that was named; without a name the store's where there is a store, and this machine else."""
    usual = "local" if config.store is None else "work"
    return ENGINES.get((config.on or usual).partition("://")[0])


def placement_of(config: CompareConfig) -> Placement:
    """The place where training is to run, and how much of it is used."""
    return Placement(
        jobs=config.jobs,
        threads=config.threads,
        store=None if config.store is None else Path(config.store).expanduser().absolute(),
        lost_after=config.lost_after,
        address=config.on if config.on is not None and "://" in config.on else None,
        strict=config.strict,
        slurm=config.slurm,
    )


def check_engine(config: CompareConfig) -> None:
    """Refuse an engine that cannot run here, before data is prepared.

    Raises:
        UsageError: An extra or a program is missing, or a setting does not fit.
    """
    engine_of(config).check(placement_of(config))


class LegRunner:
    """Trains legs side by side, for one plan.

    Args:
        planned: Whose options say how many run at once.
        store: Where legs are kept.
        should_stop: Asked all the time.
    """

    def __init__(self, planned: Plan, store: Store, should_stop: Callable[[], bool]) -> None:
        self.planned = planned
        self.store = store
        self.should_stop = should_stop
        self.announced: set[str] = set()
        self.failures: list[Failure] = []
        self.unkept: list[Failed] = []
        self.stopped = 0

    def run(self, legs: Sequence[PlannedLeg]) -> Generator[Event, None, list[Failure]]:
        """Train the legs, and fit the baselines, that are not kept; tell of those that are, once each.

        Raises:
            StoppedError: A stop was asked for, or a leg has used up its time; finished legs are kept, running
                ones have saved their state.
        """
        self.failures, self.unkept, self.stopped = [], [], 0
        yield from self._work(legs)
        spare = self.store.spare if self.unkept else None
        if spare is not None:  # the cache is a convenience: that it takes no more costs no result
            yield Note(subject="work moved", values={"place": str(spare), "reason": self.unkept[0].message})
            self.store.move(spare)
            yield from self._work(legs)
        if self.stopped:
            raise StoppedError(
                f"{counted(self.stopped, 'training run')} stopped at the time limit",
                "The same command continues from here.",
            )
        return self.failures

    def _work(self, legs: Sequence[PlannedLeg]) -> Iterator[Event]:
        """Run what is not kept."""
        waiting = yield from self._tell_kept(legs)
        config = self.planned.config
        baselines = {baseline.job_name: baseline for baseline in kept_baselines(self.planned)}
        jobs = [*baseline_jobs(self.planned, self.store), *self.jobs(waiting)]
        for outcome in engine_of(config).run(jobs, placement_of(config), self.should_stop):
            if isinstance(outcome, Progress):
                yield outcome.event
            elif isinstance(outcome, Failed):
                for failed in self.of_each_leg(outcome):
                    yield from self._tell_failure(failed, waiting.get(failed.job.name))
            elif outcome.job.kind == "leg-batch":
                for failed in failures_in(outcome):
                    yield from self._tell_failure(failed, waiting[failed.job.name])
            elif outcome.job.kind == "baseline":
                baseline = baselines[outcome.job.name]
                yield from self.store.keep_baseline(baseline.file, baseline.prepared, outcome.result)

    def _tell_kept(self, legs: Sequence[PlannedLeg]) -> Generator[Event, None, dict[str, PlannedLeg]]:
        """Tell of the legs that are finished already, each the first time it is met; the others by name."""
        waiting = {}
        for leg in legs:
            outcome = self.store.outcome(leg)
            if outcome is None:
                waiting[leg.name] = leg
            elif leg.name not in self.announced:
                yield leg.found_finished(outcome.summary)
        self.announced.update(leg.name for leg in legs)
        return waiting

    def _tell_failure(self, failed: Failed, leg: PlannedLeg | None) -> Iterator[Event]:
        """A failed leg is one row of the result; a failed baseline, or a leg out of time, is a note.

        One that a full cache did not take is told only if it cannot be kept elsewhere either.
        """
        reason = f"{failed.message}. {failed.hint}" if failed.hint else failed.message
        if leg is None:
            yield Note(text=f"the baseline {failed.job.name} failed: {reason}")
            return
        if failed.exit_code == StoppedError.exit_code:
            self.stopped += 1
            yield Note(text=f"{leg.name}: {failed.message}")
            return
        if failed.exit_code == StorageError.exit_code and self.store.spare is not None:
            self.unkept.append(failed)
            return
        name = Leg(model=leg.label, seed=leg.leg.seed)
        failure = Failure(model=name.model, seed=name.seed, exit_code=failed.exit_code, reason=reason)
        self.failures.append(failure)
        yield LegFailed(leg=name, exit_code=failed.exit_code, reason=reason, log=failed.log)

    def of_each_leg(self, failed: Failed) -> list[Failed]:
        """A failure once for each run of its job that is not finished."""
        if failed.job.kind != "leg-batch":
            return [failed]
        legs = {leg.name: leg for leg in self.planned.legs}
        names = list(map(str, failed.job.arguments["names"]))  # type: ignore[call-overload]
        unfinished = [name for name in names if self.store.outcome(legs[name]) is None]
        return [replace(failed, job=replace(failed.job, kind="leg", name=name)) for name in unfinished]

    def jobs(self, waiting: Mapping[str, PlannedLeg]) -> list[Job]:
        """The jobs of runs: one each, or one for all of a model that are trained as one batch."""
        batches: dict[tuple[str, tuple[int, ...]], list[PlannedLeg]] = {}
        for leg in waiting.values():
            if leg.leg.batched:
                batches.setdefault((leg.label, leg.leg.batched), []).append(leg)
        together = [
            Job(
                "leg-batch",
                f"{label} seeds {', '.join(str(leg.leg.seed) for leg in legs)}",
                {
                    "legs": [self._job(leg).arguments for leg in legs],
                    "names": [leg.name for leg in legs],
                },
            )
            for (label, _), legs in batches.items()
        ]
        return [*together, *(self._job(leg) for leg in waiting.values() if not leg.leg.batched)]

    def _job(self, leg: PlannedLeg) -> Job:
        """The job of a leg, with the limits that decide nothing of its result."""
        config = self.planned.config
        limits: dict[str, object] = {
            "max_time": config.max_leg_time,
            "checkpoint_every": config.checkpoint_every,
            "replace": self.store.is_spoilt(leg),
        }
        return leg.job(self.store.legs, limits)


def failures_in(batch: Finished) -> list[Failed]:
    """The runs of a batch that failed while the others went on."""
    failed: list[dict[str, Any]] = list(batch.result["failed"])  # type: ignore[call-overload]
    return [
        Failed(Job("leg", each["name"], {}), each["exit_code"], each["message"], each["hint"])
        for each in failed
    ]


@dataclass(frozen=True)
class KeptBaseline:
    """A baseline of a plan, on one of its folds where there are several.

    Attributes:
        name: The baseline.
        file: The name that its answers are kept under; it tells what was learnt from.
        prepared: The data.
        job_name: What the job of fitting it is called.
    """

    name: str
    file: str
    prepared: Prepared
    job_name: str


def kept_baselines(planned: Plan) -> list[KeptBaseline]:
    """The baselines of a plan, each fold by fold."""
    share = planned.config.train_size
    of = "" if share == 1.0 else f"-{share:g}"
    of += "" if planned.config.threshold == "half" else "-threshold"
    names = KINDS.get(planned.prepared.kind).baselines_for(planned.prepared)
    folds = planned.folds or (planned.prepared,)
    return [
        KeptBaseline(name, name + of, prepared, f"{name + of} fold {number}" if planned.folds else name + of)
        for name in names
        for number, prepared in enumerate(folds)
    ]


def baseline_jobs(planned: Plan, store: Store) -> list[Job]:
    """The jobs of fitting the baselines whose answers are not kept."""
    share = planned.config.train_size
    return [
        Job(
            "baseline",
            baseline.job_name,
            {
                "data": str(baseline.prepared.folder),
                "train_size": share,
                "baseline": baseline.name,
                "threshold": planned.config.threshold,
            },
        )
        for baseline in kept_baselines(planned)
        if store.baseline(baseline.file, baseline.prepared) is None
    ]
