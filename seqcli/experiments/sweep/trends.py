"""The change of two models' difference along a setting: slopes paired by seed, or votes of seeds."""

from collections.abc import Sequence

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, crossed_contrast
from seqcli.results.common import Verdict
from seqcli.results.compare import Comparison
from seqcli.results.compared_pairs import SolvedPair
from seqcli.results.sweep import SeedVotes, SoonerPair, SweepCurve, SweepPair
from seqcli.statistics.curves import Scale, Slopes, compare_slopes, slope_margin, slope_weights
from seqcli.statistics.exact_tests import sign_test
from seqcli.statistics.verdict_claims import holm
from seqcli.statistics.verdicts import Evidence as Paired
from seqcli.statistics.verdicts import Judgement, Rule, judge_family

SeedValues = list[float]


def compare_trends(
    curves: Sequence[SweepCurve],
    points: Sequence[Comparison],
    values: Sequence[float],
    *,
    scale: Scale,
    evidence: Sequence[ComparisonInputs] = (),
) -> list[SweepPair]:
    """One entry for each pair of the comparisons, Holm-corrected over the pairs.

    Args:
        curves: Each model's quality at each value.
        points: The comparison at each value; the last one's pairs are taken.
        values: The values of the setting, ascending.
        scale: How the setting counts.
        evidence: What each comparison rests on: with its answers a trend counts seeds and test examples.
    """
    last = points[-1]
    by_label = {curve.label: curve for curve in curves}
    couples = [(by_label[pair.a], by_label[pair.b]) for pair in last.pairs]
    if any(curve.solved is not None for curve in curves):
        return _solved(couples, points)
    rows = [_common(a, b) for a, b in couples]
    resolution = metric_named(last.task.metric).resolution(last.task.test)
    by_pair = [
        compare_slopes(a, b, values, scale=scale, resolution=resolution) if a else None for a, b in rows
    ]
    rule = Rule(
        margin=slope_margin(last.protocol.margin, values, scale=scale),
        alpha=last.protocol.alpha,
        higher_is_better=last.task.higher_is_better,
    )
    weighted = list(zip(evidence, slope_weights(values, scale=scale), strict=False))
    views = [
        Paired(slopes.difference, crossed_contrast(a.label, b.label, weighted) if weighted else None)
        for slopes, (a, b) in zip(by_pair, couples, strict=True)
        if slopes is not None
    ]
    verdicts = iter(judge_family(views, rule))
    pairs = []
    for (a, b), slopes, (seeds, _) in zip(couples, by_pair, rows, strict=True):
        if slopes is None:
            pairs.append(_unknown(a, b))
        else:
            pairs.append(_pair(a, b, slopes, verdict=next(verdicts), seeds=len(seeds)))
    return pairs


def _common(a: SweepCurve, b: SweepCurve) -> tuple[list[SeedValues], list[SeedValues]]:
    """The scores (S, X) of both models at the seeds at which every leg of both finished."""
    first, second = (np.array(curve.per_seed, dtype=np.float64).T for curve in (a, b))  # None is NaN
    complete = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    return first[complete].tolist(), second[complete].tolist()


def _unknown(a: SweepCurve, b: SweepCurve) -> SweepPair:
    return SweepPair(
        a=a.label,
        b=b.label,
        seeds=0,
        slope_a=None,
        slope_b=None,
        difference=None,
        ci95=None,
        verdict="undecided",
    )


def _pair(a: SweepCurve, b: SweepCurve, slopes: Slopes, *, verdict: Judgement, seeds: int) -> SweepPair:
    # The seeds alone may show slopes to differ that other test examples would not: no crossing then.
    differs = verdict.interval is not None and verdict.interval.excludes(0.0)
    crossing = slopes.crossing if differs else None
    base = _unknown(a, b).model_copy(
        update={
            "seeds": seeds,
            "slope_a": slopes.a.mean,
            "slope_b": slopes.b.mean,
            "difference": slopes.difference.mean,
            "ci95": verdict.ci95,
            "interval": verdict.deciding[0],
            "level": verdict.deciding[1],
            "verdict": verdict.verdict,
        }
    )
    if crossing is None:
        return base
    return base.model_copy(update={"crossing": crossing.at, "crossing_ci95": crossing.interval})


