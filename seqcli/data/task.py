"""A task: data, a kind, defaults, and a page that gives its origin."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar

from seqcli.config.names import ALIGNED, HUB, Name
from seqcli.config.settings import Settings
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.files import PACKED
from seqcli.data.kind import KINDS, no_own_data, own_kind
from seqcli.data.prepared import Prepared
from seqcli.data.sequences import SequenceSplit
from seqcli.errors import UsageError
from seqcli.registry import Registry

if TYPE_CHECKING:  # only who tests a finished run on new data reads such rows
    from seqcli.data.labelled_rows import LabelledData

__all__ = ["TASKS", "SequenceSplit", "Task", "TaskPage", "choose_task", "own_name"]


DIVISION = frozenset({"split", "split_seed", "folds", "fold"})
"""Options by which one file's rows are divided."""

WORD_VECTORS = frozenset({"vectors", "vectors_frozen"})
"""Options of vectors that a file gives to words."""


@dataclass(frozen=True)
class TaskPage:
    """The page of `seqcli tasks show`; figures are those measured when the task was added.

    Args:
        summary: What is to be predicted from what, in one line.
        source: Who collected the data, and the package that ships it.
        licence: Its licence.
        size: Examples, after what is dropped.
        classes: The classes and how often they occur.
        lengths: Tokens an example.
        baselines: What methods without recurrence, and simple recurrent ones, reach: name and score.
        note: What else a person should know; '' for nothing.
    """

    summary: str
    source: str
    licence: str
    size: str
    classes: str
    lengths: str
    baselines: tuple[tuple[str, str], ...] = ()
    note: str = ""

    @classmethod
    def of_own_data(cls, summary: str, *, classes: str = "as given", lengths: str = "as given") -> "TaskPage":
        """The page of data that a person brings, of which nothing is known beforehand."""
        return cls(
            summary, source="your own", licence="not known", size="as given", classes=classes, lengths=lengths
        )


