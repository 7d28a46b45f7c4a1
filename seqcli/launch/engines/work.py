"""This machine's processes and every `seqcli work` on the same shared folder."""

from collections.abc import Callable, Generator, Sequence

from seqcli.launch.engine import EngineElsewhere, Placement, need_store
from seqcli.launch.job import Job, Outcome
from seqcli.launch.local import LocalWorkers
from seqcli.launch.other_numerics import OtherNumerics
from seqcli.launch.shared import SharedWorkers
from seqcli.launch.shared_store import SharedStore


class StoreEngine(EngineElsewhere):
    """Training runs are put into the store, and done by whoever takes them first."""

    def check(self, placement: Placement) -> None:
        """Refuse to share without a folder.

        Raises:
            UsageError: There is none.
        """
        need_store("work", placement)

    def train(
        self, runs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Work on the store with everybody else until all of these runs have ended."""
        folder = need_store("work", placement)
        store = SharedStore.open(folder, lost_after=placement.lost_after, make=True)
        workers = LocalWorkers(placement.side_by_side, threads=placement.threads)
        others = OtherNumerics(store, strict=placement.strict)
        yield from SharedWorkers(store, workers, attend=others.attend).run(runs, should_stop)


ENGINE = StoreEngine()
