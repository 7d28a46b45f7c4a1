"""What a fixed context vector loses with length, from the test predictions of finished runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.data.pair_scores import BleuTokenizer, bleu_tokenizer, corpus_score, known_bleu_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.score_words import difference_words, fixed
from seqcli.errors import RunError, UsageError
from seqcli.experiments.catalogue import claim, mirrored, settled, towards
from seqcli.experiments.translate import buckets
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.results.bottleneck import Bottleneck, Dose, DoseTrend, LengthCurve, SlopePair
from seqcli.results.compare import Claim
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun
from seqcli.runs.reading import foreign_values
from seqcli.runs.run_layout import CONFIG_FILE, LEGS_FOLDER
from seqcli.statistics.half_length import fit_half_length, over_seeds
from seqcli.statistics.improving import still_improving
from seqcli.statistics.intervals import estimate, paired_difference
from seqcli.statistics.looks import AUTO
from seqcli.statistics.own_score import share_interval
from seqcli.statistics.slopes import compare_slopes, lines, slope_margin
from seqcli.statistics.verdicts import Rule, judge

MARGIN = 0.01
"""What does not matter between two scores, as a share of their scale: a hundredth."""
DOSE_MARGIN = 0.1
"""What does not matter between two L50: a tenth."""


@dataclass(frozen=True)
class RunScores:
    """The test predictions of one run.

    Args:
        label: Its model and what distinguishes it.
        attention: The kind, or 'none'.
        width: H, the width of its context vector.
        seed: Its seed.
        task: The data's name.
        metric: What it is scored by.
        sources: The test sources.
        lengths: Their tokens.
        predicted: What was written.
        references: What should have been.
        words: How BLEU finds words; None goes by the references' script.
        still_improving: Whether training ended while the validation score was rising; None: not told.
    """

    label: str
    attention: str
    width: int
    seed: int
    task: str
    metric: str
    sources: tuple[str, ...]
    lengths: tuple[int, ...]
    predicted: tuple[str, ...]
    references: tuple[str, ...]
    words: BleuTokenizer | None = None
    still_improving: bool | None = None


def find_runs(folders: Sequence[Path]) -> list[Path]:
    """The run directories meant: each folder itself, or the legs of a comparison.

    Raises:
        RunError: A folder is neither.
    """
    found: list[Path] = []
    for folder in folders:
        legs = sorted(path.parent for path in folder.glob(f"{LEGS_FOLDER}/*/{CONFIG_FILE}"))
        if not legs and not (folder / CONFIG_FILE).is_file():
            raise RunError(f"{folder} is no run directory and no comparison's", "Name what --out named.")
        done = [leg for leg in legs if RunDirectory.open(leg).status().state == "done"]
        if legs and not done:
            raise RunError(f"no leg of {folder} is finished", "Give its `compare` command again.")
        found += _compared(folder, done) if done else [folder]
    return found


def _compared(folder: Path, legs: list[Path]) -> list[Path]:
    """A comparison's legs without those that only tuned the learning rate, on seeds of their own."""
    said = RunDirectory.open(folder).config.get("seeds")
    seeds = said if isinstance(said, list) else list(range(AUTO.last))
    return [leg for leg in legs if RunDirectory.open(leg).config.get("seed") in seeds]


def read_runs(folders: Sequence[Path]) -> list[RunScores]:
    """The test predictions of finished translation runs, each file checked by SHA-256.

    Raises:
        RunError: One is not finished, of another kind, or was changed; or they cannot stand side by side.
    """
    runs = [RunDirectory.open(folder) for folder in folders]
    own = [{name: run.config.get(name) for name in Seq2SeqConfig.model_fields} for run in runs]
    telling = [name for name in Seq2SeqConfig.model_fields if len({str(one[name]) for one in own}) > 1]
    told = [
        _read(folder, label=" ".join(f"{name}={one[name]}" for name in telling) or str(one["model"]))
        for folder, one in zip(folders, own, strict=True)
    ]
    _check_together(folders, told)
    return told


def _check_together(folders: Sequence[Path], told: Sequence[RunScores]) -> None:
    """Refuse runs that cannot stand side by side.

    Raises:
        RunError: One differs from the first in its test data or its tokens, or is a model and seed again.
    """
    seen: dict[tuple[str, int], Path] = {}
    for folder, one in zip(folders, told, strict=True):
        if one.sources != told[0].sources:
            raise RunError(
                f"{folder} was tested on other data than {folders[0]}", "Compare runs of one task."
            )
        if one.lengths != told[0].lengths:
            raise RunError(
                f"{folder} counts the same sources in other tokens than {folders[0]}",
                "Compare runs of one tokenizer: train with the same --tokenizer and --vocab-size.",
            )
        if (one.metric, one.words) != (told[0].metric, told[0].words):
            raise RunError(
                f"{folder} is scored otherwise than {folders[0]}",
                "Compare runs of one --metric and one --bleu-tokenize.",
            )
        if (one.label, one.seed) in seen:
            raise RunError(
                f"{seen[one.label, one.seed]} and {folder} are both {one.label} with seed {one.seed}",
                "Name each model and seed once; a further run of a model needs a --seed of its own.",
            )
        seen[one.label, one.seed] = folder


