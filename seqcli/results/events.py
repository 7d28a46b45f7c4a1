"""The events of work in progress: plain records that a command draws and an experiment yields."""

from collections.abc import Callable, Generator, Iterator
from typing import Generic, Literal, TypeVar

from pydantic import Field, SerializeAsAny

from seqcli.results.record import Record
from seqcli.results.train import EpochRecord, TrainSummary

E = TypeVar("E")
T = TypeVar("T")
R = TypeVar("R")


class Leg(Record):
    """The name of one unit of work: a model (by its label in this run) and a seed."""

    model: str
    seed: int


class LegStarted(Record):
    """A leg began; `epochs` is the most it may take."""

    leg: Leg
    epochs: int
    steps_per_epoch: int


class StepProgress(Record):
    """The progress of a leg; told a few times a second. `step` counts from 1 within the epoch."""

    leg: Leg
    epoch: int
    step: int
    loss: float
    sequences_per_second: float


class EpochFinished(Record):
    """An epoch ended and the validation split was scored; `seconds` since the leg began.

    `metric` names the score, where legs of several tasks are followed together.
    """

    leg: Leg
    metric: str | None = None
    record: EpochRecord
    best_epoch: int
    best_metric: float
    sequences_per_second: float
    seconds: float


class LegFinished(Record):
    """A leg ended well; `kept` when it had been finished before and was not run again.

    `test_metric` is None for a leg that only chose a setting: its test score is never computed.
    """

    leg: Leg
    metric: str | None = None
    test_metric: float | None
    best_epoch: int
    kept: bool

    @classmethod
    def of(cls, leg: Leg, summary: TrainSummary, *, kept: bool) -> "LegFinished":
        """Return the event of a leg with this outcome."""
        return cls(
            leg=leg,
            metric=summary.valid.metric,
            test_metric=None if summary.test is None else summary.test.value,
            best_epoch=summary.best_epoch,
            kept=kept,
        )


class LegFailed(Record):
    """A leg ended badly; the others go on. `log` is the file in which all is written that became of it."""

    leg: Leg
    exit_code: int
    reason: str
    log: str | None = None


class CostProgress(Record):
    """The number of cost blocks measured, and the measurement under way."""

    done: int
    total: int
    what: str


class QualityKnown(Record):
    """All runs have ended, and only cost is left to be measured: the comparison as far as it is known."""

    result: SerializeAsAny[Record]


NoteSubject = Literal[
    "undecided",
    "work moved",
    "work not kept",
    "cost not measured",
    "peak not measured",
    "cost not kept",
    "cost kept",
    "cost elsewhere",
    "tuning",
    "tuned at edge",
    "run finished",
    "more epochs",
    "translator moved",
    "kernel not used",
    "slurm submitted",
    "slurm attached",
    "slurm detached",
    "node excluded",
    "other numerics",
    "ray started",
]
"""The subjects of which `reports/words/notes.py` has a sentence."""


class Note(Record):
    """Something that a person should see, such as a warning about the data.

    Attributes:
        text: A sentence that came from below; '' where there is a subject.
        subject: The subject of the sentence that reports make; None where the text is all.
        values: The facts that it names.
    """

    text: str = ""
    subject: NoteSubject | None = None
    values: dict[str, str | int | float] = Field(default_factory=dict)


Event = (
    LegStarted | StepProgress | EpochFinished | LegFinished | LegFailed | CostProgress | QualityKnown | Note
)


class _DrivenWork(Generic[E, R]):
    """Work whose events a loop reads; a plain `for` would drop what a generator returns."""

    result: R

    def __init__(self, events: Generator[E, None, R]) -> None:
        self._events = events

    def __iter__(self) -> Iterator[E]:
        self.result = yield from self._events


def drive(events: Generator[E, None, R], each: Callable[[E], object] = lambda _: None) -> R:
    """Run work to its end and return what came of it.

    Args:
        events: The work; it yields events and returns its result.
        each: Is given each event as it comes; by default they are dropped.

    >>> def work():
    ...     yield "half"
    ...     return 2
    >>> drive(work(), print)
    half
    2
    """
    work = _DrivenWork(events)
    for event in work:
        each(event)
    return work.result


def relay(events: Generator[E, None, R], change: Callable[[E], T | None]) -> Generator[T, None, R]:
    """Yield each event of some work as another, or drop it; for `yield from`, which gives the work's result.

    Args:
        events: The work.
        change: The event to yield in one's place; None drops it.
    """
    work = _DrivenWork(events)
    for event in work:
        changed = change(event)
        if changed is not None:
            yield changed
    return work.result
