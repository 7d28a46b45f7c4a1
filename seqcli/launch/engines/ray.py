"""Ray: every training run a task of a cluster that is up, or of a Ray that is started here for it."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict
from typing import Any

from seqcli.errors import RunError, SeqcliError, UsageError, WorkerLostError
from seqcli.launch.engine import EngineElsewhere, Placement, need_package, run_here
from seqcli.launch.job import Failed, Finished, Job, Outcome, Progress
from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared_store import SharedStore

ERRORS = {kind.exit_code: kind for kind in (UsageError, RunError)}
"""What a person has to change; all else that ends the process that speaks with Ray is a lost cluster."""


class RayEngine(EngineElsewhere):
    """Training runs are Ray's tasks; with a store they share it with its other workers."""

    def check(self, placement: Placement) -> None:  # noqa: ARG002 - the contract's
        """Refuse where Ray is not installed.

        Raises:
            UsageError: It is not.
        """
        need_package("ray", "ray")

    def train(
        self, runs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Have all runs trained; those that no node can train are trained here."""
        by_name = {run.name: run for run in runs}
        result: Mapping[str, Any] = {}
        order = Job("ray", "Ray", _order(runs, placement))
        workers = LocalWorkers(1, threads=placement.threads, retries=0)
        with closing(workers.run([order], should_stop)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, Progress):
                    yield Progress(runs[0], outcome.event)
                elif isinstance(outcome, Failed):
                    kind: type[SeqcliError] = ERRORS.get(outcome.exit_code, WorkerLostError)
                    raise kind(outcome.message, outcome.hint)
                else:
                    result = outcome.result
        for name in by_name.keys() - set(result["left"]):
            fault = result["failed"].get(name)
            yield Finished(by_name[name], {}) if fault is None else Failed(by_name[name], **fault)
        yield from run_here([by_name[name] for name in result["left"]], placement, should_stop)


def _order(runs: Sequence[Job], placement: Placement) -> dict[str, object]:
    """The job for the process that speaks with Ray; with a store all runs are put into it first."""
    store_id = ""
    if placement.store is not None:
        store = SharedStore.open(placement.store, lost_after=placement.lost_after, make=True)
        for run in runs:
            store.publish(run)
        store_id = store.id
    return {
        "runs": [asdict(run) for run in runs],
        "address": placement.address,
        "jobs": placement.jobs,
        "threads": placement.threads,
        "store": None if placement.store is None else str(placement.store),
        "store_id": store_id,
        "lost_after": placement.lost_after,
        "strict": placement.strict,
    }


ENGINE = RayEngine()
