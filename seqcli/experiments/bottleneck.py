"""The loss of a fixed context vector with length, from the test predictions of finished runs."""

from collections.abc import Sequence

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.errors import UsageError
from seqcli.experiments.attention_pairs import attention_claims, attention_pairs
from seqcli.experiments.run_scores import RunScores
from seqcli.experiments.translate import buckets
from seqcli.results.bottleneck import Bottleneck, Dose, DoseTrend, LengthCurve
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.curves import (
    HalfLength,
    fit_half_length,
    lines,
    over_seeds,
    slope_margin,
    slope_weights,
)
from seqcli.statistics.intervals import Estimate, estimate
from seqcli.statistics.own_score import share_interval
from seqcli.statistics.verdicts import Evidence, Rule, judge

WIDTH_95 = 2 * 1.959963984540054
"""Standard errors from end to end of a 95 % interval."""
DOSE_MARGIN = 0.1
"""What does not matter between two L50: a tenth."""


def measure(runs: Sequence[RunScores]) -> Bottleneck:
    """Curves, slopes, doses, and the guide's claims 11 and 12.

    Raises:
        UsageError: All sources are of one length range, so that nothing can be said of length.
    """
    first = runs[0]
    ranges = buckets(first.lengths)
    if len(ranges) < 2:
        raise UsageError("all test sources have about the same length", "Train on data of several lengths.")
    lengths = [float(np.mean([first.lengths[i] for i in inside])) for _, _, inside in ranges]
    ordered = sorted(runs, key=lambda run: (run.attention != "none", run.width))
    labels = dict.fromkeys(run.label for run in ordered)
    curves = [_curve([run for run in runs if run.label == label]) for label in labels]
    pairs = attention_pairs(runs, curves)
    blind = sorted((curve for curve in curves if curve.attention == "none"), key=lambda run: run.width)
    single, counts = np.unique(first.lengths, return_counts=True)
    return Bottleneck(
        task=first.task,
        metric=first.metric,
        buckets=[f"{a} to {b}" if b else f"{a} or more" for a, b, _ in ranges],
        lengths=lengths,
        sentences=[len(inside) for _, _, inside in ranges],
        curves=curves,
        pairs=pairs,
        dose=[
            Dose(
                label=run.label,
                width=run.width,
                l50=run.l50,
                l50_ci95=run.l50_ci95,
                l50_below=run.l50_below,
                l50_beyond=run.l50_beyond,
            )
            for run in blind
        ],
        dose_trend=_trend(blind, single.tolist(), counts.tolist(), metric=first.metric),
        single_lengths=single.tolist(),
        single_sentences=counts.tolist(),
        guide=[claim for pair in pairs for claim in attention_claims(pair, curves, first.metric)],
    )


def _curve(trained: Sequence[RunScores]) -> LengthCurve:
    """Quality by length of one model's runs."""
    runs = sorted(trained, key=lambda run: run.seed)
    scores = [by_length(run) for run in runs]
    single, counts = np.unique(runs[0].lengths, return_counts=True)
    shares = np.array([_by_single_length(run) for run in runs]) / (metric_named(runs[0].metric).most or 1.0)
    used = single > 0
    lengths = single[used].tolist()
    # All seeds answer the same sentences: more seeds make no further sentences of them.
    mean_fit = fit_half_length(lengths, shares.mean(axis=0)[used], counts[used].tolist())
    seed_fits = [fit_half_length(lengths, row[used], counts[used].tolist()) for row in shares]
    return LengthCurve(
        label=runs[0].label,
        attention=runs[0].attention,
        width=runs[0].width,
        seeds=[run.seed for run in runs],
        scores=scores,
        mean=np.mean(scores, axis=0).tolist(),
        l50=mean_fit.at,
        l50_per_seed=[run.at for run in seed_fits],
        l50_ci95=over_seeds(mean_fit, seed_fits),
        l50_below=mean_fit.below,
        l50_beyond=mean_fit.beyond,
        first=mean_fit.first * (metric_named(runs[0].metric).most or 1.0),
        steepness=mean_fit.steepness,
        by_length=(shares.mean(axis=0) * (metric_named(runs[0].metric).most or 1.0)).tolist(),
        by_length_ci95=_over_sentences(runs[0].metric, shares.mean(axis=0).tolist(), counts.tolist()),
        still_improving=[run.still_improving for run in runs],
    )


