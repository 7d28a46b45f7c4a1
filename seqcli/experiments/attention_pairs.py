"""Models with attention against those without, by length: changes per doubling, longest sources, claims."""

import math
from collections.abc import Sequence

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.data.pair_scores import bleu_tokenizer
from seqcli.experiments.catalogue import claim, mirrored, settled, towards
from seqcli.experiments.run_scores import RunScores
from seqcli.experiments.translate import buckets
from seqcli.results.bottleneck import LengthCurve, SlopePair
from seqcli.results.claims import BottleneckFact, Claim, LongestFact, ShownDifference
from seqcli.statistics.combinations import AnswerProducts, answer_products, corpus_products, crossed_apart
from seqcli.statistics.crossed import corpus_scores
from seqcli.statistics.curves import (
    slope_margin,
    slope_weights,
)
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.student import Floats
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge_family

FEWEST_SENTENCES = 2
"""In a range of lengths whose score is judged: one sentence does not tell how another would do."""


RunPair = tuple[list[RunScores], list[RunScores]]
"""The runs of a model without attention and of one with it, at the seeds that both have, in order."""


def attention_pairs(all_runs: Sequence[RunScores], curves: Sequence[LengthCurve]) -> list[SlopePair]:
    """Every model without attention against those of its width with it.

    The judge is that of every comparison: seeds and test sentences, the metric's own margin and resolution,
    Holm's correction over the pairs. The ranges of lengths hold different sentences, so that their parts of
    the variance add up. Changes per doubling are one family, differences on the longest sources another.
    """
    ranges = [inside for _, _, inside in buckets(all_runs[0].lengths) if len(inside) >= FEWEST_SENTENCES]
    couples = [
        (a, b)
        for a in curves
        for b in curves
        if a.attention == "none" and b.attention != "none" and a.width == b.width and {*a.seeds} & {*b.seeds}
    ]
    if len(ranges) < 2 or not couples:
        return []
    lengths = [float(np.mean([all_runs[0].lengths[i] for i in inside])) for inside in ranges]
    metric = metric_named(all_runs[0].metric)
    steps = slope_weights(lengths, scale="log2")
    runs = [_both(all_runs, a, b) for a, b in couples]
    products = [[_products(both, inside) for inside in ranges] for both in runs]
    slopes, longest = (
        judge_family(
            [_evidence(both, ranges, weights, each) for both, each in zip(runs, products, strict=True)],
            Rule(margin=margin, most=most),
        )
        for weights, margin, most in (
            (steps, slope_margin(metric.margin, lengths, scale="log2"), math.inf),
            ([*[0.0] * (len(ranges) - 1), 1.0], metric.margin, metric.most or math.inf),
        )
    )
    own_slopes = [[float(np.mean(_scored(part, ranges) @ np.array(steps))) for part in both] for both in runs]
    return [
        _pair(couple, of_both, slope, last)
        for couple, of_both, slope, last in zip(couples, own_slopes, slopes, longest, strict=True)
    ]


def _both(all_runs: Sequence[RunScores], a: LengthCurve, b: LengthCurve) -> RunPair:
    by_name = {(run.label, run.seed): run for run in all_runs}
    seeds = sorted({*a.seeds} & {*b.seeds})
    return [by_name[a.label, seed] for seed in seeds], [by_name[b.label, seed] for seed in seeds]


def _scored(runs: Sequence[RunScores], ranges: Sequence[Sequence[int]]) -> Floats:
    """The score of each run in each range, (S, X)."""
    return np.array([run.scores_of(ranges) for run in runs])


def _evidence(
    both: RunPair,
    ranges: Sequence[Sequence[int]],
    weights: Sequence[float],
    products: Sequence[AnswerProducts | None],
) -> Evidence:
    """A weighted sum over ranges of a − b, over seeds and over seeds × test sentences."""
    a, b = (_scored(runs, ranges) @ np.array(weights) for runs in both)
    metric = metric_named(both[0][0].metric)
    step = math.hypot(
        *(weight * metric.resolution(len(inside)) for weight, inside in zip(weights, ranges, strict=True))
    )
    mean = paired_difference(a, b, resolution=step)
    parts = [
        (of_range, [weight, -weight])
        for weight, of_range in zip(weights, products, strict=True)
        if of_range is not None and weight
    ]
    return Evidence(mean, crossed_apart(mean, parts) if parts and mean.sd is not None else None)


def _products(both: RunPair, inside: Sequence[int]) -> AnswerProducts | None:
    """Return the spread of two models' answers in a range over seeds and sentences; None for one seed."""
    metric = metric_named(both[0][0].metric)
    if len(both[0]) < 2:
        return None
    rows = [
        [[{"predicted": run.predicted[i], "reference": run.references[i]} for i in inside] for run in runs]
        for runs in both
    ]
    if (right := metric.right) is not None:
        return answer_products(
            np.array([[[float(right(row)) for row in run] for run in runs] for runs in rows])
        )
    if (sums := metric.sums) is None:
        return None
    words = both[0][0].words or bleu_tokenizer(both[0][0].references)
    counts = [np.array([sums.counts(run, words) for run in runs], dtype=np.float64) for runs in rows]
    return corpus_products([corpus_scores(counts_of_run, sums.score) for counts_of_run in counts])


def _pair(
    both: tuple[LengthCurve, LengthCurve], slopes: Sequence[float], slope: Judgement, longest: Judgement
) -> SlopePair:
    return SlopePair(
        a=both[0].label,
        b=both[1].label,
        slope_a=slopes[0],
        slope_b=slopes[1],
        difference=slope.mean,
        ci95=slope.ci95,
        verdict=slope.verdict,
        interval=slope.deciding[0],
        level=slope.deciding[1],
        longest=longest.mean,
        longest_ci95=longest.ci95,
        longest_verdict=longest.verdict,
        longest_interval=longest.deciding[0],
        longest_level=longest.deciding[1],
    )


def attention_claims(pair: SlopePair, curves: Sequence[LengthCurve], metric: str) -> list[Claim]:
    """11: without attention quality falls faster with length. 12: with it, long sources do better."""
    both = [curve for curve in curves if curve.label in (pair.a, pair.b)]
    halves = {curve.label: curve.l50 for curve in both}
    change = ShownDifference(metric=metric, value=pair.difference, interval=pair.interval, level=pair.level)
    ahead = ShownDifference(
        metric=metric,
        value=-pair.longest,
        interval=mirrored(pair.longest_interval),
        level=pair.longest_level,
    )
    falls = BottleneckFact(
        change=change,
        half=halves[pair.a],
        half_with_attention=halves[pair.b],
        unit="tokens",
        against=pair.b,
    )
    runs = [improving for curve in both for improving in curve.still_improving if improving is not None]
    longest = towards(pair.longest_verdict, positive_supports=False)
    claims = [
        claim(11, towards(pair.verdict, positive_supports=False), falls, of=pair.a),
        claim(12, longest, LongestFact(ahead=ahead, of="sources"), of=pair.b),
    ]
    return [settled(improving, sum(runs), len(runs)) for improving in claims]
