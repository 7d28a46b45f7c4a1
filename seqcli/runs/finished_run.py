"""A finished run as its own files tell it: what it reached, what it took, what it answered, on what data."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from seqcli.config.settings import Settings
from seqcli.results.train import ClassThreshold, EpochRecord, Timing, TrainSummary
from seqcli.runs import strict_json
from seqcli.runs.atomic import FileContent
from seqcli.runs.directory import RunDirectory
from seqcli.runs.run_layout import (
    METRICS_FILE,
    PREDICTIONS_FILE,
    SUMMARY_FILE,
    TASK_FILE,
    TIMING_FILE,
    TOKENIZER_FILE,
)


class TaskRecord(Settings):
    """`task.json`: what a run must remember of its data to read new text.

    Attributes:
        name: The task.
        kind: The kind of task.
        labels: The classes, by number.
        metric: What the score measures.
        majority: The most frequent class's share of the test split.
        max_len: Tokens kept of a text.
        vocab_size: Ids of the embedding.
        data_sha256: Of the data file, or of what generates the data.
        bleu_tokenize: How BLEU finds words; '' without BLEU, and in runs of earlier versions.
        reading: What else its kind must remember to read new data as it read the training data.
        threshold: From which probability on the rarer of two classes is said; None for the likelier class.
    """

    name: str
    kind: str
    labels: tuple[str, ...]
    metric: str
    majority: float | None
    max_len: Annotated[int, Field(ge=1, le=10_000_000)]
    vocab_size: Annotated[int, Field(ge=0, le=100_000_000)]
    data_sha256: str
    bleu_tokenize: str = ""
    reading: dict[str, object] = {}  # noqa: RUF012 - pydantic copies defaults; JSON has objects
    threshold: ClassThreshold | None = None

    @model_serializer(mode="wrap")
    def _without_unset_threshold(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The record without a threshold that was not chosen: the bytes of such runs stay what they were."""
        values: dict[str, Any] = handler(self)
        if values.get("threshold") is None:
            values.pop("threshold", None)
        return values


@dataclass(frozen=True)
class FinishedRun:
    """The committed files of a run, each read when it is first asked for and checked by SHA-256.

    Reading raises a `RunError` where a file is missing or was changed, a `StorageError` where the disk does
    not give it, and a `ValueError` (pydantic's among them) where its values are not those that this version
    writes; `seqcli.runs.storage.foreign_values` turns the last into a `RunError`.

    Attributes:
        run: Its directory, in status 'done'.
    """

    run: RunDirectory

    @classmethod
    def open(cls, folder: Path) -> "FinishedRun | None":
        """The run in a folder; None where it is not finished.

        Raises:
            RunError: It is no run, or its own files are damaged.
        """
        run = RunDirectory.open(folder)
        return cls(run) if run.status().state == "done" else None

    @cached_property
    def result(self) -> dict[str, object]:
        """`summary.json` as values: a leg's summary, or the result of a comparison under its schema."""
        return strict_json.parse_object(self.run.read(SUMMARY_FILE))

    @cached_property
    def times(self) -> dict[str, object]:
        """`timing.json` as values; empty of a comparison, which has none."""
        if TIMING_FILE not in self.run.manifest.files:
            return {}
        return strict_json.parse_object(self.run.read(TIMING_FILE))

    @property
    def summary(self) -> TrainSummary:
        """The scores of a leg."""
        return TrainSummary.from_json(self.result)

    @property
    def timing(self) -> Timing:
        """The time and memory of a leg."""
        return Timing.from_json(self.times)

    @property
    def metrics(self) -> bytes:
        """A leg's `metrics.jsonl`."""
        return self.run.read(METRICS_FILE)

    @property
    def epochs(self) -> tuple[EpochRecord, ...]:
        """A leg's `metrics.jsonl`, a record an epoch."""
        lines = self.metrics.splitlines()
        return tuple(EpochRecord.from_json(strict_json.parse_object(line)) for line in lines)

    @cached_property
    def predictions(self) -> FileContent:
        """A leg's `predictions.jsonl`, in lines where it is large; empty where none were kept."""
        has_predictions = PREDICTIONS_FILE in self.run.manifest.files
        return self.run.lines(PREDICTIONS_FILE) if has_predictions else b""

    @property
    def task(self) -> TaskRecord:
        """A leg's record of its data."""
        return TaskRecord.model_validate_json(self.run.read(TASK_FILE))

    @property
    def tokenizer(self) -> str:
        """A leg's `tokenizer.json`."""
        return self.run.read(TOKENIZER_FILE).decode()
