"""What a comparison would take, from twenty timed steps of each model; nothing is kept."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from seqcli.errors import WorkerLostError
from seqcli.experiments.cores import usable_cores
from seqcli.experiments.cost import Block, cost_job
from seqcli.experiments.plan import Plan
from seqcli.launch.job import Failed, Finished
from seqcli.launch.local import LocalWorkers


@dataclass(frozen=True)
class ModelEstimate:
    """What one model's legs would take.

    Attributes:
        label: The model.
        legs: How many there are.
        parameters: Trained numbers of each.
        step_seconds: One training step, the median of twenty.
        leg_seconds: One leg that uses all its epochs; early stopping makes it less.
    """

    label: str
    legs: int
    parameters: int
    step_seconds: float
    leg_seconds: float


def estimate_models(planned: Plan, should_stop: Callable[[], bool]) -> list[ModelEstimate]:
    """Time a few steps of every model, one after the other, in fresh processes.

    Raises:
        WorkerLostError: A model cannot take a step here.
        StoppedError: A stop was asked for.
    """
    legs = [planned.of_model(label)[0] for label in planned.models]
    jobs = [cost_job(leg, number, plain=False) for number, leg in enumerate(legs)]
    found: list[ModelEstimate] = []
    for outcome in LocalWorkers(1, threads=planned.config.threads, fresh=True).run(jobs, should_stop):
        if isinstance(outcome, Failed):
            raise WorkerLostError(f"no step could be timed: {outcome.message}", outcome.hint)
        if isinstance(outcome, Finished):
            found.append(_estimate(planned, legs[len(found)].label, Block.from_json(outcome.result)))
    return found


def _estimate(planned: Plan, label: str, block: Block) -> ModelEstimate:
    config = planned.config
    per_epoch = ceil(len(planned.prepared.splits["train"]) / config.batch_size)
    steps = min(config.epochs * per_epoch, config.max_steps or config.epochs * per_epoch)
    step = median(block.steps.seconds)
    return ModelEstimate(label, len(planned.of_model(label)), block.parameters, step, step * steps)


def estimate(plans: Sequence[Plan], should_stop: Callable[[], bool]) -> Iterator[str]:
    """What every part of a study would take, part by part.

    Raises:
        WorkerLostError: A model cannot take a step here.
        StoppedError: A stop was asked for.
    """
    for planned in plans:
        if len(plans) > 1:
            yield f"{planned.what}:"
        yield from estimate_lines(planned, estimate_models(planned, should_stop))


def estimate_lines(planned: Plan, estimates: list[ModelEstimate]) -> Iterator[str]:
    """The estimate as a person reads it."""
    jobs = min(planned.config.jobs or usable_cores(), len(planned.legs))
    for model in estimates:
        yield (
            f"{model.label}: {model.legs} legs of {model.parameters:,} parameters,"
            f" {1000 * model.step_seconds:.1f} ms a step, at most {duration(model.leg_seconds)} a leg"
        )
    total = sum(model.legs * model.leg_seconds for model in estimates) / jobs
    legs = f"{len(planned.legs)} legs, {jobs} side by side"
    yield f"{legs}: at most {duration(total)}; early stopping makes it less"


def duration(seconds: float) -> str:
    """Seconds as people say them: '45 s', '3 min', '2.5 h'."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
