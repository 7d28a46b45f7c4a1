"""Step times of models, kept between dry runs by configuration, machine and build of torch."""

import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from seqcli.data.cache import cache_folder
from seqcli.data.prepared import Prepared
from seqcli.errors import OutOfMemoryError, RunError, StorageError
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.job import go_on
from seqcli.launch.machine import this_machine
from seqcli.results.record import Record
from seqcli.runs import strict_json
from seqcli.runs.run_layout import TIMINGS_FOLDER
from seqcli.runs.sealed import read_record, write_record
from seqcli.runs.storage import storage_faults

KEPT_FOR = timedelta(days=7)
"""Older times are taken anew: a machine changes its cooling, its load and its firmware."""

VERSION = 1
"""What a kept timing means; those of another version are measured anew."""

PACED_BY = frozenset({"batch_size", "optimizer", "clip"})
"""The settings of training that a step's time depends on; how many steps there are is counted apart."""


class KeptTiming(Record):
    """One timing as it lies in the cache.

    Attributes:
        measured: When, in UTC.
        values: What was timed, in seconds or as a count, by name.
    """

    measured: datetime
    values: dict[str, float]

    @property
    def age(self) -> timedelta:
        """The time since it was measured; negative where a clock was put back."""
        return datetime.now(UTC) - self.measured


class ModelPace(Record):
    """The pace of one model.

    Attributes:
        parameters: Trained numbers.
        step_seconds: One training step, the median of a few.
        block_seconds: A block of cost measurements on one path, its process's start left out.
        age: Seconds since it was measured; None where that was just now.
    """

    parameters: int
    step_seconds: float
    block_seconds: float
    age: float | None = None


def kept_timing(key: Sequence[object], measure: Callable[[], dict[str, float]]) -> tuple[KeptTiming, bool]:
    """Return a timing of this machine and whether it was kept from before; a new one is kept.

    Args:
        key: All that it depends on besides the machine, as JSON values; its device and threads come first.
        measure: Takes it.
    """
    device, threads = str(key[0]), int(str(key[1]))
    digest = strict_json.digest([VERSION, this_machine(device, threads).to_json(), *key])
    path = _folder() / f"{digest[:16]}.json"
    with suppress(RunError, StorageError, ValidationError):
        record = KeptTiming.from_json(read_record(path))
        if timedelta(0) <= record.age <= KEPT_FOR:
            return record, True
    timing = KeptTiming(measured=datetime.now(UTC), values=measure())
    with suppress(StorageError, OutOfMemoryError), storage_faults(path, needed=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_record(path, timing.to_json())
    return timing, False


def _folder() -> Path:
    return cache_folder() / TIMINGS_FOLDER


def model_paces(
    legs: Sequence[PlannedLeg], prepared: Prepared, should_stop: Callable[[], bool]
) -> list[ModelPace]:
    """Return the pace of every leg's model here, one after the other.

    The steps are timed in this process: a worker for each model takes longer to start than they do.

    Raises:
        StoppedError: A stop was asked for.
    """
    paces = []
    for leg in legs:
        go_on(should_stop)
        timing, age = kept_timing(_key(leg), lambda leg=leg: time_step(leg, prepared))  # type: ignore[misc]
        values = timing.values
        paces.append(
            ModelPace(
                parameters=int(values["parameters"]),
                step_seconds=values["step_seconds"],
                block_seconds=values["block_seconds"],
                age=timing.age.total_seconds() if age else None,
            )
        )
    return paces


def _key(leg: PlannedLeg) -> list[object]:
    """Return all that the pace of a leg's model depends on."""
    config = leg.leg
    return [
        config.device,
        config.threads,
        config.seqcli,
        config.prepared_sha256,
        config.model.model_dump(mode="json"),
        config.training.model_dump(mode="json", include=set(PACED_BY)),
    ]


def time_step(leg: PlannedLeg, prepared: Prepared) -> dict[str, float]:
    """Return the parameters and the seconds of a step and of a block of a leg, timed in this process."""
    import torch

    from seqcli.training.construction import build_network
    from seqcli.training.cost import pace
    from seqcli.training.process import settle_process

    settle_process(leg.leg.threads)
    network = build_network(leg.leg, prepared)
    measured = pace(network, prepared.splits, leg.leg.training, torch.device(leg.leg.device))
    return {
        "parameters": measured.parameters,
        "step_seconds": measured.step_seconds,
        "block_seconds": measured.block_seconds,
    }


def process_start_seconds() -> float:
    """Return the time that a fresh process takes before it can measure, which is mostly torch's import."""

    def measure() -> dict[str, float]:
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", "import torch"], check=False, capture_output=True)
        return {"seconds": time.monotonic() - began}

    return kept_timing(["cpu", 1, "import torch"], measure)[0].values["seconds"]
