"""The job of measuring one block of one model's cost, alone in a fresh process."""

from collections.abc import Callable, Generator
from functools import partial
from pathlib import Path

import torch

from seqcli.config.settings import Settings
from seqcli.data.prepared import Prepared
from seqcli.launch.job import go_on, read_arguments
from seqcli.models.learner import Learner
from seqcli.models.network import parameter_counts
from seqcli.results.events import Event
from seqcli.training.construction import build_network
from seqcli.training.cost import (
    StepTimes,
    Times,
    cost_batches,
    memory_use,
    peak_bytes,
    plain_kernels,
    time_predictions,
    time_steps,
    undisturbed,
)
from seqcli.training.identity import LegConfig
from seqcli.training.process import settle_process


class CostJob(Settings):
    """The input of a worker that measures a block.

    Attributes:
        leg: The model and how it is trained; its seed only fills the weights.
        data: The prepared data's folder.
        plain: Whether to measure the same on torch's own loop as well.
    """

    leg: LegConfig
    data: str
    plain: bool


def measure(
    arguments: dict[str, object], should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, object]]:
    """Time steps and predictions, and account for memory; the result is plain numbers.

    Raises:
        StoppedError: A stop was asked for between two steps or predictions.
    """
    yield from ()
    job = read_arguments(CostJob, arguments)
    settle_process(job.leg.threads)
    device, between = torch.device(job.leg.device), partial(go_on, should_stop)
    prepared = Prepared.open(Path(job.data))
    batches = cost_batches(prepared.splits["train"], job.leg.training, device)
    network = build_network(job.leg, prepared)

    def timed(learner: Learner) -> tuple[StepTimes, Times, int]:
        """Steps and predictions, each timed again while other load disturbs it."""
        steps, tries = undisturbed(
            lambda: time_steps(learner, batches, job.leg.training, device, between=between), device
        )
        test = prepared.splits["test"]
        predictions, more = undisturbed(
            lambda: time_predictions(learner, test, device, between=between), device
        )
        return steps, predictions, max(tries, more)

    times, predictions, tries = timed(network)
    # The peak is that of training: predictions take less, one sequence at a time.
    peak = peak_bytes(device)
    result: dict[str, object] = {
        "parameters": parameter_counts(network)["total"],
        "kernel": network.kernel,
        "steps": vars(times),
        "tries": tries,
        "predictions": predictions.seconds,
        "predictions_cpu_seconds": predictions.cpu_seconds,
        "memory": vars(memory_use(network, batches, job.leg.training)) | {"peak": peak},
    }
    if job.plain:
        with plain_kernels():
            plain = build_network(job.leg, prepared)
            times, predictions, more = timed(plain)
            result["plain_steps"] = vars(times)
            result["tries"] = max(tries, more)
            result["plain_predictions"] = predictions.seconds
            result["plain_predictions_cpu_seconds"] = predictions.cpu_seconds
            use = memory_use(plain, batches, job.leg.training)
            result["plain_memory"] = vars(use) | {"peak": peak}
    return result


JOB = measure
