"""Proofs of kernels on this machine, kept for later processes: once per torch's build and device.

A proof is kept under all that it hangs on: torch's build, the device, the processor's instructions, the
switches that choose kernels, and the source of what computes. Only proofs that hold are kept: a kernel that
was wrong is tried again each time, for what made it wrong may have been mended.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import torch

from seqcli.config.hardware import numerics
from seqcli.data.cache import cache_folder
from seqcli.errors import SeqcliError
from seqcli.runs import strict_json
from seqcli.runs.sealed import read_record, write_record

FOLDER = "kernels"
"""In the cache."""
SOURCES = ("models/recurrent.py", "models/kernel_proof.py", "models/cell.py", "models/cells", "ops")
"""Below `seqcli`: all that computes, and the proof itself."""
CHOOSING = ("ONEDNN_", "DNNL_", "MKL_", "ATEN_", "CUDNN_", "CUBLAS_", "NVIDIA_TF32_", "PYTORCH_")
"""How the variables begin by which libraries choose their kernels."""


def kept_deviation(shape: Mapping[str, object], device: torch.device) -> float | None:
    """Return the deviation that was found before; None where there is none, or it cannot be read."""
    with suppress(SeqcliError, OSError):
        deviation = read_record(_place(shape, device))["deviation"]
        return deviation if isinstance(deviation, float) else None
    return None


def keep_deviation(deviation: float, shape: Mapping[str, object], device: torch.device) -> None:
    """Keep a proof that holds; a cache that takes nothing costs the next process the proof again."""
    with suppress(SeqcliError, OSError):
        place = _place(shape, device)
        place.parent.mkdir(parents=True, exist_ok=True)
        write_record(place, {"deviation": deviation})


def _place(shape: Mapping[str, object], device: torch.device) -> Path:
    name = strict_json.digest({**shape, **_surroundings(device), "source": _source()})
    return cache_folder() / FOLDER / f"{name[:32]}.json"


def _surroundings(device: torch.device) -> dict[str, object]:
    cudnn_version: Callable[[], int | None] = torch.backends.cudnn.version
    return {
        "build": f"{torch.__version__} {torch.version.git_version}",
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "cpu": numerics(),
        "threads": torch.get_num_threads(),
        "mkldnn": torch.backends.mkldnn.enabled,
        "cudnn": [cudnn_version(), torch.backends.cudnn.allow_tf32],
        "variables": sorted(f"{name}={os.environ[name]}" for name in os.environ if name.startswith(CHOOSING)),
    }


@cache
def _source() -> str:
    """The hash of the files that compute: an edited one is proved anew."""
    root = Path(__file__).parents[1]
    files = [file for name in SOURCES for file in sorted((root / name).rglob("*.py")) or [root / name]]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()
