"""`seqcli doctor`: what seqcli finds on this machine, and what is missing."""

import importlib.metadata
import platform
import re
import socket
from collections.abc import Iterator

from seqcli import __version__
from seqcli.config import hardware
from seqcli.config.hardware import free_memory, memory_limit
from seqcli.data.cache import default_cache
from seqcli.errors import SeqcliError
from seqcli.launch.machine import usable_cores
from seqcli.results.listing import Description, PageFact
from seqcli.results.wording import counted, fixed
from seqcli.runs.run_layout import size_of

GIBIBYTE = 1024**3  # IEC 80000-13
MEBIBYTE = 1024**2
"""Bytes by IEC 80000-13, in which `free`, Slurm and control groups count memory."""


def examine() -> Description:
    """Return what this installation and machine have."""
    import torch

    python = f"Python {platform.python_version()}"
    return Description(
        what="machine",
        name=socket.gethostname(),
        about=f"seqcli {__version__} · {python} · torch {torch.__version__}",
        facts=[PageFact(name=name, text=text) for name, text in _facts()],
        settings=[],
    )


def _facts() -> Iterator[tuple[str, str]]:
    yield "processor", f"{hardware.processor_name()} · {counted(usable_cores(), 'usable core')}"
    yield "numerics", hardware.numerics()
    free, limit = free_memory() / GIBIBYTE, memory_limit() / GIBIBYTE
    yield "memory", f"{fixed(limit, 1)} GiB, {fixed(free, 1)} GiB free"
    yield "device", _devices()
    yield from _kernels()
    yield "cache", _cache()
    yield from _extras()


def _devices() -> str:
    import torch

    devices = ["cpu"]
    if torch.cuda.is_available():
        devices.append(f"cuda ({torch.cuda.get_device_name()})")
    if torch.backends.mps.is_available():
        devices.append("mps")
    return ", ".join(devices)


def _kernels() -> Iterator[tuple[str, str]]:
    """The kernel that each cell is trained on here."""
    import torch

    from seqcli.models.cell import CELLS
    from seqcli.ops.kernels import kernel_name

    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = torch.float32
    fused = [name for name in CELLS.names() if CELLS.get(name)().fused]
    kernels = [f"{name}: {kernel_name(name, device=device, dtype=kind, path='fused')}" for name in fused]
    yield "kernels", f"{' · '.join(kernels)} ({device}, float32)"


def _cache() -> str:
    try:
        cache = default_cache()
    except SeqcliError as error:
        return f"unusable: {error.message}"
    size = f"{cache.root.parent}, {fixed(size_of(cache.root.parent) / MEBIBYTE, 1)} MiB"
    return size if cache.warning is None else f"{size} ({cache.warning})"


def _extras() -> Iterator[tuple[str, str]]:
    """Each extra for users: the version that is there, or how to get it."""
    for line in importlib.metadata.requires("seqcli") or ():
        requirement = re.fullmatch(r"([\w.-]+)[^;]*;\s*extra == ['\"](\w+)['\"]", line)
        if requirement is None or requirement[2] == "dev":
            continue
        package, extra = requirement.groups()
        try:
            state = f"{package} {importlib.metadata.version(package)}"
        except importlib.metadata.PackageNotFoundError:
            state = f"missing: pip install 'seqcli[{extra}]'"
        yield f"extra {extra}", state
