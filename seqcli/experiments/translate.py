"""`seqcli translate` as records: translations, scores against references, and a run of its own."""

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqcli.config.layers import from_values, merge, select
from seqcli.data.cache import Cache, default_cache, spare_cache
from seqcli.data.pair_scores import (
    BleuTokenizer,
    bleu_tokenizer,
    check_bleu_tokenizer,
    corpus_score,
    fitting_tokenizer,
    from_statistics,
    statistics,
)
from seqcli.data.task import TASKS
from seqcli.errors import DataError, StorageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.legs import resolve_device
from seqcli.experiments.train import TrainPlan, plan_training, train
from seqcli.experiments.use_config import TranslateConfig
from seqcli.models.architecture import architecture
from seqcli.results.events import Event, Note
from seqcli.results.line_answers import ScoredText, TranslatedText
from seqcli.results.train import TrainResult
from seqcli.results.translate import BuiltInPair, LengthBucket, TranslateResult
from seqcli.results.wording import counted
from seqcli.runs.directory import RunDirectory
from seqcli.runs.storage import storage_faults
from seqcli.statistics.own_score import corpus_interval
from seqcli.tasks.translation import PAIR
from seqcli.training.process import settle_process
from seqcli.training.translator import Translator as Translator  # noqa: PLC0414 - commands have the type from here
from seqcli.training.translator import TranslatorOutput

EDGES = (5, 10, 20, 40, 80, 160, 320, 640)
"""The last length of each bucket but the longest."""


@dataclass(frozen=True)
class Scored:
    """Translations beside their scores.

    Attributes:
        translations: The best of each text (N).
        result: Their scores against references.
    """

    translations: list[str]
    result: TranslateResult


def open_translator(folder: Path, config: TranslateConfig) -> Translator:
    """Return a run's translator on the device, in the threads and batches that the configuration says.

    Raises:
        RunError: It is no finished run of a seq2seq model.
        UsageError: The device is not there.
    """
    translator = Translator.open(folder, resolve_device(config.device))
    translator.batch_size = config.batch_size
    settle_process(config.threads)
    return translator


def translated(
    translator: Translator, blocks: Iterable[Sequence[str]], config: TranslateConfig
) -> Iterator[TranslatedText]:
    """Yield the translations of each text, in order, as soon as its block is done."""
    number = 0
    for block in blocks:
        for outputs in translator.translate(block, config, replace_unk=config.replace_unk):
            number += 1
            yield _translated_text(number, outputs)


def _translated_text(number: int, outputs: Sequence[TranslatorOutput]) -> TranslatedText:
    best = [ScoredText(text=output.text, score=output.score) for output in outputs]
    return TranslatedText(line=number, translations=best)


SCORED_TOGETHER = 1024
"""Texts translated together: enough for batches of one length; a stop can say how many groups are done."""


def translate_and_score(
    translator: Translator,
    pairs: Sequence[tuple[str, str]],
    config: TranslateConfig,
    *,
    run: str,
    by_length: bool,
    answer: Callable[[Sequence[str]], object] = lambda _: None,
) -> Scored:
    """Return the translations of all texts and their scores against references, timed.

    Args:
        translator: What translates.
        pairs: The sources, each with what it should become (N), at least one.
        config: How translations are looked for, and how BLEU finds words.
        run: What messages and the result call the run.
        by_length: Whether the scores of each range of source lengths are wanted too.
        answer: Takes the translations of each group of texts as soon as they are there.
    """
    texts, references = [source for source, _ in pairs], [reference for _, reference in pairs]
    began = time.perf_counter()
    translations: list[str] = []
    for start in range(0, len(texts), SCORED_TOGETHER):
        group = texts[start : start + SCORED_TOGETHER]
        outputs = translator.translate(group, config, replace_unk=config.replace_unk)
        translations += [best.text for best, *_ in outputs]
        answer(translations[start:])
    seconds = time.perf_counter() - began
    lengths = translator.source_lengths(texts) if by_length else []
    result = scored(run, translations, references, lengths=lengths, config=config, seconds=seconds)
    return Scored(translations, result)


