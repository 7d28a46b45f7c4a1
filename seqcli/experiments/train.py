"""`seqcli train`: one leg in this process, its run directory, its result."""

import json
from collections.abc import Callable, Generator
from pathlib import Path

from seqcli.experiments.config import TrainConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import PlannedLeg, plan_leg, resolve_device
from seqcli.models.spec import parse_spec
from seqcli.results.events import Event, Leg, LegFinished, Note
from seqcli.results.train import Timing, TrainResult, TrainSummary
from seqcli.runs.directory import RunDirectory


def plan_training(config: TrainConfig) -> PlannedLeg:
    """Check everything and make the data ready; nothing is written but the cache.

    Raises:
        UsageError: A model, setting or task is unknown.
        DataError: The data cannot be read as what it was said to be.
    """
    spec = parse_spec(config.model)
    device = resolve_device(config.device)
    prepared = prepare_data(config)
    return plan_leg(config, spec, label=spec.name, seed=config.seed, prepared=prepared, device=device)


def default_folder(planned: PlannedLeg) -> Path:
    """Where a run goes when no `--out` was given: `runs/sentiment-gru-s0`."""
    return Path("runs") / f"{planned.leg.task}-{planned.leg.model.model}-s{planned.leg.seed}"


def train(
    planned: PlannedLeg, folder: Path, *, overwrite: bool, should_stop: Callable[[], bool]
) -> Generator[Event, None, TrainResult]:
    """Train, or continue, or find finished.

    Raises:
        RunError: The folder is not for this run.
        DivergedError: Training diverged.
        StoppedError: A stop was asked for; the same command continues.
    """
    import torch

    from seqcli.data.prepared import Prepared
    from seqcli.training.leg import run_leg

    torch.set_num_threads(planned.leg.threads)
    prepared = Prepared.open(planned.data)
    identity = planned.leg.model_dump(mode="json")
    for text in prepared.facts.warnings:
        yield Note(text=text)
    with RunDirectory.create(folder, planned.config, identity=identity, overwrite=overwrite) as run:
        if run.status().state == "done":
            summary = TrainSummary.from_json(json.loads(run.read("summary.json")))
            yield LegFinished(
                leg=Leg(model=planned.label, seed=summary.seed),
                test_metric=summary.test.value,
                best_epoch=summary.best_epoch,
                kept=True,
            )
        else:
            yield from run_leg(planned.leg, prepared, run, label=planned.label, should_stop=should_stop)
    return read_result(folder)


def read_result(folder: Path) -> TrainResult:
    """A finished run's result.

    Raises:
        RunError: It is not finished, or its files were changed.
    """
    run = RunDirectory.open(folder)
    summary = TrainSummary.from_json(json.loads(run.read("summary.json")))
    timing = Timing.from_json(json.loads(run.read("timing.json")))
    task = json.loads(run.read("task.json"))
    return TrainResult(
        run=str(folder), majority=task["majority"], **summary.model_dump(), **timing.model_dump()
    )