def _read(folder: Path, *, label: str) -> RunScores:
    run = RunDirectory.open(folder)
    if run.status().state != "done":
        raise RunError(f"{folder} is not finished: it is {run.status().state}", "Give its command again.")
    with foreign_values(folder):
        return _read_values(FinishedRun(run), folder, label)


def _read_values(run: FinishedRun, folder: Path, label: str) -> RunScores:
    task = run.task
    if task.kind not in ARCHITECTURES.get("seq2seq").kinds:
        raise RunError(f"{folder} holds a model of kind {task.kind}", "Name runs of seq2seq models.")
    if not run.predictions:  # as of a leg that only tuned a setting
        raise RunError(f"{folder} keeps no answers to a test split", "Name runs that were tested.")
    rows = [json.loads(line) for line in run.predictions.splitlines()]
    epochs = [epoch.valid_metric for epoch in run.epochs]
    tokenizer = PairTokenizer.load(run.tokenizer)
    config = run.run.config
    sources = tuple(row["source"] for row in rows)
    return RunScores(
        label=label,
        attention=str(config["attention"]),
        width=int(str(config["hidden"])),
        seed=int(str(config["seed"])),
        task=task.name,
        metric=task.metric,
        sources=sources,
        lengths=tuple(len(ids) for ids in tokenizer.source.encode(sources)),
        predicted=tuple(row["predicted"] for row in rows),
        references=tuple(row["reference"] for row in rows),
        words=known_bleu_tokenizer(task.bleu_tokenize),
        still_improving=still_improving(epochs, MARGIN * (metric_named(task.metric).most or 1.0)),
    )


def measure(told: Sequence[RunScores]) -> Bottleneck:
    """Curves, slopes, doses, and the guide's claims 11 and 12.

    Raises:
        UsageError: All sources are of one length range, so that nothing can be said of length.
    """
    first = told[0]
    ranges = buckets(first.lengths)
    if len(ranges) < 2:
        raise UsageError("all test sources are of like length", "Train on data of several lengths.")
    lengths = [float(np.mean([first.lengths[i] for i in inside])) for _, _, inside in ranges]
    ordered = sorted(told, key=lambda one: (one.attention != "none", one.width))
    labels = dict.fromkeys(one.label for one in ordered)
    curves = [_curve([one for one in told if one.label == label]) for label in labels]
    pairs = [
        _pair(a, b, lengths, first.metric)
        for a in curves
        for b in curves
        if a.attention == "none"
        and b.attention != "none"
        and a.width == b.width
        and set(a.seeds) & set(b.seeds)
    ]
    blind = sorted((curve for curve in curves if curve.attention == "none"), key=lambda one: one.width)
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
                label=one.label,
                width=one.width,
                l50=one.l50,
                l50_ci95=one.l50_ci95,
                l50_below=one.l50_below,
                l50_beyond=one.l50_beyond,
            )
            for one in blind
        ],
        dose_trend=_trend(blind),
        single_lengths=single.tolist(),
        single_sentences=counts.tolist(),
        guide=[claim for pair in pairs for claim in _claims(pair, curves, first.metric)],
    )


