"""From what was typed, the environment and YAML files to one checked configuration."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from seqcli.cli.flags import Flag, Given, Positional
from seqcli.errors import UsageError

if TYPE_CHECKING:
    from seqcli.config.layers import Layer, Setting
    from seqcli.config.settings import Settings
    from seqcli.data.task import Task

    C = TypeVar("C", bound=Settings)

PATHS = frozenset({"out", "run", "baseline"})
"""Settings that hold a path; in a YAML file it is relative to the file, as data's locations are."""


class SettingNames(Collection[str]):
    """Names of settings, of which the later ones are listed only when a name is not among the first.

    A task's settings are known only once its file is imported, and those of other commands likewise: a plain
    command line asks for none of them.

    Args:
        first: Names that are at hand.
        later: Lists the others.
    """

    def __init__(self, first: Collection[str], later: Callable[[], Collection[str]]) -> None:
        self._first = first
        self._later = later

    @cached_property
    def _all(self) -> frozenset[str]:
        return frozenset({*self._first, *self._later()})

    def __contains__(self, name: object) -> bool:
        return name in self._first or name in self._all

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


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

    parts = tuple(parts)
    origins = {part.key: part.origin for part in parts}
    line = command_line(
        typed_options(parts, given), layer_sources.parse_assignments(given.get("set") or ()), flags=origins
    )
    every = SettingNames(known, all_keys)
    variables = {name: value for name, value in os.environ.items() if name != CACHE_VARIABLE}
    surroundings = select(layer_sources.environment_layer(variables, every), known)
    chosen = given.get("config")
    given_file = Path(chosen) if chosen else None
    files = file_layers(given_file, known, every=every, paths=PATHS, locations=LOCATIONS)
    return merge(line, surroundings, *(with_its_own_settings(layer, known) for layer in files))


def with_its_own_settings(layer: "Layer", known: Collection[str]) -> "dict[str, Setting]":
    """A file's settings as the command knows them: a run's own `config.yaml` names all that its model has."""
    from seqcli.config.layers import Setting
    from seqcli.models.spec import folded

    values = folded({key: setting.value for key, setting in layer.items()}, known)
    return {key: Setting(value, layer[key].origin) for key, value in values.items()}


def all_keys() -> frozenset[str]:
    """The names of the settings of every command."""
    from seqcli.config.layers import keys
    from seqcli.experiments.config import CompareConfig, TrainConfig
    from seqcli.experiments.gradprobe.config import GradprobeConfig
    from seqcli.experiments.guide.config import GuideConfig
    from seqcli.experiments.use_config import EvaluateConfig, GenerateConfig, TranslateConfig

    trained = (TrainConfig, CompareConfig, GradprobeConfig, GuideConfig)
    used = (TranslateConfig, EvaluateConfig, GenerateConfig)
    return keys(*trained, *used) | task_keys()


def resolve(
    config_type: "type[C]", parts: Iterable[Flag | Positional], given: Given
) -> "tuple[C, Mapping[str, Setting]]":
    """The checked configuration of a command and where each of its settings came from.

    Raises:
        UsageError: A setting is unknown or not allowed, and the message names where it was set; or an
            argument is missing.
    """
    from seqcli.config.layers import from_values, keys, merge, select, validate
    from seqcli.experiments.config import with_task

    parts = tuple(parts)
    own = keys(config_type)
    known = SettingNames(own, task_keys) if "task" in own else own
    settings = gather(parts, given, known)
    task = chosen_task(settings)
    settings |= usual_models(settings, parts, config_type, task)
    defaults = task.defaults if task is not None else own_defaults(settings)
    if task is not None:
        config_type = with_task(config_type, task)
    for part in parts:
        field = config_type.model_fields.get(part.key)
        if isinstance(part, Positional) and field and field.is_required() and part.key not in settings:
            raise UsageError(f"no {part.key} given", f"{part.metavar}: {part.about}.")
    merged = merge(
        settings,
        select(from_values(defaults, preferred_by(settings)), own) if defaults else {},
        select(model_defaults(settings), keys(config_type)),
    )
    return validate(config_type, merged), merged


