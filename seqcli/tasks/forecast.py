"""The next values of a real series, from the sea's temperature to blood sugar; its packages are an extra."""

from collections.abc import Callable, Mapping
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

PUBLIC_DOMAIN = "public domain (package statsmodels: BSD-3)"


def _as_it_is(path: Path) -> bytes:
    """The file itself."""
    return path.read_bytes()


def _months(path: Path) -> bytes:
    """A row a month: the sea's temperatures come as a row a year and a column a month."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str)
    year, *months = table.columns
    rows = [
        f"{row[year]}-{number:02},{row[month]}"
        for row in table.to_dict("records")
        for number, month in enumerate(months, start=1)
    ]
    return "\n".join(["month,temperature", *rows]).encode()


def _five_minutes(path: Path) -> bytes:
    """The first reading of every five minutes: the sensor's clock is set anew now and then, minutes off."""
    import pandas as pd

    table = pd.read_csv(path, usecols=["datetime", "glucose"])
    table["datetime"] = pd.to_datetime(table["datetime"]).dt.floor("5min")
    return table.drop_duplicates("datetime").to_csv(index=False).encode()


def _half_hours(path: Path) -> bytes:
    """Each time once: the buoy's last one stands there twice, and the clock's zone says nothing."""
    import pandas as pd

    table = pd.read_csv(path, dtype=str)
    table.columns = pd.Index(["time", "temperature"])
    return table.drop_duplicates("time").to_csv(index=False).encode()


def _closing_prices(path: Path) -> bytes:
    """The logarithm of Apple's price at each day's close, splits and dividends taken out.

    Days of trade are counted: weekends and holidays are no gaps. A price that grows a hundredfold leaves the
    range of training, and differences of its logarithm do not.
    """
    import numpy as np
    import pandas as pd

    table = pd.read_csv(path)
    prices = table.loc[table["Ticker"] == "AAPL", "Adj Close"]
    days = {"day": range(1, len(prices) + 1), "log_price": np.log(prices.to_numpy())}
    return pd.DataFrame(days).to_csv(index=False).encode()


@dataclass(frozen=True)
class _Shipped:
    """A series that a package ships.

    Args:
        sha256: Of its file.
        source: What it is.
        time: Its column of times.
        values: Its column of values.
        context: Steps that are read where nothing is said.
        horizon: Steps ahead that are answered where nothing is said.
        period: Steps of its season, by which MASE is scaled; None scales it by one step.
        fill: What stands in its gaps; None where it has none.
        package: The distribution that ships it.
        path: Where its file lies within; '' where statsmodels keeps that of its name.
        licence: Its own, and its package's.
        table: From the file to delimited text of a row a time.
    """

    sha256: str
    source: str
    time: str
    values: str
    context: int
    horizon: int
    period: int | None
    fill: Literal["last", "cut"] | None = None
    package: str = "statsmodels"
    path: str = ""
    licence: str = PUBLIC_DOMAIN
    table: Callable[[Path], bytes] = _as_it_is


