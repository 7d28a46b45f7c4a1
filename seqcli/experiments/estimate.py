"""The time that a comparison would take, from a few timed steps of each model."""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from seqcli.experiments.compare.plan import Plan
from seqcli.experiments.compare.sitting import Allowance
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.tuning import tuning_legs_each
from seqcli.experiments.step_timings import model_paces, process_start_seconds
from seqcli.launch.machine import usable_cores
from seqcli.results.estimates import (
    CostEstimate,
    ModelEstimate,
    PartHeading,
    RunEstimate,
    TimeEstimate,
    TrainingEstimate,
)

if TYPE_CHECKING:
    from seqcli.experiments.train import TrainPlan


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


def estimate_training(planned: "TrainPlan", should_stop: Callable[[], bool]) -> RunEstimate:
    """Return the time that one run would take from its first step on.

    Raises:
        StoppedError: A stop was asked for.
    """
    (pace,) = model_paces([planned.leg], planned.prepared, should_stop)
    return RunEstimate(
        label=planned.leg.label,
        parameters=pace.parameters,
        step_seconds=pace.step_seconds,
        steps=planned.contender.most_steps(planned.prepared),
        age=pace.age,
    )


def estimate(plans: Sequence[Plan], store: Store, should_stop: Callable[[], bool]) -> Iterator[TimeEstimate]:
    """Yield the time that is left of every part of a study.

    Raises:
        StoppedError: A stop was asked for.
    """
    for planned in plans:
        if len(plans) > 1:
            yield PartHeading(planned.what)
        yield from estimates_of(planned, estimate_models(planned, store, should_stop))


def estimates_of(planned: Plan, estimates: Sequence[ModelEstimate]) -> Iterator[TimeEstimate]:
    """Yield the models' estimates, then those of all training and of measuring cost."""
    yield from estimates
    legs = sum(model.to_run for model in estimates)
    if legs:
        jobs = min(planned.config.jobs or usable_cores(), legs)
        yield TrainingEstimate(legs, jobs, training_phase(planned, estimates))
    processes, seconds = cost_phase(planned, estimates)
    if processes:
        yield CostEstimate(processes, seconds)


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
    in_full = planned.config.cost_mode == "full"
    allowance = Allowance(training_phase(planned, estimates), whole=in_full)
    rounds = allowance.rounds(1, a_round)
    return rounds * len(estimates), rounds * a_round
