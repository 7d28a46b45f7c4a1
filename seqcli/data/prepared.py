"""Data ready for training: splits of ids on disk, and all that is known about them."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from seqcli.data import data_words
from seqcli.data.arrays import StoredTexts, checked_against, private_text, read_private_array
from seqcli.data.cache import Cache, DamagedError, default_cache, spare_cache
from seqcli.data.config import DataConfig
from seqcli.data.facts import DataFacts
from seqcli.data.files import sha256
from seqcli.data.first_weights import FILE as FIRST
from seqcli.data.first_weights import FirstWeights
from seqcli.data.kind import KINDS
from seqcli.data.metric import Metric
from seqcli.data.preparation_steps import preparation
from seqcli.data.sequences import SequenceSplit
from seqcli.data.tokenizer import SPECIALS, UNK, Tokenizer
from seqcli.data.tokenizer_json import separate_sides
from seqcli.errors import SeqcliError, StorageError, system_fault
from seqcli.results.record import Record
from seqcli.runs import strict_json

if TYPE_CHECKING:
    from seqcli.data.cut_texts import CutTexts

SPLITS = ("train", "valid", "test")
SCHEMA = "seqcli.prepared/1"

_RECORD = "prepared.json"
_FACTS = "facts.json"
_TOKENIZER = "tokenizer.json"
_MANIFEST = "manifest.json"
_ROWS = ".rows.npy"


@dataclass(frozen=True)
class SavedTokenizer:
    """A tokenizer as prepared data keeps it.

    Args:
        name: Its kind: 'word', 'char', 'bpe'; '' for data without text.
        json: All of it, as `seqcli.data.tokenizer.Tokenizer.load` takes it.
    """

    name: str
    json: str

    @property
    def shared(self) -> bool:
        """Return whether it spells both sides of pairs with the same ids; true of one that knows no sides."""
        return not self.json or separate_sides(self.json) is None


class PreparedRecord(Record):
    """The content of `prepared.json`; see `Prepared` for the fields."""

    schema_: str = Field(default=SCHEMA, alias="schema")
    name: str
    kind: str
    labels: tuple[str, ...] = ()
    vocab_size: int = 0
    input_size: int = 0
    output_size: int
    max_len: int
    tokenizer: str = ""
    metric: str = ""
    bleu_tokenize: str = ""
    quantiles: tuple[float, ...] = ()
    reading: dict[str, object] = Field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Prepared:
    """Data ready for training.

    Args:
        name: The task's name.
        kind: The task's kind: 'classify'.
        metric: What predictions are scored by: 'accuracy'.
        higher_is_better: Whether a greater score is a better one.
        labels: The classes in the order of their numbers; empty where there are none.
        vocab_size: How many ids inputs may hold, 0 where inputs are real vectors.
        input_size: I, the width of real input vectors; 0 where inputs are ids.
        output_size: How many numbers a model puts out for each prediction.
        max_len: The most steps of an input.
        tokenizer: What turned text into ids.
        splits: The data under 'train', 'valid' and 'test'.
        facts: Where it came from and what it is like.
        sha256: The SHA-256 of all that training and testing see.
        folder: Where it lies.
        files: The SHA-256 of each file there, by name.
        bleu_tokenize: How BLEU finds words; '' where nothing is scored by BLEU.
        reading: What the kind of task must remember to read new data as it read this, beside the tokenizer.
        quantiles: Of numbers ahead, those that are answered; none for the numbers alone.
        first: The weights that training begins with where a file says some; None where the seed draws all.
    """

    name: str
    kind: str
    metric: str
    higher_is_better: bool
    labels: tuple[str, ...]
    vocab_size: int
    input_size: int
    output_size: int
    max_len: int
    tokenizer: SavedTokenizer
    splits: Mapping[str, SequenceSplit]
    facts: DataFacts
    sha256: str
    folder: Path
    files: Mapping[str, str] = field(default_factory=dict, repr=False)
    bleu_tokenize: str = ""
    reading: Mapping[str, object] = field(default_factory=dict, repr=False)
    quantiles: tuple[float, ...] = ()
    first: FirstWeights | None = None

    @classmethod
    def open(cls, folder: Path) -> "Prepared":
        """Prepared data as `seal` left it, every file's SHA-256 checked.

        What is opened is this process's own, hashed as it was read: whatever becomes of the folder later,
        what is computed from it stays the same. Raw texts are opened, and checked, when they are asked for.

        Raises:
            DamagedError: The folder is not as it was written.
        """
        files = verified_files(folder)
        try:
            with checked_against(files):
                record = PreparedRecord.from_json(_value(private_text(folder / _RECORD)))
                facts = DataFacts.from_json(_value(private_text(folder / _FACTS)))
                kind = KINDS.get(record.kind)
                splits = {name: kind.open_split(folder, name) for name in SPLITS}
                tokenizer = private_text(folder / _TOKENIZER) if _TOKENIZER in files else ""
                first = FirstWeights.read(folder) if FIRST in files else None
        except OSError as error:
            raise unreadable(folder, error) from error
        except (ValueError, KeyError, ValidationError) as error:
            raise DamagedError(f"{folder} cannot be read: {error}", _REBUILD) from error
        return cls(
            name=record.name,
            kind=record.kind,
            metric=record.metric or kind.metric.name,
            higher_is_better=kind.scored_by(record.metric or None).higher_is_better,
            labels=record.labels,
            vocab_size=record.vocab_size,
            input_size=record.input_size,
            output_size=record.output_size,
            max_len=record.max_len,
            tokenizer=SavedTokenizer(record.tokenizer, tokenizer),
            splits=splits,
            facts=facts,
            sha256=_identity(files, record),
            folder=folder,
            files=files,
            bleu_tokenize=record.bleu_tokenize,
            reading=record.reading,
            quantiles=record.quantiles,
            first=first,
        )

    @property
    def frame(self) -> tuple[int, int, int] | None:
        """Rows, columns and numbers a pixel of the images that steps are; None where they are none."""
        film = None if self.facts.signals is None else self.facts.signals.film
        return None if film is None else film.size

    @property
    def scored_by(self) -> Metric:
        """The score that `metric` names."""
        return KINDS.get(self.kind).scored_by(self.metric)

    @property
    def majority_score(self) -> float | None:
        """The test score of always saying training's most frequent class, each class at its share there.

        None where nothing is put into classes.
        """
        facts = self.facts
        of_classes = KINDS.get(self.kind).weighs_classes
        if facts.majority_label is None or self.scored_by.right is not None or not of_classes:
            return facts.majority_share
        counts = facts.class_counts["train"]
        shares = {name: count / sum(counts.values()) for name, count in counts.items()}
        answer = {"predicted": facts.majority_label, "probabilities": shares}
        tested = facts.class_counts["test"].items()
        return self.scored_by.value(
            [{"label": name, **answer} for name, count in tested for _ in range(count)]
        )

    @property
    def has_texts(self) -> bool:
        """Return whether the raw texts of the examples are kept, one each."""
        return "test.texts.npy" in self.files

    def texts(self, split: str) -> StoredTexts:
        """The raw texts of a split, in the order of its rows.

        Raises:
            DamagedError: They were changed since the data was opened.
            StorageError: The disk does not give them.
        """
        try:
            with checked_against(self.files):
                return StoredTexts(self.folder, split)
        except OSError as error:
            raise unreadable(self.folder, error) from error
        except ValueError as error:
            raise DamagedError(f"{self.folder} cannot be read: {error}", _REBUILD) from error

    def row_numbers(self, split: str) -> NDArray[np.int64] | None:
        """The number of each example's row in its file (N); None where none were kept.

        They are no part of the data's identity: the same rows in another order are the same data, and these
        numbers are those of the file that was read now.

        Raises:
            DamagedError: They were changed since the data was opened.
        """
        name = f"{split}{_ROWS}"
        if name not in self.files:
            return None
        try:
            with checked_against(self.files):
                return read_private_array(self.folder / name, np.int64)
        except OSError as error:
            raise unreadable(self.folder, error) from error
        except ValueError as error:
            raise DamagedError(f"{self.folder} cannot be read: {error}", _REBUILD) from error

    def cut_texts(self, split: str) -> "CutTexts":
        """The texts of a split as far as their ids go: what a method that reads letters may see of them."""
        from seqcli.data.cut_texts import CutTexts  # only methods without recurrence read texts

        tokenizer = Tokenizer.load(self.tokenizer.json)
        return CutTexts(self.texts(split), self.splits[split].lengths, tokenizer, self.max_len)

    def warned(self, *warnings: str) -> "Prepared":
        """The same data with more warnings among its facts."""
        facts = self.facts.model_copy(update={"warnings": (*self.facts.warnings, *warnings)})
        return replace(self, facts=facts)


_REBUILD = "Delete the folder: it is built again when it is next needed."


class Preparable(Protocol):
    """A maker of prepared data: a task."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The task's data under a configuration, from the cache or newly made."""


