"""The job of training all seeds of a model as one batch of recurrences, each in its own run directory."""

from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack
from pathlib import Path

from seqcli.config.settings import Settings
from seqcli.data.prepared import Prepared
from seqcli.errors import SeqcliError, StoppedError
from seqcli.launch.job import read_arguments
from seqcli.launch.jobs.leg import LegJob, claim, leg_steps, limited
from seqcli.results.events import Event
from seqcli.training.batched_seeds import BatchSizes, step_together
from seqcli.training.loop import StepWanted
from seqcli.training.process import settle_process

Steps = Generator[Event | StepWanted, None, object]


class LegBatchJob(Settings):
    """The input of a worker that trains the seeds of a model together.

    Attributes:
        legs: One for each seed that is not finished.
        names: Their names in this comparison.
    """

    legs: list[LegJob]
    names: list[str]


def train_batch(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Train, continue or find finished; the result holds what failed, by the names of the legs.

    Raises:
        StoppedError: A stop was asked for; each seed's state is saved.
    """
    job = read_arguments(LegBatchJob, arguments)
    first = job.legs[0]
    settle_process(first.leg.threads)
    prepared = Prepared.open(Path(first.data))
    should_stop = limited(should_stop, first.max_time)
    sizes = BatchSizes(prepared.splits["train"], first.leg.training, first.leg.batched)
    with ExitStack() as held:
        running: dict[str, Steps] = {}
        for name, leg in zip(job.names, job.legs, strict=True):
            run = held.enter_context((yield from claim(leg, should_stop)))
            running[name] = leg_steps(leg, prepared, run, should_stop)
        failed = yield from _together(running, sizes)
    stopped = [error for error in failed.values() if isinstance(error, StoppedError)]
    if stopped:
        raise stopped[0]
    return {
        "failed": [
            {"name": name, "exit_code": error.exit_code, "message": error.message, "hint": error.hint}
            for name, error in failed.items()
        ]
    }


def _together(
    running: Mapping[str, Steps], sizes: BatchSizes
) -> Generator[Event, None, dict[str, SeqcliError]]:
    """Run all seeds to their ends, step by step; those that went on from an earlier step catch up first.

    Returns:
        The errors of those that failed, which cost the others nothing.
    """
    left, failed = dict(running), {}
    waiting: dict[str, StepWanted] = {}
    while left:
        for name in [name for name in left if name not in waiting]:
            try:
                while not isinstance(event := next(left[name]), StepWanted):
                    yield event
                waiting[name] = event
            except StopIteration:
                del left[name]
            except SeqcliError as error:
                failed[name] = error
                del left[name]
        if waiting:
            step = min(want.training.position.step for want in waiting.values())
            now = [name for name, want in waiting.items() if want.training.position.step == step]
            steps = [waiting.pop(name) for name in now]
            position = steps[0].training.position
            step_together(steps, sizes.at(position.epoch, position.batch))
    return failed


JOB = train_batch
