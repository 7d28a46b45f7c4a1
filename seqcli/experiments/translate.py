"""What `seqcli translate` does beside translating: scores against references, and a run of its own."""

import hashlib
import json
from collections.abc import Callable, Generator, Sequence
from pathlib import Path

import numpy as np

from seqcli.config.layers import from_values, merge, select
from seqcli.data.cache import default_cache
from seqcli.data.pair_scores import (
    BleuTokenizer,
    bleu_tokenizer,
    corpus_score,
    from_statistics,
    statistics,
)
from seqcli.data.task import TASKS
from seqcli.errors import DataError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import TrainPlan, plan_training, train
from seqcli.experiments.translate_config import TranslateConfig
from seqcli.models.architecture import architecture
from seqcli.results.events import Event
from seqcli.results.train import TrainResult
from seqcli.results.translate import LengthBucket, TranslateResult
from seqcli.results.wording import counted
from seqcli.runs.directory import RunDirectory
from seqcli.statistics.corpus import corpus_interval
from seqcli.tasks.translation import PAIR

EDGES = (5, 10, 20, 40, 80, 160, 320, 640)
"""The last length of each bucket but the longest."""


def buckets(lengths: Sequence[int]) -> list[tuple[int, int | None, list[int]]]:
    """The sentences of each range of lengths that has any: first length, last length, which."""
    starts = (1, *(edge + 1 for edge in EDGES))
    found = []
    for first, last in zip(starts, (*EDGES, None), strict=True):
        inside = [
            i for i, n in enumerate(lengths) if max(n, 1) >= first and (last is None or max(n, 1) <= last)
        ]
        if inside:
            found.append((first, last, inside))
    return found


def check_references(sources: int, references: int) -> None:
    """Refuse references that are not one a source.

    Raises:
        DataError: Both counts.
    """
    if sources != references or not references:
        raise DataError(
            f"the input has {counted(sources, 'line')} and --ref has {references:,}",
            "Line n of --ref must be what line n of the input should become.",
        )


def scored(
    run: str,
    translations: Sequence[str],
    references: Sequence[str],
    *,
    lengths: Sequence[int],
    config: TranslateConfig,
    seconds: float,
) -> TranslateResult:
    """How good translations are, as a whole and by the length of their sources.

    Args:
        run: What translated.
        translations: One a source (N).
        references: What they should be (N).
        lengths: Each source's tokens (N); none leaves out the scores by length.
        config: How they were found, and how BLEU finds words.
        seconds: How long that took.

    Raises:
        DataError: There are not as many references as translations, or there are none.
    """
    check_references(len(translations), len(references))
    words = config.bleu_tokenize or bleu_tokenizer(references)
    whole = _scores(translations, references, words)
    bleu, chrf = (corpus_score(metric, translations, references, words) for metric in ("BLEU", "chrF"))
    return TranslateResult(
        run=run,
        sentences=len(references),
        beam=config.beam,
        length_penalty=config.length_penalty,
        **whole,
        signature_bleu=bleu.signature,
        signature_chrf=chrf.signature,
        by_length=[
            LengthBucket(
                from_=first,
                to=last,
                sentences=len(inside),
                **_scores([translations[i] for i in inside], [references[i] for i in inside], words),
            )
            for first, last, inside in (buckets(lengths) if lengths else ())
        ],
        sentences_per_second=len(references) / seconds if seconds else 0.0,
    )


def _scores(
    translations: Sequence[str], references: Sequence[str], words: BleuTokenizer
) -> dict[str, object]:
    """BLEU and chrF with their intervals (0 to 100), and the share that is exactly right (0 to 1)."""
    found: dict[str, object] = {"exact_match": corpus_score("exact_match", translations, references).value}
    for metric in ("BLEU", "chrF"):
        found[metric.lower()] = corpus_score(metric, translations, references, words).value
        counts = np.asarray(statistics(metric, translations, references, words), dtype=np.float64)
        interval = corpus_interval(counts, from_statistics(metric))
        found[f"{metric.lower()}_ci95"] = interval and (interval.low, interval.high)
    return found


def score_warnings(references: Sequence[str], config: TranslateConfig) -> list[str]:
    """What makes a score meaningless: words looked for between blanks that the script does not write."""
    wanted = bleu_tokenizer(references)
    if wanted == "13a" or config.bleu_tokenize not in ("13a", "intl", "none"):
        return []
    told = f"--bleu-tokenize {config.bleu_tokenize}"
    return [
        f"{told} takes whole lines for words where a script writes no blanks: {wanted} is for this script"
    ]


def built_in_plan(pair: str | None) -> TrainPlan:
    """The training of the translator that is there without a run: the built-in task, all defaults.

    Raises:
        UsageError: There is no such pair.
    """
    task = TASKS.get("translation")
    values = {"model": "seq2seq", "task": task.name, "pair": pair or PAIR, "device": "cpu"}
    prefers = select(from_values(architecture("seq2seq").defaults, "model"), TrainConfig.model_fields)
    merged = merge(from_values(values, ""), from_values(task.defaults, "task"), prefers)
    return plan_training(TrainConfig.model_validate({key: setting.value for key, setting in merged.items()}))


def about_built_in(planned: TrainPlan) -> list[str]:
    """What that translator is good for, and what not."""
    return [
        f"No run was given. {planned.prepared.facts.source}: the built-in translator knows",
        f"{TASKS.get('translation').page.summary}.",
        "It knows no free text: for that, train one on pairs of your own.",
    ]


def built_in_folder(planned: TrainPlan) -> Path:
    """Where that translator is kept: in the cache, named by all that decides it."""
    identity = json.dumps(planned.leg.leg.model_dump(mode="json"), sort_keys=True)
    digest = hashlib.sha256(identity.encode()).hexdigest()[:12]
    return default_cache().root.parent / "translators" / f"{planned.prepared.name}-{digest}"


def is_trained(folder: Path) -> bool:
    """Whether a translator is there and finished."""
    return folder.is_dir() and RunDirectory.open(folder).status().state == "done"


def train_built_in(
    planned: TrainPlan, folder: Path, should_stop: Callable[[], bool]
) -> Generator[Event, None, TrainResult]:
    """Train it, or go on where it was stopped.

    Raises:
        StoppedError: A stop was asked for; the same command continues.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    return (yield from train(planned, folder, overwrite=False, should_stop=should_stop))
