"""The studies of `seqcli compare`: one comparison, one a protocol, or one for each value of a setting."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import partial
from typing import Generic, TypeVar

from seqcli.data.config import anchored
from seqcli.data.data_words import cautions, data_notes, table_cautions
from seqcli.experiments.compare.comparison import measured, run_comparison
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs
from seqcli.experiments.compare.plan import Plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.protocol import PROTOCOLS
from seqcli.results.compare import Comparison
from seqcli.results.events import (
    EpochFinished,
    Event,
    LegFailed,
    LegFinished,
    LegStarted,
    StepProgress,
    relay,
)
from seqcli.results.record import Record
from seqcli.runs.configuration import WHERE_TO_LOOK
from seqcli.statistics.looks import TakenLook

R = TypeVar("R", bound=Record)

NOT_IDENTITY = {
    "control",  # the models name what it adds
    "out",
    "jobs",
    "expect",
    "baseline",
    "max_time",
    "max_leg_time",
    "checkpoint_every",
    "measure_again",
    "store",
    "lost_after",
    "on",
    "strict",
    "cost_on",
    "slurm",
}
"""Settings that do not decide a result."""


class Study(ABC, Generic[R]):
    """Comparisons that belong together.

    Args:
        config: The whole configuration.
        plans: What each comparison runs, in order; at least one.

    Attributes:
        record: What comes of it.
    """

    record: type[R]

    def __init__(self, config: CompareConfig, plans: tuple[Plan, ...]) -> None:
        self.config = config
        self.plans = plans

    @property
    def cautions(self) -> list[str]:
        """The cautions about the data, as sentences with their full stop."""
        texts = (text for planned in self.plans for text in cautions(planned.prepared.facts))
        return [f"{text}." for text in dict.fromkeys(texts)]

    @property
    def table_cautions(self) -> list[str]:
        """The cautions that the result's table shows, each once."""
        texts = (text for planned in self.plans for text in table_cautions(planned.prepared.facts))
        return list(dict.fromkeys(texts))

    @property
    def data_notes(self) -> list[str]:
        """All that the result says of its data, as sentences with their full stop."""
        texts = (text for planned in self.plans for text in data_notes(planned.prepared.facts))
        return [f"{text}." for text in dict.fromkeys(texts)]

    @property
    def about(self) -> list[str]:
        """The announcements before anything runs, each sentence once."""
        return list(dict.fromkeys(line for planned in self.plans for line in planned.about))

    @property
    def kept_config(self) -> dict[str, object]:
        """The configuration that the study's run directory keeps: all that decides its result."""
        unset = set() if self.config.batch_seeds else {"batch_seeds"}  # came later: kept names stay
        return anchored(self.config.model_dump(mode="json", exclude=NOT_IDENTITY | unset))

    @property
    def identity(self) -> dict[str, object]:
        """The conditions that must be the same to go on: data and numerics."""
        data = [planned.identity["prepared_sha256"] for planned in self.plans]
        return {**self.plans[0].identity, "prepared_sha256": data if len(set(data)) > 1 else data[0]}

    def after(self, earlier: Sequence[TakenLook]) -> None:
        """Judge at the level that looks taken before leave for this one."""
        self.plans = tuple(planned.after(earlier) for planned in self.plans)

    @property
    def legs(self) -> int:
        """The number of legs at most, those that tune included."""
        compared = sum(len(planned.legs) for planned in self.plans)
        if not self.config.tune_lr:
            return compared
        from seqcli.experiments.compare.tuning import tuning_legs

        return compared + sum(map(tuning_legs, self.plans))

    @property
    def metric(self) -> str:
        """The metric of quality."""
        return self.plans[0].prepared.metric

    @abstractmethod
    def run(self, store: Store, should_stop: Callable[[], bool]) -> Generator[Event, None, R]:
        """Run what is not finished yet, and conclude; from what there is, where a stop was asked for."""

    @abstractmethod
    def judged(self, result: R) -> R:
        """The result with what came of the gates."""

    def evidence(
        self, store: Store, should_stop: Callable[[], bool]
    ) -> Generator[Event, None, list[ComparisonInputs]]:
        """Return the measurements of every comparison, in order; legs have names of their own."""
        gathered = []
        for planned in self.plans:
            events = measured(planned, store, should_stop)
            named: Generator[Event, None, ComparisonInputs] = relay(
                events, partial(_named, condition=planned.what)
            )
            gathered.append((yield from named))
        return gathered


class ComparisonStudy(Study[Comparison]):
    """One comparison under one protocol."""

    record = Comparison

    def run(self, store: Store, should_stop: Callable[[], bool]) -> Generator[Event, None, Comparison]:
        """The comparison itself."""
        return run_comparison(self.plans[0], store, should_stop)

    def judged(self, result: Comparison) -> Comparison:
        """The result with what came of the gates."""
        return self.plans[0].judged(result)


def is_growth(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Return whether a comparison only adds models, seeds or cost to an earlier one, whose legs stay.

    Models made equal by the clock are timed together, so that one more changes the legs of all; those made
    equal to a reference, the first where none is named, stay while that stays.
    """
    larger = {"models", "seeds", "cost"}
    changed = {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
    if not changed & larger or changed - larger - WHERE_TO_LOOK:
        return False
    if not (_holds(before, now, "models") and _holds(before, now, "seeds") and _costs_no_less(before, now)):
        return False
    before_models, now_models = _listed(before, "models"), _listed(now, "models")
    protocols = [PROTOCOLS.get(str(match)) for match in _listed(now, "match")]
    if before_models == now_models or not any(protocol.by_reference for protocol in protocols):
        return True
    same_reference = now.get("reference") is not None or before_models[:1] == now_models[:1]
    return same_reference and not any(protocol.by_clock for protocol in protocols)


def _costs_no_less(before: Mapping[str, object], now: Mapping[str, object]) -> bool:
    """Return whether cost is measured as it was, or with more care."""
    was, is_now = before.get("cost"), now.get("cost")
    return is_now in (was, "full") or (was == "no" and is_now == "quick")


def _holds(before: Mapping[str, object], now: Mapping[str, object], name: str) -> bool:
    """Return whether the setting is the same, or a list with all that it had."""
    if before.get(name) == now.get(name):
        return True
    more = _listed(now, name)
    return all(value in more for value in _listed(before, name)) and isinstance(before.get(name), list)


def _listed(config: Mapping[str, object], name: str) -> list[object]:
    value = config.get(name)
    return value if isinstance(value, list) else []


def _named(event: Event, condition: str) -> Event:
    """The event with its leg told apart from those of the study's other comparisons."""
    if not condition or not isinstance(
        event, LegStarted | StepProgress | EpochFinished | LegFinished | LegFailed
    ):
        return event
    leg = event.leg.model_copy(update={"model": f"{event.leg.model} {condition}"})
    return event.model_copy(update={"leg": leg})