def prepare(task: Preparable, config: DataConfig, cache: Cache | None = None) -> Prepared:
    """A task's data ready for training, made once and found again by its content.

    >>> prepared = prepare(choose_task("anbn", config), config)  # doctest: +SKIP
    >>> len(prepared.splits["train"])  # doctest: +SKIP

    Args:
        task: A built-in task, or a person's own data as `choose_task` gives it.
        config: Where the data lies and how it becomes ids.
        cache: Where prepared data is kept; None takes `default_cache`.

    Raises:
        DataError: The data cannot be read or learnt from.
        UsageError: The configuration does not fit the task, or an extra is missing.
        StorageError: Neither the cache nor a folder among temporary files can be written.
    """
    with preparation():
        return _prepared(task, config, cache or default_cache())


def _prepared(task: Preparable, config: DataConfig, chosen: Cache) -> Prepared:
    """The same in the cache chosen; raises as `prepare`."""
    try:
        prepared = _begun(task.prepare(config, chosen), config, chosen)
    except StorageError as error:
        spare = spare_cache()
        if spare is None or spare.root == chosen.root:
            raise
        prepared = _begun(task.prepare(config, spare), config, spare)
        return prepared.warned(data_words.data_elsewhere(spare.root, error.message))
    return prepared.warned(chosen.warning) if chosen.warning else prepared


