"""Tasks that put sequences of vectors, or their steps, into classes; a new one says only whence they come."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import ClassVar

import numpy as np

from seqcli.data.arrays import TextWriter
from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.corpus import CorpusOrigin, combined_sha256, file_names, own_places
from seqcli.data.data_words import signal_cautions
from seqcli.data.encoded_signals import SignalShape, fitted, pixelwise, write_signals, write_step_signals
from seqcli.data.facts import DataFacts, FilmFacts, SignalFacts, SoundFacts
from seqcli.data.files import changed_error
from seqcli.data.labelled_rows import LabelledData, LabelledRow, strange_labels
from seqcli.data.labels import known_spelling, most_frequent
from seqcli.data.prepared import SPLITS, Prepared, PreparedRecord, seal
from seqcli.data.row_table import label_run
from seqcli.data.signal_split import SignalDivision, divide_signals, labelled
from seqcli.data.signal_tables import Scope, Signal, SignalTable, data_sha256, read_signals
from seqcli.data.split import SplitRule
from seqcli.data.tables import quoted
from seqcli.data.task import DIVISION, Task, TaskPage
from seqcli.data.text_preparation import chosen_metric
from seqcli.errors import DataError, first_names

_FORMAT = 1
"""Raised when the same sequences and configuration shall give other files."""

_DECIDING = (
    "id_column", "step_column", "value_column", "label_column", "encoding", "sep", "header", "missing_labels",
    "split_seed", "max_len", "metric",
)  # fmt: skip
"""Settings that decide what becomes of signals."""


@dataclass(frozen=True, kw_only=True)
class SignalCorpus(CorpusOrigin):
    """Labelled signals before anything is decided about them.

    Args:
        parts: The sequences to learn from under 'train', ready-made splits under 'valid' and 'test'.
        guessed: Whether nobody said that the data is of this kind.
        rows: Whether each row of a table stands for itself.
        gaps: Whether steps without a label belong to the task.
    """

    parts: Mapping[str, SignalTable]
    guessed: bool = False
    rows: bool = False
    gaps: bool = False


def build_signals(
    corpus: SignalCorpus, config: DataConfig, folder: Path, *, kind: str, per_step: bool
) -> None:
    """Fill an empty folder with the corpus, ready for training.

    Args:
        corpus: The sequences.
        config: What becomes of them.
        folder: Where to.
        kind: The kind of task.
        per_step: Whether steps have labels, and not whole sequences.

    Raises:
        DataError: It cannot be learnt from.
        OSError: The folder cannot be written.
    """
    table = corpus.parts["train"]
    divided = divide_signals(
        corpus.parts,
        SplitRule.of(config),
        drop_unlabelled=corpus.gaps or config.missing_labels == "drop",
        per_step=per_step,
    )
    longest = max(len(signal.values) for signal in divided.splits["train"])
    most = config.max_len or max(
        len(signal.values) for signals in divided.splits.values() for signal in signals
    )
    cut = replace(
        divided,
        splits={
            name: [signal.first(most if name == "train" or not per_step else None) for signal in signals]
            for name, signals in divided.splits.items()
        },
    )
    shape, constant = _shape(table, cut.splits["train"])
    # Steps have answers of their own: those of new sequences are all asked for.
    shape = shape.model_copy(
        update={
            "most_steps": 0 if per_step else config.max_len or 0,
            "rows": corpus.rows,
            "header": config.header,
        }
    )
    for name in SPLITS:
        inputs = (shape.inputs(signal.values) for signal in cut.splits[name])
        if per_step:
            answers = [divided.step_targets(signal) for signal in cut.splits[name]]
            write_step_signals(folder, name, inputs=inputs, answers=answers)
        else:
            write_signals(folder, name, inputs=inputs, targets=divided.targets(name))
        with TextWriter(folder, name) as writer:
            for signal in cut.splits[name]:
                writer.append(signal.name)
    record = PreparedRecord(
        name=corpus.name,
        kind=kind,
        labels=divided.classes,
        input_size=shape.input_size,
        output_size=len(divided.classes),
        max_len=config.max_len or longest,
        metric=chosen_metric(config.metric, kind, divided.classes),
        reading=shape.remembered,
    )
    facts = _facts(corpus, divided, shape, most=most, constant=constant)
    seal(folder, record, _of_steps(facts, cut) if per_step else facts)


def _shape(table: SignalTable, train: Sequence[Signal]) -> tuple[SignalShape, tuple[str, ...]]:
    """The reading that the training split alone decides, and the channels that are constant in it.

    Raises:
        DataError: No channel ever changes, or one has no value at all.
    """
    channels = table.channels
    count, means, deviations = fitted((signal.values for signal in train), len(channels))
    empty = [name for name, known in zip(channels, count, strict=True) if not known]
    if empty:
        raise DataError(
            f"{table.location}: the training sequences have no value at all of channel {quoted(empty[0])}",
            "Leave it out: name the others with --value-column." if table.named else "Leave it out.",
        )
    if table.film is not None:
        means, deviations = pixelwise(means, deviations)
    # A deviation that is nothing beside the mean is the rounding of equal values.
    still = deviations <= 1e-12 * np.abs(means)
    if still.all():
        raise DataError(
            f"{table.location}: no channel ever changes in training: {first_names(list(channels))}",
            "Are these the columns of values? Name others with --value-column." if table.named else None,
        )
    gaps = np.any([np.isnan(signal.values).any(axis=0) for signal in train], axis=0)
    columns = table.columns
    sound, film = table.sound, table.film
    shape = SignalShape(
        channels=channels,
        rate=None if sound is None else sound.rate,
        mels=None if sound is None else sound.mels,
        frame=None if sound is None else sound.frame,
        hop=None if sound is None else sound.hop,
        frame_size=None if film is None else film.size,
        image_size=None if film is None else film.image_size or None,
        value_column=channels if table.named else (),
        means=tuple(means.tolist()),
        deviations=tuple(np.where(still, 1.0, deviations).tolist()),
        # A convolution has no place for marks beside pixels: a missing one is the mean.
        marked=() if film is not None else tuple(np.flatnonzero(gaps).tolist()),
        id_column=columns.id,
        step_column=columns.step,
        label_column=columns.label,
    )
    return shape, tuple(name for name, same in zip(channels, still, strict=True) if same)


def _facts(
    corpus: SignalCorpus, divided: SignalDivision, shape: SignalShape, *, most: int, constant: tuple[str, ...]
) -> DataFacts:
    """Return the facts of the sequences."""
    every = [signal for name in SPLITS for signal in divided.splits[name]]
    lengths = np.array([len(signal.values) for signal in every])
    counts = {name: _class_counts(divided, name) for name in SPLITS}
    majority = most_frequent(counts["train"])
    columns = corpus.parts["train"].columns
    signal_facts = SignalFacts(
        channels=shape.channels,
        named=shape.named,
        id_column=columns.id,
        step_column=columns.step,
        label_column=columns.label,
        guessed=columns.guessed,
        kind_guessed=corpus.guessed,
        rows=corpus.rows,
        label_run=label_run([signal.label for signal in corpus.parts["train"].signals]) if corpus.rows else 0,
        left_out=columns.left_out,
        steps=columns.steps,
        constant=constant,
        marked=tuple(shape.channels[place] for place in shape.marked),
        values=int(sum(signal.values.size for signal in every)),
        missing=int(sum(np.isnan(signal.values).sum() for signal in every)),
        shortest=int(lengths.min()),
        unlabelled=divided.unlabelled,
        shared=dict(divided.shared),
        sizes={name: len(divided.splits[name]) for name in SPLITS},
        sound=_sound(corpus.parts),
        film=_film(corpus.parts),
        per_step=any(signal.step_labels for signal in every),
        unlabelled_steps=sum(signal.step_labels.count(None) for signal in every),
    )
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        read=divided.read - divided.unlabelled,
        duplicates=divided.duplicates,
        conflicting=divided.conflicting,
        groups=dict(divided.groups),
        group_column=columns.group,
        class_counts=counts,
        majority_label=majority,
        majority_share=counts["test"][majority] / sum(counts["test"].values()),
        called="rows" if corpus.rows else "sequences",
        unit="steps",
        length_mean=round(float(lengths.mean()), 3),
        length_p95=float(np.percentile(lengths, 95)),
        length_max=int(lengths.max()),
        max_len=most,
        cut=int(np.count_nonzero(lengths > most)),
        signals=signal_facts,
        warnings=(*signal_cautions(signal_facts), *divided.warnings),
    )


def _sound(parts: Mapping[str, SignalTable]) -> SoundFacts | None:
    """The facts of the recordings of all parts together; None where there are none."""
    sounds = [table.sound for table in parts.values() if table.sound is not None]
    if not sounds:
        return None
    resampled: Counter[str] = Counter()
    for facts in sounds:
        resampled.update(facts.resampled)
    totals = {"files": sum(facts.files for facts in sounds), "mixed": sum(facts.mixed for facts in sounds)}
    return sounds[0].model_copy(update={**totals, "resampled": dict(resampled)})


def _film(parts: Mapping[str, SignalTable]) -> FilmFacts | None:
    """The facts of the images of all parts together; None where steps are none."""
    films = [table.film for table in parts.values() if table.film is not None]
    return films[0].model_copy(update={"resized": sum(film.resized for film in films)}) if films else None


def _class_counts(divided: SignalDivision, split: str) -> dict[str, int]:
    """Return how many sequences of a split each class has; of steps' classes, the first steps' ones."""
    counts = np.bincount(divided.targets(split), minlength=len(divided.classes)).tolist()
    return dict(zip(divided.classes, counts, strict=True))


def _of_steps(facts: DataFacts, divided: SignalDivision) -> DataFacts:
    """The facts where classes are those of steps."""
    counts = {
        name: Counter(
            divided.spelling[label]
            for signal in divided.splits[name]
            for label in signal.step_labels
            if label is not None
        )
        for name in SPLITS
    }
    majority = most_frequent(counts["train"])
    update = {
        "class_counts": {name: {"sequences": len(divided.splits[name])} for name in SPLITS},
        "majority_label": majority,
        "majority_share": counts["test"][majority] / max(counts["test"].total(), 1),
    }
    return facts.model_copy(update=update)


class SignalTask(Task):
    """A task that puts a whole sequence of vectors into one of several classes.

    Attributes:
        per_step: Whether each step is put into a class instead.
    """

    kind: ClassVar[str] = "signal"
    per_step: ClassVar[bool] = False
    reads: ClassVar[frozenset[str]] = frozenset({"metric"}) | DIVISION

    @abstractmethod
    def parts(self, config: DataConfig) -> SignalCorpus:
        """The labelled sequences under a configuration; raises as `prepare`."""

    @abstractmethod
    def source_sha256(self, config: DataConfig) -> str:
        """The SHA-256 of what the sequences are read from; raises as `prepare`."""

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The sequences as standardised vectors, from the cache or newly made; raises as `Task.prepare`."""
        sha256 = self.source_sha256(config)
        places = (config.location, config.valid, config.test)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            "files": [sha256, *(PurePath(place).name if place else None for place in places)],
            "guessed": config.own and not config.kind,
            "config": {
                **config.deciding_later,
                **config.model_dump(mode="json", include=set(_DECIDING)),
            },
        }

        def build(folder: Path) -> None:
            corpus = self.parts(config)
            if self.source_sha256(config) != sha256:
                raise changed_error(str(config.location))
            build_signals(corpus, config, folder, kind=self.kind, per_step=self.per_step)

        return self.obtain(cache, key, build)


