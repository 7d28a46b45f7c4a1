"""Tasks that put whole texts into classes: from labelled texts to prepared data."""

import unicodedata
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seqcli.data import data_words
from seqcli.data.arrays import TextWriter
from seqcli.data.cache import Cache
from seqcli.data.cells import MAX_TEXT, count_numbers, refuse_numbers
from seqcli.data.class_scores import MOST_CLASSES, SHARES
from seqcli.data.columns import Columns
from seqcli.data.config import DataConfig
from seqcli.data.encoded import EncodedTexts, WholeTexts
from seqcli.data.examples import LabelledTexts, read_examples
from seqcli.data.facts import DataFacts
from seqcli.data.kind import KINDS
from seqcli.data.labels import most_frequent
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.tables import NumberedRow, Table
from seqcli.data.task import Task
from seqcli.data.text_split import Chosen, Division, divide
from seqcli.data.tokenizer import SPECIALS, Trained, recipe_of
from seqcli.errors import UsageError
from seqcli.results.definition import Definition
from seqcli.runs.temporary import remove_tree

LONGEST_BY_DEFAULT = 250
"""The most tokens that are kept of a text when nothing was said."""


@dataclass(frozen=True)
class Corpus:
    """Labelled texts before anything is decided about them.

    Args:
        name: The task's name.
        tables: The table to learn from under 'train', ready-made splits under 'valid' and 'test'.
        columns: Which columns of the tables are read.
        source: What the data is, in words.
        licence: Its licence, where known.
        sha256: The SHA-256 of the tables' source.
        definition: Of a generated task, the published definition that it follows.
    """

    name: str
    tables: Mapping[str, Table]
    columns: Columns
    source: str
    licence: str | None
    sha256: str
    definition: Definition | None = None


def build_texts(corpus: Corpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Raises:
        DataError: A table cannot be read or learnt from.
        OSError: The folder cannot be written.
    """
    scratch = folder / "scratch"
    scratch.mkdir()
    recipe = recipe_of(config.tokenizer)
    lowercase = recipe.lowercases if config.lowercase is None else config.lowercase
    parts = {
        part: read_examples(
            table,
            corpus.columns,
            scratch,
            normalised=partial(recipe.normalised, lowercase=lowercase),
            drop_unlabelled=config.missing_labels == "drop",
        )
        for part, table in corpus.tables.items()
    }
    if config.tokenizer == "word":
        refuse_numbers(parts["train"].texts, parts["train"].table.name, corpus.columns.text, "--text-column")
    division = divide(parts, SplitRule.of(config))
    train = division.splits["train"]
    trained = recipe.train(_texts_of(train), config.vocab_size, lowercase=lowercase)
    lengths = _encode(division, trained, config.max_len, folder)
    for split, chosen in division.splits.items():
        _write_texts(chosen, folder, split)
        np.save(folder / f"{split}.rows.npy", chosen.examples.rows[chosen.indices])
    remove_tree(scratch)
    vocab_size = trained.tokenizer.vocab_size
    record = PreparedRecord(
        name=corpus.name,
        kind="classify",
        labels=division.classes,
        vocab_size=vocab_size,
        output_size=len(division.classes),
        max_len=lengths.max_len,
        tokenizer=config.tokenizer,
        metric=chosen_metric(config.metric, TextTask.kind, division.classes),
    )
    facts = _facts(corpus, parts, division, lengths)
    facts = facts.model_copy(
        update={"warnings": (*facts.warnings, *_mostly_numbers(division, config.tokenizer))}
    ).model_copy(
        update={
            "unit": recipe.unit,
            "vocabulary_kept": vocab_size - len(SPECIALS),
            "vocabulary_total": trained.total,
            "unknown": {split: EncodedTexts.open(folder, split).unknown_share() for split in SPLITS},
        }
    )
    seal(folder, record, facts, trained.tokenizer.save())


def chosen_metric(name: str | None, kind_name: str, classes: Sequence[str]) -> str:
    """The score that a person chose; '' for the usual one, which is then kept as it always was.

    Raises:
        UsageError: There are too many classes for a score that needs the probability of each.
    """
    kind = KINDS.get(kind_name)
    metric = kind.scored_by(name)
    if SHARES in metric.needs and len(classes) > MOST_CLASSES:
        raise UsageError(
            f"--metric {metric.name} needs the probability of every class, which is kept of {MOST_CLASSES} at"
            f" most, and there are {len(classes):,}",
            "Choose accuracy, macro_F1 or balanced_accuracy.",
        )
    return "" if metric is kind.metric else metric.name


def _mostly_numbers(division: Division[LabelledTexts], tokenizer: str) -> Iterator[str]:
    """A caution where words are read and most of the training texts are numbers."""
    texts = division.splits["train"]
    if tokenizer == "word":
        numbers = count_numbers(_texts_of(texts))
        if 2 * numbers >= len(texts.indices):
            yield data_words.numbers_among_texts(numbers, len(texts.indices))


@dataclass(frozen=True, eq=False)
class Lengths:
    """The lengths of the texts, in tokens.

    Args:
        all: The length of every text of all splits before cutting (N).
        max_len: How many tokens are kept.
    """

    all: NDArray[np.int64]
    max_len: int


def _encode(
    division: Division[LabelledTexts], trained: Trained, max_len: int | None, folder: Path
) -> Lengths:
    """Write the ids of every split, cut at `max_len` or where the training texts end."""
    whole = {
        split: WholeTexts.encode(
            _texts_of(chosen), trained.tokenizer, folder / "scratch" / f"{split}.ids.npy"
        )
        for split, chosen in division.splits.items()
    }
    longest = int(whole["train"].lengths.max())
    longest_kept = max_len or min(-(-longest // 10) * 10, LONGEST_BY_DEFAULT)
    for split, encoded in whole.items():
        encoded.write(folder, split, targets=division.splits[split].targets, max_len=longest_kept)
    return Lengths(np.concatenate([encoded.lengths for encoded in whole.values()]), longest_kept)


def doubts(tables: Mapping[str, Table]) -> list[str]:
    """Return the doubts about the names of the tables' columns: they look like data."""
    return [table.doubt.removesuffix(".") for table in tables.values() if table.doubt]


def _texts_of(chosen: Chosen[LabelledTexts]) -> Iterator[str]:
    """The texts chosen, one by one."""
    return chosen.examples.texts.picked(chosen.indices)


def _write_texts(chosen: Chosen[LabelledTexts], folder: Path, split: str) -> None:
    with TextWriter(folder, split) as writer:
        for text in _texts_of(chosen):
            writer.append(text)


def _facts(
    corpus: Corpus, parts: Mapping[str, LabelledTexts], division: Division[LabelledTexts], lengths: Lengths
) -> DataFacts:
    """Return the facts of the texts, apart from their vocabulary."""
    counts = {split: chosen.class_counts(division.classes) for split, chosen in division.splits.items()}
    majority = most_frequent(counts["train"])
    shortened = sum(part.shortened for part in parts.values())
    warnings = [*doubts(corpus.tables), *division.warnings]
    warnings += [
        data_words.unlabelled_rows(part.unlabelled, len(part) + part.unlabelled, part.table.name)
        for part in parts.values()
        if part.unlabelled
    ]
    if shortened:
        warnings.append(data_words.shortened_texts(shortened, MAX_TEXT))
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        text_column=corpus.columns.text,
        label_column=corpus.columns.label,
        guessed=corpus.columns.guessed,
        head=tuple(dict(row) for row in parts["train"].head),
        read=sum(len(part) for part in parts.values()),
        duplicates=division.duplicates,
        conflicting=division.conflicting,
        groups=dict(division.groups),
        group_column=corpus.columns.group or "",
        empty=sum(part.empty for part in parts.values()),
        class_counts=counts,
        majority_label=majority,
        majority_share=counts["test"][majority] / sum(counts["test"].values()),
        length_mean=round(float(lengths.all.mean()), 3),
        length_p95=float(np.percentile(lengths.all, 95)),
        length_max=int(lengths.all.max()),
        max_len=lengths.max_len,
        cut=int(np.count_nonzero(lengths.all > lengths.max_len)),
        definition=corpus.definition,
        warnings=tuple(warnings),
    )


