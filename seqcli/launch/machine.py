"""This machine, as far as speed depends on it; found without importing torch where that can be."""

import importlib.metadata
import os
import platform
import socket
from functools import lru_cache
from pathlib import Path

from seqcli.results.measurements import Machine

CPU_FACTS = Path("/proc/cpuinfo")
CHOSEN_BY_HAND = ("ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "MKL_ENABLE_INSTRUCTIONS")
"""Environment variables by which torch and its libraries use less than the CPU has."""
INSTRUCTION_SETS = (("amx_tile", "AMX"), ("avx512f", "AVX512"), ("avx2", "AVX2"), ("sve", "SVE"))
"""The CPU's own word for it and the name, the most capable first."""


def this_machine(device: str, threads: int) -> Machine:
    """Where legs on `device` with so many threads run.

    Args:
        device: 'cpu', 'cuda' or 'mps'; a GPU's name is told too, for which torch is imported.
        threads: Of each process.
    """
    return Machine(
        host=socket.gethostname(),
        cpu=_cpu_model(),
        instruction_set=instruction_set(),
        torch=importlib.metadata.version("torch"),
        device=_device_name(device),
        threads=threads,
    )


def instruction_set() -> str:
    """The widest vector instructions of the CPU, and what the environment makes of them: 'AVX2'."""
    flags = _flags()
    found = next((name for flag, name in INSTRUCTION_SETS if flag in flags), platform.machine())
    chosen = [f"{name}={os.environ[name]}" for name in CHOSEN_BY_HAND if os.environ.get(name)]
    return " ".join((found, *chosen))


@lru_cache(maxsize=1)
def _facts() -> tuple[tuple[str, str], ...]:
    """What Linux tells of its first CPU; nothing elsewhere."""
    try:
        lines = CPU_FACTS.read_text(encoding="utf-8", errors="replace").partition("\n\n")[0].splitlines()
    except OSError:
        return ()
    pairs = (line.partition(":") for line in lines)
    return tuple((name.strip(), value.strip()) for name, _, value in pairs)


def _flags() -> frozenset[str]:
    known = dict(_facts())
    return frozenset((known.get("flags") or known.get("Features") or "").split())


def _cpu_model() -> str:
    return dict(_facts()).get("model name") or platform.processor() or platform.machine()


def _device_name(device: str) -> str:
    if device != "cuda":
        return device
    import torch

    return f"cuda {torch.cuda.get_device_name()}"
