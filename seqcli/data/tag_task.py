"""Tasks that label every word of a sentence: a new one says only where its sentences come from."""

import unicodedata
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar

import numpy as np

from seqcli.data import data_words
from seqcli.data.arrays import TextWriter
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.encoded_sentences import spells_entities
from seqcli.data.encoded_steps import EncodedSteps, write_steps
from seqcli.data.facts import DataFacts
from seqcli.data.kind import KINDS
from seqcli.data.labelled_rows import LabelledData, LabelledRow
from seqcli.data.labels import class_order, most_frequent
from seqcli.data.own_data import combined_sha256
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.repeats import once, refuse_repeats
from seqcli.data.split import SplitRule, stratified_split
from seqcli.data.tagged import Sentence, TaggedFile
from seqcli.data.task import Task, TaskPage
from seqcli.data.tokenizer import SPECIALS, UNK, Tokenizer, own_words
from seqcli.errors import DataError, UsageError

_FORMAT = 1
"""Raised when the same corpus and configuration shall give other files."""


@dataclass(frozen=True)
class TagCorpus:
    """Labelled sentences before anything is decided about them.

    Args:
        name: The task's name.
        parts: The sentences to learn from under 'train', ready-made splits under 'valid' and 'test'.
        files: What messages call each part.
        source: What the data is, in words.
        licence: Its licence, where known.
        sha256: The SHA-256 of its source.
    """

    name: str
    parts: Mapping[str, Sequence[Sentence]]
    files: Mapping[str, str]
    source: str
    licence: str | None
    sha256: str


