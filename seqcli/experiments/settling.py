"""From the settings that a person gave to one checked configuration: usual models, the task's own defaults.

The command line and Python both end here, so that one name means the same in both.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cached_property
from typing import TypeVar

from seqcli.config.layers import Layer, Setting, from_values, keys, merge, select, validate
from seqcli.config.settings import Settings
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, own_kind
from seqcli.data.tables import usual_reading
from seqcli.data.task import TASKS, Task, choose_task
from seqcli.errors import UsageError
from seqcli.experiments.config import CompareConfig, TrainConfig, with_task
from seqcli.experiments.config import model_defaults as defaults_of
from seqcli.models.architecture import compared_for, trained_for
from seqcli.models.spec import folded, model_name

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


def known_keys(config_type: type[Settings]) -> Collection[str]:
    """The names that may be set: the record's own, and those of built-in tasks where it has a task."""
    own_keys = keys(config_type)
    return SettingNames(own_keys, task_keys) if "task" in own_keys else own_keys


def settle(
    config_type: type[C], settings: Layer, required: Mapping[str, str]
) -> tuple[C, Mapping[str, Setting]]:
    """The checked configuration and where each of its settings came from.

    Args:
        config_type: The record of the command.
        settings: What was set, of all layers merged.
        required: Settings that have no default, each with the sentence that explains it.

    Raises:
        UsageError: A setting is unknown, not allowed or missing; the message names where it was set.
    """
    own_keys, chosen = keys(config_type), dict(settings)
    task = chosen_task(chosen)
    chosen |= usual_models(chosen, config_type, task)
    defaults = task.defaults if task is not None else {**file_defaults(chosen), **own_defaults(chosen)}
    if task is not None:
        config_type = with_task(config_type, task)
    for name, explained in required.items():
        field = config_type.model_fields.get(name)
        if field is not None and field.is_required() and name not in chosen:
            raise UsageError(f"no {name} given", explained)
    merged = merge(
        chosen,
        select(from_values(defaults, preferred_by(chosen)), own_keys) if defaults else {},
        select(model_defaults(chosen), keys(config_type)),
    )
    return validate(config_type, merged), merged


def with_its_own_settings(layer: Layer, known: Collection[str]) -> dict[str, Setting]:
    """A file's settings as the command knows them: a run's own `config.yaml` names all that its model has."""
    values = folded({key: setting.value for key, setting in layer.items()}, known)
    return {key: Setting(value, layer[key].origin) for key, value in values.items()}


def all_keys() -> frozenset[str]:
    """The names of the settings of every command."""
    from seqcli.experiments.gradprobe.config import GradprobeConfig
    from seqcli.experiments.guide.config import GuideConfig
    from seqcli.experiments.use_config import EvaluateConfig, GenerateConfig, TranslateConfig

    trained = (TrainConfig, CompareConfig, GradprobeConfig, GuideConfig)
    used = (TranslateConfig, EvaluateConfig, GenerateConfig)
    return keys(*trained, *used) | task_keys()


def chosen_task(settings: Layer) -> Task | None:
    """The built-in task that was named, with its own defaults.

    Raises:
        UsageError: No such task; the known ones are listed.
    """
    task = settings.get("task")
    return None if task is None or task.value is None else TASKS.get(str(task.value))


def usual_models(settings: Layer, config_type: type[Settings], task: Task | None) -> dict[str, Setting]:
    """Return the models of a command where none is named: those that fit the data.

    Raises:
        UsageError: Neither a task nor data was named, so that nothing tells which models fit.
    """
    usual = {"models": compared_for, "model": trained_for}
    for name, models_for in usual.items():
        field = config_type.model_fields.get(name)
        if name in settings or field is None or not field.is_required():
            continue
        data = validate(DataConfig, select(settings, keys(DataConfig)))
        kind = choose_task(task, data).kind
        value = models_for(kind)
        return {name: Setting(value, f"default for {kind}")} if value else {}
    return {}


def file_defaults(settings: Layer) -> Mapping[str, object]:
    """Return the defaults that the name of a person's own file makes usual."""
    place = settings.get("data") or settings.get("train")
    return usual_reading(place.value) if place is not None and isinstance(place.value, str) else {}


def own_defaults(settings: Layer) -> Mapping[str, object]:
    """Return the defaults of a person's own data, where its kind was said or its columns or its name tell it.

    Raises:
        UsageError: A setting of the data is not allowed.
    """
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


def preferred_by(settings: Layer) -> str:
    """Return the owner of a default, for messages."""
    task = settings.get("task")
    return "the data's kind" if task is None or task.value is None else f"task {task.value}"


def task_keys() -> frozenset[str]:
    """The names of the settings of every built-in task: `task.length`."""
    tasks = (type(TASKS.get(name)) for name in TASKS.names())
    return frozenset(f"task.{key}" for task in tasks for key in keys(task) if key != "name")


def model_defaults(settings: Layer) -> dict[str, Setting]:
    """Return the defaults of the models' architecture, where all are of one that has any.

    Raises:
        UsageError: No such model; the known ones are listed.
    """
    chosen = settings.get("models") or settings.get("model")
    written = chosen.value if chosen is not None else ()
    texts = written if isinstance(written, list | tuple) else (written,)
    name = model_name(str(texts[0])) if texts else ""
    return from_values(defaults_of([str(text) for text in texts]), f"model {name}")
