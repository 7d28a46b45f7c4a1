"""Running planned legs: what is kept is not run again, what fails is one row of the result."""

from collections.abc import Callable, Generator, Iterator, Sequence

from seqcli.data.prepared import KINDS
from seqcli.experiments.cores import usable_cores
from seqcli.experiments.legs import PlannedLeg
from seqcli.experiments.plan import Plan
from seqcli.experiments.store import Store
from seqcli.launch.job import Failed, Job, Told
from seqcli.launch.local import LocalWorkers
from seqcli.results.compare import Failure
from seqcli.results.events import Event, Leg, LegFailed, Note


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
        self.told: set[str] = set()

    def run(self, legs: Sequence[PlannedLeg]) -> Generator[Event, None, list[Failure]]:
        """Train the legs, and fit the baselines, that are not kept; tell of those that are, once each.

        Raises:
            StoppedError: A stop was asked for; finished legs are kept, running ones have saved their state.
        """
        waiting = []
        for leg in legs:
            kept = self.store.outcome(leg)
            if kept is None:
                waiting.append(leg)
            elif leg.name not in self.told:
                yield leg.found_finished(kept.summary)
        self.told.update(leg.name for leg in legs)
        by_name = {leg.name: leg for leg in waiting}
        jobs = [*baseline_jobs(self.planned, self.store), *(leg.job(self.store.legs) for leg in waiting)]
        config = self.planned.config
        workers = LocalWorkers(config.jobs or usable_cores(), threads=config.threads)
        failures: list[Failure] = []
        for outcome in workers.run(jobs, self.should_stop):
            if isinstance(outcome, Told):
                yield outcome.event
            elif isinstance(outcome, Failed):
                yield from _tell_failure(outcome, by_name.get(outcome.job.name), failures)
            elif outcome.job.kind == "baseline":
                self.store.keep_baseline(outcome.job.name, self.planned.prepared, outcome.result)
        return failures


def baseline_names(planned: Plan) -> dict[str, str]:
    """The baselines of a plan, and the name that each is kept under; it tells what was learnt from."""
    share = planned.config.train_size
    of = "" if share == 1.0 else f"-{share:g}"
    return {name: name + of for name in KINDS.get(planned.prepared.kind).baselines}


def baseline_jobs(planned: Plan, store: Store) -> list[Job]:
    """The jobs of fitting the baselines whose scores are not kept."""
    arguments: dict[str, object] = {
        "data": str(planned.prepared.folder),
        "train_size": planned.config.train_size,
    }
    return [
        Job("baseline", kept, {**arguments, "baseline": name})
        for name, kept in baseline_names(planned).items()
        if not store.baseline_file(kept, planned.prepared).is_file()
    ]


def _tell_failure(failed: Failed, leg: PlannedLeg | None, failures: list[Failure]) -> Iterator[Event]:
    """A failed leg is one row of the result; a failed baseline is a note."""
    reason = f"{failed.message}. {failed.hint}" if failed.hint else failed.message
    if leg is None:
        yield Note(text=f"the baseline {failed.job.name} failed: {reason}")
        return
    name = Leg(model=leg.label, seed=leg.leg.seed)
    failures.append(Failure(model=name.model, seed=name.seed, exit_code=failed.exit_code, reason=reason))
    yield LegFailed(leg=name, exit_code=failed.exit_code, reason=reason)
