"""Tasks that turn one sequence into another: a new one says only where its pairs come from."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from seqcli.data import data_words
from seqcli.data.arrays import ArrayWriter, TextWriter
from seqcli.data.cache import Cache
from seqcli.data.cells import MAX_TEXT, are_series, refuse_numbers
from seqcli.data.config import DataConfig
from seqcli.data.corpus import TableCorpus
from seqcli.data.encoded import WholeTexts
from seqcli.data.facts import DataFacts
from seqcli.data.pair_scores import (
    BY_WORDS,
    BleuTokenizer,
    bleu_tokenizer,
    check_bleu_tokenizer,
    fitting_tokenizer,
)
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.pairs import PairColumns, PairDivision, Pairs, divide_pairs, read_pairs
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.task import Task
from seqcli.data.text_preparation import LONGEST_BY_DEFAULT, doubts
from seqcli.data.tokenizer import SPECIALS, UNK, encoding_versions, recipe_of
from seqcli.errors import UsageError
from seqcli.runs.temporary import remove_tree

_FORMAT = 4
"""Raised when the same corpus and configuration shall give other files."""


@dataclass(frozen=True, kw_only=True)
class PairCorpus(TableCorpus[PairColumns]):
    """Pairs before anything is decided about them.

    Args:
        metric: What translations are scored by unless a person says otherwise.
    """

    metric: str = "BLEU"


class PairTask(Task):
    """A task that turns one sequence into another."""

    kind: ClassVar[str] = "translate"
    reads: ClassVar[frozenset[str]] = frozenset(
        {"metric", "bleu_tokenize", "lowercase", "split", "split_seed"}
    )

    @abstractmethod
    def pairs(self, config: DataConfig) -> PairCorpus:
        """The pairs under a configuration; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The pairs as ids, from the cache or newly encoded; raises as `Task.prepare`."""
        corpus = self.pairs(config)
        if recipe_of(config.tokenizer).whole is None:
            raise UsageError(
                f"--tokenizer {config.tokenizer} writes no text, and {corpus.name} asks for one",
                "Say --tokenizer word, char or bpe.",
            )
        check_scoring(config, corpus)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            "corpus": [corpus.sha256, corpus.source, corpus.columns.source, corpus.columns.target],
            "guessed": corpus.columns.guessed,
            "metric": config.metric or corpus.metric,
            "tables": {part: Path(table.name).name for part, table in corpus.tables.items()},
            "config": {
                **config.deciding,
                "vocabulary": config.vocabulary,
                "bleu_tokenize": config.bleu_tokenize,
            },
            **encoding_versions(),
        }
        return self.obtain(cache, key, lambda folder: build_pairs(corpus, config, folder))


def check_scoring(config: DataConfig, corpus: PairCorpus) -> None:
    """Refuse a way to find words where nothing is scored by words, or that this machine lacks.

    Raises:
        UsageError: What to drop, or what to install.
    """
    metric = config.metric or corpus.metric
    if config.bleu_tokenize is None:
        return
    if metric not in BY_WORDS:
        raise UsageError(
            f"--bleu-tokenize does not apply to {metric}, by which {corpus.name} is scored",
            "Leave it out, or add --metric BLEU.",
        )
    check_bleu_tokenizer(config.bleu_tokenize)


def build_pairs(corpus: PairCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Raises:
        DataError: A table cannot be read or learnt from.
        OSError: The folder cannot be written.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    parts = {part: read_pairs(table, corpus.columns, scratch, part) for part, table in corpus.tables.items()}
    train = parts["train"]
    if config.tokenizer == "word":
        refuse_numbers(train.targets, train.table.name, corpus.columns.target, "--target-column")
    series = [data_words.series_as_pairs()] if are_series(train.source_texts(), train.target_texts()) else []
    division = divide_pairs(parts, SplitRule.of(config))
    train = division.splits["train"]
    tokenizer, total = PairTokenizer.train(
        config.tokenizer,
        (train.source_texts, train.target_texts),
        vocab_size=config.vocab_size,
        joint=config.vocabulary == "joint",
        lowercase=bool(config.lowercase),
    )
    sizes = _encode(division, tokenizer, config.max_len, folder)
    metric = config.metric or corpus.metric
    words = config.bleu_tokenize or bleu_tokenizer(train.target_texts())
    fitting = fitting_tokenizer(config.bleu_tokenize, train.target_texts())
    remove_tree(scratch)
    record = PreparedRecord(
        name=corpus.name,
        kind="translate",
        vocab_size=tokenizer.source.vocab_size,
        output_size=tokenizer.target.vocab_size,
        max_len=sizes.max_len,
        tokenizer=config.tokenizer,
        metric=metric,
        bleu_tokenize=words if metric in BY_WORDS else "",
    )
    facts = _facts(corpus, parts, division, sizes)
    facts = facts.model_copy(
        update={
            "warnings": (
                *facts.warnings,
                *_score_warnings(config, fitting),
                *([data_words.series_as_pairs()] if series else []),
            ),
            "unit": recipe_of(config.tokenizer).unit,
            "vocabulary_kept": record.vocab_size - len(SPECIALS),
            "vocabulary_total": total,
        }
    )
    seal(folder, record, facts, tokenizer.save(config.tokenizer))


def _score_warnings(config: DataConfig, fitting: BleuTokenizer | None) -> list[str]:
    """That BLEU looks for blanks where a script writes none, which makes it meaningless."""
    if fitting is None:
        return []
    return [data_words.whole_lines_as_words(str(config.bleu_tokenize), fitting)]


@dataclass(frozen=True)
class PairSizes:
    """The sizes of pairs, counted in encoding.

    Args:
        counts: Pairs kept, by split.
        lengths: Source tokens of all pairs before cutting.
        max_len: The most tokens of a side.
        dropped: Training pairs left out because a side is longer.
        cut: Validation and test pairs with a side that was cut.
        unknown: The share of source tokens without an id of their own, by split.
        unknown_targets: The share of target tokens without one, by split.
    """

    counts: dict[str, int]
    lengths: np.ndarray[tuple[int], np.dtype[np.int64]]
    max_len: int
    dropped: int
    cut: int
    unknown: dict[str, float]
    unknown_targets: dict[str, float]


def _encode(division: PairDivision, tokenizer: PairTokenizer, max_len: int | None, folder: Path) -> PairSizes:
    """Write ids and texts of every split.

    Training pairs with a side beyond `max_len` are left out: half a sentence is no translation of a whole
    one. Of the others' ids the beginning is kept; their texts stay whole, and with them what is scored.
    """
    sides = {}
    for split, pairs in division.splits.items():
        texts = ((pairs.source_texts(), tokenizer.source), (pairs.target_texts(), tokenizer.target))
        sides[split] = [
            WholeTexts.encode(each, spelt, folder / "scratch" / f"{split}.{number}.ids.npy")
            for number, (each, spelt) in enumerate(texts)
        ]
    longest = max(int(side.lengths.max()) for side in sides["train"])
    longest_kept = max_len or min(-(-longest // 10) * 10, LONGEST_BY_DEFAULT)
    counts, beyond = {}, {}
    for split, (source, target) in sides.items():
        long = (source.lengths > longest_kept) | (target.lengths > longest_kept)
        chosen = np.flatnonzero(~long) if split == "train" and not long.all() else np.arange(len(long))
        counts[split], beyond[split] = len(chosen), int(long.sum())
        for name, side in (("source", source), ("target", target)):
            _write_ids(side, chosen, folder / f"{split}.{name}", longest_kept)
        _write_texts(division.splits[split], chosen, folder, split)
    return PairSizes(
        counts=counts,
        lengths=np.concatenate([source.lengths for source, _ in sides.values()]),
        max_len=longest_kept,
        dropped=len(division.splits["train"]) - counts["train"],
        cut=beyond["valid"]
        + beyond["test"]
        + (beyond["train"] if counts["train"] == len(division.splits["train"]) else 0),
        unknown={split: float(np.mean(source.ids == UNK)) for split, (source, _) in sides.items()},
        unknown_targets={split: float(np.mean(target.ids == UNK)) for split, (_, target) in sides.items()},
    )


def _write_ids(
    whole: WholeTexts, chosen: np.ndarray[tuple[int], np.dtype[np.int64]], path: Path, max_len: int
) -> None:
    starts = np.concatenate([[0], np.cumsum(whole.lengths)])
    lengths = np.minimum(whole.lengths[chosen], max_len)
    with ArrayWriter(path.with_name(f"{path.name}.ids.npy"), np.int32) as writer:
        for place, length in zip(starts[chosen].tolist(), lengths.tolist(), strict=True):
            writer.append(whole.ids[place : place + length])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    np.save(path.with_name(f"{path.name}.offsets.npy"), offsets)


def _write_texts(
    pairs: Pairs, chosen: np.ndarray[tuple[int], np.dtype[np.int64]], folder: Path, split: str
) -> None:
    with TextWriter(folder, split) as sources, TextWriter(folder, f"{split}.target") as targets:
        for i in pairs.indices[chosen].tolist():
            sources.append(pairs.sources[i])
            targets.append(pairs.targets[i])


def _facts(
    corpus: PairCorpus, parts: Mapping[str, Pairs], division: PairDivision, sizes: PairSizes
) -> DataFacts:
    """Return the facts of the pairs, apart from their vocabulary."""
    empty = sum(part.empty for part in parts.values())
    shortened = sum(part.shortened for part in parts.values())
    warnings = [*doubts(corpus.tables), *division.warnings]
    if shortened:
        warnings.append(data_words.shortened_texts(shortened, MAX_TEXT))
    if empty:
        warnings.append(data_words.empty_sides(empty))
    if sizes.dropped:
        warnings.append(data_words.long_pairs(sizes.dropped, sizes.max_len))
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        text_column=corpus.columns.source,
        label_column=corpus.columns.target,
        guessed=corpus.columns.guessed,
        head=tuple(dict(row) for row in parts["train"].head),
        read=sum(len(part.sources) + part.empty for part in parts.values()),
        duplicates=division.duplicates,
        empty=empty,
        class_counts={split: {"pairs": sizes.counts[split]} for split in SPLITS},
        length_mean=round(float(sizes.lengths.mean()), 3),
        length_p95=float(np.percentile(sizes.lengths, 95)),
        length_max=int(sizes.lengths.max()),
        max_len=sizes.max_len,
        cut=sizes.cut,
        unknown=sizes.unknown,
        unknown_targets=sizes.unknown_targets,
        warnings=tuple(warnings),
    )
