"""The job of training one leg in its run directory."""

import time
from collections.abc import Callable, Generator
from pathlib import Path

from seqcli.config.numbers import PositiveFloat
from seqcli.config.settings import Settings
from seqcli.data.prepared import Prepared
from seqcli.errors import SeqcliError
from seqcli.launch.job import read_arguments
from seqcli.results.events import Event
from seqcli.runs.directory import RunDirectory
from seqcli.training.identity import LegConfig
from seqcli.training.leg import CHECKPOINT_SECONDS, run_leg
from seqcli.training.process import settle_process


class LegJob(Settings):
    """What a worker needs to train a leg.

    Attributes:
        leg: All that decides the result.
        config: The flat, resolved configuration that the run directory keeps.
        data: The prepared data's folder.
        run: The run directory.
        label: What the model is called in events.
        max_time: Seconds after which the leg stops and keeps its state; None for no limit.
        checkpoint_every: Seconds between two checkpoints.
    """

    leg: LegConfig
    config: dict[str, object]
    data: str
    run: str
    label: str
    max_time: PositiveFloat | None = None
    checkpoint_every: PositiveFloat = CHECKPOINT_SECONDS


def limited(should_stop: Callable[[], bool], seconds: float | None) -> Callable[[], bool]:
    """Whether a stop was asked for, or so many seconds have passed since this was made."""
    if seconds is None:
        return should_stop
    deadline = time.monotonic() + seconds
    return lambda: should_stop() or time.monotonic() >= deadline


def is_done(folder: Path) -> bool:
    """Whether a result is there already: a leg is run all the same only when that result is damaged."""
    try:
        return RunDirectory.open(folder).status().state == "done"
    except SeqcliError:
        return False


def train_leg(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Train, or continue, or find finished; the result is the run's summary and timing."""
    job = read_arguments(LegJob, arguments)
    settle_process(job.leg.threads)
    prepared = Prepared.open(Path(job.data))
    folder = Path(job.run)
    identity = job.leg.model_dump(mode="json")
    with (
        RunDirectory.create(folder, job.config, identity=identity, overwrite=is_done(folder)) as run,
        run.noting_failure(),
    ):
        yield from run_leg(
            job.leg,
            prepared,
            run,
            label=job.label,
            should_stop=limited(should_stop, job.max_time),
            checkpoint_every=job.checkpoint_every,
        )
    return {}


JOB = train_leg
