"""From what was typed, the environment and YAML files to one checked configuration."""

import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from seqcli.cli.flags import Flag, Given, Positional
from seqcli.errors import UsageError

if TYPE_CHECKING:
    from seqcli.config.layers import Setting
    from seqcli.config.settings import Settings

    C = TypeVar("C", bound=Settings)


def typed_options(parts: Iterable[Flag | Positional], given: Given) -> dict[str, object]:
    """The settings among what was typed; numbers are read as YAML reads them.

    Raises:
        UsageError: A value is not valid text, or two options say different things of one setting.
    """
    from seqcli.config.layer_sources import typed

    parts = tuple(parts)
    values: dict[str, object] = {}
    for part in parts:
        value = given.get(part.key)
        if value is None or (isinstance(part, Flag) and not part.setting):
            continue
        number = isinstance(part, Flag) and part.kind == "number"
        values[part.key] = typed(value, part.origin) if number else value
    return values | said_otherwise(parts, given)


def said_otherwise(parts: Iterable[Flag | Positional], given: Given) -> dict[str, object]:
    """The settings that switches say: `--no-cost` is `--cost no`.

    Raises:
        UsageError: The setting's own option says something else.
    """
    values: dict[str, object] = {}
    for part in parts:
        if not isinstance(part, Flag) or part.says is None or not given.get(part.key):
            continue
        key, value = part.says
        if given.get(key) not in (None, value):
            raise UsageError(f"{part.origin} contradicts --{key} {given[key]}", "Drop one of the two.")
        values[key] = value
    return values


def gather(parts: Iterable[Flag | Positional], given: Given, known: Collection[str]) -> "dict[str, Setting]":
    """Everything that was set, from the command line down to the user's file.

    Raises:
        UsageError: A name that no command knows, or a file that cannot be read.
    """
    from seqcli.config import layer_sources
    from seqcli.config.layer_sources import file_layers
    from seqcli.config.layers import command_line, merge, select
    from seqcli.data.cache import VARIABLE as CACHE_VARIABLE
    from seqcli.data.config import LOCATIONS
    from seqcli.experiments.settling import PATHS, SettingNames, all_keys, with_its_own_settings

    parts = tuple(parts)
    origins = {part.key: part.origin for part in parts}
    line = command_line(
        typed_options(parts, given), layer_sources.parse_assignments(given.get("set") or ()), flags=origins
    )
    setting_names = SettingNames(known, all_keys)
    variables = {name: value for name, value in os.environ.items() if name != CACHE_VARIABLE}
    surroundings = select(layer_sources.environment_layer(variables, setting_names), known)
    chosen = given.get("config")
    given_file = Path(chosen) if chosen else None
    files = file_layers(given_file, known, all_settings=setting_names, paths=PATHS, locations=LOCATIONS)
    return merge(line, surroundings, *(with_its_own_settings(layer, known) for layer in files))


def resolve(
    config_type: "type[C]", parts: Iterable[Flag | Positional], given: Given
) -> "tuple[C, Mapping[str, Setting]]":
    """The checked configuration of a command and where each of its settings came from.

    Raises:
        UsageError: A setting is unknown or not allowed, and the message names where it was set; or an
            argument is missing.
    """
    from seqcli.experiments.settling import known_keys, settle

    parts = tuple(parts)
    advice = {part.key: f"{part.metavar}: {part.about}." for part in parts if isinstance(part, Positional)}
    return settle(config_type, gather(parts, given, known_keys(config_type)), advice)


def check_again(given: Given) -> None:
    """Refuse to both go on and start anew.

    Raises:
        UsageError: `--resume` and `--overwrite` were both given.
    """
    if given["resume"] and given["overwrite"]:
        raise UsageError("--resume and --overwrite exclude each other", "Drop one of the two.")
