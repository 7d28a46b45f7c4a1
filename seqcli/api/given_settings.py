"""From keyword arguments to the checked configuration that the command of the same name has."""

from collections.abc import Collection, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import TypeVar

from seqcli.api.kept_frame import is_frame, kept_frame
from seqcli.config.layers import Layer, Setting, flat_name, merge
from seqcli.config.settings import Settings
from seqcli.config.yaml_file import load
from seqcli.data.config import LOCATIONS
from seqcli.errors import UsageError
from seqcli.experiments.settling import PATHS, known_keys, settle, with_its_own_settings

C = TypeVar("C", bound=Settings)

FRAMED = frozenset({"data", "train", "valid", "test"})
"""Settings that may be a table of pandas."""

LISTED = frozenset({"expect", "value_column", "past_column", "future_column"})
"""Settings that are lists on the command line, where an option may be given twice; one may come alone."""


def settled(config_type: type[C], options: Mapping[str, object], explained: Mapping[str, str]) -> C:
    """The checked configuration of a call.

    Args:
        config_type: The record of the command.
        options: The keyword arguments; each that is there counts, None too.
        explained: Arguments that have no default, each with the sentence that explains it.

    Raises:
        UsageError: An argument is unknown, not allowed, missing, or given twice.
    """
    known = known_keys(config_type)
    named = {key: _plain(value, key) for key, value in options.items() if key not in ("set", "config")}
    layer = {key: Setting(value, f"{key}=") for key, value in named.items()}
    config, _ = settle(
        config_type, merge(_with_set(layer, options.get("set")), _file(options, known)), explained
    )
    return config


def _with_set(layer: Layer, entries: object) -> dict[str, Setting]:
    """The named arguments, and beside them the entries of `set`."""
    if entries is None:
        return dict(layer)
    if not isinstance(entries, Mapping):
        raise UsageError(f"set={entries!r} is no mapping", 'Write set={"task.examples": 2000}.')
    settings = dict(layer)
    for written, value in entries.items():
        key = flat_name(str(written))
        if key in settings:
            raise UsageError(f"{key}= and set[{written!r}] set the same thing", "Drop one of the two.")
        settings[key] = Setting(_plain(value, key), f"set[{written!r}]")
    return settings


def _file(options: Mapping[str, object], known: Collection[str]) -> dict[str, Setting]:
    chosen = options.get("config")
    if not isinstance(chosen, str | PathLike):
        return {}
    return with_its_own_settings(load(Path(chosen), PATHS, LOCATIONS), known)


def _plain(value: object, key: str) -> object:
    """The value as settings know it: a path as text, a list as a tuple, numpy's numbers as Python's."""
    if is_frame(value):
        if key not in FRAMED:
            raise UsageError(f"{key}= is a DataFrame", f"Tables belong to {', '.join(sorted(FRAMED))}.")
        return kept_frame(value)
    if isinstance(value, PathLike):
        return str(fspath(value))
    if isinstance(value, str):
        return (value,) if key in LISTED else value
    if isinstance(value, Sequence | range):
        return tuple(_plain(item, "") for item in value)
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value
