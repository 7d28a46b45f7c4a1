"""From a checked configuration to legs: the data made ready once, each model's settings, the leg's identity."""

import hashlib
import importlib.metadata
import json
import re
from collections.abc import Mapping
from pathlib import Path

from seqcli import __version__
from seqcli.data.config import DataConfig
from seqcli.data.prepared import Prepared, prepare
from seqcli.errors import UsageError
from seqcli.experiments.config import Device, LegOptions
from seqcli.models.config import ModelConfig
from seqcli.models.spec import ModelSpec
from seqcli.training.config import TrainingConfig
from seqcli.training.leg import LegConfig


def torch_version() -> str:
    """The installed torch's version, read without importing it."""
    return importlib.metadata.version("torch")


def resolve_device(device: Device) -> str:
    """The device that 'auto' stands for here, or the one asked for if this machine has it.

    torch is imported only where its build could see an accelerator at all.

    Raises:
        UsageError: The device asked for is not there.
    """
    if device == "cpu" or (device == "auto" and torch_version().endswith("+cpu")):
        return "cpu"
    import torch

    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if device == "auto":
        return next((name for name, there in present.items() if there), "cpu")
    if not present[device]:
        usable = ", ".join(["cpu", *(name for name, there in present.items() if there)])
        raise UsageError(f"--device {device}: torch {torch_version()} sees none here", f"Usable: {usable}.")
    return device


def prepare_data(options: LegOptions) -> Prepared:
    """The task's data, encoded once and kept in the cache.

    Raises:
        UsageError: Neither or both of a task and data were named.
        DataError: The data cannot be read as what it was said to be.
    """
    return prepare(options.task, options.section(DataConfig))
