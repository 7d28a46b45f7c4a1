"""`seqcli rerun`: an earlier result found again by what names it, and held against its repetition."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from seqcli.config.layers import from_values, keys, validate
from seqcli.data.task import TASKS, flat_settings, recorded_task
from seqcli.errors import DataError, GateFailedError, RunError, UsageError
from seqcli.experiments.compare.earlier_file import read_document, unsealed_result, whole_result
from seqcli.experiments.compare.reference import compare_with
from seqcli.experiments.compare.signature import Remembered, digest_of, memory_file
from seqcli.experiments.config import CompareConfig, LegOptions, TrainConfig, with_task
from seqcli.experiments.runs.listing import command_of
from seqcli.experiments.trained_result import read_result
from seqcli.models.spec import folded
from seqcli.results.compare import Comparison, ModelResult, Protocol, TaskFacts
from seqcli.results.rerun import Differing, Rerun
from seqcli.results.sweep import Sweep
from seqcli.results.train import TrainResult
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.sealed import read_record

C = TypeVar("C", bound=LegOptions)

RerunResult = Comparison | Sweep | TrainResult

RESULTS: Mapping[str, type[Comparison | Sweep]] = {"seqcli.compare/1": Comparison, "seqcli.sweep/1": Sweep}
NEUTRAL_ON_RERUN = {"out": None, "baseline": None, "expect": ()}
"""Settings that a repetition has of its own."""


@dataclass(frozen=True)
class RecalledResult:
    """An earlier result and how it was made.

    Attributes:
        source: Where it was found.
        config: The settings that decide it.
        then: The result.
    """

    source: str
    config: CompareConfig | TrainConfig
    then: RerunResult


def recall(name: str) -> RecalledResult:
    """The result that a run directory, a JSON file or a signature names.

    Raises:
        UsageError: Nothing here goes by that name.
        RunError: The run is not finished, or damaged.
        DataError: The file is no result, or one that does not tell its configuration.
    """
    path = Path(name)
    if path.is_dir():
        return _from_run(path)
    if path.is_file():
        return _from_file(path)
    return _from_memory(name)


def _from_run(folder: Path) -> RecalledResult:
    run = RunDirectory.open(folder)
    status = run.status()
    if status.state != "done":
        raise RunError(f"{folder} is not finished: it is {status.state}", "Give its own command again first.")
    if command_of(run.config) == "train":
        return RecalledResult(str(folder), config_of(run.config, TrainConfig), read_result(folder))
    result = _result(FinishedRun(run).result, str(folder))
    return RecalledResult(str(folder), config_of(run.config, CompareConfig), result)


def _from_file(path: Path) -> RecalledResult:
    values = read_document(path, _EXAMPLES)
    result = _result(unsealed_result(values, path) if isinstance(values, dict) else values, str(path))
    if not result.config:
        raise DataError(
            f"{path} was written by a version of seqcli that did not keep its configuration",
            "Give the command again that made it; results are written with their configuration now.",
        )
    return RecalledResult(str(path), config_of(result.config, CompareConfig), result)


def _from_memory(name: str) -> RecalledResult:
    digest = digest_of(name)
    if digest is None:
        raise UsageError(f"{name!r} is not a run directory, a file or a signature", _EXAMPLES)
    path = memory_file(digest)
    if not path.is_file():
        raise UsageError(
            f"no comparison is remembered here as #{digest}",
            f"Only those that finished on this machine are, in {path.parent};"
            " a run directory or a result's JSON can be repeated anywhere.",
        )
    try:
        record = Remembered.from_json(read_record(path))
    except (RunError, ValueError) as error:
        raise DataError(f"{path} is damaged or another version's: {error}", "Delete it.") from error
    return RecalledResult(
        f"#{digest}", config_of(record.config, CompareConfig), _result(record.result, str(path))
    )


_COMMANDS = "seqcli rerun runs/cmp; seqcli rerun result.json; seqcli rerun 3f9a2c1d07"
_EXAMPLES = f"Such as: {_COMMANDS}."


def _result(values: object, source: str) -> Comparison | Sweep:
    schema = values.get("schema") if isinstance(values, dict) else None
    kind = RESULTS.get(str(schema))
    if kind is None or not isinstance(values, dict):
        raise DataError(f"{source} has the schema {schema!r}; known: {', '.join(RESULTS)}", _EXAMPLES)
    return whole_result(kind, values, source, _EXAMPLES)


def config_of(values_kept: Mapping[str, object], kind: type[C]) -> C:
    """The configuration that a result was kept with.

    Raises:
        UsageError: A setting is not one, or is not allowed any more.
    """
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in values_kept.items()}
    task = values.get("task")
    if isinstance(task, Mapping):
        recorded = type(TASKS.get(str(task["name"]))).model_validate_json(json.dumps(task))
        values |= flat_settings(recorded)
    chosen = recorded_task(values)
    record = with_task(kind, chosen) if chosen is not None else kind
    repeatable = folded(
        {key: value for key, value in values.items() if key not in NEUTRAL_ON_RERUN}, keys(record)
    )
    return validate(record, from_values(repeatable, "the kept result"))


def difference(recalled: RecalledResult, now: RerunResult) -> Rerun:
    """Return the agreements and the differences of two results."""
    then = recalled.then
    before, after = dict(figures(then)), dict(figures(now))
    differing = [
        Differing(figure=name, then=before.get(name), now=after.get(name))
        for name in dict.fromkeys((*before, *after))
        if before.get(name) != after.get(name)
    ]
    earlier = None
    if isinstance(then, Comparison) and isinstance(now, Comparison):
        earlier = compare_with(now, then, file=recalled.source)
    return Rerun(
        source=recalled.source,
        signature=then.signature,
        signature_now=now.signature,
        same=not differing,
        compared=len(before),
        differing=differing,
        changes=list(_changes(then, now)),
        beside=earlier,
    )


def raise_unless_same(result: Rerun) -> None:
    """End the command with a gate's code where a figure differs.

    Raises:
        GateFailedError: How many do.
    """
    if not result.same:
        raise GateFailedError(f"{len(result.differing)} of {result.compared} figures are not the same")


def figures(result: RerunResult) -> Iterator[tuple[str, float | None]]:
    """Every figure that the same data, settings and numerics must give again, by name."""
    if isinstance(result, TrainResult):
        yield "test", result.test.value
        yield "valid", result.valid.value
        yield "parameters", result.parameters.total
        yield "best epoch", result.best_epoch
    elif isinstance(result, Sweep):
        for value, point in zip(result.values, result.points, strict=True):
            yield from ((f"{result.setting} {value:g}: {name}", figure) for name, figure in figures(point))
    else:
        for model in result.models:
            yield from _of_model(model, result.protocol)
        for other in result.alternatives:
            for model in other.models:
                named = _of_model(model, result.protocol)
                yield from ((f"match {other.match}: {name}", figure) for name, figure in named)


def _of_model(model: ModelResult, protocol: Protocol) -> Iterator[tuple[str, float | None]]:
    quality = model.quality
    yield f"{model.label} parameters", model.parameters.total
    for split, values in (("test", quality.per_seed), ("valid", quality.valid_per_seed)):
        for seed, value in zip(protocol.seeds, values, strict=True):
            yield f"{model.label} seed {seed} {split}", value


def _changes(then: RerunResult, now: RerunResult) -> Iterator[str]:
    """Yield the other changes that could explain a changed figure."""
    facts, before = _circumstances(now), _circumstances(then)
    for name, value in facts.items():
        if name in before and before[name] != value:
            yield f"{name} was {before[name]}, is {value}"


def _circumstances(result: RerunResult) -> dict[str, str]:
    version = {"seqcli": result.signature.split(" · ")[0].removeprefix("seqcli ")}
    if isinstance(result, TrainResult):
        return version
    point = result.points[-1] if isinstance(result, Sweep) else result
    return {**version, **_protocol(point.protocol), **_data(point.task)}


def _protocol(protocol: Protocol) -> dict[str, str]:
    return {"torch": protocol.torch, "device": protocol.device, "threads": str(protocol.threads)}


def _data(task: TaskFacts) -> dict[str, str]:
    return {"data": task.data_sha256[:8]}
