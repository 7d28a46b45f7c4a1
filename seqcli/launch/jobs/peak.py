"""The job of measuring how fast this machine multiplies matrices, alone in a fresh process."""

from collections.abc import Callable, Generator

import torch

from seqcli.config.settings import PositiveInt, Settings
from seqcli.launch.job import read_arguments
from seqcli.results.events import Event
from seqcli.training.cost import matrix_flops


class PeakJob(Settings):
    """The input of a worker that measures the peak.

    Attributes:
        device: Where the legs run.
        threads: Their threads.
    """

    device: str
    threads: PositiveInt


def measure(
    arguments: dict[str, object],
    should_stop: Callable[[], bool],  # noqa: ARG001 - a second is not worth stopping
) -> Generator[Event, None, dict[str, object]]:
    """Floating-point operations a second, the median of several products, and their size."""
    yield from ()
    job = read_arguments(PeakJob, arguments)
    torch.set_num_threads(job.threads)
    rate = matrix_flops(torch.device(job.device))
    return {"flops_per_second": rate.flops_per_second, "size": rate.size}


JOB = measure
