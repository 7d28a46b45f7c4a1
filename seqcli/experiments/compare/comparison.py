"""A comparison under one protocol: legs of every model and seed, baselines, cost; then what they say."""

import time
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from statistics import fmean, median

from seqcli.errors import StoppedError, WorkerLostError
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, ModelEvidence
from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.cost_records import Costs
from seqcli.experiments.compare.leg_runner import LegRunner, kept_baselines
from seqcli.experiments.compare.pair_verdicts import pairs
from seqcli.experiments.compare.plan import Plan, plan
from seqcli.experiments.compare.sitting import Allowance, kept_cost_note, measure_costs, read_costs
from seqcli.experiments.compare.store import Store
from seqcli.experiments.legs import PlannedLeg
from seqcli.launch.machine import this_machine, usable_cores
from seqcli.results.compare import BaselineAnswers, Comparison, Failure
from seqcli.results.events import Event, Note, QualityKnown
from seqcli.statistics.looks import next_look

__all__ = ["Plan", "measured", "plan", "run_comparison"]


def run_comparison(
    planned: Plan, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, Comparison]:
    """Run what is not finished yet, measure cost, and conclude: see `measured`."""
    return conclude((yield from measured(planned, store, should_stop)))


def measured(
    planned: Plan, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, ComparisonInputs]:
    """Run what is not finished yet and measure cost: all that a conclusion rests on.

    Where a stop was asked for, finished legs are kept, running ones have saved their state, and the partial
    result tells what there is.

    Raises:
        WorkerLostError: The protocol goes by the clock, and no step could be timed.
    """
    runner = LegRunner(planned, store, should_stop)
    costs: Costs | None = None
    began = time.monotonic()
    try:
        if planned.protocol.by_clock:
            # Before anything else: the time of a step decides how many steps each model is trained for.
            planned = planned.equalised((yield from step_seconds(planned, store, should_stop)))
            # The timing of steps is no training: it may not lengthen what cost is allowed to take.
            began = time.monotonic()
        if planned.config.tune_lr:
            from seqcli.experiments.compare.tuning import tune

            planned = yield from tune(planned, LegRunner(planned, store, should_stop))
        planned = yield from _run_to_a_decision(planned, runner)
        # Legs found finished took their time in an earlier command: it counts as if they had run now.
        took = max(time.monotonic() - began, training_seconds(planned, store))
        if planned.config.measures_cost:
            known = _evidence(planned, store, costs=None, failures=runner.failures)
            # A person can read who is better while cost, which may take as long again, is measured.
            yield QualityKnown(result=conclude(known))
        costs = yield from _costs(planned, store, should_stop, training=took)
    except StoppedError as stopped:
        # A look that was cut off is none: the result is that of the first, whose level is its own.
        planned = planned.up_to(planned.looks.counts[0])
        yield Note(text=stopped.message)
    return _evidence(planned, store, costs=costs, failures=runner.failures)


def training_seconds(planned: Plan, store: Store) -> float:
    """The time that the plan's finished legs took, as they run side by side; also of those found finished."""
    outcomes = [store.outcome(leg) for leg in planned.legs]
    seconds = [outcome.timing.seconds for outcome in outcomes if outcome is not None]
    return sum(seconds) / max(1, min(planned.config.jobs or usable_cores(), len(seconds)))


def _costs(
    planned: Plan, store: Store, should_stop: Callable[[], bool], *, training: float
) -> Generator[Event, None, Costs | None]:
    """Cost measured apart, if that was asked for and every model has a finished leg.

    Args:
        planned: What was trained.
        store: Where it is kept.
        should_stop: Asked while waiting.
        training: The seconds that it took.

    Raises:
        StoppedError: A stop was asked for.
    """
    if not planned.config.measures_cost:
        return None
    finished = [_first_finished(planned.of_model(label), store) for label in planned.models]
    legs = [leg for leg in finished if leg is not None]
    # A ratio needs both sides: without one model's leg no process is worth starting.
    if len(legs) < len(finished):
        return None
    host = planned.config.cost_on
    if host is not None and host != this_machine("cpu", 1).host:
        return (yield from measured_elsewhere(store.cost_file(legs, host=host), host))
    anew = planned.config.measure_again
    costs = yield from measure_costs(
        legs,
        keep=store.cost_file(legs, host=host),
        should_stop=should_stop,
        anew=anew,
        allowance=Allowance(training, whole=planned.config.cost_mode == "full"),
    )
    if costs is not None and costs.kept:
        yield kept_cost_note(costs.summaries)
    return costs


