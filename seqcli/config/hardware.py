"""The hardware beneath this process: the processor, as far as it decides numbers, and the memory it may use.

Matrix products add up in another order on other instructions, so equal training ends in other weights.
Measured on one machine: torch at its widest instructions, at AVX2 and at none gave three sets of weights.

Linux control groups hold the limits of memory; the machine's own figures know nothing of them.
"""

import os
import platform
import resource
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import psutil

LIMITS = (
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "DNNL_MAX_CPU_ISA",
    "MKL_ENABLE_INSTRUCTIONS",
    "MKL_CBWR",
)
"""Environment variables by which torch, oneDNN and MKL are held to fewer instructions."""

VECTORS = ("avx", "avx2", "fma", "f16c", "asimd", "sve", "sve2", "bf16", "i8mm")
"""Flags of the kernel's list that kernels are chosen by; every AVX-512 and AMX flag counts too."""

_CPUINFO = Path("/proc/cpuinfo")


def numerics(cpuinfo: str | None = None) -> str:
    """Return what of the processor decides results: 'x86_64 AuthenticAMD avx avx2 f16c fma'.

    Args:
        cpuinfo: The text of Linux's /proc/cpuinfo; None reads it, where there is one.
    """
    facts = _facts(_read() if cpuinfo is None else cpuinfo)
    flags = set((facts.get("flags") or facts.get("Features") or "").split())
    vectors = sorted(flag for flag in flags if flag in VECTORS or flag.startswith(("avx512", "avx_", "amx")))
    maker = facts.get("vendor_id") or facts.get("CPU implementer") or platform.processor()
    limits = [f"{name}={os.environ[name].lower()}" for name in LIMITS if os.environ.get(name)]
    return " ".join(part for part in (platform.machine(), maker, *vectors, *limits) if part)


def processor_name() -> str:
    """Return the processor as its maker calls it, such as 'AMD EPYC 9634'; the architecture where unknown."""
    facts = _facts(_read())
    return facts.get("model name") or facts.get("Model") or platform.processor() or platform.machine()


@cache
def _read() -> str:
    try:
        return _CPUINFO.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _facts(cpuinfo: str) -> dict[str, str]:
    """The first processor's lines of 'name : value'."""
    first = cpuinfo.strip().partition("\n\n")[0]
    pairs = (line.partition(":") for line in first.splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


_GROUPS = Path("/sys/fs/cgroup")
_MINE = Path("/proc/self/cgroup")
_LIMITS = ("memory.max", "memory.limit_in_bytes")
"""The file with a group's limit in bytes, in version 2 and in version 1 of control groups."""
_USED = {"memory.max": "memory.current", "memory.limit_in_bytes": "memory.usage_in_bytes"}


def peak_memory() -> int:
    """The most bytes of memory that this process has had so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024  # kilobytes on Linux


def memory_limit(groups: Path = _GROUPS, membership: Path = _MINE) -> int:
    """The most bytes that this process can have: the machine's memory, or its groups' least limit."""
    limits = [limit for limit, _ in _limited(groups, membership)]
    return min([psutil.virtual_memory().total, *limits])


def free_memory(groups: Path = _GROUPS, membership: Path = _MINE) -> int:
    """The bytes that this process can still take; files that the kernel keeps in memory count as free."""
    unused = [max(limit - used, 0) for limit, used in _limited(groups, membership)]
    return min([psutil.virtual_memory().available, *unused])


def _limited(groups: Path, membership: Path) -> list[tuple[int, int]]:
    """The limit and the use in bytes of each group that this process is in."""
    limits = []
    for folder in _folders(groups, membership):
        for name in _LIMITS:
            # 'max' is no number, a missing file no limit.
            with suppress(OSError, ValueError):
                limit = int((folder / name).read_text(encoding="ascii"))
                used = int((folder / _USED[name]).read_text(encoding="ascii"))
                limits.append((limit, max(used - _cached(folder), 0)))
    return limits


def _cached(folder: Path) -> int:
    """Bytes of files that the kernel keeps for the group and gives up before anything is killed."""
    with suppress(OSError, ValueError):
        lines = (folder / "memory.stat").read_text(encoding="ascii").splitlines()
        counts = {name: int(count) for name, _, count in (line.partition(" ") for line in lines)}
        return counts.get("total_inactive_file", counts.get("inactive_file", 0))
    return 0


def _folders(groups: Path, membership: Path) -> list[Path]:
    """The folders of the groups with memory limits that this process is in, the outer ones too.

    Inside a container the root of the mounted tree is the process's own group, whatever the path says.
    """
    folders = {groups, groups / "memory"}
    with suppress(OSError):
        for line in membership.read_text(encoding="utf-8").splitlines():
            _, controllers, path = line.split(":", 2)
            if controllers in ("", "memory"):
                root = groups / controllers
                inner = root / path.strip("/")
                folders |= {place for place in (inner, *inner.parents) if place.is_relative_to(root)}
    return sorted(folders)
