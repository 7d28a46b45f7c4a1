"""Workers on whose machine a plan's numbers would be others: told once each, or refused."""

import time
from collections.abc import Iterator

from seqcli.errors import UsageError
from seqcli.launch.patience import patiently
from seqcli.launch.shared_store import SharedStore
from seqcli.results.events import Note
from seqcli.results.work import WorkerFacts

LOOK_SECONDS = 5.0
"""Between two looks at the workers' records, of which there may be hundreds."""


class OtherNumerics:
    """The machines that leave a store's runs to others, as the command sees them that planned the runs.

    Args:
        store: Where the workers' records are.
        strict: Whether such a machine ends the command.
    """

    def __init__(self, store: SharedStore, *, strict: bool) -> None:
        self.store = store
        self.strict = strict
        self._told: set[str] = set()
        self._before = {worker.id: worker.beat for worker in patiently(store.workers)}
        self._looked_at = float("-inf")

    def attend(self) -> Iterator[Note]:
        """Look at the workers once in a while.

        Raises:
            UsageError: `strict`, and there is one.
        """
        now = time.monotonic()
        if now - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = now
        workers = patiently(self.store.workers)
        yield from self.tell([worker for worker in workers if self._before.get(worker.id) != worker.beat])

    def tell(self, workers: list[WorkerFacts]) -> Iterator[Note]:
        """Tell of each such machine once.

        Raises:
            UsageError: `strict`, and there is one.
        """
        for worker in workers:
            if not worker.unfit or worker.node in self._told:
                continue
            if self.strict:
                raise refused(worker)
            self._told.add(worker.node)
            values = {"node": worker.node, "runs": worker.unfit, "needs": worker.needs}
            yield Note(subject="other numerics", values={**values})


def refused(worker: WorkerFacts) -> UsageError:
    """The error where a machine of other numerics is not wanted, or there is no other."""
    return UsageError(
        f"node {worker.node} gives other numbers than this machine: {worker.needs} was planned",
        "Give the command on a machine like it (srun seqcli compare …), or leave out such nodes.",
    )
