"""Layers of settings by rank: merged, checked once, explained.

Rank, highest first: command line (options and `--set`), `SEQCLI_*`, `-c FILE` or the project's `seqcli.yaml`,
the user's `config.yaml`, the task's defaults, the record's own defaults.

A setting has one flat name, with underscores: `hidden`, `learning_rate`, `task.length`. A hyphen is read as
an underscore, and `.name` names the thing itself: `task: {name: adding, length: 100}` sets `task` and
`task.length`.
"""

import difflib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, ValidationError

from seqcli.config.faults import Fault, explained, shown_key, usage_error
from seqcli.errors import UsageError

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Setting:
    """One value and where a person set it.

    Args:
        value: The value as given: a boolean, number, text, None or a tuple of these.
        origin: In a person's words: '--hidden', '--set hidden', 'SEQCLI_HIDDEN', 'exp.yaml:12', 'task spam'.
    """

    value: object
    origin: str


Layer = Mapping[str, Setting]
"""Settings of one rank by flat name."""

EMPTY: Layer = MappingProxyType({})


def flat_name(key: str) -> str:
    """The one name of a setting: `learning-rate` is `learning_rate`, `task.name` is `task`."""
    name = key.replace("-", "_")
    return name.removesuffix(".name") if name != ".name" else name


def merge(*layers: Layer) -> dict[str, Setting]:
    """The settings of all layers, each from the highest layer that has it.

    Args:
        layers: The layers, highest rank first.
    """
    merged: dict[str, Setting] = {}
    # What is merged already ranks higher, so that it stands on the right.
    for layer in layers:
        merged = dict(layer) | merged
    return merged


def from_values(values: Mapping[str, object], origin: str) -> dict[str, Setting]:
    """A layer whose values share one origin, such as a task's defaults: 'task spam'."""
    return {flat_name(key): Setting(value, origin) for key, value in values.items()}


def command_line(
    options: Mapping[str, object], assignments: Layer = EMPTY, *, flags: Mapping[str, str] | None = None
) -> dict[str, Setting]:
    """The layer of one command line; None is null as typed (`--clip null`), an empty list was not given.

    Args:
        options: The values of the options that were given, by setting name.
        assignments: The layer of `--set`, of the same rank.
        flags: The flag of each setting whose flag is not its name: {"learning_rate": "--lr"}.

    Raises:
        UsageError: An option and `--set` give the same setting different values.
    """
    layer = dict(assignments)
    for key, option in options.items():
        value = tuple(option) if isinstance(option, list) else option
        if value == ():
            continue
        setting = Setting(value, (flags or {}).get(key, "--" + key.replace("_", "-")))
        other = layer.get(key)
        if other is not None and other.value != value:
            raise UsageError(
                f"{setting.origin} and {other.origin} set the same thing", "Drop one of the two."
            )
        layer[key] = setting
    return layer


def keys(*models: type[BaseModel]) -> frozenset[str]:
    """The flat names of all settings of these records."""
    return frozenset(key for model in models for key in _paths(model))


def select(settings: Layer, known: Collection[str]) -> dict[str, Setting]:
    """The settings whose names are known, for a record that uses only some of what was set."""
    return {key: setting for key, setting in settings.items() if key in known}


def check_known(settings: Layer, known: Collection[str], *, page: str = "") -> None:
    """Refuses settings that no record knows.

    Args:
        settings: What was set.
        known: The names that there are.
        page: The command that explains them.

    Raises:
        UsageError: At least one name is not known; names where it was set and the nearest known name.
    """
    faults = [_unknown(key, setting, known) for key, setting in settings.items() if key not in known]
    if faults:
        page_hint = f" `{page}` explains them." if page else ""
        raise usage_error(faults, hint=f"Known settings: {', '.join(sorted(known))}.{page_hint}")


def validate(model: type[M], settings: Layer) -> M:
    """The record that these settings make; what is not set keeps the record's default.

    Raises:
        UsageError: An unknown name, a value that is not allowed, or a required setting that is not set; one
            message names each fault's origin, what is allowed and what was received.
    """
    paths = _paths(model)
    faults = [_unknown(key, setting, paths) for key, setting in settings.items() if key not in paths]
    try:
        record = model.model_validate(_nested(settings, paths))
    except ValidationError as refused:
        faults += explained(refused, {path: key for key, path in paths.items()}, settings)
        raise usage_error(faults) from None
    if faults:
        raise usage_error(faults, hint=f"Known settings: {', '.join(sorted(paths))}.")
    return record


def explain(record: BaseModel, settings: Layer) -> list[tuple[str, object, str]]:
    """Every setting of a checked record as (name, value, origin), in the record's order.

    Args:
        record: What `validate` returned.
        settings: What it was made from; a name that is not in it has the origin 'default'.
    """
    rows: list[tuple[str, object, str]] = []
    for key, path in _paths(type(record)).items():
        holder: Any = record
        for part in path[:-1]:
            holder = getattr(holder, part, None)
        if holder is not None:
            origin = settings[key].origin if key in settings else "default"
            rows.append((key, getattr(holder, path[-1]), origin))
    return rows


def _paths(model: type[BaseModel]) -> dict[str, tuple[str, ...]]:
    """The attribute path of each setting of a record by its flat name, in the record's order."""
    return {flat_name(".".join(path)): path for path in _leaves(model)}


def _leaves(model: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        inner = next(
            (kind for kind in (field.annotation, *get_args(field.annotation)) if _is_record(kind)), None
        )
        if inner is None:
            yield (name,)
        else:
            yield from ((name, *rest) for rest in _leaves(inner))


def _is_record(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _nested(settings: Layer, paths: Mapping[str, tuple[str, ...]]) -> dict[str, object]:
    """The known settings as the nested mapping that a record is made of."""
    nested: dict[str, Any] = {}
    for key, setting in settings.items():
        if key in paths:
            *parents, last = paths[key]
            holder = nested
            for part in parents:
                holder = holder.setdefault(part, {})
            holder[last] = setting.value
    return nested


def _unknown(key: str, setting: Setting, known: Collection[str]) -> Fault:
    near = difflib.get_close_matches(key, list(known), n=1)
    suggestion = f"; did you mean {near[0]}?" if near else ""
    return Fault(setting.origin, f"unknown setting {shown_key(key)}{suggestion}")
