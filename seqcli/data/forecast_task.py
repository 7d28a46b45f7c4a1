"""Tasks that continue series in time: a new one says only where its series come from."""

from abc import abstractmethod
from importlib.metadata import version
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from seqcli.data.cache import Cache
from seqcli.data.config import DataConfig
from seqcli.data.files import Content
from seqcli.data.prepared import Prepared
from seqcli.data.task import Task, TaskPage

if TYPE_CHECKING:  # pandas is loaded where series are read, and by no other command
    from seqcli.data.series_windows import SeriesCorpus

_FORMAT = 1
"""Raised when the same series and configuration shall give other files."""

_DECIDING = (
    "time_column", "value_column", "past_column", "future_column", "series_column", "fill",
    "context", "horizon", "period", "scale",
    "encoding", "sep", "header", "metric", "quantiles", "conformal", "stride", "split",
)  # fmt: skip
"""Settings that decide what becomes of series."""


class ForecastTask(Task):
    """A task that says what comes after a window of series."""

    kind: ClassVar[str] = "forecast"
    reads: ClassVar[frozenset[str]] = frozenset(
        {"metric", "context", "horizon", "period", "scale", "quantiles", "conformal", "stride", "split"}
    )

    @abstractmethod
    def corpus(self, config: DataConfig) -> "SeriesCorpus":
        """The series under a configuration; raises as `prepare`."""

    @abstractmethod
    def source_sha256(self, config: DataConfig) -> str:
        """The SHA-256 of what the series are read from; raises as `prepare`."""

    def settled(self, config: DataConfig) -> DataConfig:
        """The configuration with what was left open."""
        from seqcli.data.series_windows import CONTEXT, HORIZON

        open_ones = {"context": CONTEXT, "horizon": HORIZON, "scale": "standard"}
        return config.model_copy(
            update={name: value for name, value in open_ones.items() if getattr(config, name) is None}
        )

    def prepare(self, config: DataConfig, cache: Cache) -> Prepared:
        """The series as windows, from the cache or newly cut; raises as `Task.prepare`."""
        from seqcli.data.series_windows import build_windows

        settled = self.settled(config)
        key = {
            "format": _FORMAT,
            "kind": self.kind,
            "file": [self.source_sha256(settled), PurePath(settled.data or "").name],
            "config": settled.model_dump(mode="json", include=set(_DECIDING)),
            "pandas": version("pandas"),
        }
        return self.obtain(cache, key, lambda folder: build_windows(self.corpus(settled), settled, folder))


class OwnSeries(ForecastTask):
    """Series that `--data` names."""

    reads: ClassVar[frozenset[str]] = frozenset(
        {
            "time_column",
            "value_column",
            "past_column",
            "future_column",
            "series_column",
            "fill",
            "sep",
            "header",
            "kind",
            *ForecastTask.reads,
        }
    )
    page: ClassVar[TaskPage] = TaskPage.of_own_data(
        "the values ahead of series in time, on your own data",
        classes="none: numbers",
        lengths="--context steps",
    )

    def source_sha256(self, config: DataConfig) -> str:
        """The SHA-256 of the file.

        Raises:
            DataError: It cannot be read.
            UsageError: It is a folder, pipe or device, or series are given in parts.
        """
        from seqcli.data.series import refuse_parts

        refuse_parts(config)
        return Content(str(config.data)).sha256()

    def corpus(self, config: DataConfig) -> "SeriesCorpus":
        """The file that the configuration names.

        Raises:
            DataError: It cannot be read, or holds no series.
            UsageError: It is a folder, pipe or device.
        """
        from seqcli.data.series import read_series
        from seqcli.data.series_windows import SeriesCorpus

        content = Content(str(config.data))
        sha256 = content.sha256()
        table = read_series(str(config.data), config, content=content)
        name = PurePath(str(config.data)).name
        return SeriesCorpus(name=self.name, table=table, source=name, licence=None, sha256=sha256)
