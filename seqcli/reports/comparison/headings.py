"""The lines above the table: which data every model saw, and what was held equal."""

from collections.abc import Sequence
from typing import Literal

from seqcli.models.spec import called
from seqcli.reports.sheet import Line
from seqcli.results.compare import ModelResult, Protocol, TaskFacts
from seqcli.results.wording import counted, seed_range

DOT = " · "
MATCHES = {"params": "equal parameters", "flops": "equal FLOPs", "time": "equal training time"}


def display(label: str) -> str:
    """A model's label as a heading: 'gru hidden=148,layers=2' is 'GRU hidden=148, layers=2'.

    Cells' short names are acronyms; the space lets a narrow column break between settings.
    """
    return called(label).replace(",", ", ")


def task_line(task: TaskFacts) -> Line:
    """The data and its split: 'sentiment  film reviews · 6,824 train / 853 valid / 853 test · 2 classes'."""
    split = f"{task.train:,} train / {task.valid:,} valid / {task.test:,} test"
    classes = f"{task.classes} classes" if task.classes is not None else ""
    return Line(DOT.join(part for part in (task.source, split, classes) if part), lead=task.name)


def protocol_line(protocol: Protocol, models: Sequence[ModelResult]) -> Line:
    """What was held equal: 'equal width 128 · 1 layer · tuned init · 5 paired seeds · cpu, 1 thread'."""
    parts = (
        _matched(protocol.match, models),
        _shared_layers(models),
        f"{protocol.init} init",
        _seeds(protocol, paired=len(models) > 1),
        f"{protocol.device}, {counted(protocol.threads, 'thread')}",
    )
    return Line(DOT.join(part for part in parts if part), lead="protocol")


def matched(match: str) -> str:
    """What a protocol holds equal, in words: 'equal width'."""
    return "equal width" if match == "hidden" else MATCHES.get(match, f"match {match}")


def status_lines(status: Literal["complete", "partial"]) -> tuple[Line, ...]:
    """That legs are missing, where some are."""
    told = "partial: some legs have not finished; the same command continues them"
    return () if status == "complete" else (Line(told, lead="status", mark="failed"),)


def tuning_lines(protocol: Protocol) -> tuple[Line, ...]:
    """The learning rates chosen: 'LSTM 0.004, GRU 0.002 · of 0.0005 to 0.008, 2 seeds of their own'."""
    tuning = protocol.tuning
    if tuning is None:
        return ()
    chosen = ", ".join(
        f"{display(one.label)} {one.lr:g}{' (the edge of the grid)' if one.at_edge else ''}"
        for one in tuning.models
    )
    grid = f"of {len(tuning.rates)} rates from {tuning.rates[0]:g} to {tuning.rates[-1]:g}"
    return (Line(f"{chosen} · {grid}, {counted(len(tuning.seeds), 'seed')} of their own", lead="tuned lr"),)


def look_lines(protocol: Protocol) -> tuple[Line, ...]:
    """That some of these seeds were judged before, and what that costs; nothing at a first look."""
    before = protocol.looks_before
    if not before:
        return ()
    looks = ", ".join(f"{counted(len(one.seeds), 'seed')} (α = {one.alpha:.4g})" for one in before)
    fresh = seed_range(protocol.fresh_seed, len(protocol.seeds))
    told = (
        f"judged before at {looks}, now again at {len(protocol.seeds)} (α = {protocol.alpha:.4g}): in one of"
        f" these looks a false verdict has a chance of up to {100 * protocol.overall_alpha:.2g} %;"
        f" --seeds {fresh} would be fresh"
    )
    return (Line(told, lead="looks"),)


def _seeds(protocol: Protocol, *, paired: bool) -> str:
    number = len(protocol.seeds)
    level = "" if protocol.alpha == 0.05 else f" (look {protocol.look}, α = {protocol.alpha:.4g})"
    return counted(number, "paired seed" if paired and number > 1 else "seed") + level


def _matched(match: str, models: Sequence[ModelResult]) -> str:
    width = _shared(models, "hidden")
    shown = "" if width is None else f" {width}"
    if match == "hidden":
        return f"equal width{shown}" if len(models) > 1 else f"width{shown}" if shown else ""
    return matched(match)


def _shared_layers(models: Sequence[ModelResult]) -> str:
    layers = _shared(models, "layers")
    return counted(layers, "layer") if isinstance(layers, int) else ""


def _shared(models: Sequence[ModelResult], setting: str) -> object:
    """The value of a setting that all models have in common; None where they differ or do not name it."""
    values = [model.settings.get(setting) for model in models]
    return values[0] if values and all(value == values[0] for value in values) else None