def measured_elsewhere(file: Path, host: str) -> Generator[Event, None, Costs | None]:
    """The cost that the named machine has measured; None where it has not yet."""
    costs = read_costs(file)
    if costs is None:
        yield Note(subject="cost elsewhere", values={"host": host})
        return None
    yield kept_cost_note(costs.summaries)
    return costs


def step_seconds(
    planned: Plan, store: Store, should_stop: Callable[[], bool]
) -> Generator[Event, None, dict[str, float]]:
    """Return the median seconds of a training step of each model, measured alone.

    It decides how long each is trained, so that a later sitting never changes it.
    """
    legs = [planned.leg(contender, planned.seeds[0]) for contender in planned.contenders]
    costs = yield from measure_costs(legs, keep=store.cost_file(legs, "steps"), should_stop=should_stop)
    if costs is None:
        raise WorkerLostError(
            "equal training time needs the time of a step, and none could be measured",
            "Compare at --match hidden.",
        )
    return {
        # A median of medians: neither a slow step nor a slow process moves it.
        label: median(median(b.steps.seconds) for b in measured)
        for label, measured in costs.blocks.items()
    }


def _run_to_a_decision(design: Plan, runner: LegRunner) -> Generator[Event, None, Plan]:
    """Run the legs of each declared look until every pair is decided or the last look is done.

    Raises:
        StoppedError: A stop was asked for.
    """
    look: int | None = design.looks.counts[0]
    while look is not None:
        planned = design.up_to(look)
        failures = yield from runner.run(planned.legs)
        evidence = _evidence(planned, runner.store, costs=None, failures=failures)
        undecided = [pair for pair in pairs(evidence) if pair.quality.verdict == "undecided"]
        look = next_look(design.looks, look, decided=not undecided)
        if look is not None:
            yield Note(
                subject="undecided",
                values={"pairs": len(undecided), "seeds": len(planned.seeds), "next": look},
            )
    return planned


def _first_finished(legs: Sequence[PlannedLeg], store: Store) -> PlannedLeg | None:
    """A leg to measure a model's cost with; its seed only fills the weights."""
    return next((leg for leg in legs if store.outcome(leg) is not None), None)


def _evidence(
    planned: Plan, store: Store, *, costs: Costs | None, failures: Sequence[Failure]
) -> ComparisonInputs:
    models = tuple(
        ModelEvidence(
            label=contender.label,
            model=contender.model,
            outcomes=tuple(store.outcome(leg) for leg in planned.of_model(contender.label)),
            blocks=tuple(costs.blocks[contender.label]) if costs else (),
            training=contender.training,
        )
        for contender in planned.contenders
    )
    answered: dict[str, list[BaselineAnswers | None]] = {}
    for fitted in kept_baselines(planned):
        answered.setdefault(fitted.name, []).append(store.baseline(fitted.file, fitted.prepared))
    baselines = {
        name: tuple(answers for answers in folds if answers is not None)
        for name, folds in answered.items()
        # A baseline that failed in one fold has no mean over folds that another could be held against.
        if None not in folds
    }
    shares = [fold.majority_score for fold in planned.folds]
    known_shares = [share for share in shares if share is not None]
    return ComparisonInputs(
        config=planned.config,
        prepared=planned.prepared,
        device=planned.device,
        seeds=planned.seeds,
        alpha=planned.looks.alpha,
        models=models,
        baselines=baselines,
        failures=tuple(failures),
        tuning=planned.tuning,
        match=planned.match,
        sittings=tuple(costs.summaries) if costs else (),
        before=planned.before,
        apart=planned.apart,
        folds=planned.resampling,
        majority=fmean(known_shares) if known_shares else None,
    )
