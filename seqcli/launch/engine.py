"""The contract of all that runs training: processes here, a shared store's workers, SLURM, Ray.

One file each in `engines`; a comparison, a sweep or the guide knows none of them by name.
"""

import importlib.util
import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from seqcli.errors import UsageError
from seqcli.launch.job import Job, Outcome
from seqcli.launch.local import LocalWorkers
from seqcli.launch.machine import usable_cores
from seqcli.launch.slurm_settings import SlurmSettings
from seqcli.registry import Registry

LEG = "leg"
"""The kind of job that leaves this machine; baselines and measurements are its own."""


@dataclass(frozen=True)
class Placement:
    """The place where training is to run, and how much of it is used.

    Attributes:
        jobs: Training runs side by side in a worker; None for one a core.
        threads: Of each training run.
        store: The folder that machines share; None where there is none.
        lost_after: Seconds of silence after which a worker of the store is given up.
        address: Of a cluster that is up: 'ray://head:10001'; None for none.
        strict: Whether a machine of other numerics is refused rather than left out.
        slurm: What SLURM is asked for.
    """

    jobs: int | None = None
    threads: int = 1
    store: Path | None = None
    lost_after: float = 60.0
    address: str | None = None
    strict: bool = False
    slurm: SlurmSettings = field(default_factory=SlurmSettings)

    @property
    def side_by_side(self) -> int:
        """Training runs at once on this machine."""
        return self.jobs or usable_cores()


class Engine(Protocol):
    """A runner of jobs, somewhere, that tells what becomes of each."""

    def check(self, placement: Placement) -> None:
        """Refuse what cannot run, before anything is prepared.

        Raises:
            UsageError: An extra or a program is missing, or a setting does not fit.
        """

    def run(
        self, jobs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Run all jobs and tell what they tell; training runs end in their run directories.

        Raises:
            StoppedError: A stop was asked for; what is finished is kept, what was running is saved.
            WorkerLostError: A worker, or the whole cluster, was lost.
            StorageError: The store is full or fails.
        """


class EngineElsewhere(ABC):
    """An engine that trains in other places than this machine's processes, which do all else first."""

    @abstractmethod
    def check(self, placement: Placement) -> None:
        """Refuse what cannot run; as `Engine.check`."""

    def run(
        self, jobs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Run here what is no training run, then have the others trained; raises as `Engine.run`."""
        yield from run_here([job for job in jobs if job.kind != LEG], placement, should_stop)
        runs = [job for job in jobs if job.kind == LEG]
        if runs:
            yield from self.train(runs, placement, should_stop)

    @abstractmethod
    def train(
        self, runs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
    ) -> Generator[Outcome]:
        """Have these runs trained, of which there is at least one; raises as `Engine.run`."""


ENGINES: Registry[Engine] = Registry("engine", "seqcli.launch.engines", "ENGINE")


def run_here(
    jobs: Sequence[Job], placement: Placement, should_stop: Callable[[], bool]
) -> Generator[Outcome]:
    """Run jobs in processes of this machine."""
    workers = LocalWorkers(placement.side_by_side, threads=placement.threads)
    yield from workers.run(jobs, should_stop)


def need_store(engine: str, placement: Placement) -> Path:
    """The shared folder, without which an engine cannot work.

    Raises:
        UsageError: None was named.
    """
    if placement.store is None:
        raise UsageError(
            f"--on {engine} needs a folder that all machines see", "Name it: --store /shared/folder"
        )
    return placement.store


def need_package(engine: str, package: str) -> None:
    """Refuse an engine whose library is not installed.

    Raises:
        UsageError: Names the line that installs it.
    """
    if importlib.util.find_spec(package) is None:
        raise UsageError(
            f"--on {engine} needs the extra '{engine}', which is not installed",
            f"pip install 'seqcli[{engine}]'",
        )


def need_program(engine: str, program: str) -> None:
    """Refuse an engine whose program is not on this machine.

    Raises:
        UsageError: Names it.
    """
    if shutil.which(program) is None:
        raise UsageError(
            f"--on {engine} needs the program {program}, which is not on this machine",
            "Give the command where the cluster's commands are, such as on its login node.",
        )
