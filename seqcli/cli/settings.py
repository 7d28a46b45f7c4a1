"""From what was typed, the environment and YAML files to one checked configuration."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from seqcli.cli.flags import Flag, Given, Positional

if TYPE_CHECKING:
    from seqcli.config.layers import Layer, Setting
    from seqcli.experiments.config import LegOptions

    C = TypeVar("C", bound=LegOptions)

PROJECT_FILE = Path("seqcli.yaml")
PATHS = ("data", "train", "valid", "test", "out")
"""Settings that hold a path; in a YAML file it is relative to the file."""


def typed(parts: Iterable[Flag | Positional], given: Given) -> dict[str, object]:
    """The settings among what was typed, numbers read as YAML reads them."""
    from seqcli.config.assignments import scalar

    values: dict[str, object] = {}
    for part in parts:
        value = given.get(part.key)
        if value is None or (isinstance(part, Flag) and not part.setting):
            continue
        number = isinstance(part, Flag) and part.kind == "number"
        values[part.key] = scalar(value) if number else value
    return values


def layers(parts: Iterable[Flag | Positional], given: Given, known: Collection[str]) -> "dict[str, Setting]":
    """Everything that was set, from the command line down to the user's file.

    Settings in the environment and in the standing files that belong to other commands are passed over.

    Raises:
        UsageError: A name that no command knows, or a file that cannot be read.
    """
    import platformdirs

    from seqcli.config import assignments, environment, yaml_file
    from seqcli.config.layers import command_line, merge, select

    parts = tuple(parts)
    flags = {part.key: part.metavar if isinstance(part, Positional) else part.long for part in parts}
    typed_layer = command_line(typed(parts, given), assignments.parse(given.get("set") or []), flags=flags)
    every = all_keys()
    surroundings = environment.load(os.environ, every)
    user_file = Path(platformdirs.user_config_dir("seqcli", appauthor=False)) / "config.yaml"
    chosen = given.get("config")
    file_layers: list[Layer] = [yaml_file.load(Path(chosen), paths=PATHS)] if chosen else []
    file_layers += [
        select(yaml_file.load(standing, paths=PATHS), known)
        for standing in (PROJECT_FILE, user_file)
        if standing.is_file()
    ]
    return merge(typed_layer, select(surroundings, known), *file_layers)


def all_keys() -> frozenset[str]:
    """The names of the settings of every command."""
    from seqcli.config.layers import keys
    from seqcli.experiments.config import CompareConfig, TrainConfig

    return keys(TrainConfig, CompareConfig)


def resolve(
    config_type: "type[C]", parts: Iterable[Flag | Positional], given: Given
) -> "tuple[C, Mapping[str, Setting]]":
    """The checked configuration of a command and where each of its settings came from.

    Raises:
        UsageError: A setting is unknown or not allowed; the message names where it was set.
    """
    from seqcli.config.layers import from_values, keys, merge, validate

    settings = layers(parts, given, keys(config_type))
    defaults = task_defaults(settings)
    merged = merge(settings, from_values(defaults, f"task {settings['task'].value}") if defaults else {})
    return validate(config_type, merged), merged


def task_defaults(settings: "Mapping[str, Setting]") -> Mapping[str, object]:
    """What the chosen built-in task prefers.

    Raises:
        UsageError: No such task; the known ones are listed.
    """
    from seqcli.data.task import TASKS

    task = settings.get("task")
    if task is None or task.value is None:
        return {}
    return TASKS.get(str(task.value)).defaults
