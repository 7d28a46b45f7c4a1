"""What a fixed context vector loses with length, from the test predictions of finished runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.data.pair_scores import BleuTokenizer, bleu_tokenizer, corpus_score, known_bleu_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.score_words import difference_words, fixed
from seqcli.errors import RunError, UsageError
from seqcli.experiments.claims.catalogue import claim, mirrored, towards
from seqcli.experiments.translate import buckets
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.results.bottleneck import Bottleneck, Curve, Dose, SlopePair
from seqcli.results.compare import Claim
from seqcli.runs.directory import RunDirectory
from seqcli.runs.foreign import foreign_values
from seqcli.runs.layout import CONFIG_FILE, LEGS_FOLDER, PREDICTIONS_FILE, TASK_FILE, TOKENIZER_FILE
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.looks import AUTO
from seqcli.statistics.slopes import compare_slopes, slope_margin
from seqcli.statistics.verdicts import Rule, judge

MARGIN = 0.01
"""What does not matter between two scores, as a share of their scale: a hundredth."""


@dataclass(frozen=True)
class Told:
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


def read_runs(folders: Sequence[Path]) -> list[Told]:
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


def _check_together(folders: Sequence[Path], told: Sequence[Told]) -> None:
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


def _read(folder: Path, *, label: str) -> Told:
    run = RunDirectory.open(folder)
    if run.status().state != "done":
        raise RunError(f"{folder} is not finished: it is {run.status().state}", "Give its command again.")
    with foreign_values(folder):
        return _read_values(run, folder, label)


def _read_values(run: RunDirectory, folder: Path, label: str) -> Told:
    task: dict[str, Any] = json.loads(run.read(TASK_FILE))
    if task["kind"] not in ARCHITECTURES.get("seq2seq").kinds:
        raise RunError(f"{folder} holds a model of kind {task['kind']}", "Name runs of seq2seq models.")
    rows = [json.loads(line) for line in run.read(PREDICTIONS_FILE).splitlines()]
    tokenizer = PairTokenizer.load(run.read(TOKENIZER_FILE).decode())
    config = run.config
    sources = tuple(row["source"] for row in rows)
    return Told(
        label=label,
        attention=str(config["attention"]),
        width=int(str(config["hidden"])),
        seed=int(str(config["seed"])),
        task=str(task["name"]),
        metric=str(task["metric"]),
        sources=sources,
        lengths=tuple(len(ids) for ids in tokenizer.source.encode(sources)),
        predicted=tuple(row["predicted"] for row in rows),
        references=tuple(row["reference"] for row in rows),
        words=known_bleu_tokenizer(task.get("bleu_tokenize")),
    )


def measure(told: Sequence[Told]) -> Bottleneck:
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
    curves = [_curve(label, told, lengths) for label in dict.fromkeys(one.label for one in ordered)]
    pairs = [
        _pair(a, b, lengths, first.metric)
        for a in curves
        for b in curves
        if a.attention == "none"
        and b.attention != "none"
        and a.width == b.width
        and set(a.seeds) & set(b.seeds)
    ]
    blind = [curve for curve in curves if curve.attention == "none"]
    return Bottleneck(
        task=first.task,
        metric=first.metric,
        buckets=[f"{a} to {b}" if b else f"{a} or more" for a, b, _ in ranges],
        lengths=lengths,
        sentences=[len(inside) for _, _, inside in ranges],
        curves=curves,
        pairs=pairs,
        dose=[
            Dose(label=one.label, width=one.width, l50=one.l50)
            for one in sorted(blind, key=lambda c: c.width)
        ],
        guide=[claim for pair in pairs for claim in _claims(pair, curves, first.metric)],
    )


def _curve(label: str, told: Sequence[Told], lengths: Sequence[float]) -> Curve:
    runs = sorted((one for one in told if one.label == label), key=lambda one: one.seed)
    scores = [by_length(one) for one in runs]
    mean = np.mean(scores, axis=0).tolist()
    return Curve(
        label=label,
        attention=runs[0].attention,
        width=runs[0].width,
        seeds=[one.seed for one in runs],
        scores=scores,
        mean=mean,
        l50=half_length(lengths, mean),
        l50_per_seed=[half_length(lengths, row) for row in scores],
    )


def by_length(told: Told) -> list[float]:
    """The score in each range of source lengths."""
    words = told.words or bleu_tokenizer(told.references)
    return [
        corpus_score(
            told.metric, [told.predicted[i] for i in inside], [told.references[i] for i in inside], words
        ).value
        for _, _, inside in buckets(told.lengths)
    ]


def half_length(lengths: Sequence[float], scores: Sequence[float]) -> float | None:
    """L50: where scores first fall to half of the first one, between lengths on a log scale.

    Args:
        lengths: Ascending.
        scores: One a length.

    Returns:
        None where they never do, or where the first one is 0 already.
    """
    half = scores[0] / 2
    if not half:
        return None
    for i in range(1, len(scores)):
        if scores[i] <= half:
            share = (scores[i - 1] - half) / (scores[i - 1] - scores[i])
            low, high = np.log2(lengths[i - 1]), np.log2(lengths[i])
            return float(2 ** (low + share * (high - low)))
    return None


def _pair(a: Curve, b: Curve, lengths: Sequence[float], metric: str) -> SlopePair:
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


def _claims(pair: SlopePair, curves: Sequence[Curve], metric: str) -> list[Claim]:
    """11: without attention quality falls faster with length. 12: with it, long sources do better."""
    halves = {curve.label: curve.l50 for curve in curves}
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
    return [
        claim(11, towards(pair.verdict, positive_supports=False), falls, of=pair.a),
        claim(12, towards(pair.longest_verdict, positive_supports=False), ahead, of=pair.b),
    ]