def chosen_task(settings: "Mapping[str, Setting]") -> "Task | None":
    """The built-in task that was named, with its own defaults.

    Raises:
        UsageError: No such task; the known ones are listed.
    """
    from seqcli.data.task import TASKS

    task = settings.get("task")
    return None if task is None or task.value is None else TASKS.get(str(task.value))


def usual_models(
    settings: "Mapping[str, Setting]",
    parts: Iterable[Flag | Positional],
    config_type: "type[Settings]",
    task: "Task | None",
) -> "dict[str, Setting]":
    """Return the models of a command where none is named: those that fit the data.

    Raises:
        UsageError: Neither a task nor data was named, so that nothing tells which models fit.
    """
    from seqcli.config.layers import Setting, keys, select, validate
    from seqcli.data.config import DataConfig
    from seqcli.data.task import choose_task
    from seqcli.models.architecture import compared_for, trained_for

    usual = {"models": compared_for, "model": trained_for}
    for part in parts:
        field = config_type.model_fields.get(part.key)
        if part.key not in usual or part.key in settings or field is None or not field.is_required():
            continue
        data = validate(DataConfig, select(settings, keys(DataConfig)))
        kind = choose_task(task, data).kind
        value = usual[part.key](kind)
        return {part.key: Setting(value, f"default for {kind}")} if value else {}
    return {}


def own_defaults(settings: "Mapping[str, Setting]") -> "Mapping[str, object]":
    """Return the defaults of a person's own data, where its kind was said or its columns or its name tell it.

    Raises:
        UsageError: A setting of the data is not allowed.
    """
    from seqcli.config.layers import keys, select, validate
    from seqcli.data.config import DataConfig
    from seqcli.data.kind import KINDS, own_kind

    kind = settings.get("kind")
    if kind is not None and kind.value in KINDS.names():
        return KINDS.get(str(kind.value)).defaults
    meant = {name for name in settings if settings[name].value is not None}
    named = [KINDS.get(name) for name in KINDS.names() if KINDS.get(name).told_by & meant]
    if named:
        return named[0].defaults
    if not {"data", "train"} & meant:
        return {}
    return KINDS.get(own_kind(validate(DataConfig, select(settings, keys(DataConfig))))).defaults


def preferred_by(settings: "Mapping[str, Setting]") -> str:
    """Return the owner of a default, for messages."""
    task = settings.get("task")
    return "the kind of the data" if task is None or task.value is None else f"task {task.value}"


def task_keys() -> frozenset[str]:
    """The names of the settings of every built-in task: `task.length`."""
    from seqcli.config.layers import keys
    from seqcli.data.task import TASKS

    tasks = (type(TASKS.get(name)) for name in TASKS.names())
    return frozenset(f"task.{key}" for task in tasks for key in keys(task) if key != "name")


def model_defaults(settings: "Mapping[str, Setting]") -> "dict[str, Setting]":
    """Return the defaults of the models' architecture, where all are of one that has any.

    Raises:
        UsageError: No such model; the known ones are listed.
    """
    from seqcli.config.layers import from_values
    from seqcli.experiments.config import model_defaults as defaults_of
    from seqcli.models.spec import model_name

    chosen = settings.get("models") or settings.get("model")
    written = chosen.value if chosen is not None else ()
    texts = written if isinstance(written, list | tuple) else (written,)
    name = model_name(str(texts[0])) if texts else ""
    return from_values(defaults_of([str(text) for text in texts]), f"model {name}")


def check_again(given: Given) -> None:
    """Refuse to both go on and start anew.

    Raises:
        UsageError: `--resume` and `--overwrite` were both given.
    """
    if given["resume"] and given["overwrite"]:
        raise UsageError("--resume and --overwrite exclude each other", "Drop one of the two.")