def _begun(prepared: Prepared, config: DataConfig, cache: Cache) -> Prepared:
    """The data with the weights that training on it begins with, where the configuration names any.

    Raises:
        DataError: It is no file of word vectors.
        RunError: It is no run whose weights can be taken over.
    """
    if config.vectors is None and config.init_from is None:
        return prepared
    from seqcli.data.earlier_run import EarlierRun  # training mostly begins with weights of its own
    from seqcli.data.word_vectors import PackagedVectors, WordVectors, vectors_at, vocabulary_of

    source: WordVectors | PackagedVectors | EarlierRun
    source = EarlierRun.open(config.init_from) if config.init_from else vectors_at(str(config.vectors))
    key = {
        "begun": 1,
        "data": dict(prepared.files),
        "from": source.sha256(),
        "frozen": bool(config.vectors_frozen),
    }

    def build(folder: Path) -> None:
        for name in prepared.files:
            shutil.copyfile(prepared.folder / name, folder / name)
        if isinstance(source, EarlierRun):
            first, shared = source.weights(prepared.kind, prepared.tokenizer.json, prepared.labels)
            sentence = data_words.begun_from_run(shared)
        else:
            rows = source.rows(vocabulary_of(prepared.tokenizer.json), prepared.vocab_size)
            table = KINDS.get(prepared.kind).word_table
            first = FirstWeights({table: rows}, frozen=bool(config.vectors_frozen), from_vectors=True)
            sentence = data_words.begun_from_vectors(*_matched(prepared, rows), width=rows.shape[1])
        first.write(folder)
        facts = prepared.facts.model_copy(update={"warnings": (*prepared.facts.warnings, sentence)})
        (folder / _FACTS).write_text(_document(facts.to_json()), encoding="utf-8")
        _write_manifest(folder)

    return cache.obtain(key, build=build, read=Prepared.open)


