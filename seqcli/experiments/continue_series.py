"""`seqcli predict` of a run that forecasts: the rows that come after a table's last."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS, Kind
from seqcli.errors import SeqcliError
from seqcli.experiments.use_config import PredictConfig
from seqcli.results.line_answers import ForecastCurve, ForecastValues
from seqcli.runs import strict_json
from seqcli.runs.directory import RunDirectory
from seqcli.runs.run_layout import TASK_FILE

if TYPE_CHECKING:
    from seqcli.training.forecaster import SeriesForecast


@dataclass(frozen=True)
class Continuation:
    """A run's answers to a table.

    Attributes:
        time: The column of times.
        series: The column of the series' names; None where there is one.
        forecasts: What is said of each series.
        note: What a person should know of a run that is not finished.
    """

    time: str
    series: str | None
    forecasts: "Sequence[SeriesForecast]"
    note: str

    @property
    def rows(self) -> list[ForecastValues]:
        """The values ahead, one series after the other."""
        return [row for forecast in self.forecasts for row in forecast.rows()]

    @property
    def curves(self) -> list[ForecastCurve]:
        """Each column of each series, as a picture shows it."""
        return [curve for forecast in self.forecasts for curve in forecast.curves()]


def continues_series(folder: Path) -> bool:
    """Return whether a run continues series, in place of answering texts; False for one that cannot be used.

    Raises:
        RunError: There is no run.
    """
    kind = usable_kind(folder)
    return kind is not None and kind.continues


def labels_signals(folder: Path) -> bool:
    """Return whether a run labels sequences of vectors, in place of texts.

    Raises:
        RunError: There is no run.
    """
    kind = usable_kind(folder)
    return kind is not None and kind.of_vectors


def usable_kind(folder: Path) -> Kind | None:
    """The kind of a run; None for what is no run that can be used.

    Raises:
        RunError: There is no run.
    """
    run = RunDirectory.open(folder)
    try:
        if run.status().state == "done":
            kind = strict_json.parse_object(run.read(TASK_FILE))["kind"]
        else:
            saved = next(reversed(list(run.checkpoints.saved())))
            kind = strict_json.parse_object(saved.files[TASK_FILE])["kind"]
        return KINDS.get(str(kind))
    except (SeqcliError, ValueError, KeyError, TypeError, StopIteration):
        return None


def continue_series(
    folder: Path, config: PredictConfig, options: DataConfig, content: bytes | None = None
) -> Continuation:
    """Continue a table.

    Args:
        folder: The run.
        config: In how many threads.
        options: Where the table lies, and how it is spelt.
        content: Its bytes, where it is no file.

    Raises:
        RunError: It is no run whose weights can be used.
        DataError: The table cannot be read, or a series is not like those that were learnt.
    """
    from seqcli.data.series import read_series, stream_series
    from seqcli.training.forecaster import Forecaster
    from seqcli.training.process import settle_process

    settle_process(config.threads)
    forecaster = Forecaster.open(folder)
    shape = forecaster.shape
    read_as = options.model_copy(
        update={
            "time_column": shape.time,
            "series_column": shape.series_column,
            "value_column": shape.columns,
            "past_column": shape.past or None,
            "future_column": shape.future or None,
            "fill": shape.fill,
        }
    )
    if content is None:
        table = read_series(str(options.data), read_as)
    else:
        table = stream_series(BytesIO(content), "standard input", read_as)
    return Continuation(shape.time, shape.series_column, list(forecaster.continued(table)), forecaster.note)
