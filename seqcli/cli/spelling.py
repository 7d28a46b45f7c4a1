"""A run's configuration as the command line that makes it, with only what the defaults do not say."""

import shlex
from collections.abc import Container, Iterable, Mapping
from typing import TYPE_CHECKING

from seqcli.cli.flags import Flag, Parts, Positional
from seqcli.cli.repeat import spelt
from seqcli.errors import SeqcliError
from seqcli.results.wording import seed_range

if TYPE_CHECKING:
    from pydantic import BaseModel

    Made = tuple[type[BaseModel], Parts]

COMMAND_FIELDS = frozenset({"command", "model", "models", "claims", "task", "seeds"})
"""Settings that are spelt in a way of their own."""


def spell_command(config: Mapping[str, object], out: str, makers: "Mapping[str, Made]") -> str | None:
    """The command that repeats a run or goes on with it; None where no command of this version makes it.

    Args:
        config: The flat configuration that the run directory keeps.
        out: The run directory as the person named it.
        makers: The commands that make runs: the record and the options of each.
    """
    from seqcli.experiments.runs.listing import command_of

    command, task = command_of(config), _task(config)
    try:
        record, parts = makers[command]
        flags = {part.key: part for part in parts if isinstance(part, Flag) and part.setting}
        values = _with_its_own_settings(config, flags)
        named = {part.key: values[part.key] for part in parts if isinstance(part, Positional)}
        defaults = _defaults(record, parts, {**named, **task})
    # A run of an older version may hold settings that no option spells any more.
    except (SeqcliError, KeyError):
        return None
    words = ["seqcli", command]
    for value in named.values():
        words += map(str, value if isinstance(value, list) else [value])
    for key, value in [*task.items(), *_seeds(config), *_changed(values, defaults)]:
        words += spelt(key, value, flags.get(key))
    return shlex.join([*words, "--out", out])


def _with_its_own_settings(config: Mapping[str, object], flags: Container[str]) -> Mapping[str, object]:
    """A leg's configuration with the settings that have no option, and differ, in its model's name."""
    from seqcli.models.architecture import architecture
    from seqcli.models.spec import folded

    if "model" not in config:
        return config
    fields = architecture(str(config["model"])).config.model_fields
    default = {key for key, field in fields.items() if key in config and config[key] == field.default}
    return folded({key: value for key, value in config.items() if key not in default - {"model"}}, flags)


def _task(config: Mapping[str, object]) -> dict[str, object]:
    """The task and its settings as `task`, `task.length` …."""
    task = config.get("task")
    if not isinstance(task, Mapping):
        flat = {key: value for key, value in config.items() if key.startswith("task.")}
        return {"task": task, **flat} if task is not None else {}
    return {
        "task" if key == "name" else f"task.{key}": value for key, value in task.items() if value is not None
    }


def _seeds(config: Mapping[str, object]) -> list[tuple[str, object]]:
    """Several seeds; 0 to 4 by their number, 5 to 19 as a range."""
    seeds = config.get("seeds")
    if seeds is None:
        return []
    if not (isinstance(seeds, list) and seeds == list(range(seeds[0], seeds[0] + len(seeds)))):
        return [("seeds", seeds)]
    return [("seeds", seed_range(seeds[0], len(seeds)) if seeds[0] else len(seeds))]


def _defaults(
    record: "type[BaseModel]", parts: Iterable[Flag | Positional], known: Mapping[str, object]
) -> dict[str, object]:
    """Return the configuration with no more than a model and a task."""
    from seqcli.cli.resolve import resolve
    from seqcli.config.words import written

    options = {**dict.fromkeys(part.key for part in parts), **known, "config": None}
    options["set"] = [f"{key}={written(value)}" for key, value in known.items() if "." in key]
    config, _ = resolve(record, parts, options)  # type: ignore[type-var]
    values: dict[str, object] = config.model_dump(mode="json")
    return values


def _changed(config: Mapping[str, object], defaults: Mapping[str, object]) -> list[tuple[str, object]]:
    """The other settings that differ from the defaults; an 'auto' device has been resolved to a real one."""
    return [
        (key, value)
        for key, value in config.items()
        if key in defaults
        and key not in COMMAND_FIELDS
        and value != defaults[key]
        and not (key == "device" and defaults[key] == "auto")
    ]
