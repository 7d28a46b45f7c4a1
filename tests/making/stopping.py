"""A training that is stopped again and again, beside one that is not."""

import pytest

from seqcli.errors import StoppedError
from seqcli.experiments.train import train
from seqcli.results.events import drive

FILES = ("model.safetensors", "predictions.jsonl", "summary.json", "metrics.jsonl")


def check_stops_leave_no_trace(plan, folder, *, stops):
    """Train it whole and stopped after each of so many questions: both end in the same bytes."""
    drive(train(plan, folder / "whole", overwrite=False, should_stop=lambda: False))
    for steps in stops:
        asked = iter(range(steps))
        stopped = train(
            plan,
            folder / "parts",
            overwrite=False,
            should_stop=lambda asked=asked: next(asked, None) is None,
        )
        with pytest.raises(StoppedError):
            drive(stopped)
    drive(train(plan, folder / "parts", overwrite=False, should_stop=lambda: False))
    for file in FILES:
        assert (folder / "whole" / file).read_bytes() == (folder / "parts" / file).read_bytes(), file
