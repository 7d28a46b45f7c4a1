"""The job of training one leg in its run directory."""

from collections.abc import Callable, Generator
from pathlib import Path

import torch

from seqcli.config.settings import Settings
from seqcli.data.prepared import Prepared
from seqcli.errors import SeqcliError, StoppedError
from seqcli.launch.job import read_arguments
from seqcli.results.events import Event
from seqcli.runs.directory import RunDirectory
from seqcli.training.identity import LegConfig
from seqcli.training.leg import run_leg


class LegJob(Settings):
    """What a worker needs to train a leg.

    Attributes:
        leg: All that decides the result.
        config: The flat, resolved configuration that the run directory keeps.
        data: The prepared data's folder.
        run: The run directory.
        label: What the model is called in events.
    """

    leg: LegConfig
    config: dict[str, object]
    data: str
    run: str
    label: str


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
    torch.set_num_threads(job.leg.threads)
    prepared = Prepared.open(Path(job.data))
    folder = Path(job.run)
    identity = job.leg.model_dump(mode="json")
    with RunDirectory.create(folder, job.config, identity=identity, overwrite=is_done(folder)) as run:
        run.clear_failure()
        try:
            yield from run_leg(job.leg, prepared, run, label=job.label, should_stop=should_stop)
        except StoppedError:
            raise
        except SeqcliError as error:
            run.fail(error.message, exit_code=error.exit_code)
            raise
    return {}


JOB = train_leg
