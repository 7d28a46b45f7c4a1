"""Trainings in this process: one run to its end, and one that is stopped again and again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seqcli.errors import StoppedError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import TrainPlan, plan_training, train
from seqcli.results.events import drive
from seqcli.results.train import TrainResult

RESULT_FILES = ("model.safetensors", "metrics.jsonl", "summary.json", "predictions.jsonl")
"""What a training comes to: the same bytes each time."""
KEPT_FILES = (*RESULT_FILES, "config.yaml", "README.md")
"""The same with what a run tells of itself."""


def never() -> bool:
    """No stop is asked for."""
    return False


def after(questions: int) -> Callable[[], bool]:
    """A stop that is asked for after so many questions."""
    asked = iter(range(questions))
    return lambda: next(asked, None) is None


def trained(
    plan: TrainPlan | TrainConfig, folder: Path, should_stop: Callable[[], bool] = never
) -> TrainResult:
    """Train what is planned or configured into a folder, or go on with it there."""
    planned = plan_training(plan) if isinstance(plan, TrainConfig) else plan
    return drive(train(planned, folder, overwrite=False, should_stop=should_stop))


def check_stops_leave_no_trace(
    plan: TrainPlan, folder: Path, *, stops: tuple[int, ...], files: tuple[str, ...] = RESULT_FILES
) -> None:
    """Train it whole and stopped after each of so many questions: both end in the same bytes."""
    trained(plan, folder / "whole")
    for questions in stops:
        with pytest.raises(StoppedError):
            trained(plan, folder / "parts", after(questions))
    trained(plan, folder / "parts")
    for file in files:
        assert (folder / "whole" / file).read_bytes() == (folder / "parts" / file).read_bytes(), file