class Task(Settings, ABC):
    """A task: its fields are its own settings, its YAML keys below `task`.

    Attributes:
        name: What it is called in results.
        kind: The kind of task, a file of `seqcli.data.kinds`.
        reads: Which options of its data it heeds, of those that only some tasks do (`OF_SOME_TASKS`).
        defaults: What it prefers for any option that a person leaves open, by the option's name.
        page: Where its data comes from and what it is like.
    """

    name: Name
    kind: ClassVar[str]
    page: ClassVar[TaskPage]
    reads: ClassVar[frozenset[str]] = frozenset()
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType({})

    @abstractmethod
    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The task's data under a configuration, from the cache or newly made.

        Raises:
            DataError: The data cannot be read or learnt from.
            UsageError: The configuration does not fit the task, or an extra is missing.
            StorageError: The cache cannot be written.
        """

    def obtain(self, cache: Cache, deciding: Mapping[str, object], build: Callable[[Path], None]) -> Prepared:
        """The prepared data under all that decides it, from the cache or newly built.

        Args:
            cache: Where it is kept.
            deciding: What decides it beside the task's own settings, as JSON values.
            build: Fills a new, empty folder.

        Raises:
            DataError: The data cannot be read or learnt from.
            StorageError: The cache cannot be written.
        """
        key = {"task": self.model_dump(mode="json"), **deciding}
        return cache.obtain(key, build=build, read=Prepared.open)

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> "LabelledData | None":  # noqa: ARG002
        """New data of this kind for a finished run to be tested on; None where a run takes none.

        Args:
            config: Where it lies.
            labels: The run's classes.

        Raises:
            DataError: It cannot be read, or has a label that is none of them.
        """
        return None


TASKS: Registry[Task] = Registry("task", "seqcli.tasks", "TASK")

OF_SOME_TASKS = (
    "text_column",
    "label_column",
    "source_column",
    "target_column",
    "image_column",
    "caption_column",
    "image_size",
    "sep",
    "header",
    "missing_labels",
    "quantiles",
    "conformal",
    "past_column",
    "future_column",
    "stride",
    "split",
    "split_seed",
    "group_column",
    "duplicates",
    "folds",
    "fold",
    "pair",
    "length",
    "metric",
    "bleu_tokenize",
    "lowercase",
    "kind",
    "time_column",
    "value_column",
    "series_column",
    "id_column",
    "step_column",
    "rate",
    "mels",
    "frame",
    "hop",
    "context",
    "horizon",
    "period",
    "scale",
    "fill",
    "bptt",
    "reverse_complement",
    "characters",
    "vectors",
    "vectors_frozen",
)
"""Options of the data that change nothing unless the task says that it reads them."""


def choose_task(chosen: str | Task | None, config: DataConfig, learnt: Iterable[str] | None = None) -> Task:
    """The task that a person means: a built-in one, or their own data.

    >>> choose_task("anbn", DataConfig()).kind
    'language'

    Args:
        chosen: A built-in task, or its name for its own defaults, or None.
        config: Where a person's own data lies.
        learnt: The kinds of task that the models named learn, where the configuration does not tell what
            their own data is for; None for any.

    Raises:
        UsageError: Neither or both were given, no built-in task has that name, an option does not apply
            to the task, or its kind has no such metric.
    """
    task = _choose(chosen, config, learnt)
    idle = [name for name in OF_SOME_TASKS if _is_set(config, name) and name not in task.reads]
    if idle:
        what = f"your own data of kind {task.kind}" if config.own else f"--task {task.name}"
        option = ("no-" if getattr(config, idle[0]) is False else "") + idle[0].replace("_", "-")
        raise UsageError(f"--{option} does not apply to {what}", f"Leave it out.{_who_heeds(idle[0])}")
    KINDS.get(task.kind).scored_by(config.metric)
    return task


def _who_heeds(option: str) -> str:
    """A sentence that names the kinds of own data that an option is for; '' where none has it."""
    kinds = []
    for name in KINDS.names():
        own = KINDS.get(name).own
        task = None if own is None else own(name=name)
        if isinstance(task, Task) and option in task.reads:
            kinds.append(name)
    return f" It is for data of kind {', '.join(kinds)}." if kinds else ""


def _is_set(config: DataConfig, name: str) -> bool:
    """Return whether a setting is other than its default, which is None for most."""
    return bool(getattr(config, name) != DataConfig.model_fields[name].default)


def _choose(chosen: str | Task | None, config: DataConfig, learnt: Iterable[str] | None) -> Task:
    if chosen is not None:
        built_in = TASKS.get(chosen) if isinstance(chosen, str) else chosen
        if config.own:
            other = "--data" if config.data else "--train"
            raise UsageError(
                f"--task {built_in.name} and {other} exclude each other: both name data", "Drop one."
            )
        return built_in
    location = config.data or config.train
    if location is None:
        known = ", ".join(TASKS.names())
        raise UsageError("no data to learn from", f"Say --task NAME ({known}) or --data FILE.")
    kind = own_kind(config, learnt)
    own = KINDS.get(kind).own
    if own is None:
        raise no_own_data(kind)
    task: object = own(name=own_name(location))
    if not isinstance(task, Task):
        raise TypeError(f"kind {kind} makes {type(task).__name__}, not a task")
    return task


def flat_settings(task: Task) -> dict[str, object]:
    """A task as a run's flat configuration keeps it: `task`, and `task.length` and the like beside it."""
    own = task.model_dump(mode="json", exclude={"name"})
    return {"task": task.name, **{f"task.{key}": value for key, value in own.items()}}


def recorded_task(config: Mapping[str, object]) -> Task | None:
    """The task that `flat_settings` wrote; None where a run's data was a person's own.

    Raises:
        UsageError: No built-in task has that name.
        pydantic.ValidationError: The task has other settings now.
    """
    name = config.get("task")
    if name is None:
        return None
    own = {key.removeprefix("task."): value for key, value in config.items() if key.startswith("task.")}
    return type(TASKS.get(str(name))).model_validate_json(json.dumps({"name": name, **own}))


def own_name(location: str) -> str:
    """A name for a person's own data: its file's, safe as a folder's name and unlike any built-in task's."""
    place = PurePath(location.removeprefix(HUB).partition(ALIGNED)[0])
    stem = PurePath(place.stem).stem if place.suffix.lower() == PACKED else place.stem
    # 60 characters are at most 240 bytes of UTF-8; file systems take 255.
    name = re.sub(r"[^\w.-]+", "-", stem).strip("-._")[:60] or "data"
    return f"{name}-data" if name in TASKS else name
