"""The time to a quality, and tasks that a run solves or does not."""

from collections.abc import Sequence
from math import inf

import numpy as np

from seqcli.data.prepared import Prepared
from seqcli.errors import UsageError
from seqcli.experiments.compare.store import LegOutcome
from seqcli.results.compare import Baseline, ToTarget
from seqcli.results.compared_pairs import QualityPair, SolvedPair, StepsPair
from seqcli.results.definition import Criterion
from seqcli.results.measurements import Quality
from seqcli.results.train import EpochRecord
from seqcli.statistics.exact_tests import SOLVED_MARGIN, compare_steps, judge_solved_family, unseen_rate
from seqcli.statistics.intervals import complete_pairs, paired_difference

Outcomes = Sequence[LegOutcome | None]


def check_target(target: float | None, prepared: Prepared) -> None:
    """Refuse a target that the metric cannot have, before anything is trained.

    Raises:
        UsageError: The metric is a share from 0 to 1 and the target is not.
    """
    if target is None:
        return
    if prepared.scored_by.share and not 0 < target <= 1:
        raise UsageError(
            f"--target {target:g}: {prepared.metric} is a share from 0 to 1 here",
            "Write 75 % as --target 0.75.",
        )


def to_target(outcomes: Outcomes, target: float, *, higher_is_better: bool) -> ToTarget:
    """Return the time at which each leg's validation score reached the target."""
    first = [None if leg is None else _first(leg.epochs, target, up=higher_is_better) for leg in outcomes]
    epochs = [None if epoch is None else epoch.epoch for epoch in first]
    seconds = [_seconds(leg, epoch) for leg, epoch in zip(outcomes, epochs, strict=True)]
    all_timed = all(time is not None or epoch is None for time, epoch in zip(seconds, epochs, strict=True))
    return ToTarget(
        target=target,
        reached=sum(epoch is not None for epoch in epochs),
        seeds=len(outcomes),
        epochs_per_seed=epochs,
        seconds_per_seed=seconds,
        epochs=median_of_reached(epochs),
        seconds=median_of_reached(seconds) if all_timed else None,
    )


