"""A part of the guide's test: the contract of the files in `parts/`."""

import shlex
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from seqcli.config.layers import from_values, keys, merge, select, validate
from seqcli.config.words import assignment, option
from seqcli.data.task import TASKS
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.study import Study
from seqcli.experiments.config import CompareConfig, model_defaults, with_task
from seqcli.experiments.estimate import cost_phase, estimate_models, training_phase
from seqcli.experiments.guide.config import GuideSettings
from seqcli.experiments.look_ledger import LookLedger
from seqcli.experiments.setting_values import Device
from seqcli.experiments.studies import study_of
from seqcli.registry import Registry
from seqcli.results.claims import Claim
from seqcli.results.compare import Comparison
from seqcli.results.estimates import Moment, PartEstimate, TimeEstimate
from seqcli.results.events import Event
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.sweep import Sweep


@dataclass(frozen=True)
class GuideOutcome:
    """The outcome of a part: its claims, and the result that they are drawn from, if it has one."""

    claims: list[Claim]
    result: Comparison | Sweep | Gradprobe | None = None


GuideEvents = Generator[Event, None, GuideOutcome]


@dataclass(frozen=True)
class GuideEnvironment:
    """The place and the settings of the parts' runs.

    Attributes:
        store: Where legs are kept, so that nothing finished is run again.
        quick: Whether few seeds and short sequences are enough.
        device: Where legs run.
        jobs: How many side by side; None is one a core.
        should_stop: Asked all the time.
        wishes: What a person wants otherwise.
        place: The settings of the engine and the store, where any were named.
    """

    store: Store
    quick: bool
    device: Device
    jobs: int | None
    should_stop: Callable[[], bool]
    wishes: GuideSettings = field(default_factory=GuideSettings)
    place: Mapping[str, object] = field(default_factory=dict)


Estimating = Generator[TimeEstimate, None, float]
"""Yields the estimates of a part; returns its seconds."""


@dataclass(frozen=True)
class PartPage:
    """The page of a part, as a task has one.

    Attributes:
        title: What it does, in a few words.
        claims: The claims that it speaks to, by the guide's numbers.
    """

    title: str
    claims: tuple[int, ...]


class GuideTest(ABC):
    """One experiment of the guide's test."""

    page: ClassVar[PartPage]

    @property
    def title(self) -> str:
        """Its work, in a few words."""
        return self.page.title

    @property
    def claims(self) -> tuple[int, ...]:
        """The claims that it speaks to, by the guide's numbers."""
        return self.page.claims

    @abstractmethod
    def command(self, *, quick: bool, wishes: GuideSettings | None = None) -> str:
        """The command line for the same; '' where no command does it."""

    @abstractmethod
    def run(self, surroundings: GuideEnvironment) -> GuideEvents:
        """Do it, and say what it tells of each claim.

        Raises:
            SeqcliError: It cannot be done here.
            StoppedError: A stop was asked for; finished legs are kept.
        """

    def estimate(self, surroundings: GuideEnvironment) -> Estimating:  # noqa: ARG002
        """Yield the estimates, and return seconds: a moment, unless it trains or probes."""
        yield Moment()
        return 1.0


PARTS: Registry[GuideTest] = Registry("part of the guide", "seqcli.experiments.guide.parts", "PART")


class ComparisonTest(GuideTest):
    """A part that is one `seqcli compare` command."""

    models: ClassVar[tuple[str, ...]]
    task: ClassVar[str]
    reads_own_data: ClassVar[bool] = False

    @abstractmethod
    def settings(self, *, quick: bool) -> Mapping[str, object]:
        """The command's options, by setting name."""

    def command(self, *, quick: bool, wishes: GuideSettings | None = None) -> str:
        """The command line."""
        task, settings = self._wished(quick=quick, wishes=wishes or GuideSettings())
        words = [word for key, value in settings.items() for word in _option(key, value)]
        named = [] if task is None else ["--task", task]
        return shlex.join(["seqcli", "compare", *self.models, *named, *words])

    def _wished(self, *, quick: bool, wishes: GuideSettings) -> tuple[str | None, Mapping[str, object]]:
        """The task, None for a person's own data, and the settings as they were wished for."""
        own_data = wishes.data if self.reads_own_data else {}
        seeds = {} if wishes.seeds is None else {"seeds": wishes.seeds}
        return None if own_data else self.task, {**self.settings(quick=quick), **seeds, **own_data}

    def study(self, surroundings: GuideEnvironment) -> Study[Any]:
        """The study that the command would run, its data ready.

        Raises:
            SeqcliError: The data cannot be read, or a setting is not allowed.
        """
        task, settings = self._wished(quick=surroundings.quick, wishes=surroundings.wishes)
        place = {"device": surroundings.device, "jobs": surroundings.jobs, **surroundings.place}
        return study_of(configured(self.models, task, {**settings, **place}))

    def estimate(self, surroundings: GuideEnvironment) -> Estimating:
        """From twenty timed steps of each model at each value; what each takes, `compare -n` tells."""
        seconds, runs, processes = 0.0, 0, 0
        for planned in self.study(surroundings).plans:
            estimates = estimate_models(planned, surroundings.store, surroundings.should_stop)
            blocks, cost = cost_phase(planned, estimates)
            runs += sum(model.to_run for model in estimates)
            processes += blocks
            seconds += training_phase(planned, estimates) + cost
        yield PartEstimate(runs, processes, seconds)
        return seconds

    def run(self, surroundings: GuideEnvironment) -> GuideEvents:
        """The claims of this part that the result speaks to.

        Its legs are those of the command that does the same, so that it is a look as that command's is.
        """
        study = self.study(surroundings)
        ledger = LookLedger(surroundings.store, study.kept_config, study.identity)
        study.after(ledger.taken())
        result: Comparison | Sweep = yield from study.run(surroundings.store, surroundings.should_stop)
        if result.status == "complete":
            yield from ledger.add(result if isinstance(result, Comparison) else result.points[-1])
        return GuideOutcome([claim for claim in result.guide if claim.number in self.claims], result)


def configured(models: tuple[str, ...], task: str | None, settings: Mapping[str, object]) -> CompareConfig:
    """The configuration that the command line with these options has, whatever files lie around.

    Raises:
        UsageError: A setting is unknown or not allowed.
    """
    if task is None:
        layer = from_values({"models": models, **settings}, "the guide")
        return validate(CompareConfig, merge(layer, from_values(model_defaults(models), "the models")))
    chosen = TASKS.get(task)
    record = with_task(CompareConfig, chosen)
    of_guide = from_values({"models": models, "task": task, **settings}, "the guide")
    defaults = {**model_defaults(models), **chosen.defaults}
    return validate(record, merge(of_guide, select(from_values(defaults, f"task {task}"), keys(record))))


def _option(key: str, value: object) -> list[str]:
    """A setting as it is typed; a task's own have no options."""
    return assignment(key, value) if "." in key else option(key, value)