class TagTask(Task):
    """A task that labels every word of a sentence."""

    kind: ClassVar[str] = "tag"
    reads: ClassVar[frozenset[str]] = frozenset({"metric", "lowercase", "split", "split_seed"})

    @abstractmethod
    def corpus(self, config: DataConfig) -> TagCorpus:
        """The labelled sentences under a configuration.

        Raises:
            DataError: They cannot be read.
            UsageError: The configuration does not fit, or a package is missing.
        """

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The sentences as ids, from the cache or newly encoded.

        Raises:
            DataError: The sentences cannot be read or learnt from.
            UsageError: The configuration does not fit, or a package is missing.
            StorageError: The cache cannot be written.
        """
        if config.tokenizer != DataConfig.model_fields["tokenizer"].default:
            raise UsageError(
                f"--tokenizer {config.tokenizer} would cut words, and labels belong to whole words",
                "Leave it out: the words are those of the file.",
            )
        corpus = self.corpus(config)
        key = {
            "format": _FORMAT,
            "task": self.model_dump(mode="json"),
            "kind": self.kind,
            "corpus": [corpus.sha256, corpus.source],
            "files": {part: Path(name).name for part, name in corpus.files.items()},
            "columns": [config.text_column, config.label_column],
            "metric": config.metric,
            "config": config.deciding,
            "tokenizers": version("tokenizers"),
            "unicode": unicodedata.unidata_version,
        }
        return cache.obtain(
            key, build=lambda folder: build_sentences(corpus, config, folder), read=Prepared.open
        )


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
        places = {"train": config.location, "valid": config.valid, "test": config.test}
        files = {part: TaggedFile(place, config) for part, place in places.items() if place is not None}
        hashes = {part: file.content.sha256() for part, file in files.items()}
        return TagCorpus(
            name=self.name,
            parts={part: file.sentences() for part, file in files.items()},
            files={part: file.name for part, file in files.items()},
            source=", ".join(dict.fromkeys(Path(file.name).name for file in files.values())),
            licence=None,
            sha256=combined_sha256(hashes),
        )

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> LabelledData:
        """The sentences of one file, their words with blanks between.

        Raises:
            DataError: It cannot be read, lacks a label, or has one that is none of the run's.
            UsageError: It is a folder, pipe or device.
        """
        file = TaggedFile(str(config.location), config)
        sentences = file.sentences()
        _refuse_new_labels(sentences, file.name, labels)
        _refuse_blanks(sentences, file.name)
        rows = [
            LabelledRow(sentence.line, " ".join(sentence.words), list(sentence.labels))
            for sentence in sentences
        ]
        return LabelledData(file.name, "line", {}, (), 0, lambda: iter(rows))


@dataclass(frozen=True)
class _Divided:
    """The three splits, and what was lost on the way."""

    splits: Mapping[str, Sequence[Sentence]]
    labels: tuple[str, ...]
    read: int
    duplicates: int
    conflicting: int
    warnings: tuple[str, ...]


def divide_sentences(corpus: TagCorpus, rule: SplitRule) -> _Divided:
    """The splits of the sentences read; missing ones are taken off the training sentences, by seed.

    A sentence that repeats an earlier one's words is dropped before that, so that none is in two splits;
    ready-made splits stay as they are.

    Raises:
        DataError: There are not two labels, too few sentences, or a ready-made split has a label that
            training lacks.
    """
    rule.check(corpus.files)
    missing = [name for name in ("valid", "test") if name not in corpus.parts]
    parts, train, dropped, conflicting = _unrepeated(corpus, rule)
    labels = class_order(label for sentence in train for label in sentence.labels)
    if len(labels) < 2:
        raise DataError(
            f"{corpus.files['train']}: every word has the label {labels[0]!r}",
            "There is only one; is this the label's column? Say another with --label-column N.",
        )
    for part in parts.keys() - {"train"}:
        _refuse_new_labels(parts[part], corpus.files[part], labels)
    # In an order of their own, so that the order of the file plays no part.
    ordered = (
        sorted(train, key=lambda sentence: (sentence.words, sentence.labels)) if missing else list(train)
    )
    places = stratified_split(
        np.zeros(len(ordered), np.int64), seed=rule.seed, fractions=rule.with_missing(missing)
    )
    splits = {
        name: [ordered[place] for place in sentences] for name, sentences in zip(SPLITS, places, strict=True)
    }
    if rule.duplicates == "keep" and missing:
        splits = {name: _with_repeats(sentences, parts["train"]) for name, sentences in splits.items()}
    splits |= {part: list(sentences) for part, sentences in parts.items() if part != "train"}
    for name, sentences in splits.items():
        if not sentences:
            raise DataError(
                f"{corpus.files['train']}: {len(train)} different sentences are too few to take a {name}"
                " split from",
                "Ten or more let validation and test have one each.",
            )
    return _Divided(
        splits=splits,
        labels=labels,
        read=sum(map(len, corpus.parts.values())),
        duplicates=dropped,
        conflicting=conflicting,
        warnings=(*_unlearnt(splits, labels), *_shared(parts), *_repeated(splits)),
    )


def _unrepeated(
    corpus: TagCorpus, rule: SplitRule
) -> tuple[Mapping[str, Sequence[Sentence]], list[Sentence], int, int]:
    """Return the splits, the training sentences that are divided, how many are dropped, how many contradict.

    Raises:
        DataError: Sentences repeat another, and the rule refuses them.
    """
    parts = corpus.parts
    missing = [name for name in ("valid", "test") if name not in parts]
    words = {name: [sentence.words for sentence in part] for name, part in parts.items()}
    labels = {name: [sentence.labels for sentence in part] for name, part in parts.items()}
    if rule.duplicates == "error":
        refuse_repeats(words, labels, lambda name, n: f"{corpus.files[name]}, line {parts[name][n].line}")
    if rule.duplicates == "drop":
        left = once(words, labels)
        parts = {name: [parts[name][place] for place in places] for name, places in left.rows.items()}
        return parts, list(parts["train"]), left.dropped, left.conflicting
    if not missing:
        return parts, list(parts["train"]), 0, 0
    train, dropped, conflicting = _distinct(parts["train"])
    return (parts, train, 0, 0) if rule.duplicates == "keep" else (parts, train, dropped, conflicting)


def _with_repeats(sentences: Sequence[Sentence], every: Sequence[Sentence]) -> list[Sentence]:
    """All sentences of the words of some, in an order of their own."""
    words = {sentence.words for sentence in sentences}
    same = [sentence for sentence in every if sentence.words in words]
    return sorted(same, key=lambda sentence: (sentence.words, sentence.labels))


def _repeated(splits: Mapping[str, Sequence[Sentence]]) -> Iterator[str]:
    """A sentence for each split that holds sentences of the same words."""
    for name, sentences in splits.items():
        _, repeated, conflicting = _distinct(sentences)
        if repeated:
            yield data_words.repeated_sentences(repeated, len(sentences), name, conflicting=conflicting)


def _distinct(sentences: Sequence[Sentence]) -> tuple[list[Sentence], int, int]:
    """The first of each sentence of the same words, how many others there were, and of those other labels."""
    first_of: dict[tuple[str, ...], Sentence] = {}
    conflicting = 0
    for sentence in sentences:
        first = first_of.setdefault(sentence.words, sentence)
        conflicting += first.labels != sentence.labels
    return list(first_of.values()), len(sentences) - len(first_of), conflicting


def _refuse_new_labels(sentences: Sequence[Sentence], name: str, labels: Sequence[str]) -> None:
    """Refuse a ready-made split with a label that nothing teaches.

    Raises:
        DataError: Where the first such label stands.
    """
    known = set(labels)
    for sentence in sentences:
        for label in sentence.labels:
            if label not in known:
                shown = ", ".join(labels[:10]) + (", …" if len(labels) > 10 else "")
                raise DataError(
                    f"{name}, sentence at line {sentence.line}: the label {label!r} does not occur in the"
                    " training data",
                    f"Its labels: {shown}.",
                )


def _refuse_blanks(sentences: Sequence[Sentence], name: str) -> None:
    """Refuse words that would be parted where a run reads a text.

    Raises:
        DataError: Where the first such word stands.
    """
    for sentence in sentences:
        for word in sentence.words:
            if word.split() != [word]:
                raise DataError(
                    f"{name}, sentence at line {sentence.line}: the word {word!r} holds a blank",
                    "A run reads blanks as the ends of words; give the file without such words.",
                )


def _unlearnt(splits: Mapping[str, Sequence[Sentence]], labels: Sequence[str]) -> Iterator[str]:
    """A sentence where a label fell to a split without one of its kind in training."""
    learnt = {label for sentence in splits["train"] for label in sentence.labels}
    lost = [label for label in labels if label not in learnt]
    if lost:
        yield data_words.unlearnt_labels(lost)


def _shared(parts: Mapping[str, Sequence[Sentence]]) -> Iterator[str]:
    """A sentence for each ready-made split that shares sentences with training."""
    trained = {sentence.words for sentence in parts["train"]}
    for name in ("valid", "test"):
        sentences = parts.get(name, ())
        shared = sum(sentence.words in trained for sentence in sentences)
        if shared:
            yield data_words.overlap(shared, len(sentences), name, called="sentences")


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
    for name, sentences in divided.splits.items():
        _write(
            sentences,
            divided.labels,
            tokenizer=trained.tokenizer,
            path=folder / name,
            most=max_len if name == "train" else None,
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
    )
    facts = _facts(corpus, divided, max_len).model_copy(
        update={
            "vocabulary_kept": record.vocab_size - len(SPECIALS),
            "vocabulary_total": trained.total,
            "unknown": {name: _unknown_share(folder, name) for name in SPLITS},
        }
    )
    seal(folder, record, facts, trained.tokenizer.save())


def _write(
    sentences: Sequence[Sentence],
    labels: Sequence[str],
    *,
    tokenizer: Tokenizer,
    path: Path,
    most: int | None,
) -> None:
    """Write a split's ids, answers and words."""
    numbers = {label: number for number, label in enumerate(labels)}
    flat = tokenizer.encode(word for sentence in sentences for word in sentence.words)
    ids = [np.array([next(flat)[0] for _ in sentence.words], np.int32)[:most] for sentence in sentences]
    answers = [
        np.array([numbers[label] for label in sentence.labels[:most]], np.int32) for sentence in sentences
    ]
    write_steps(path.parent, path.name, ids=ids, answers=answers)
    with TextWriter(path.parent, path.name) as writer:
        for sentence in sentences:
            writer.append("\n".join(sentence.words))


def _unknown_share(folder: Path, name: str) -> float:
    return float(np.mean(EncodedSteps.open(folder, name).ids == UNK))


def _facts(corpus: TagCorpus, divided: _Divided, max_len: int) -> DataFacts:
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
