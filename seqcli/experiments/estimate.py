"""The time that a comparison would take, from a few timed steps of each model."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqcli.experiments.compare.plan import Plan
from seqcli.experiments.compare.sitting import Allowance
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.tuning import tuning_legs_each
from seqcli.experiments.step_timings import model_paces, process_start_seconds
from seqcli.launch.machine import usable_cores
from seqcli.results.wording import counted, fixed, span

if TYPE_CHECKING:
    from seqcli.experiments.train import TrainPlan


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


def estimate_models(planned: Plan, store: Store, should_stop: Callable[[], bool]) -> list[ModelEstimate]:
    """Return the time of every model's unfinished legs, from timed steps.

    Raises:
        StoppedError: A stop was asked for.
    """
    legs = [planned.leg(contender, planned.seeds[0]) for contender in planned.contenders]
    paces = dict(zip(planned.models, model_paces(legs, planned.prepared, should_stop), strict=True))
    seconds = {label: pace.step_seconds for label, pace in paces.items()}
    start = process_start_seconds() if planned.config.measures_cost else 0.0
    if planned.protocol.by_clock:
        planned = planned.equalised(seconds)
    return [
        ModelEstimate(
            label=contender.label,
            legs=len(planned.seeds),
            kept=sum(store.outcome(leg) is not None for leg in planned.of_model(contender.label)),
            tuning=tuning_legs_each(planned),
            parameters=paces[contender.label].parameters,
            step_seconds=seconds[contender.label],
            leg_seconds=seconds[contender.label] * contender.most_steps(planned.prepared),
            block_seconds=start + paces[contender.label].block_seconds * (2 if len(legs) > 1 else 1),
            age=paces[contender.label].age,
        )
        for contender in planned.contenders
    ]


def estimate_training(planned: "TrainPlan", should_stop: Callable[[], bool]) -> Iterator[str]:
    """Return the time that one run would take from its first step on.

    Raises:
        StoppedError: A stop was asked for.
    """
    (pace,) = model_paces([planned.leg], planned.prepared, should_stop)
    steps = planned.contender.most_steps(planned.prepared)
    most = f"{counted(steps, 'step')} and {_span(steps * pace.step_seconds)}"
    yield (
        f"{planned.leg.label}: {pace.parameters:,} parameters, {_step(pace.step_seconds, pace.age)},"
        f" at most {most}; early stopping makes it less"
    )


def estimate(plans: Sequence[Plan], store: Store, should_stop: Callable[[], bool]) -> Iterator[str]:
    """Yield the time that is left of every part of a study.

    Raises:
        StoppedError: A stop was asked for.
    """
    for planned in plans:
        if len(plans) > 1:
            yield f"{planned.what}:"
        yield from estimate_lines(planned, estimate_models(planned, store, should_stop))


def estimate_lines(planned: Plan, estimates: Sequence[ModelEstimate]) -> Iterator[str]:
    """The estimate as a person reads it."""
    for model in estimates:
        kept = f" ({model.kept:,} finished)" if model.kept else ""
        tuning = f" and {model.tuning} to tune it" if model.tuning else ""
        yield (
            f"{model.label}: {counted(model.legs, 'training run')}{kept}{tuning}"
            f" of {model.parameters:,} parameters, {_step(model.step_seconds, model.age)},"
            f" at most {_span(model.leg_seconds)} a run"
        )
    legs = sum(model.to_run for model in estimates)
    if legs:
        jobs = min(planned.config.jobs or usable_cores(), legs)
        total = training_phase(planned, estimates)
        side_by_side = f"{counted(legs, 'training run')}, {jobs} side by side"
        yield f"{side_by_side}: at most {_span(total)}; early stopping makes it less"
    processes, seconds = cost_phase(planned, estimates)
    if processes:
        blocks = f"{processes:,} processes for cost, one after the other: about {_span(seconds)}"
        yield f"{blocks}; none where cost is kept"


def training_phase(planned: Plan, estimates: Sequence[ModelEstimate]) -> float:
    """The most seconds of all training runs, as they run side by side."""
    legs = sum(model.to_run for model in estimates)
    side_by_side = max(1, min(planned.config.jobs or usable_cores(), legs))
    return sum(model.seconds for model in estimates) / side_by_side


def cost_phase(planned: Plan, estimates: Sequence[ModelEstimate]) -> tuple[int, float]:
    """The processes that measure cost, and their seconds: none where that is not asked for."""
    if not planned.config.measures_cost:
        return 0, 0.0
    a_round = sum(model.block_seconds for model in estimates)
    whole = planned.config.cost_mode == "full"
    allowance = Allowance(training_phase(planned, estimates), whole=whole)
    rounds = allowance.rounds(1, a_round)
    return rounds * len(estimates), rounds * a_round


def _step(seconds: float, age: float | None) -> str:
    """A step's time, and when it was timed where that was earlier."""
    when = "" if age is None else f" (timed {_span(age)} ago)"
    return f"{fixed(1000 * seconds, 1)} ms a step{when}"


def _span(seconds: float) -> str:
    """A length of time that is never told as '0 s'."""
    return "1 s" if seconds < 1 else span(seconds)
