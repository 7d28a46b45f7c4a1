"""Tasks that turn one sequence into another: a new one says only where its pairs come from."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

from seqcli.data import data_words
from seqcli.data.cache import Cache
from seqcli.data.cells import MAX_TEXT, are_series, refuse_numbers
from seqcli.data.config import DataConfig
from seqcli.data.pair_scores import BleuTokenizer, fitting_tokenizer
from seqcli.data.pair_tokenizer import PairTokenizer
from seqcli.data.pairs import PairColumns, Pairs, divide_pairs, read_pairs
from seqcli.data.prepared import Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.task import DIVISION, WORD_VECTORS, Task
from seqcli.data.tokenizer import encoding_versions, plain_pieces_of, recipe_of, vocabulary_facts
from seqcli.data.written_texts import (
    WrittenCorpus,
    WrittenSizes,
    check_written,
    encode_sides,
    words_of,
    written_facts,
)
from seqcli.errors import UsageError
from seqcli.runs.temporary import remove_tree

_FORMAT = 4
"""Raised when the same corpus and configuration shall give other files."""


@dataclass(frozen=True, kw_only=True)
class PairCorpus(WrittenCorpus[PairColumns]):
    """Pairs before anything is decided about them."""


class PairTask(Task):
    """A task that turns one sequence into another."""

    kind: ClassVar[str] = "translate"
    reads: ClassVar[frozenset[str]] = (
        frozenset({"lowercase", "metric", "bleu_tokenize"}) | DIVISION | WORD_VECTORS
    )

    @abstractmethod
    def pairs(self, config: DataConfig) -> PairCorpus:
        """The pairs under a configuration; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The pairs as ids, from the cache or newly encoded; raises as `Task.prepare`."""
        if config.vectors and config.vocabulary == "joint":
            raise UsageError(
                "--vectors are of the words that are read, and --vocabulary joint has one table for both"
                " sides",
                "Say --vocabulary separate.",
            )
        corpus = self.pairs(config)
        check_written(config, corpus)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            **corpus.key(corpus.columns.source, corpus.columns.target),
            "guessed": corpus.columns.guessed,
            "metric": corpus.scored_by(config),
            "config": {
                **config.deciding,
                "vocabulary": config.vocabulary,
                "bleu_tokenize": config.bleu_tokenize,
            },
            **encoding_versions(),
        }
        return self.obtain(cache, key, lambda folder: build_pairs(corpus, config, folder))


def build_pairs(corpus: PairCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Raises:
        DataError: A table cannot be read or learnt from.
        OSError: The folder cannot be written.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    pieces = plain_pieces_of(recipe_of(config.tokenizer), lowercase=bool(config.lowercase))
    parts = {
        part: read_pairs(table, corpus.columns, scratch, pieces=pieces)
        for part, table in corpus.tables.items()
    }
    train = parts["train"]
    if config.tokenizer == "word":
        refuse_numbers(train.targets, train.table.name, corpus.columns.target, "--target-column")
    series = (
        [data_words.series_as_pairs()] if are_series(train.texts("source"), train.texts("target")) else []
    )
    division = divide_pairs(parts, SplitRule.of(config))
    train = division.splits["train"]
    tokenizer, total = PairTokenizer.train(
        config.tokenizer,
        (partial(train.texts, "source"), partial(train.texts, "target")),
        vocab_size=config.vocab_size,
        joint=config.vocabulary == "joint",
        lowercase=bool(config.lowercase),
    )
    sides = {"source": tokenizer.source, "target": tokenizer.target}
    sizes = encode_sides(division.splits, sides, config.max_len, folder)
    words = words_of(config, corpus, train.texts("target"))
    fitting = fitting_tokenizer(config.bleu_tokenize, train.texts("target"))
    remove_tree(scratch)
    record = PreparedRecord(
        name=corpus.name,
        kind="translate",
        vocab_size=tokenizer.source.vocab_size,
        output_size=tokenizer.target.vocab_size,
        max_len=sizes.max_len,
        tokenizer=config.tokenizer,
        metric=corpus.scored_by(config),
        bleu_tokenize=words,
    )
    columns = (corpus.columns.source, corpus.columns.target)
    facts = written_facts(corpus, parts, division, sizes, columns=columns)
    cautions = (*_cautions(parts, sizes), *_score_warnings(config, fitting), *series)
    vocabulary = vocabulary_facts(recipe_of(config.tokenizer), record.vocab_size, total)
    facts = facts.model_copy(update={"warnings": (*facts.warnings, *cautions), **vocabulary})
    seal(folder, record, facts, tokenizer.save(config.tokenizer))


def _score_warnings(config: DataConfig, fitting: BleuTokenizer | None) -> list[str]:
    """That BLEU looks for blanks where a script writes none, which makes it meaningless."""
    if fitting is None:
        return []
    return [data_words.whole_lines_as_words(str(config.bleu_tokenize), fitting)]


def _cautions(parts: Mapping[str, Pairs], sizes: WrittenSizes) -> Iterator[str]:
    """A sentence for each kind of pair that was left out or cut."""
    shortened = sum(part.shortened for part in parts.values())
    empty = sum(part.empty for part in parts.values())
    if shortened:
        yield data_words.shortened_texts(shortened, MAX_TEXT)
    if empty:
        yield data_words.empty_sides(empty)
    if sizes.dropped:
        yield data_words.long_pairs(sizes.dropped, sizes.max_len)