def _solved(
    couples: Sequence[tuple[SweepCurve, SweepCurve]], points: Sequence[Comparison]
) -> list[SweepPair]:
    """Return the verdict on values solved, one vote a seed: the runs of one seed are not independent.

    The exact sign test over the seeds, Holm-corrected over the pairs.
    """
    complete = [_whole_seeds(a.label, b.label, points) for a, b in couples]
    possible = [number for number, seeds in enumerate(complete) if seeds]
    votes = {number: _votes(complete[number]) for number in possible}
    p_values = dict(zip(possible, holm([votes[n].p_value for n in possible]).tolist(), strict=True))
    alpha = points[-1].protocol.alpha
    pairs = []
    for number, (a, b) in enumerate(couples):
        pair = _unknown(a, b)
        if number in votes:
            vote = votes[number].model_copy(update={"p_value": p_values[number]})
            ahead: Verdict = "better" if vote.a > vote.b else "worse"
            pair = pair.model_copy(
                update={
                    "verdict": ahead if vote.p_value <= alpha else "undecided",
                    "solved": _counted(complete[number], vote.p_value),
                    "votes": vote,
                    "sooner": _sooner(a.label, b.label, points),
                    "seeds": len(complete[number]),
                }
            )
        pairs.append(pair)
    return pairs


Runs = list[tuple[bool, bool]]
"""Whether a and b solve the task at each value, of one seed."""


def _whole_seeds(a: str, b: str, points: Sequence[Comparison]) -> list[Runs]:
    """The runs of each seed at which both models finished at every value."""
    by_seed = zip(*(zip(_solved_at(p, a), _solved_at(p, b), strict=True) for p in points), strict=True)
    both = [[(x, y) for x, y in runs if x is not None and y is not None] for runs in by_seed]
    return [runs for runs in both if len(runs) == len(points)]


def _votes(seeds: Sequence[Runs]) -> SeedVotes:
    ahead = [sum(x for x, _ in runs) - sum(y for _, y in runs) for runs in seeds]
    first, second = sum(more > 0 for more in ahead), sum(more < 0 for more in ahead)
    return SeedVotes(a=first, b=second, ties=len(ahead) - first - second, p_value=sign_test(first, second))


def _counted(seeds: Sequence[Runs], p_value: float) -> SolvedPair:
    runs = [run for seed in seeds for run in seed]
    return SolvedPair(a=sum(x for x, _ in runs), b=sum(y for _, y in runs), seeds=len(runs), p_value=p_value)


def _sooner(a: str, b: str, points: Sequence[Comparison]) -> SoonerPair | None:
    """Return the verdict on steps to solve, one vote a seed; None where a value has no such count."""
    pairs = [next(pair for pair in point.pairs if (pair.a, pair.b) == (a, b)) for point in points]
    steps = [pair.quality.steps for pair in pairs if pair.quality.steps is not None]
    if len(steps) != len(points):
        return None
    runs = [step_pair.sooner_per_seed for step_pair in steps]
    counts = SoonerPair(
        a=sum(step_pair.sooner_a for step_pair in steps),
        b=sum(step_pair.sooner_b for step_pair in steps),
        ties=sum(step_pair.ties for step_pair in steps),
        p_value=None,
        verdict="undecided",
    )
    if len({len(of_value) for of_value in runs}) > 1 or not runs[0]:
        return counts  # a leg failed, so that places are of other seeds; or an earlier version's result
    ahead = [sum(of_seed) for of_seed in zip(*runs, strict=True)]
    first, second = sum(more > 0 for more in ahead), sum(more < 0 for more in ahead)
    p_value = sign_test(first, second)
    direction: Verdict = "better" if first > second else "worse"
    return counts.model_copy(
        update={
            "seeds_a": first,
            "seeds_b": second,
            "p_value": p_value,
            "verdict": direction if p_value <= points[-1].protocol.alpha else "undecided",
        }
    )


def _solved_at(point: Comparison, label: str) -> list[bool | None]:
    quality = next(model for model in point.models if model.label == label).quality
    return quality.solved_per_seed or [None] * len(quality.per_seed)
