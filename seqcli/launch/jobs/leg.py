"""The job of training one leg in its run directory."""

import math
import time
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

from seqcli.config.settings import PositiveFloat, Settings
from seqcli.data.prepared import Prepared
from seqcli.errors import BusyError, RunError, SeqcliError, StoppedError
from seqcli.launch.job import read_arguments
from seqcli.results.events import Event, Leg, LegFinished, Note
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.lock import find_holder
from seqcli.runs.temporary import set_aside
from seqcli.training.config import CHECKPOINT_SECONDS
from seqcli.training.identity import LegConfig
from seqcli.training.leg import one_leg, run_leg
from seqcli.training.loop import StepWanted
from seqcli.training.process import settle_process

# Seconds between two words of a leg that waits for another process.
WAITING_SECONDS = 60.0


class LegJob(Settings):
    """The input of a worker that trains a leg.

    Attributes:
        leg: All that decides the result.
        config: The flat, resolved configuration that the run directory keeps.
        data: The prepared data's folder.
        run: The run directory.
        label: What the model is called in events.
        max_time: Seconds after which the leg stops and keeps its state; None for no limit.
        checkpoint_every: Seconds between two checkpoints.
        replace: Whether the result that was there when the leg was planned cannot be used.
    """

    leg: LegConfig
    config: dict[str, object]
    data: str
    run: str
    label: str
    max_time: PositiveFloat | None = None
    checkpoint_every: PositiveFloat = CHECKPOINT_SECONDS
    replace: bool = False


def limited(should_stop: Callable[[], bool], seconds: float | None) -> Callable[[], bool]:
    """Return whether a stop was asked for, or so many seconds have passed since this was made."""
    if seconds is None:
        return should_stop
    deadline = time.monotonic() + seconds
    return lambda: should_stop() or time.monotonic() >= deadline


def is_done(folder: Path) -> bool:
    """Return whether a result is there already."""
    try:
        return RunDirectory.open(folder).status().state == "done"
    except SeqcliError:
        return False


def set_aside_unproved(folder: Path) -> None:
    """Make room for a leg whose manifest or fence was changed: nothing proves what the folder holds any more.

    It is renamed, not removed: what cannot be proved to be ours is not ours to remove.

    Raises:
        StorageError: The disk fails.
    """
    with suppress(BusyError):
        try:
            RunDirectory.open(folder)
        except RunError:
            if folder.is_dir() and find_holder(folder) is None:
                set_aside(folder)


def claim(job: LegJob, should_stop: Callable[[], bool]) -> Generator[Event, None, RunDirectory]:
    """The leg's run directory, once nobody else works in it.

    Another comparison may train the same leg, or a worker whose parent was killed may be saving its state.

    Raises:
        StoppedError: A stop was asked for before it was free.
    """
    folder, replace, told_at = Path(job.run), job.replace, -math.inf
    if replace:
        set_aside_unproved(folder)
    while True:
        try:
            return RunDirectory.create(
                folder,
                job.config,
                identity=job.leg.model_dump(mode="json"),
                overwrite=replace and is_done(folder),
            )
        except BusyError as busy:
            if should_stop():
                raise StoppedError(busy.message, "The same command continues from here.") from None
            replace = False  # whoever works in it makes it anew
            if time.monotonic() - told_at > WAITING_SECONDS:
                told_at = time.monotonic()
                yield Note(text=f"{job.label} seed {job.leg.seed} waits: {busy.message}")


def leg_steps(
    job: LegJob, prepared: Prepared, run: RunDirectory, should_stop: Callable[[], bool]
) -> Generator[Event | StepWanted, None, None]:
    """Train or continue a leg in the run directory that it has claimed, or find it finished by another."""
    if run.status().state == "done":
        yield LegFinished.of(Leg(model=job.label, seed=job.leg.seed), FinishedRun(run).summary, kept=True)
        return
    with run.noting_failure():
        yield from run_leg(
            job.leg,
            prepared,
            run,
            label=job.label,
            should_stop=should_stop,
            checkpoint_every=job.checkpoint_every,
        )


def train_leg(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Train, continue, or find finished by another; what came of it is in the run directory alone."""
    job = read_arguments(LegJob, arguments)
    settle_process(job.leg.threads)
    prepared = Prepared.open(Path(job.data))
    should_stop = limited(should_stop, job.max_time)
    with (yield from claim(job, should_stop)) as run:
        yield from one_leg(leg_steps(job, prepared, run, should_stop))
    return {}


JOB = train_leg