def _curve(told: Sequence[RunScores]) -> LengthCurve:
    """Quality by length of one model's runs."""
    runs = sorted(told, key=lambda one: one.seed)
    scores = [by_length(one) for one in runs]
    single, counts = np.unique(runs[0].lengths, return_counts=True)
    shares = np.array([_by_single_length(one) for one in runs]) / (metric_named(runs[0].metric).most or 1.0)
    used = single > 0
    lengths = single[used].tolist()
    whole = fit_half_length(lengths, shares.mean(axis=0)[used], (counts * len(runs))[used].tolist())
    each = [fit_half_length(lengths, row[used], counts[used].tolist()) for row in shares]
    return LengthCurve(
        label=runs[0].label,
        attention=runs[0].attention,
        width=runs[0].width,
        seeds=[one.seed for one in runs],
        scores=scores,
        mean=np.mean(scores, axis=0).tolist(),
        l50=whole.at,
        l50_per_seed=[one.at for one in each],
        l50_ci95=over_seeds(whole, each),
        l50_below=whole.below,
        l50_beyond=whole.beyond,
        first=whole.first * (metric_named(runs[0].metric).most or 1.0),
        steepness=whole.steepness,
        by_length=(shares.mean(axis=0) * (metric_named(runs[0].metric).most or 1.0)).tolist(),
        by_length_ci95=_over_sentences(runs[0].metric, shares.mean(axis=0).tolist(), counts.tolist()),
        still_improving=[one.still_improving for one in runs],
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


def _trend(blind: Sequence[LengthCurve]) -> DoseTrend | None:
    """How L50 grows with the width: a line a seed, judged as any slope; None where two widths do not tell.

    What does not matter is a tenth of L50 over all widths.
    """
    known = [one for one in blind if None not in one.l50_per_seed]
    widths = [one.width for one in known]
    seeds = sorted(set.intersection(*(set(one.seeds) for one in known))) if known else []
    if len(set(widths)) < 2 or not seeds:
        return None
    rows = [[np.log2(one.l50_per_seed[one.seeds.index(seed)] or np.nan) for one in known] for seed in seeds]
    slopes = estimate(lines(np.array(rows), np.log2(widths))[1])
    rule = Rule(margin=slope_margin(float(np.log2(1 + DOSE_MARGIN)), widths, scale="log2"))
    return DoseTrend(
        widths=widths,
        seeds=seeds,
        slope=slopes.mean,
        ci95=slopes.ci95,
        verdict=judge(slopes, rule).verdict,
    )


def by_length(told: RunScores) -> list[float]:
    """The score in each range of source lengths."""
    return _scores(told, [inside for _, _, inside in buckets(told.lengths)])


def _by_single_length(told: RunScores) -> list[float]:
    """The score at each source length that there is, ascending."""
    places: dict[int, list[int]] = {}
    for i, length in enumerate(told.lengths):
        places.setdefault(length, []).append(i)
    return _scores(told, [places[length] for length in sorted(places)])


def _scores(told: RunScores, groups: Sequence[Sequence[int]]) -> list[float]:
    """The score of each group of sentences."""
    words = told.words or bleu_tokenizer(told.references)
    return [
        corpus_score(
            told.metric, [told.predicted[i] for i in inside], [told.references[i] for i in inside], words
        ).value
        for inside in groups
    ]


def _pair(a: LengthCurve, b: LengthCurve, lengths: Sequence[float], metric: str) -> SlopePair:
    scores_a, scores_b = (
        [row for seed, row in zip(one.seeds, one.scores, strict=True) if seed in {*a.seeds} & {*b.seeds}]
        for one in (a, b)
    )
    slopes = compare_slopes(scores_a, scores_b, lengths, scale="log2")
    margin = MARGIN * (metric_named(metric).most or 1.0)
    rule = Rule(margin=slope_margin(margin, lengths, scale="log2"))
    longest = paired_difference([row[-1] for row in scores_a], [row[-1] for row in scores_b])
    return SlopePair(
        a=a.label,
        b=b.label,
        slope_a=slopes.a.mean,
        slope_b=slopes.b.mean,
        difference=slopes.difference.mean,
        ci95=slopes.difference.ci95,
        verdict=judge(slopes.difference, rule).verdict,
        longest=longest.mean,
        longest_ci95=longest.ci95,
        longest_verdict=judge(longest, Rule(margin=margin)).verdict,
    )


def _claims(pair: SlopePair, curves: Sequence[LengthCurve], metric: str) -> list[Claim]:
    """11: without attention quality falls faster with length. 12: with it, long sources do better."""
    both = [curve for curve in curves if curve.label in (pair.a, pair.b)]
    halves = {curve.label: curve.l50 for curve in both}
    shown = [
        f"at {fixed(halves[name] or 0.0, 1)} tokens" if halves[name] else "not reached"
        for name in (pair.a, pair.b)
    ]
    falls = (
        f"{difference_words(pair.difference, pair.ci95, metric)} per doubling of length "
        f"against {pair.b}; half the short score {shown[0]}, with attention {shown[1]}"
    )
    longest = difference_words(-pair.longest, mirrored(pair.longest_ci95), metric)
    ahead = f"{longest} on the longest sources"
    runs = [one for curve in both for one in curve.still_improving if one is not None]
    found = [
        claim(11, towards(pair.verdict, positive_supports=False), falls, of=pair.a),
        claim(12, towards(pair.longest_verdict, positive_supports=False), ahead, of=pair.b),
    ]
    return [settled(one, sum(runs), len(runs)) for one in found]
