"""The processor that computes, as far as it decides numbers: its maker and its vector instructions.

Matrix products add up in another order on other instructions, so equal training ends in other weights.
Measured on one machine: torch at its widest instructions, at AVX2 and at none gave three sets of weights.
"""

import os
import platform
from functools import cache
from pathlib import Path

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


def model_name() -> str:
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
