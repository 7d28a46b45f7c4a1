"""How the difference of two models changes along a setting: slopes paired by seed, or runs solved."""

from collections.abc import Sequence

import numpy as np

from seqcli.data.prepared import KINDS
from seqcli.results.compare import Comparison, SolvedPair, Verdict
from seqcli.results.sweep import SoonerPair, SweepCurve, SweepPair
from seqcli.statistics.mcnemar import sign_test
from seqcli.statistics.slopes import Scale, Slopes, compare_slopes, slope_margin
from seqcli.statistics.solved import judge_solved_family
from seqcli.statistics.verdicts import Rule, judge_family

Row = list[float]


def compare_trends(
    curves: Sequence[SweepCurve],
    points: Sequence[Comparison],
    values: Sequence[float],
    *,
    scale: Scale,
) -> list[SweepPair]:
    """One entry for each pair of the comparisons, Holm-corrected over the pairs.

    Args:
        curves: Each model's quality at each value.
        points: The comparison at each value; the last one's pairs are taken.
        values: The values of the setting, ascending.
        scale: How the setting counts.
    """
    last = points[-1]
    by_label = {curve.label: curve for curve in curves}
    couples = [(by_label[pair.a], by_label[pair.b]) for pair in last.pairs]
    if any(curve.solved is not None for curve in curves):
        return _solved(couples, points)
    rows = [_common(a, b) for a, b in couples]
    resolution = KINDS.get(last.task.kind).resolution(last.task.test)
    found = [compare_slopes(a, b, values, scale=scale, resolution=resolution) if a else None for a, b in rows]
    rule = Rule(
        margin=slope_margin(last.protocol.margin, values, scale=scale),
        alpha=last.protocol.alpha,
        higher_is_better=last.task.higher_is_better,
    )
    verdicts = iter(judge_family([slopes.difference for slopes in found if slopes is not None], rule))
    pairs = []
    for (a, b), slopes, (seeds, _) in zip(couples, found, rows, strict=True):
        if slopes is None:
            pairs.append(_unknown(a, b))
        else:
            pairs.append(_pair(a, b, slopes, verdict=next(verdicts).verdict, seeds=len(seeds)))
    return pairs


def _common(a: SweepCurve, b: SweepCurve) -> tuple[list[Row], list[Row]]:
    """The scores (S, X) of both models at the seeds at which every leg of both finished."""
    first, second = (np.array(curve.per_seed, dtype=np.float64).T for curve in (a, b))  # None is NaN
    whole = np.isfinite(first).all(axis=1) & np.isfinite(second).all(axis=1)
    return first[whole].tolist(), second[whole].tolist()


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


def _pair(a: SweepCurve, b: SweepCurve, slopes: Slopes, *, verdict: str, seeds: int) -> SweepPair:
    crossing = slopes.crossing
    found = _unknown(a, b).model_copy(
        update={
            "seeds": seeds,
            "slope_a": slopes.a.mean,
            "slope_b": slopes.b.mean,
            "difference": slopes.difference.mean,
            "ci95": slopes.difference.ci95,
            "verdict": verdict,
        }
    )
    if crossing is None:
        return found
    return found.model_copy(update={"crossing": crossing.at, "crossing_ci95": crossing.interval})


def _solved(
    couples: Sequence[tuple[SweepCurve, SweepCurve]], points: Sequence[Comparison]
) -> list[SweepPair]:
    """Runs solved over all values and seeds, by the exact paired test: each value is other data."""
    runs = [
        _both_told(*[[_solved_at(point, c.label) for point in points] for c in couple]) for couple in couples
    ]
    possible = [number for number, (first, _) in enumerate(runs) if first]
    verdicts = judge_solved_family([runs[n] for n in possible], alpha=points[-1].protocol.alpha)
    found = dict(zip(possible, verdicts, strict=True))
    pairs = []
    for number, (a, b) in enumerate(couples):
        pair = _unknown(a, b)
        if number in found:
            verdict = found[number]
            counted = SolvedPair(
                a=verdict.solved_a,
                b=verdict.solved_b,
                seeds=verdict.counts.pairs,
                p_value=verdict.p_different,
            )
            pair = pair.model_copy(
                update={
                    "verdict": verdict.verdict,
                    "solved": counted,
                    "sooner": _sooner(a.label, b.label, points),
                    "seeds": len(points[-1].protocol.seeds),
                }
            )
        pairs.append(pair)
    return pairs


def _sooner(a: str, b: str, points: Sequence[Comparison]) -> SoonerPair | None:
    """Who solves in fewer steps, over all values and seeds; None where a value has no such count."""
    pairs = [next(pair for pair in point.pairs if (pair.a, pair.b) == (a, b)) for point in points]
    steps = [pair.quality.steps for pair in pairs if pair.quality.steps is not None]
    if len(steps) != len(points):
        return None
    first, second = (sum(getattr(one, side) for one in steps) for side in ("sooner_a", "sooner_b"))
    p_value = sign_test(first, second)
    shown: Verdict = "better" if first > second else "worse"
    return SoonerPair(
        a=first,
        b=second,
        ties=sum(one.ties for one in steps),
        p_value=p_value,
        verdict=shown if p_value <= points[-1].protocol.alpha else "undecided",
    )


def _solved_at(point: Comparison, label: str) -> list[bool | None]:
    quality = next(model for model in point.models if model.label == label).quality
    return quality.solved_per_seed or [None] * len(quality.per_seed)


def _both_told(
    a: Sequence[Sequence[bool | None]], b: Sequence[Sequence[bool | None]]
) -> tuple[list[bool], list[bool]]:
    """The runs, value by value and seed by seed, in which both models finished."""
    both = [
        (x, y)
        for row_a, row_b in zip(a, b, strict=True)
        for x, y in zip(row_a, row_b, strict=True)
        if x is not None and y is not None
    ]
    return [x for x, _ in both], [y for _, y in both]
