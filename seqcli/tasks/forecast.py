"""The next values of a real series: sea temperature, sunspots or CO2; its package is an extra."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, Literal

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.files import package_file
from seqcli.data.forecast_task import ForecastTask
from seqcli.data.task import TaskPage

if TYPE_CHECKING:
    from seqcli.data.series_windows import SeriesCorpus

LICENCE = "public domain (package statsmodels: BSD-3)"


@dataclass(frozen=True)
class _Shipped:
    """A series that the package ships.

    Args:
        sha256: Of its file.
        source: What it is.
        time: Its column of times.
        values: Its column of values.
        context: Steps that are read where nothing is said.
        horizon: Steps ahead that are answered where nothing is said.
        period: Steps of its season, by which MASE is scaled; None scales it by one step.
        fill: What stands in its gaps; None where it has none.
        scale: How it is scaled where nothing is said: a rising one leaves the range of training.
    """

    sha256: str
    source: str
    time: str
    values: str
    context: int
    horizon: int
    period: int | None
    fill: Literal["last"] | None = None
    scale: Literal["standard", "window"] = "standard"


SHIPPED = {
    "elnino": _Shipped(
        "b647be00e0fd264be9764e317e6b963f35030014ecca2b21b204521716e463ad",
        "sea surface temperature, 1950-2010, monthly (NOAA)",
        "month", "temperature", 36, 6, 12,
    ),
    "sunspots": _Shipped(
        "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
        "sunspots, 1700-2008, yearly (NOAA)",
        "YEAR", "SUNACTIVITY", 22, 1, None,
    ),
    "co2": _Shipped(
        "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
        "CO2 at Mauna Loa, 1958-2001, weekly (Keeling & Whorf)",
        "date", "co2", 104, 13, 52, "last", "window",
    ),
}  # fmt: skip


class Shipped(ForecastTask):
    """A series of the package statsmodels.

    Attributes:
        series: Which one.
    """

    name: Name = "forecast"
    series: Literal["elnino", "sunspots", "co2"] = "elnino"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"dropout": 0.0, "hidden": 32, "batch_size": 32, "lr": 0.003, "epochs": 60, "patience": 10}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="the months, years or weeks ahead of a real series",
        source="package statsmodels 0.15.0: NOAA and Keeling & Whorf",
        licence=LICENCE,
        size="elnino: 732 months, sunspots: 309 years, co2: 2,284 weeks, of which 59 are filled",
        classes="none: one real number a step",
        lengths="elnino 36 months for 6, sunspots 22 years for 1, co2 104 weeks for 13; --context, --horizon",
        note="--set task.series=sunspots or co2 for the others. It needs the extra 'series': "
        "pip install 'seqcli[series]'.",
    )

    @property
    def shipped(self) -> _Shipped:
        """The series that is meant."""
        return SHIPPED[self.series]

    def settled(self, config: DataConfig) -> DataConfig:
        """The configuration with what suits the series."""
        own = {name: getattr(self.shipped, name) for name in ("context", "horizon", "period", "scale")}
        chosen = {name: value for name, value in own.items() if getattr(config, name) is None}
        return super().settled(
            config.model_copy(
                update={
                    **chosen,
                    "time_column": self.shipped.time,
                    "value_column": (self.shipped.values,),
                    "fill": self.shipped.fill,
                }
            )
        )

    def source_sha256(self, config: DataConfig) -> str:  # noqa: ARG002 the data is always the same
        """The SHA-256 of the file that the package ships."""
        return self.shipped.sha256

    def corpus(self, config: DataConfig) -> "SeriesCorpus":
        """The series.

        Raises:
            UsageError: The package is not installed.
            DataError: Its file is not the one expected.
        """
        from seqcli.data.series import stream_series
        from seqcli.data.series_windows import SeriesCorpus

        path = package_file(
            "statsmodels",
            f"statsmodels/datasets/{self.series}/{self.series}.csv",
            expected=self.shipped.sha256,
            install="pip install 'seqcli[series]'",
        )
        table = stream_series(BytesIO(_long(path)), f"{self.series}.csv", config)
        shipped = self.shipped
        return SeriesCorpus(
            name=self.name, table=table, source=shipped.source, licence=LICENCE, sha256=shipped.sha256
        )


def _long(path: Path) -> bytes:
    """The file with one row a time: the sea's temperatures come as a row a year and a column a month."""
    import pandas as pd

    content = path.read_bytes()
    table = pd.read_csv(BytesIO(content), dtype=str)
    if table.shape[1] <= 2:
        return content
    year, *months = table.columns
    rows = [
        f"{row[year]}-{number:02},{row[month]}"
        for row in table.to_dict("records")
        for number, month in enumerate(months, start=1)
    ]
    return "\n".join(["month,temperature", *rows]).encode()


TASK = Shipped()