def _over_sentences(
    metric: str, shares: Sequence[float], counts: Sequence[int]
) -> list[tuple[float, float] | None]:
    """The interval of each length's share over its test sentences: all seeds answer the same ones."""
    if metric_named(metric).right is None:
        return []
    return [
        share_interval(min(share, 1.0) * count, count) for share, count in zip(shares, counts, strict=True)
    ]


def _trend(
    blind: Sequence[LengthCurve], lengths: Sequence[int], counts: Sequence[int], *, metric: str
) -> DoseTrend | None:
    """Return the growth of L50 with the width: a line a seed, judged as any slope; None for too few widths.

    What does not matter is a tenth of L50 over all widths.
    """
    known = [curve for curve in blind if None not in curve.l50_per_seed]
    widths = [curve.width for curve in known]
    seeds = sorted(set.intersection(*(set(curve.seeds) for curve in known))) if known else []
    if len(set(widths)) < 2 or not seeds:
        return None
    rows = [
        [np.log2(curve.l50_per_seed[curve.seeds.index(seed)] or np.nan) for curve in known] for seed in seeds
    ]
    slopes = estimate(lines(np.array(rows), np.log2(widths))[1])
    errors = [_log_error(_refitted(curve, lengths, counts, metric=metric)) for curve in known]
    weights = slope_weights(widths, scale="log2")
    examples = sum((weight * error) ** 2 for weight, error in zip(weights, errors, strict=True))
    rule = Rule(margin=slope_margin(float(np.log2(1 + DOSE_MARGIN)), widths, scale="log2"))
    judgement = judge(Evidence(slopes, _with_examples(slopes, examples, sum(counts))), rule)
    improving_runs = [run for curve in known for run in curve.still_improving if run is not None]
    return DoseTrend(
        widths=widths,
        seeds=seeds,
        slope=slopes.mean,
        ci95=judgement.ci95,
        verdict="undecided" if any(improving_runs) else judgement.verdict,
        interval=judgement.deciding[0],
        level=judgement.deciding[1],
        still_improving=sum(improving_runs),
        runs=len(improving_runs),
    )


def _refitted(
    curve: LengthCurve, lengths: Sequence[int], counts: Sequence[int], *, metric: str
) -> HalfLength:
    """The curve through the mean shares, whose interval knows the test sentences alone."""
    most = metric_named(metric).most or 1.0
    rows = [row for row in zip(lengths, curve.by_length, counts, strict=True) if row[0] > 0]
    return fit_half_length(
        [length for length, _, _ in rows], [score / most for _, score, _ in rows], [n for _, _, n in rows]
    )


def _log_error(half: HalfLength) -> float:
    """The standard error of log2 L50 over test sentences; 0 where the curve has no L50."""
    return 0.0 if half.interval is None else float(np.log2(half.interval.high / half.interval.low)) / WIDTH_95


def _with_examples(slopes: Estimate, examples: float, sentences: int) -> Crossed | None:
    """The slope over seeds with what other test sentences would add; None for one seed.

    The widths answer the same sentences, which are hard for all of them: taking what these add as independent
    from width to width adds too much rather than too little.
    """
    if slopes.sd is None:
        return None
    by_seeds, degrees = slopes.sd**2 / slopes.n, slopes.n - 1.0
    variance = by_seeds + examples
    return Crossed(
        mean=slopes.mean,
        variance=variance,
        degrees=degrees * (variance / by_seeds) ** 2 if by_seeds > 0.0 else float(sentences),
        seeds=slopes.n,
        examples=sentences,
        examples_variance=examples,
    )


def by_length(run: RunScores) -> list[float]:
    """The score in each range of source lengths."""
    return run.scores_of([inside for _, _, inside in buckets(run.lengths)])


def _by_single_length(run: RunScores) -> list[float]:
    """The score at each source length that there is, ascending."""
    places: dict[int, list[int]] = {}
    for i, length in enumerate(run.lengths):
        places.setdefault(length, []).append(i)
    return run.scores_of([places[length] for length in sorted(places)])
