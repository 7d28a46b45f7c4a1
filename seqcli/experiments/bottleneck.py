"""The loss of a fixed context vector with length, from the test predictions of finished runs."""

import math
from collections.abc import Sequence

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.data.pair_scores import bleu_tokenizer, corpus_score
from seqcli.errors import UsageError
from seqcli.experiments.catalogue import claim, mirrored, settled, towards
from seqcli.experiments.run_scores import RunScores
from seqcli.experiments.translate import buckets
from seqcli.results.bottleneck import Bottleneck, Dose, DoseTrend, LengthCurve, SlopePair
from seqcli.results.claims import BottleneckFact, Claim, LongestFact, ShownDifference
from seqcli.statistics.combinations import AnswerProducts, answer_products, corpus_products, crossed_apart
from seqcli.statistics.crossed import Crossed, corpus_scores
from seqcli.statistics.curves import (
    HalfLength,
    fit_half_length,
    lines,
    over_seeds,
    slope_margin,
    slope_weights,
)
from seqcli.statistics.intervals import Estimate, estimate, paired_difference
from seqcli.statistics.own_score import share_interval
from seqcli.statistics.student import Floats
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge, judge_family

FEWEST_SENTENCES = 2
"""In a range of lengths whose score is judged: one sentence does not tell how another would do."""
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
    pairs = _pairs(runs, curves)
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
        guide=[claim for pair in pairs for claim in _claims(pair, curves, first.metric)],
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
    whole = fit_half_length(lengths, shares.mean(axis=0)[used], counts[used].tolist())
    each = [fit_half_length(lengths, row[used], counts[used].tolist()) for row in shares]
    return LengthCurve(
        label=runs[0].label,
        attention=runs[0].attention,
        width=runs[0].width,
        seeds=[run.seed for run in runs],
        scores=scores,
        mean=np.mean(scores, axis=0).tolist(),
        l50=whole.at,
        l50_per_seed=[run.at for run in each],
        l50_ci95=over_seeds(whole, each),
        l50_below=whole.below,
        l50_beyond=whole.beyond,
        first=whole.first * (metric_named(runs[0].metric).most or 1.0),
        steepness=whole.steepness,
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
    return _scores(run, [inside for _, _, inside in buckets(run.lengths)])


def _by_single_length(run: RunScores) -> list[float]:
    """The score at each source length that there is, ascending."""
    places: dict[int, list[int]] = {}
    for i, length in enumerate(run.lengths):
        places.setdefault(length, []).append(i)
    return _scores(run, [places[length] for length in sorted(places)])


def _scores(run: RunScores, groups: Sequence[Sequence[int]]) -> list[float]:
    """The score of each group of sentences."""
    words = run.words or bleu_tokenizer(run.references)
    return [
        corpus_score(
            run.metric, [run.predicted[i] for i in inside], [run.references[i] for i in inside], words
        ).value
        for inside in groups
    ]


RunPair = tuple[list[RunScores], list[RunScores]]
"""The runs of a model without attention and of one with it, at the seeds that both have, in order."""


def _pairs(all_runs: Sequence[RunScores], curves: Sequence[LengthCurve]) -> list[SlopePair]:
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
    own = [[float(np.mean(_scored(part, ranges) @ np.array(steps))) for part in both] for both in runs]
    return [
        _pair(couple, of_both, slope, last)
        for couple, of_both, slope, last in zip(couples, own, slopes, longest, strict=True)
    ]


def _both(all_runs: Sequence[RunScores], a: LengthCurve, b: LengthCurve) -> RunPair:
    by_name = {(run.label, run.seed): run for run in all_runs}
    seeds = sorted({*a.seeds} & {*b.seeds})
    return [by_name[a.label, seed] for seed in seeds], [by_name[b.label, seed] for seed in seeds]


def _scored(runs: Sequence[RunScores], ranges: Sequence[Sequence[int]]) -> Floats:
    """The score of each run in each range, (S, X)."""
    return np.array([_scores(run, ranges) for run in runs])


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


def _claims(pair: SlopePair, curves: Sequence[LengthCurve], metric: str) -> list[Claim]:
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
    made = [
        claim(11, towards(pair.verdict, positive_supports=False), falls, of=pair.a),
        claim(12, longest, LongestFact(ahead=ahead, of="sources"), of=pair.b),
    ]
    return [settled(improving, sum(runs), len(runs)) for improving in made]