def median_of_reached(values: Sequence[float | None]) -> float | None:
    """The median where None is beyond every number; None where the median is."""
    if not values:
        return None
    # Nobody knows how long the rest would have taken, only that it is longer: the order needs no more.
    times = np.sort([np.inf if value is None else value for value in values])
    middle = float(times[(len(times) - 1) // 2] + times[len(times) // 2]) / 2
    return middle if np.isfinite(middle) else None


def compared_steps(
    a: Sequence[LegOutcome], b: Sequence[LegOutcome], criterion: Criterion, *, alpha: float = 0.05
) -> StepsPair | None:
    """Return the verdict on speed of solving, by the steps done when validation first met the criterion.

    A leg that the test split does not call solved counts as unsolved, whatever validation said. None where
    the legs kept no metrics.
    """
    if not all(leg.epochs for leg in (*a, *b)):
        return None
    # One budget for both: an unsolved run of the one that stopped early is not the quicker one.
    budget = max(leg.epochs[-1].step for leg in (*a, *b))
    steps = [[_solved_at(leg, criterion) for leg in legs] for legs in (a, b)]
    compared = compare_steps(*steps, budget=budget, alpha=alpha)
    first, second = ([inf if step is None else step for step in of_model] for of_model in steps)
    return StepsPair(
        sooner_a=compared.sooner_a,
        sooner_b=compared.sooner_b,
        ties=compared.ties,
        median_a=compared.median_a,
        median_b=compared.median_b,
        mean_a=compared.restricted_mean_a,
        mean_b=compared.restricted_mean_b,
        budget=budget,
        p_value=compared.p_value,
        verdict=compared.verdict,
        sooner_per_seed=[(x < y) - (y < x) for x, y in zip(first, second, strict=True)],
    )


def _solved_at(leg: LegOutcome, criterion: Criterion) -> int | None:
    if leg.summary.solved is None or not leg.summary.solved.solved:
        return None
    met = (epoch.step for epoch in leg.epochs if criterion.met_in_validation(epoch.valid_metric))
    # Solved on the test split though validation never met it: no sooner than at its end.
    return next(met, leg.epochs[-1].step)


def _first(epochs: Sequence[EpochRecord], target: float, *, up: bool) -> EpochRecord | None:
    reached = (e for e in epochs if (e.valid_metric >= target if up else e.valid_metric <= target))
    return next(reached, None)


def _seconds(leg: LegOutcome | None, epoch: int | None) -> float | None:
    """The seconds from the leg's start to the end of an epoch, where the leg told them all."""
    # Told in part, or by an older version not at all: a time of another epoch would be worse than none.
    if leg is None or epoch is None or len(leg.timing.epoch_seconds) != len(leg.epochs):
        return None
    return leg.timing.epoch_seconds[epoch - 1]


def solved_seeds(outcomes: Outcomes) -> list[bool | None]:
    """Return whether each leg solved its task; None where it failed."""
    return [
        None if leg is None or leg.summary.solved is None else leg.summary.solved.solved for leg in outcomes
    ]


def with_solved(quality: Quality, outcomes: Outcomes) -> Quality:
    """The same quality with the seeds that solved the task counted, and without an interval."""
    solved = solved_seeds(outcomes)
    return quality.model_copy(
        update={"ci95": None, "solved": sum(map(bool, solved)), "solved_per_seed": solved}
    )


def solved_pairs(
    couples: Sequence[tuple[Outcomes, Outcomes]],
    alpha: float,
    criterion: Criterion | None = None,
    *,
    margin: float = SOLVED_MARGIN,
) -> list[QualityPair]:
    """Verdicts by the exact paired test, Holm-corrected over the pairs; differences have no interval.

    Args:
        couples: The legs of two models, same seeds; None where one failed.
        alpha: The error rate.
        criterion: What the steps to solve are counted by; None leaves them out.
        margin: The least difference in the share of seeds solved that matters.
    """
    both = [_finished(a, b) for a, b in couples]
    possible = [number for number, (first, _) in enumerate(both) if first]
    answers = [tuple([bool(seed) for seed in solved_seeds(each)] for each in both[n]) for n in possible]
    verdicts = judge_solved_family([(a, b) for a, b in answers], alpha=alpha, margin=margin)
    by_pair = dict(zip(possible, verdicts, strict=True))
    pairs = []
    for number, (first, second) in enumerate(both):
        verdict = by_pair.get(number)
        if verdict is None:
            pairs.append(NOT_COMPARED)
            continue
        a, b = complete_pairs(_scores(first), _scores(second))
        pairs.append(
            QualityPair(
                difference=paired_difference(a, b).mean,
                ci95=None,
                ci90=None,
                verdict=verdict.verdict,
                seeds_needed=verdict.seeds_needed,
                solved=SolvedPair(
                    a=verdict.solved_a,
                    b=verdict.solved_b,
                    seeds=verdict.counts.pairs,
                    p_value=verdict.p_different,
                    margin=margin,
                ),
                steps=criterion and compared_steps(first, second, criterion, alpha=alpha),
                unseen_rate=unseen_rate(verdict.counts.pairs),
            )
        )
    return pairs


NOT_COMPARED = QualityPair(difference=None, ci95=None, ci90=None, verdict="undecided", seeds_needed=None)


def constant_baseline(prepared: Prepared) -> list[Baseline]:
    """Return the score of the best constant answer, where the task's definition names one."""
    definition = prepared.facts.definition
    if definition is None or definition.baseline is None:
        return []
    scores = definition.baseline.scores
    quality = Quality(
        metric=prepared.metric,
        mean=scores["test"],
        ci95=None,
        per_seed=[scores["test"]],
        valid_per_seed=[scores["valid"]],
    )
    return [Baseline(name="constant", label=definition.baseline.label, quality=quality)]


def _finished(a: Outcomes, b: Outcomes) -> tuple[list[LegOutcome], list[LegOutcome]]:
    """The legs of the seeds at which both finished."""
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return [x for x, _ in pairs], [y for _, y in pairs]


def _scores(legs: Sequence[LegOutcome]) -> list[float]:
    return [leg.summary.tested.value for leg in legs]