class OwnSignals(SignalTask):
    """Signals that `--data`, or `--train` with `--valid` and `--test`, names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {
            "id_column",
            "step_column",
            "value_column",
            "label_column",
            "group_column",
            "duplicates",
            "missing_labels",
            "rate",
            "mels",
            "frame",
            "hop",
            "image_size",
            "sep",
            "header",
            "kind",
            *SignalTask.reads,
        }
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data("sequences by class")
    rows: ClassVar[bool] = False
    """Whether each row of a table stands for itself."""

    def source_sha256(self, config: DataConfig) -> str:
        """The SHA-256 of the files, by split.

        Raises:
            DataError: One cannot be read.
            UsageError: One is a pipe or device.
        """
        hashes = {part: data_sha256(place, config) for part, place in own_places(config).items()}
        return combined_sha256(hashes)

    def parts(self, config: DataConfig) -> SignalCorpus:
        """The files or folders that the configuration names.

        Raises:
            DataError: One cannot be read, or lacks a column.
            UsageError: One is a pipe or device.
        """
        places = own_places(config)
        scope = Scope(per_step=self.per_step, rows=self.rows)
        first = read_signals(places["train"], config, scope)
        columns = first.columns
        others = config.model_copy(
            update={
                "id_column": columns.id or None,
                "step_column": columns.step or None,
                "label_column": columns.label or None,
                "value_column": first.channels if first.named else None,
                "rate": None if first.sound is None else first.sound.rate,
            }
        )
        return SignalCorpus(
            name=self.name,
            parts={
                part: first if part == "train" else read_signals(place, others, scope)
                for part, place in places.items()
            },
            source=file_names(places.values()),
            licence=None,
            sha256=self.source_sha256(config),
            guessed=config.kind is None,
            rows=self.rows,
        )

    def labelled(self, config: DataConfig, labels: Sequence[str]) -> LabelledData:
        """The sequences of one file or folder.

        Raises:
            DataError: It cannot be read, or has a label that is none of the run's.
            UsageError: It is a pipe or device.
        """
        scope = Scope(lone=True, guess=False, per_step=self.per_step, rows=self.rows)
        table = read_signals(str(config.location), config.model_copy(update={"group_column": None}), scope)
        usable = labelled(table, drop=config.missing_labels == "drop")
        _refuse_strange(usable, labels)
        known = known_spelling(labels)

        def answer(label: str | None) -> str:
            return known(str(label)) or str(label)

        def read() -> Iterator[LabelledRow]:
            for number, signal in enumerate(usable, start=1):
                steps = ["" if label is None else answer(label) for label in signal.step_labels]
                yield LabelledRow(number, signal, steps if self.per_step else answer(signal.label))

        columns = {"--id-column": table.columns.id, "--label-column": table.columns.label}
        return LabelledData(
            name=table.location,
            unit="sequence",
            columns={option: name for option, name in columns.items() if name},
            guessed=table.columns.guessed,
            unlabelled=len(table.signals) - len(usable),
            read=read,
        )


class OwnRows(OwnSignals):
    """Independent rows of numbers that `--data`, or `--train` with `--valid` and `--test`, names."""

    kind: ClassVar[str] = "row"
    reads: ClassVar[frozenset[str]] = OwnSignals.reads - {"step_column", "group_column"}
    page: ClassVar[TaskPage] = TaskPage.of_own_data("rows of numbers by class", lengths="one step")
    rows: ClassVar[bool] = True


class OwnStepSignals(OwnSignals):
    """Signals of a person's own with a label for each step."""

    kind: ClassVar[str] = "signal-tag"
    per_step: ClassVar[bool] = True
    page: ClassVar[TaskPage] = TaskPage.of_own_data("the class of each step of a sequence")


def _refuse_strange(signals: Sequence[Signal], labels: Sequence[str]) -> None:
    """Refuse labels that a run never learnt.

    Raises:
        DataError: The first place of one, and how many there are.
    """
    known = known_spelling(labels)
    strange: Counter[str] = Counter()
    first, count = "", 0
    for signal in signals:
        for label in signal.step_labels or (signal.label,):
            count += label is not None
            if label is not None and known(label) is None:
                strange[label] += 1
                first = first or signal.where
    if strange:
        raise strange_labels(first, strange, labels, count)
