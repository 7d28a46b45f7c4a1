"""A trained run that continues series, read back from its run directory."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from seqcli.data.encoded_windows import ScaledSeries, WindowShape
from seqcli.data.series import Series, SeriesTable
from seqcli.data.series_windows import beside_scales
from seqcli.data.tables import quoted
from seqcli.data.time_steps import step_name, time_texts, times_after
from seqcli.errors import DataError
from seqcli.models.architecture import DataShape
from seqcli.models.network import HeadedNetwork
from seqcli.results.line_answers import ForecastCurve, ForecastValues
from seqcli.training.predictor import usable_run


@dataclass(frozen=True, eq=False)
class SeriesForecast:
    """A series and what a run says of it, in its own units.

    Attributes:
        series: The series.
        shape: How the run read it.
        times: The times ahead (H), as the table spells them.
        ahead: What is said of them (H, C, Q); Q = 1 without quantiles.
        answer: From how many of its rows are known to what is said of the steps after them (H, C, Q).
    """

    series: Series
    shape: WindowShape
    times: Sequence[str]
    ahead: NDArray[np.float64]
    answer: Callable[[int], NDArray[np.float64]]

    @cached_property
    def checked(self) -> NDArray[np.float64] | None:
        """The answer for the series' last H rows from those before them; None where it is too short.

        Only a picture asks for it.
        """
        before = len(self.series.values) - self.shape.horizon
        return self.answer(before) if before >= self.shape.context else None

    def rows(self) -> Iterator[ForecastValues]:
        """The values ahead, a row a step."""
        shape = self.shape
        for time, step in zip(self.times, self.ahead.tolist(), strict=True):
            columns = dict(zip(shape.columns, step, strict=True))
            levels = [f"{level:g}" for level in shape.quantiles]
            yield ForecastValues(
                series=self.series.name,
                time=time,
                values={column: answers[shape.middle] for column, answers in columns.items()},
                quantiles={
                    column: dict(zip(levels, answers, strict=True)) for column, answers in columns.items()
                }
                if levels
                else None,
            )

    def curves(self) -> Iterator[ForecastCurve]:
        """Each column as a picture shows it: as many past steps as the run read, and all that it checks."""
        shape, times = self.shape, self.series.times
        shown = min(max(shape.context, 2 * shape.horizon), len(times))
        past = time_texts(times, times[-shown:])
        for place, column in enumerate(shape.columns):
            yield ForecastCurve(
                series=self.series.name,
                column=column,
                times=(*past, *self.times),
                past=tuple(self.series.values[-shown:, place].tolist()),
                ahead=tuple(map(tuple, self.ahead[:, place].tolist())),
                checked=() if self.checked is None else tuple(map(tuple, self.checked[:, place].tolist())),
                middle=shape.middle,
                quantiles=shape.quantiles,
            )


@dataclass
class Forecaster:
    """A run's best weights on new series.

    Args:
        network: With its weights, in evaluation mode.
        shape: How it reads series.
        note: What a person should know of a run that is not finished.
    """

    network: HeadedNetwork
    shape: WindowShape
    note: str = ""

    @classmethod
    def open(cls, folder: Path) -> "Forecaster":
        """Read a run directory; raises as `usable_run`."""
        with usable_run(folder) as run:
            shape = run.reading(WindowShape)
            sizes = DataShape(
                run.task.kind,
                vocab_size=0,
                input_size=shape.width,
                output_size=shape.horizon * shape.channels * max(1, len(shape.quantiles)),
                quantiles=shape.quantiles,
            )
            return cls(run.headed_network(sizes), shape, run.note)

    def continued(self, table: SeriesTable) -> Iterator[SeriesForecast]:
        """The values ahead of every series, one series after the other.

        Raises:
            DataError: A series is shorter than the context, or of another step.
        """
        for series in table.parts:
            self._check(table, series)
            shape = self.shape.model_copy(update={"series": (self._scaled(table, series),)})
            yield SeriesForecast(
                series=series,
                shape=shape,
                times=time_texts(series.times, times_after(series.times, shape.horizon)),
                ahead=self._answer(shape, series, len(series.values)),
                answer=partial(self._answer, shape, series),
            )

    @torch.no_grad()
    def _answer(self, shape: WindowShape, series: Series, known: int) -> NDArray[np.float64]:
        """Return what comes after the known rows of a shape's only series, in own units (H, C, Q)."""
        begin, number = known - shape.context, np.zeros(1, np.int64)
        history = series.values[None, begin:known]
        covariates = _covariates(shape, series)[None, begin : known + shape.horizon]
        read = shape.with_beside(shape.inputs(history, number), covariates, number)
        answers = self.network(torch.from_numpy(read.astype(np.float32)), torch.tensor([shape.steps])).numpy()
        own: NDArray[np.float64] = shape.in_own_units(answers, history[:, -1], number)[0]
        return own

    def _scaled(self, table: SeriesTable, series: Series) -> ScaledSeries:
        """Return the scaling of a series: of training, or its own where training had none of its name.

        Raises:
            DataError: It is another one, and constant.
        """
        known = {known_series.name: known_series for known_series in self.shape.series}
        if series.name in known:
            return known[series.name]
        deviations = series.values.std(axis=0)
        if not (deviations > 0).all():
            raise DataError(
                f"{table.location}{series.called}: a column of this series, new to the run, is constant",
                "There is nothing to scale it by.",
            )
        return ScaledSeries(
            name=series.name,
            means=tuple(series.values.mean(axis=0).tolist()),
            deviations=tuple(deviations.tolist()),
            naive_errors=tuple(deviations.tolist()),
            **beside_scales(series.beside),
        )

    def _check(self, table: SeriesTable, series: Series) -> None:
        """Refuse a series that cannot be read as those of training were.

        Raises:
            DataError: It is too short, or of another step.
        """
        shape, count = self.shape, len(series.times)
        needed = max(shape.context, 3)
        if count < needed:
            raise DataError(
                f"{table.location}{series.called}: {count:,} rows, and the run reads {needed:,}",
                "Give as many (--context at training says how many).",
            )
        if shape.future and len(series.ahead) < shape.horizon:
            columns = " and ".join(map(quoted, shape.future))
            raise DataError(
                f"{table.location}{series.called}: the run needs {columns} for the {shape.horizon:,} steps"
                f" ahead, and {len(series.ahead):,} rows after the last value hold them",
                "Add a row for each step ahead: its time and these columns, the values left empty.",
            )
        step = step_name(series.times)
        if shape.step and step != shape.step:
            raise DataError(
                f"{table.location}{series.called}: its step is {step}, and the run learnt {shape.step}",
                "Continue series of the same step.",
            )


def _covariates(shape: WindowShape, series: Series) -> NDArray[np.float64]:
    """Return the columns beside a series' values (n + k, P + F), 0 where they are unknown ahead."""
    unknown = np.zeros((len(series.ahead), len(shape.past)))
    if not shape.future:
        return series.beside
    return np.concatenate([series.beside, np.concatenate([unknown, series.ahead], axis=1)])
