"""Tasks that label every word of a sentence: a new one says only where its sentences come from."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import ClassVar

import numpy as np

from seqcli.data.arrays import TextWriter
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.corpus import own_places
from seqcli.data.encoded import unknown_share
from seqcli.data.encoded_sentences import spells_entities
from seqcli.data.encoded_steps import EncodedSteps, write_steps
from seqcli.data.facts import DataFacts
from seqcli.data.kind import KINDS
from seqcli.data.labelled_rows import LabelledData, LabelledRow
from seqcli.data.labels import most_frequent
from seqcli.data.letters import ALPHABET, Alphabet, WordLetters
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.split import SplitRule
from seqcli.data.stored_sentences import StoredSentences
from seqcli.data.tag_split import (
    DividedSentences,
    TagCorpus,
    divide_sentences,
    refuse_blanks,
    refuse_new_labels,
)
from seqcli.data.tagged import Sentence
from seqcli.data.tagged_lines import tagged_source
from seqcli.data.task import DIVISION, WORD_VECTORS, Task, TaskPage
from seqcli.data.tokenizer import SPECIALS, Tokenizer, encoding_versions, own_words
from seqcli.errors import UsageError

_REMEMBERED = 2**16
"""Words whose ids are kept, the last ones used."""

_FORMAT = 1
"""Raised when the same corpus and configuration shall give other files."""


class TagTask(Task):
    """A task that labels every word of a sentence."""

    kind: ClassVar[str] = "tag"
    reads: ClassVar[frozenset[str]] = (
        frozenset({"lowercase", "metric", "characters"}) | DIVISION | WORD_VECTORS
    )

    @abstractmethod
    def corpus(self, config: DataConfig) -> TagCorpus:
        """The labelled sentences under a configuration; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The sentences as ids, from the cache or newly encoded; raises as `Task.prepare`."""
        if config.tokenizer != DataConfig.model_fields["tokenizer"].default:
            raise UsageError(
                f"--tokenizer {config.tokenizer} would cut words, and labels belong to whole words",
                "Leave it out: the words are those of the file.",
            )
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            **corpus.key(),
            "columns": [config.text_column, config.label_column],
            "metric": config.metric,
            "config": config.deciding,
            **encoding_versions(),
        }
        return self.obtain(cache, key, lambda folder: build_sentences(corpus, config, folder))


class OwnSentences(TagTask):
    """Labelled words that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {"text_column", "label_column", "sep", "kind", "duplicates", *TagTask.reads}
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data("a label for every word, on your own data")

    def corpus(self, config: DataConfig) -> TagCorpus:
        """The files that the configuration names.

        Raises:
            DataError: One cannot be read, or lacks a label.
            UsageError: One is a folder, pipe or device.
        """
        files = {part: tagged_source(place, config) for part, place in own_places(config).items()}
        return TagCorpus.of_own_files(
            self.name,
            {part: StoredSentences(file.sentences()) for part, file in files.items()},
            files={part: file.name for part, file in files.items()},
            hashes={part: file.content.sha256() for part, file in files.items()},
        )

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> LabelledData:
        """The sentences of one file, their words with blanks between.

        Raises:
            DataError: It cannot be read, lacks a label, or has one that is none of the run's.
            UsageError: It is a folder, pipe or device.
        """
        file = tagged_source(str(config.location), config)
        sentences = StoredSentences(file.sentences())
        refuse_new_labels(sentences, file.name, labels)
        refuse_blanks(sentences, file.name)

        def read() -> Iterator[LabelledRow]:
            for sentence in sentences:
                yield LabelledRow(sentence.line, " ".join(sentence.words), list(sentence.labels))

        return LabelledData(file.name, "line", {}, (), 0, read)


