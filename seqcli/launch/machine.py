"""This machine: how many processes fit, and what its speed depends on; imports no torch."""

import importlib.metadata
import os
import socket

from seqcli.config import hardware
from seqcli.results.measurements import Machine


def this_machine(device: str, threads: int) -> Machine:
    """Return where legs on `device` with so many threads run.

    Args:
        device: 'cpu', 'cuda' or 'mps'; a GPU's name is told too, for which torch is imported.
        threads: Of each process.
    """
    return Machine(
        host=socket.gethostname(),
        cpu=hardware.processor_name(),
        instruction_set=hardware.numerics(),
        torch=importlib.metadata.version("torch"),
        device=_device_name(device),
        threads=threads,
    )


def _device_name(device: str) -> str:
    if device != "cuda":
        return device
    import torch

    return f"cuda {torch.cuda.get_device_name()}"


def usable_cores() -> int:
    """The processors that this process may use: a container or `taskset` may allow fewer than there are."""
    # macOS has it not.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