SAMPLES = "bokeh-sampledata"
# Context, horizon and period are in steps. The contexts are three years, a solar cycle, two years, two hours,
# twenty days of trade, and a day.
SHIPPED = {
    "elnino": _Shipped(
        "b647be00e0fd264be9764e317e6b963f35030014ecca2b21b204521716e463ad",
        "sea surface temperature, 1950-2010, monthly (NOAA)",
        "month", "temperature", 36, 6, 12, table=_months,
    ),
    "sunspots": _Shipped(
        "f67889b1d9002cd5227f0e0ef54e35b419cdd85a31279adef6f73fb41e5c0a9b",
        "sunspots, 1700-2008, yearly (NOAA)",
        "YEAR", "SUNACTIVITY", 11, 1, None,
    ),
    "co2": _Shipped(
        "16695fa2786e53414e5a6b54767a3fdf5de99cfbc68617f69d1362d92776a92f",
        "CO2 at Mauna Loa, 1958-2001, weekly (Keeling & Whorf)",
        "date", "co2", 104, 13, 52, "last",
    ),
    "glucose": _Shipped(
        "91fdad8325541a4487d88cb59b2fc9f6ed821c7c01eaabed0606bbb7089be8de",
        "one person's blood glucose, 2010, every five minutes, given freely to Bokeh",
        "datetime", "glucose", 24, 6, 1, "cut",
        SAMPLES, "bokeh_sampledata/_data/CGM.csv.gz",
        "public domain, confirmed by the maintainer who received it (package bokeh-sampledata: BSD-3)",
        _five_minutes,
    ),
    "prices": _Shipped(
        "5abadf99b2d394f920120a27de6f0df129859d71d4cfb0bf661bcc99446ab1fd",
        "Apple's price, 2000-2013, each day of trade (Quandl WIKI)",
        "day", "log_price", 20, 5, 1, None,
        SAMPLES, "bokeh_sampledata/_data/stocks.csv.gz",
        "public domain (package bokeh-sampledata: BSD-3)",
        _closing_prices,
    ),
    "buoy": _Shipped(
        "529155ac773634b0dca439781a839487640db92e2bdb597e372a2b0ba0ffbff0",
        "sea surface temperature at a buoy, 2016-2017, every half hour (NERACOOS B01)",
        "time", "temperature", 48, 6, 48, "cut",
        SAMPLES, "bokeh_sampledata/_data/sea_surface_temperature.csv.gz",
        "free to use and redistribute, not for legal use, without warranty (NERACOOS; package"
        " bokeh-sampledata: BSD-3)",
        _half_hours,
    ),
}  # fmt: skip

SCALE = "window"
"""Differences from each window's last value: validation at three origins within the first 80 % of sunspots
favours it over values by training's mean, from which the later cycles and all of co2 lie far."""


class Shipped(ForecastTask):
    """A series of the packages statsmodels and bokeh-sampledata.

    Attributes:
        series: Which one.
    """

    name: Name = "forecast"
    series: Literal["elnino", "sunspots", "co2", "glucose", "prices", "buoy"] = "elnino"
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {"dropout": 0.0, "hidden": 32, "batch_size": 32, "lr": 0.003, "epochs": 60, "patience": 10}
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="the months, years, weeks, days or minutes ahead of a real series",
        source="packages statsmodels 0.15.0: NOAA and Keeling & Whorf; bokeh-sampledata 2026.1: one person's "
        "glucose, Quandl WIKI prices, NERACOOS buoy B01",
        licence="elnino, sunspots, co2, glucose, prices: public domain; buoy: free to use and redistribute, "
        "not for legal use (NERACOOS); both packages: BSD-3",
        size="elnino 732 months, sunspots 309 years, co2 2,284 weeks of which 59 are filled, glucose 57,770 "
        "times five minutes cut at gaps, prices 3,270 days (logarithms, AAPL), buoy 19,249 half hours",
        classes="none: one real number a step",
        lengths="elnino 36 months for 6, sunspots 11 years for 1, co2 104 weeks for 13, glucose 2 hours for "
        "30 minutes, prices 20 days for 5, buoy a day for 3 hours; --context, --horizon",
        note="--set task.series=sunspots, co2, glucose, prices or buoy for the others. Nothing beats the "
        "last value by much on prices and buoy; glucose takes minutes a model. It needs the extra "
        "'series': pip install 'seqcli[series]'.",
    )

    @property
    def shipped(self) -> _Shipped:
        """The series that is meant."""
        return SHIPPED[self.series]

    def settled(self, config: DataConfig) -> DataConfig:
        """The configuration with what suits the series."""
        own = {name: getattr(self.shipped, name) for name in ("context", "horizon", "period")}
        chosen = {
            name: value for name, value in {**own, "scale": SCALE}.items() if getattr(config, name) is None
        }
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

        shipped = self.shipped
        path = package_file(
            shipped.package,
            shipped.path or f"statsmodels/datasets/{self.series}/{self.series}.csv",
            expected=shipped.sha256,
            install="pip install 'seqcli[series]'",
        )
        table = stream_series(BytesIO(shipped.table(path)), f"{self.series}.csv", config)
        return SeriesCorpus(
            name=self.name,
            table=table,
            source=shipped.source,
            licence=shipped.licence,
            sha256=shipped.sha256,
        )


TASK = Shipped()