def build_sentences(corpus: TagCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Training sentences are cut at `max_len`, where one is given; those of validation and test are read whole,
    for every word of theirs counts.

    Raises:
        DataError: There is nothing to learn.
        UsageError: The metric does not fit the labels.
        OSError: The folder cannot be written.
    """
    divided = divide_sentences(corpus, SplitRule.of(config))
    metric = KINDS.get(TagTask.kind).scored_by(config.metric)
    if metric in KINDS.get(TagTask.kind).metrics[1:] and not spells_entities(divided.labels):
        raise UsageError(
            f"--metric {metric.name} needs labels of entities: B-…, I-… and O",
            f"These are {', '.join(divided.labels[:8])}.",
        )
    train = divided.splits["train"]
    trained = own_words(
        (word for sentence in train for word in sentence.words),
        config.vocab_size,
        lowercase=bool(config.lowercase),
    )
    longest = max(len(sentence.words) for sentence in train)
    max_len = config.max_len or longest
    alphabet = _alphabet(config, train)
    for name, sentences in divided.splits.items():
        _write(
            sentences,
            divided.labels,
            tokenizer=trained.tokenizer,
            path=folder / name,
            most=max_len if name == "train" else None,
            alphabet=alphabet,
        )
    record = PreparedRecord(
        name=corpus.name,
        kind=TagTask.kind,
        labels=divided.labels,
        vocab_size=trained.tokenizer.vocab_size,
        output_size=len(divided.labels),
        max_len=max_len,
        tokenizer=config.tokenizer,
        metric=metric.name,
        reading={} if alphabet is None else {ALPHABET: alphabet.letters},
    )
    facts = _facts(corpus, divided, max_len).model_copy(
        update={
            "vocabulary_kept": record.vocab_size - len(SPECIALS),
            "vocabulary_total": trained.total,
            "unknown": {name: _unknown_share(folder, name) for name in SPLITS},
        }
    )
    seal(folder, record, facts, trained.tokenizer.save())


def _alphabet(config: DataConfig, train: Sequence[Sentence]) -> Alphabet | None:
    """The letters of the training words; None where they are not read."""
    if not config.characters:
        return None
    return Alphabet.of_words(word for sentence in train for word in sentence.words)


def _write(
    sentences: Sequence[Sentence],
    labels: Sequence[str],
    *,
    tokenizer: Tokenizer,
    path: Path,
    most: int | None,
    alphabet: Alphabet | None,
) -> None:
    """Write a split's ids, answers and words, and their letters where those are read."""
    numbers = {label: number for number, label in enumerate(labels)}

    @lru_cache(_REMEMBERED)
    def id_of(word: str) -> int:
        return int(next(tokenizer.encode([word]))[0])

    ids = (np.array([*map(id_of, sentence.words[:most])], np.int32) for sentence in sentences)
    answers = (
        np.array([numbers[label] for label in sentence.labels[:most]], np.int32) for sentence in sentences
    )
    write_steps(path.parent, path.name, ids=ids, answers=answers)
    if alphabet is not None:
        spelt = (word for sentence in sentences for word in sentence.words[:most])
        WordLetters.of(alphabet, spelt).write(path.parent, path.name)
    with TextWriter(path.parent, path.name) as writer:
        for sentence in sentences:
            writer.append("\n".join(sentence.words))


def _unknown_share(folder: Path, name: str) -> float:
    return unknown_share(EncodedSteps.open(folder, name).ids)


def _facts(corpus: TagCorpus, divided: DividedSentences, max_len: int) -> DataFacts:
    """Return the facts of the sentences, apart from their vocabulary."""
    lengths = np.array([len(sentence.words) for name in SPLITS for sentence in divided.splits[name]])
    counts = Counter(label for sentence in divided.splits["train"] for label in sentence.labels)
    majority = most_frequent(counts)
    tested = Counter(label for sentence in divided.splits["test"] for label in sentence.labels)
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        read=divided.read,
        duplicates=divided.duplicates,
        conflicting=divided.conflicting,
        class_counts={name: {"sentences": len(divided.splits[name])} for name in SPLITS},
        majority_label=majority,
        majority_share=tested[majority] / tested.total(),
        called="sentences",
        unit="words",
        length_mean=round(float(lengths.mean()), 3),
        length_p95=float(np.percentile(lengths, 95)),
        length_max=int(lengths.max()),
        max_len=max_len,
        cut=sum(len(sentence.words) > max_len for sentence in divided.splits["train"]),
        warnings=divided.warnings,
    )
