"""`seqcli runs diff A B`: settings, data, environment and results that differ, each told once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from seqcli.experiments.runs.listing import open_run
from seqcli.results.runs import RunChange, RunDifference
from seqcli.runs.configuration import Difference, differences, told_once
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.metrics import read_metrics
from seqcli.runs.storage import foreign_values

ENVIRONMENT = frozenset({"torch", "seqcli", "device", "threads"})
DATA = frozenset(
    {"task", "data", "prepared_sha256", "train", "valid", "test", "length", "pair", "split_seed"}
)
NOT_SET = "not set"


def contrast(first: Path, second: Path) -> RunDifference:
    """The differences between two runs.

    Raises:
        RunError: One of them is no run or is damaged.
    """
    a, b = open_run(first), open_run(second)
    comparison = a.compare(b)
    settings = [_change(_part(difference.key), difference) for difference in comparison]
    reached = told_once(comparison, differences(_results(a), _results(b)))[len(comparison) :]
    results = [_change("result", difference) for difference in reached]
    order = ("setting", "data", "environment", "result")
    changes = sorted([*settings, *results], key=lambda change: order.index(change.part))
    return RunDifference(a=str(first), b=str(second), changes=changes, same_metrics_until=_same_until(a, b))


def _part(key: str) -> Literal["setting", "data", "environment"]:
    name = key.partition(".")[0]
    if name in ENVIRONMENT:
        return "environment"
    return "data" if name in DATA else "setting"


def _change(part: Literal["setting", "data", "environment", "result"], difference: Difference) -> RunChange:
    before, now = (None if value == NOT_SET else value for value in (difference.before, difference.now))
    return RunChange(part=part, name=difference.key, a=before, b=now)


def _results(run: RunDirectory) -> dict[str, object]:
    """Return its status and, once it is done, its score and time."""
    values: dict[str, object] = {"status": run.status().state}
    if values["status"] == "done":
        with foreign_values(run.path):
            values |= FinishedRun(run).result | FinishedRun(run).times
    return {key: value for key, value in values.items() if key != "signature"}


def _same_until(a: RunDirectory, b: RunDirectory) -> int | None:
    """Return how many first epochs have the same metrics to the bit; None where one of them tells of none."""
    if not (a.metrics_path.is_file() and b.metrics_path.is_file()):
        return None
    return sum(1 for _ in _alike(a, b))


def _alike(a: RunDirectory, b: RunDirectory) -> Iterator[None]:
    for epoch, other in zip(read_metrics(a.metrics_path), read_metrics(b.metrics_path), strict=False):
        if epoch != other:
            return
        yield None
