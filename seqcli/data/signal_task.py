"""Tasks that put sequences of vectors, or their steps, into classes; a new one says only whence they come."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePath
from typing import ClassVar

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.corpus import combined_sha256, file_names, own_places
from seqcli.data.files import changed_error
from seqcli.data.labelled_rows import LabelledData, LabelledRow, strange_labels
from seqcli.data.labels import known_spelling
from seqcli.data.prepared import Prepared
from seqcli.data.signal_preparation import SignalCorpus, build_signals
from seqcli.data.signal_split import labelled
from seqcli.data.signal_tables import Scope, Signal, data_sha256, read_signals
from seqcli.data.task import DIVISION, Task, TaskPage

_FORMAT = 1
"""Raised when the same sequences and configuration shall give other files."""

_DECIDING = (
    "id_column", "step_column", "value_column", "label_column", "encoding", "sep", "header", "missing_labels",
    "split_seed", "max_len", "metric",
)  # fmt: skip
"""Settings that decide what becomes of signals."""


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
