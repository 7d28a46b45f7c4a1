"""SLURM: an array of workers on the store, while this command waits and concludes."""

from collections.abc import Callable, Generator, Sequence

from seqcli.errors import StoppedError
from seqcli.launch.engine import EngineElsewhere, Placement, need_package, need_program, need_store
from seqcli.launch.job import Job, Outcome, Progress
from seqcli.launch.local import LocalWorkers
from seqcli.launch.shared import SharedWorkers
from seqcli.launch.shared_store import SharedStore
from seqcli.results.events import Note

PROGRAMS = ("sbatch", "srun", "squeue", "scontrol", "scancel")


class SlurmEngine(EngineElsewhere):
    """Training runs are put into the store; workers that SLURM starts take them, wherever it starts them."""

    def check(self, placement: Placement) -> None:
        """Refuse where SLURM cannot be used from here.

        Raises:
            UsageError: There is no store, no submitit or no SLURM.
        """
        need_store("slurm", placement)
        need_package("slurm", "submitit")
        for program in PROGRAMS:
            need_program("slurm", program)

    def train(
        self, runs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Wait for the workers' work; a stop leaves them working."""
        from seqcli.launch.slurm_array import WorkerArray

        folder = need_store("slurm", placement)
        store = SharedStore.open(folder, lost_after=placement.lost_after, make=True)
        array = WorkerArray(store, placement)
        watching = SharedWorkers(store, LocalWorkers(0), attend=array.attend)
        try:
            yield from watching.run(runs, should_stop)
        except StoppedError:
            values = {"job": " ".join(array.arrays), "logs": str(array.folder)}
            yield Progress(runs[0], Note(subject="slurm detached", values={**values}))
            raise


ENGINE = SlurmEngine()
