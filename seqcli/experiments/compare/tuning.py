"""`--tune-lr`: the same grid of learning rates for every model, on seeds that the evaluation never sees.

What is chosen maximises the validation score. Bouthillier et al., 'Accounting for variance in machine
learning benchmarks', 2021: a comparison of one tuned and one untuned model measures the tuning.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace
from itertools import count, islice

from seqcli.experiments.compare.leg_runner import LegRunner
from seqcli.experiments.compare.plan import Plan
from seqcli.experiments.legs import Contender, PlannedLeg
from seqcli.results.compare import TunedModel, Tuning
from seqcli.results.events import Event, Note

GRID = (0.25, 0.5, 1.0, 2.0, 4.0)
"""Of the learning rate that the models would have had."""

SEEDS = 2
"""How many seeds score each learning rate."""

FIRST_SEED = 1_000_000
"""Where seeds for tuning begin; those that the evaluation uses are left out."""


def tune(planned: Plan, runner: LegRunner) -> Generator[Event, None, Plan]:
    """The plan with each model at the learning rate that its validation score is best at.

    Raises:
        StoppedError: A stop was asked for; finished legs are kept.
    """
    rates = tuple(_rounded(planned.config.lr * factor) for factor in GRID)
    seeds = tuning_seeds(planned.seeds)
    trials = {
        (contender.label, rate): [_trial(planned, contender, rate, seed) for seed in seeds]
        for contender in planned.contenders
        for rate in rates
    }
    yield Note(subject="tuning", values={"rates": len(rates), "seeds": ", ".join(map(str, seeds))})
    yield from runner.run([leg for legs in trials.values() for leg in legs])
    models = []
    for contender in planned.contenders:
        scores = [_score(trials[contender.label, rate], runner) for rate in rates]
        models.append(
            choose(contender.label, rates, scores, higher_is_better=planned.prepared.higher_is_better)
        )
        if models[-1].at_edge:
            yield edge_note(models[-1], rates)
    chosen = {tuned.label: tuned.lr for tuned in models}
    return replace(
        planned,
        contenders=tuple(contender.trained(lr=chosen[contender.label]) for contender in planned.contenders),
        tuning=Tuning(rates=list(rates), seeds=list(seeds), models=models),
    )


def tuning_legs(planned: Plan) -> int:
    """Return how many legs tuning runs before the comparison's own; 0 where nothing is tuned."""
    return tuning_legs_each(planned) * len(planned.contenders)


def tuning_legs_each(planned: Plan) -> int:
    """Return how many legs choose the learning rate of one model."""
    return len(GRID) * SEEDS if planned.config.tune_lr else 0


def tuning_seeds(excluded: Sequence[int]) -> tuple[int, ...]:
    """Seeds that the evaluation does not use."""
    return tuple(islice((seed for seed in count(FIRST_SEED) if seed not in excluded), SEEDS))


def _rounded(rate: float) -> float:
    """Three digits: nobody means 0.0005000000000000001."""
    return float(f"{rate:.3g}")


def _trial(planned: Plan, contender: Contender, rate: float, seed: int) -> PlannedLeg:
    """A leg at another learning rate, with a name of its own."""
    return planned.leg(
        replace(contender.trained(lr=rate), label=f"{contender.label} lr={rate:g}"), seed, purpose="tune"
    )


def _score(legs: Sequence[PlannedLeg], runner: LegRunner) -> float | None:
    """The mean validation score of the legs; None if one of them failed: such a rate is not chosen."""
    outcomes = [runner.store.outcome(leg) for leg in legs]
    values = [outcome.summary.valid.value for outcome in outcomes if outcome is not None]
    return sum(values) / len(values) if len(values) == len(outcomes) else None


def choose(
    label: str, rates: Sequence[float], scores: Sequence[float | None], *, higher_is_better: bool
) -> TunedModel:
    """The rate with the best mean score, the smallest of equal ones.

    Args:
        label: The model.
        rates: The grid, ascending.
        scores: One a rate; None where training failed.
        higher_is_better: Of the score.

    Returns:
        With the grid's middle rate where every rate failed: the evaluation then says why.
    """
    known = [(score, rate) for score, rate in zip(scores, rates, strict=True) if score is not None]
    sign = -1 if higher_is_better else 1
    best = (
        min(known, key=lambda scored: (sign * scored[0], scored[1]))[1] if known else rates[len(rates) // 2]
    )
    return TunedModel(label=label, lr=best, scores=list(scores), at_edge=best in (rates[0], rates[-1]))


def edge_note(tuned: TunedModel, rates: Sequence[float]) -> Note:
    """The warning about a best value that lies where the grid ends."""
    # Two steps of the grid beyond its edge.
    further = tuned.lr * (0.25 if tuned.lr == rates[0] else 4)
    values = {"model": tuned.label, "rate": tuned.lr, "further": further}
    return Note(subject="tuned at edge", values=values)