def bleu_words(
    translator: Translator, config: TranslateConfig, references: Sequence[str]
) -> tuple[TranslateConfig, str | None]:
    """The configuration with the words that BLEU counts, and which would fit the references' script better.

    Raises:
        UsageError: What finds the words is not installed.
    """
    words = config.bleu_tokenize or translator.bleu_tokenize
    if words is not None:
        check_bleu_tokenizer(words)
    return config.model_copy(update={"bleu_tokenize": words}), fitting_tokenizer(words, references)


def buckets(lengths: Sequence[int]) -> list[tuple[int, int | None, list[int]]]:
    """The sentences of each range of lengths that has any: first length, last length, which."""
    starts = (1, *(edge + 1 for edge in EDGES))
    ranges = []
    for first, last in zip(starts, (*EDGES, None), strict=True):
        inside = [
            i for i, n in enumerate(lengths) if max(n, 1) >= first and (last is None or max(n, 1) <= last)
        ]
        if inside:
            ranges.append((first, last, inside))
    return ranges


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
    """Return the scores of translations, as a whole and by the length of their sources.

    Args:
        run: What translated.
        translations: One a source (N).
        references: What they should be (N).
        lengths: Each source's tokens (N); none leaves out the scores by length.
        config: How they were found, and how BLEU finds words: none by the references' script.
        seconds: How long that took.

    Raises:
        DataError: There are not as many references as translations, or there are none.
    """
    check_references(len(translations), len(references))
    words = config.bleu_tokenize or bleu_tokenizer(references)
    overall = _scores(translations, references, words)
    bleu, chrf = (corpus_score(metric, translations, references, words) for metric in ("BLEU", "chrF"))
    return TranslateResult(
        run=run,
        sentences=len(references),
        beam=config.beam,
        length_penalty=config.length_penalty,
        **overall,
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
    scores: dict[str, object] = {"exact_match": corpus_score("exact_match", translations, references).value}
    for metric in ("BLEU", "chrF"):
        scores[metric.lower()] = corpus_score(metric, translations, references, words).value
        counts = np.asarray(statistics(metric, translations, references, words), dtype=np.float64)
        interval = corpus_interval(counts, from_statistics(metric))
        scores[f"{metric.lower()}_ci95"] = interval and (interval.low, interval.high)
    return scores


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


def built_in_pair(planned: TrainPlan) -> BuiltInPair:
    """Return what that translator knows."""
    return BuiltInPair(planned.prepared.facts.source, TASKS.get("translation").page.summary)


def built_in_folder(planned: TrainPlan, cache: Cache | None = None) -> Path:
    """Return that translator's folder: in the cache, named by all that decides it."""
    root = (cache or default_cache()).root.parent
    return root / "translators" / f"{planned.prepared.name}-{planned.leg.digest}"


def cache_warnings() -> list[str]:
    """That the usual cache cannot be used, where it cannot."""
    warning = default_cache().warning
    return [] if warning is None else [warning]


def is_trained(folder: Path) -> bool:
    """Return whether a translator is there and finished."""
    return folder.is_dir() and RunDirectory.open(folder).status().state == "done"


def train_built_in(
    planned: TrainPlan, folder: Path, should_stop: Callable[[], bool]
) -> Generator[Event, None, TrainResult]:
    """Train it, or go on where it was stopped; where the cache takes no more, among temporary files.

    Returns:
        What it reached; its `run` is the folder that it is kept in.

    Raises:
        StoppedError: A stop was asked for; the same command continues.
        StorageError: There is no room among temporary files either.
    """
    try:
        with storage_faults(folder):
            folder.parent.mkdir(parents=True, exist_ok=True)
        return (yield from train(planned, folder, overwrite=False, should_stop=should_stop))
    except StorageError as error:
        spare = spare_cache()
        place = None if spare is None else built_in_folder(planned, spare)
        if place is None or place == folder:
            raise
        yield Note(subject="translator moved", values={"place": str(place), "reason": error.message})
        return (yield from train_built_in(planned, place, should_stop))
