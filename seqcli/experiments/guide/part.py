"""What a part of the guide's test is, and the contract of the files in `parts/`."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from seqcli.config.layers import from_values, keys, merge, select, validate
from seqcli.config.words import assignment, option
from seqcli.data.task import TASKS
from seqcli.experiments.config import CompareConfig, Device, model_defaults, with_task
from seqcli.experiments.store import Store
from seqcli.experiments.studies import study_of
from seqcli.registry import Registry
from seqcli.results.compare import Claim, Comparison
from seqcli.results.events import Event
from seqcli.results.sweep import Sweep

Telling = Generator[Event, None, list[Claim]]


@dataclass(frozen=True)
class Surroundings:
    """Where and how the parts run.

    Attributes:
        store: Where legs are kept, so that nothing finished is run again.
        quick: Whether few seeds and short sequences are enough.
        device: Where legs run.
        jobs: How many side by side; None is one a core.
        should_stop: Asked all the time.
    """

    store: Store
    quick: bool
    device: Device
    jobs: int | None
    should_stop: Callable[[], bool]


class Part(ABC):
    """One experiment of the guide's test.

    Attributes:
        title: What it does, in a few words.
        claims: The claims that it speaks to, by the guide's numbers.
    """

    title: ClassVar[str]
    claims: ClassVar[tuple[int, ...]]

    @abstractmethod
    def command(self, *, quick: bool) -> str:
        """What a person would type for the same; '' where no command does it."""

    @abstractmethod
    def run(self, surroundings: Surroundings) -> Telling:
        """Do it, and say what it tells of each claim.

        Raises:
            SeqcliError: It cannot be done here.
            StoppedError: A stop was asked for; finished legs are kept.
        """


PARTS: Registry[Part] = Registry("part of the guide", "seqcli.experiments.guide.parts", "PART")


class Compared(Part):
    """A part that is one `seqcli compare` command."""

    models: ClassVar[tuple[str, ...]]
    task: ClassVar[str]

    @abstractmethod
    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """The command's options, by setting name."""

    def command(self, *, quick: bool) -> str:
        """The command line."""
        words = [word for key, value in self.settings(quick=quick).items() for word in _option(key, value)]
        return shlex.join(["seqcli", "compare", *self.models, "--task", self.task, *words])

    def run(self, surroundings: Surroundings) -> Telling:
        """The claims of this part that the result speaks to."""
        where = {"device": surroundings.device, "jobs": surroundings.jobs}
        settings = {**self.settings(quick=surroundings.quick), **where}
        study = study_of(configured(self.models, self.task, settings))
        result: Comparison | Sweep = yield from study.run(surroundings.store, surroundings.should_stop)
        return [claim for claim in result.guide if claim.number in self.claims]


def configured(models: tuple[str, ...], task: str, settings: Mapping[str, object]) -> CompareConfig:
    """The configuration that the command line with these options has, whatever files lie around.

    Raises:
        UsageError: A setting is unknown or not allowed.
    """
    chosen = TASKS.get(task)
    record = with_task(CompareConfig, chosen)
    given = from_values({"models": models, "task": task, **settings}, "the guide")
    defaults = {**model_defaults(models), **chosen.defaults}
    return validate(record, merge(given, select(from_values(defaults, f"task {task}"), keys(record))))


def _option(key: str, value: object) -> list[str]:
    """A setting as it is typed; a task's own have no options."""
    return assignment(key, value) if "." in key else option(key, value)
