"""The state of the work from its events: of each leg and of all, and the time that the rest may take."""

from collections.abc import Callable
from dataclasses import dataclass, field

from seqcli.results.events import (
    CostProgress,
    EpochFinished,
    Event,
    Leg,
    LegFailed,
    LegFinished,
    LegStarted,
    StepProgress,
)


@dataclass(frozen=True)
class WorkAhead:
    """The work that is to be shown.

    Args:
        legs: How many legs there will be; None: unknown, and no bar for all of them.
        metric: The name of the task's metric, for its unit.
        cautions: What the result will say of its data: shown while runs are going on, on a terminal alone.
    """

    legs: int | None = None
    metric: str = "accuracy"
    cautions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ProgressOptions:
    """The options of progress.

    Args:
        work: The work to be done.
        many: Whether many legs run, rather than one.
        verbose: Whether every epoch and every leg leaves a line, with more figures.
        now: The clock, in seconds.
    """

    work: WorkAhead
    many: bool
    verbose: bool
    now: Callable[[], float]

    @property
    def metric(self) -> str:
        """The name of the task's metric."""
        return self.work.metric


@dataclass
class LegProgress:
    """One running leg; `first` is how many steps it had behind it when it was first heard of."""

    leg: Leg
    epochs: int
    steps_per_epoch: int
    started: float
    epoch: int = 1
    step: int = 0
    first: int | None = None
    loss: float | None = None
    speed: float | None = None
    finished: EpochFinished | None = None

    @property
    def total(self) -> int:
        """The most steps that the leg may take."""
        return self.epochs * self.steps_per_epoch

    @property
    def done(self) -> int:
        """The steps behind it, those of an earlier, interrupted run included."""
        return min(self.total, (self.epoch - 1) * self.steps_per_epoch + self.step)

    @property
    def share(self) -> float:
        """The part of all its steps that is done."""
        return self.done / self.total if self.total else 0.0

    def seconds_left(self, now: float) -> float | None:
        """Return how long the leg takes if it uses all its epochs.

        None before there is a pace to judge by.
        """
        paced = self.done - (self.first or 0)
        if paced <= 0 or now <= self.started or self.done == self.total:
            return None
        return (self.total - self.done) * (now - self.started) / paced

    def stepped(self, event: StepProgress) -> None:
        """Take in where the leg is."""
        self.epoch, self.step = event.epoch, event.step
        self.loss, self.speed = event.loss, event.sequences_per_second
        if self.first is None:
            self.first = max(0, self.done - 1)

    def scored(self, event: EpochFinished) -> None:
        """Take in the end of an epoch."""
        self.epoch, self.step = event.record.epoch, self.steps_per_epoch
        self.loss, self.speed = event.record.train_loss, event.sequences_per_second
        self.finished = event
        if self.first is None:
            self.first = max(0, self.done - self.steps_per_epoch)


@dataclass
class Board:
    """All that the events so far say; `legs` is how many there will be, if that is known."""

    legs: int | None = None
    running: dict[tuple[str, int], LegProgress] = field(default_factory=dict)
    finished: int = 0
    kept: int = 0
    failed: int = 0
    started: float | None = None
    cost: CostProgress | None = None
    cost_started: float = 0.0
    cost_first: int = 0

    @property
    def ended(self) -> int:
        """Legs that will not run any more, for better or worse."""
        return self.finished + self.failed

    def take(self, event: Event, now: float) -> LegProgress | None:
        """Take in an event; returns the leg that it is about, also if the event ended it."""
        match event:
            case LegStarted():
                return self._start(event, now)
            case StepProgress():
                state = self._state(event.leg, now)
                state.stepped(event)
                return state
            case EpochFinished():
                state = self._state(event.leg, now)
                state.scored(event)
                return state
            case LegFinished() | LegFailed():
                return self._end(event, now)
            case CostProgress():
                self._measure(event, now)
        return None

    def seconds_left(self, now: float) -> float | None:
        """Return how long the legs that are left take at the pace so far; None where that cannot be known."""
        if self.legs is None or self.started is None:
            return None
        work = self.ended - self.kept + sum(state.share for state in self.running.values())
        if work <= 0 or now <= self.started:
            return None
        return max(0.0, self.legs - self.kept - work) * (now - self.started) / work

    def cost_seconds_left(self, now: float) -> float | None:
        """Return how long the cost blocks that are left take at the pace so far."""
        if self.cost is None or self.cost.done <= self.cost_first:
            return None
        pace = (now - self.cost_started) / (self.cost.done - self.cost_first)
        return (self.cost.total - self.cost.done) * pace

    def _start(self, event: LegStarted, now: float) -> LegProgress:
        state = LegProgress(event.leg, event.epochs, event.steps_per_epoch, now)
        self.running[_key(event.leg)] = state
        self.started = now if self.started is None else self.started
        return state

    def _state(self, leg: Leg, now: float) -> LegProgress:
        return self.running.setdefault(_key(leg), LegProgress(leg, 0, 0, now))

    def _end(self, event: LegFinished | LegFailed, now: float) -> LegProgress:
        state = self.running.pop(_key(event.leg), LegProgress(event.leg, 0, 0, now))
        if isinstance(event, LegFailed):
            self.failed += 1
        else:
            self.finished += 1
            self.kept += event.kept
        return state

    def _measure(self, event: CostProgress, now: float) -> None:
        if self.cost is None:
            self.cost_started, self.cost_first = now, event.done
        self.cost = event


def _key(leg: Leg) -> tuple[str, int]:
    return (leg.model, leg.seed)
