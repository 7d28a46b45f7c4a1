"""The time that a command would take, part by part, as `--dry-run` tells it before anything trains."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ModelEstimate:
    """The time that one model's legs would take.

    Attributes:
        label: The model.
        legs: How many there are to compare.
        kept: How many of them are finished already.
        tuning: How many there are before them to choose the learning rate.
        parameters: Trained numbers of each.
        step_seconds: One training step, the median of a few.
        leg_seconds: One leg that uses all its epochs; early stopping makes it less.
        block_seconds: A block of cost measurements, its process's start included.
        age: Seconds since the step was timed; None where that was just now.
    """

    label: str
    legs: int
    kept: int
    tuning: int
    parameters: int
    step_seconds: float
    leg_seconds: float
    block_seconds: float
    age: float | None = None

    @property
    def to_run(self) -> int:
        """The legs that are not finished."""
        return self.legs - self.kept + self.tuning

    @property
    def seconds(self) -> float:
        """All legs to run, one after the other."""
        return self.to_run * self.leg_seconds


@dataclass(frozen=True)
class RunEstimate:
    """One training run from its first step on: its steps at most, and the seconds of one."""

    label: str
    parameters: int
    step_seconds: float
    steps: int
    age: float | None


@dataclass(frozen=True)
class TrainingEstimate:
    """All training runs that are left, so many side by side."""

    legs: int
    jobs: int
    seconds: float


@dataclass(frozen=True)
class CostEstimate:
    """The processes that measure cost, one after the other."""

    processes: int
    seconds: float


@dataclass(frozen=True)
class PartEstimate:
    """All that is left of a part: training runs, processes that measure cost, the seconds of both."""

    legs: int
    processes: int
    seconds: float


@dataclass(frozen=True)
class ProbeEstimate:
    """A probe of so many models with so many seeds, and a training run that explodes."""

    models: int
    seeds: int


@dataclass(frozen=True)
class Moment:
    """A part that neither trains nor probes."""


@dataclass(frozen=True)
class PartHeading:
    """The name of the part that the next estimates are of, and the guide's claims that it speaks to."""

    name: str
    claims: tuple[int, ...] = ()


@dataclass(frozen=True)
class WholeEstimate:
    """All parts together."""

    seconds: float


TimeEstimate = (
    ModelEstimate
    | RunEstimate
    | TrainingEstimate
    | CostEstimate
    | PartEstimate
    | ProbeEstimate
    | Moment
    | PartHeading
    | WholeEstimate
)