def _matched(prepared: Prepared, rows: NDArray[np.float32]) -> tuple[int, int, float]:
    """The tokens that have a vector, all tokens, and the share of the test split's tokens that have one."""
    known = ~np.isnan(rows[:, 0])
    ids = prepared.splits["test"].rows(np.arange(len(prepared.splits["test"])))
    tokens = ids.inputs if ids.inputs.ndim == 2 else ids.inputs[..., 0]
    inside = np.arange(tokens.shape[1]) < ids.lengths[:, None]
    inside &= (tokens >= len(SPECIALS)) | (tokens == UNK)  # the mark of a source's end is no word
    return int(known.sum()), len(rows) - len(SPECIALS), float(known[tokens[inside]].mean())


def seal(folder: Path, record: PreparedRecord, facts: DataFacts, tokenizer: str | None = None) -> None:
    """Finish a folder that holds the splits' files: what they are, and the SHA-256 of each.

    Raises:
        OSError: The disk is full or broken.
    """
    (folder / _RECORD).write_text(_document(record.to_json()), encoding="utf-8")
    (folder / _FACTS).write_text(_document(facts.to_json()), encoding="utf-8")
    if tokenizer is not None:
        (folder / _TOKENIZER).write_text(tokenizer, encoding="utf-8")
    _write_manifest(folder)


def _write_manifest(folder: Path) -> None:
    """Write the SHA-256 of each file of a folder.

    Raises:
        OSError: The disk is full or broken.
    """
    files = {path.name: sha256(str(path)) for path in sorted(folder.iterdir()) if path.name != _MANIFEST}
    (folder / _MANIFEST).write_text(_document({"schema": SCHEMA, "files": files}), encoding="utf-8")


def _document(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1, allow_nan=False) + "\n"


def _value(text: str) -> dict[str, Any]:
    """The object of a JSON document.

    Raises:
        ValueError: It is none, or nested too deeply.
    """
    return strict_json.parse_object(text.encode())


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def verified_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file that the manifest names, after checking that it holds.

    Raises:
        DamagedError: The manifest or a file is missing or changed.
    """
    try:
        manifest = _value(_text(folder, _MANIFEST))
        files = {str(name): str(digest) for name, digest in manifest["files"].items()}
        changed = [
            name for name, digest in files.items() if "/" in name or sha256(str(folder / name)) != digest
        ]
    except OSError as error:
        raise unreadable(folder, error) from error
    except (ValueError, KeyError, TypeError, AttributeError, SeqcliError) as error:
        raise unreadable(folder, error.__cause__) from error
    if changed or manifest.get("schema") != SCHEMA:
        raise DamagedError(f"{folder} was changed after it was written: {', '.join(changed)}", _REBUILD)
    return files


def unreadable(folder: Path, error: BaseException | None) -> SeqcliError:
    """Damage, unless it is the disk or the system that does not give the file now."""
    is_missing = isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError)
    fault = None if is_missing or error is None else system_fault(error)
    return fault or DamagedError(f"{folder} is not whole: {error}", _REBUILD)


def _identity(files: Mapping[str, str], record: PreparedRecord) -> str:
    """The SHA-256 of what training and testing see: all files but the facts and the rows' numbers.

    Of the record only what was set counts: a field that a later seqcli adds makes no other data of this.
    """
    without = {_FACTS, *(f"{split}{_ROWS}" for split in SPLITS)}
    content: dict[str, object] = {name: digest for name, digest in files.items() if name not in without}
    content[_RECORD] = record.model_dump(mode="json", exclude_defaults=True)
    return strict_json.digest(content)