_FORMAT = 4
"""Raised when the same corpus and configuration shall give other files."""


class TextTask(Task):
    """A task that puts a whole text into one of several classes."""

    kind: ClassVar[str] = "classify"
    reads: ClassVar[frozenset[str]] = frozenset(
        {"lowercase", "metric", "split", "split_seed", "folds", "fold", "vectors", "vectors_frozen"}
    )

    @abstractmethod
    def corpus(self, config: DataConfig) -> Corpus:
        """The labelled texts under a configuration.

        Raises:
            DataError: They cannot be read.
            UsageError: The configuration does not fit, or an extra is missing.
        """

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The texts as ids, from the cache or newly encoded.

        Raises:
            DataError: The texts cannot be read or learnt from.
            UsageError: The configuration does not fit, or an extra is missing.
            StorageError: The cache cannot be written.
        """
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            "task": self.model_dump(mode="json"),
            "corpus": [corpus.sha256, corpus.source, corpus.columns.text, corpus.columns.label],
            "guessed": corpus.columns.guessed,
            "tables": {part: Path(table.name).name for part, table in corpus.tables.items()},
            "config": {**config.deciding, **({"metric": config.metric} if config.metric else {})},
            "tokenizers": version("tokenizers"),
            "unicode": unicodedata.unidata_version,
        }
        return cache.obtain(key, build=lambda folder: build_texts(corpus, config, folder), read=Prepared.open)


def selected(
    table: Table, rewrite: Callable[[tuple[str, ...]], tuple[str, str] | None], reading: tuple[str, ...]
) -> Table:
    """A table of texts and labels made of another table's rows.

    Args:
        table: The other table.
        rewrite: Turns a row's cells into text and label, or into None where the row is not wanted.
        reading: The columns whose cells it takes.
    """

    def read(columns: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, cells in table.read(reading):
            rewritten = rewrite(tuple(str(cell) for cell in cells))
            if rewritten is not None:
                values = dict(zip(("text", "label"), rewritten, strict=True))
                yield number, tuple(values[name] for name in columns)

    return Table(table.name, ("text", "label"), read, table.sha256, table.unit)
