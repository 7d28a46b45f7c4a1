"""Windows of series: what was before, and what came after, cut out of whole series when asked for."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from seqcli.config.settings import Settings
from seqcli.data.answer_rows import RowsAnew
from seqcli.data.arrays import read_private_array
from seqcli.data.encoded import reading_of, recorded, unfit
from seqcli.data.metric import Metric
from seqcli.data.numeric_values import MEDIAN
from seqcli.data.sequences import Rows
from seqcli.statistics.conformal import quantile_shifts

VALUES_FILE = "values.npy"
BESIDE_FILE = "beside.npy"
FLOAT32_DIGITS = 8
"""Significant digits of an answer: float32 holds no more."""


class ScaledSeries(Settings):
    """The scaling of one series, channel by channel, by its training part alone.

    Attributes:
        name: What its table calls it; '' of the only one.
        means: The mean (C).
        deviations: The standard deviation (C), above 0.
        naive_errors: The mean |y_t − y_(t − period)| (C), above 0: what MASE divides by.
        beside_means: The mean of what is read beside the values (P + F).
        beside_deviations: Its standard deviation; 1 of what never changes.
    """

    name: str
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    naive_errors: tuple[float, ...]
    beside_means: tuple[float, ...] = ()
    beside_deviations: tuple[float, ...] = ()


WindowSteps = Annotated[int, Field(ge=1, le=10_000_000)]


class WindowShape(Settings):
    """The shape of windows, by which new ones are read as the training ones were.

    Attributes:
        time: The column of times.
        series_column: The column that names the series; None where there is one.
        columns: The columns of values: the channels.
        context: Steps that are read.
        horizon: Steps ahead that are answered.
        season: Steps of a season, given or usual at such times; 1 for none.
        about_last: Whether each window is told as differences from its last value.
        step: The step of time, as pandas calls it.
        fill: What stands where a series has a gap, 'cut' where no window reaches over one; None lets it be an
            error.
        quantiles: Those that are answered of each value ahead, 0.5 among them; none for the value alone.
        conformal: Whether quantiles are corrected by the validation windows once a network has learnt.
        correction: What is then added to each channel's quantiles (C, Q), in deviations; none before.
        block: Of test windows that overlap, the steps of a block that intervals count as one; 0 for others.
        past: Columns that are read beside the values, known up to the present.
        future: Those that are known ahead too: a network reads on through the steps ahead, where all else is
            0 and a further input is 1.
        series: The series, in order.
    """

    time: str
    series_column: str | None
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    context: WindowSteps
    horizon: WindowSteps
    season: WindowSteps = 1
    about_last: bool = False
    step: str
    fill: Literal["last", "linear", "cut"] | None = None
    quantiles: tuple[float, ...] = ()
    conformal: bool = False
    correction: tuple[tuple[float, ...], ...] = ()
    block: Annotated[int, Field(ge=0)] = 0
    past: tuple[str, ...] = ()
    future: tuple[str, ...] = ()
    series: Annotated[tuple[ScaledSeries, ...], Field(min_length=1)]

    @property
    def channels(self) -> int:
        """C."""
        return len(self.columns)

    @property
    def width(self) -> int:
        """The numbers that a network reads at each step."""
        return self.channels + len(self.past) + len(self.future) + bool(self.future)

    @property
    def steps(self) -> int:
        """The steps that it reads: the context, and those ahead of which something is known."""
        return self.context + (self.horizon if self.future else 0)

    def with_beside(
        self, inputs: NDArray[np.float64], beside: NDArray[Any], number: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return what a network reads (N, steps, width).

        Args:
            inputs: The context's values as a network reads them (N, context, C).
            beside: What is read beside them in own units (N, context + horizon, P + F); of the steps ahead
                nothing is taken but what is known then.
            number: The series of each (N).
        """
        if not (self.past or self.future):
            return inputs
        scaled = self.beside_standardised(beside, number)
        parts = [inputs, scaled[:, : self.context]]
        if not self.future:
            return np.concatenate(parts, axis=-1)
        present = np.concatenate([*parts, np.zeros((len(inputs), self.context, 1))], axis=-1)
        known = scaled[:, self.context :, len(self.past) :]
        blank = np.zeros((len(inputs), self.horizon, self.channels + len(self.past)))
        ahead = np.concatenate([blank, known, np.ones((len(inputs), self.horizon, 1))], axis=-1)
        return np.concatenate([present, ahead], axis=1)

    def beside_standardised(self, beside: NDArray[Any], number: Any) -> NDArray[np.float64]:
        """Return what is read beside values (N, T, P + F) less its mean, by its deviation in training."""
        means = np.array([series.beside_means for series in self.series])[number]
        deviations = np.array([series.beside_deviations for series in self.series])[number]
        scaled: NDArray[np.float64] = (beside - means[:, None]) / deviations[:, None]
        return scaled

    def standardised(self, history: NDArray[Any], number: Any) -> NDArray[np.float64]:
        """Values (…, T, C) of series by number (…) less their mean, by their deviation in training."""
        means, deviations, _ = self.scales
        scaled: NDArray[np.float64] = (history - means[number][..., None, :]) / deviations[number][
            ..., None, :
        ]
        return scaled

    def in_own_units(self, answers: NDArray[Any], last: NDArray[Any], number: Any) -> NDArray[np.float64]:
        """Return a network's answers in the data's own units (N, H, C, Q), Q = 1 without quantiles.

        Quantiles that crossed are put in order, which never makes them worse (Chernozhukov et al., 2010);
        those that a correction made cross are as far from the median as the ones between.

        Args:
            answers: (N, H · C · Q).
            last: Each window's last value, in own units (N, C).
            number: The series of each (N).
        """
        means, deviations, _ = self.scales
        ahead = np.sort(
            answers.astype(np.float64).reshape(len(answers), self.horizon, self.channels, -1), axis=-1
        )
        if self.correction:
            ahead = _outward(ahead + np.array(self.correction), self.middle)
        own = ahead * deviations[number][:, None, :, None]
        base = last if self.about_last else means[number]
        return _rounded(own + base[:, None, :, None])

    @property
    def middle(self) -> int:
        """The place of the value itself among what is answered of it: the median's, or the only one."""
        return self.quantiles.index(MEDIAN) if self.quantiles else 0

    def inputs(self, history: NDArray[Any], number: Any) -> NDArray[np.float64]:
        """Values (…, T, C) as a network reads them, of which the context's last stands at context − 1."""
        scaled = self.standardised(history, number)
        return scaled - scaled[..., self.context - 1, None, :] if self.about_last else scaled

    @cached_property
    def scales(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Means, deviations and naive errors of all series, (S, C) each."""
        return (
            np.array([series.means for series in self.series]),
            np.array([series.deviations for series in self.series]),
            np.array([series.naive_errors for series in self.series]),
        )


def _outward(answers: NDArray[np.float64], middle: int) -> NDArray[np.float64]:
    """Quantiles (…, Q), none nearer to the median's side than the ones between it and the median."""
    upper = np.maximum.accumulate(answers[..., middle:], axis=-1)
    lower = np.minimum.accumulate(answers[..., middle::-1], axis=-1)[..., ::-1]
    return np.concatenate([lower[..., :-1], upper], axis=-1)


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Values to the digits that float32 holds, so that what is written is what is scored."""
    flat = [float(f"{value:.{FLOAT32_DIGITS}g}") for value in values.ravel().tolist()]
    return np.array(flat, np.float64).reshape(values.shape)


@dataclass(frozen=True, eq=False)
class EncodedWindows:
    """One split of windows.

    Args:
        values: All series one below the other, in their own units (rows, C).
        starts: At which row each series begins, and where the last one ends (S + 1).
        origins: The row of each window's first answer (N).
        shape: What windows are like.
        metric: What answers are scored by.
        beside: What is read beside the values, in own units (rows, P + F).
    """

    values: NDArray[np.float64]
    starts: NDArray[np.int64]
    origins: NDArray[np.int64]
    shape: WindowShape
    metric: Metric | None = field(default=None)
    beside: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))

    @classmethod
    def open(cls, folder: Path, name: str, metrics: Sequence[Metric]) -> "EncodedWindows":
        """The windows that `write_windows` wrote.

        Args:
            folder: The prepared data.
            name: The split.
            metrics: The kind's scores, of which the data's record names one.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record does not say what windows are like.
        """
        record = recorded(folder)
        shape = reading_of(record, WindowShape)
        flat = read_private_array(folder / VALUES_FILE, np.float64)
        starts = read_private_array(folder / "starts.npy", np.int64)
        origins = read_private_array(folder / f"{name}.origins.npy", np.int64)
        columns = len(shape.past) + len(shape.future)
        beside = read_private_array(folder / BESIDE_FILE, np.float64) if columns else np.zeros(0)
        fits = (
            len(beside) == starts[-1] * columns
            and all(len(part.beside_deviations) == columns for part in shape.series)
            and len(starts) == len(shape.series) + 1
            and starts[-1] * shape.channels == len(flat)
            and len(origins) > 0
            and origins.min() >= shape.context
            and origins.max() + shape.horizon <= starts[-1]
        )
        if not fits:
            raise unfit(folder, name)
        metric = next(metric for metric in metrics if metric.name == record["metric"])
        values = flat.reshape(-1, shape.channels)
        return cls(values, starts, origins, shape, metric, beside.reshape(len(values), columns))

    def __len__(self) -> int:
        return len(self.origins)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Return how many steps each window reads (N)."""
        return np.full(len(self), self.shape.steps, np.int64)

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """The series of each window (N)."""
        return np.searchsorted(self.starts, self.origins, side="right") - 1

    @property
    def targets(self) -> NDArray[np.float32]:
        """The values after each window, scaled (N, H · C)."""
        return self.rows(np.arange(len(self))).targets

    def rows(self, indices: NDArray[Any]) -> Rows:
        """The windows at the indices (B): scaled values (B, T, C), lengths (B), what follows (B, H · C)."""
        inside = self.origins[indices][:, None] + np.arange(-self.shape.context, self.shape.horizon)
        numbers = self.numbers[indices]
        context, ahead = np.split(
            self.shape.inputs(self.values[inside], numbers), [self.shape.context], axis=1
        )
        if self.shape.past or self.shape.future:
            context = self.shape.with_beside(context, self.beside[inside], numbers)
        inputs, answers = (np.ascontiguousarray(part.astype(np.float32)) for part in (context, ahead))
        return Rows(inputs, self.lengths[indices], answers.reshape(len(indices), -1))

    def known_beside(self, place: int) -> NDArray[np.float64]:
        """Return what is read beside a window's values, standardised: its steps, then those ahead (K)."""
        shape, origin = self.shape, int(self.origins[place])
        if not (shape.past or shape.future):
            return np.zeros(0)
        rows = self.beside[None, origin - shape.context : origin + shape.horizon]
        (scaled,) = shape.beside_standardised(rows, self.numbers[[place]])
        return np.concatenate(
            [scaled[: shape.context].ravel(), scaled[shape.context :, len(shape.past) :].ravel()]
        )

    def ahead(self, place: int) -> NDArray[np.float64]:
        """Return the values after a window, in own units (H, C)."""
        origin = int(self.origins[place])
        return self.values[origin : origin + self.shape.horizon]

    def past(self, place: int, steps: int) -> NDArray[np.float64]:
        """The last steps of a series before a window's answers, in own units; fewer where it is younger."""
        origin = int(self.origins[place])
        return self.values[max(origin - steps, int(self.starts[self.numbers[place]])) : origin]

    def in_own_units(self, outputs: NDArray[Any]) -> NDArray[np.float64]:
        """Return a network's answers to all windows, in own units (N, H, C, Q)."""
        return self.shape.in_own_units(outputs, self.values[self.origins - 1], self.numbers)

    def naive_errors(self, place: int) -> NDArray[np.float64]:
        """Return the errors by which MASE divides a window's (C)."""
        _, _, errors = self.shape.scales
        naive: NDArray[np.float64] = errors[self.numbers[place]]
        return naive

    def corrected_by(self, outputs: NDArray[Any]) -> tuple[tuple[float, ...], ...]:
        """Return what must be added to a network's quantiles by these windows, in deviations (C, Q).

        Args:
            outputs: The network's answers to these windows, which it did not learn (N, H · C · Q).
        """
        shape = self.shape
        # Sorted as they are when they are told: the correction is of what people read.
        answers = np.sort(outputs.astype(np.float64).reshape(len(self), shape.horizon, shape.channels, -1))
        came = self.targets.astype(np.float64).reshape(len(self), shape.horizon, shape.channels, 1)
        residuals = np.moveaxis(came - answers, 2, 0).reshape(shape.channels, -1, len(shape.quantiles))
        return tuple(tuple(quantile_shifts(each, shape.quantiles).tolist()) for each in residuals)

    def with_correction(self, correction: tuple[tuple[float, ...], ...]) -> "EncodedWindows":
        """The same windows, to whose quantiles so much is added."""
        return replace(self, shape=self.shape.model_copy(update={"correction": correction}))

    @cached_property
    def blocks(self) -> NDArray[np.int64]:
        """The block of time that each window begins in (N), counted alike in all series."""
        begins = np.full(len(self.starts) - 1, np.iinfo(np.int64).max)
        np.minimum.at(begins, self.numbers, self.origins)
        blocks: NDArray[np.int64] = (self.origins - begins[self.numbers]) // max(self.shape.block, 1)
        return blocks

    def score(self, outputs: NDArray[Any]) -> float | None:
        """The score of all windows."""
        if self.metric is None:
            return None
        answers = self.in_own_units(outputs)
        metric, places = self.metric, range(len(self))
        return metric.value(
            RowsAnew(
                lambda: ({**self.right(place), **self.answered(answers[place])} for place in places),
                len(self),
            )
        )

    def right(self, place: int) -> dict[str, Any]:
        """Return what scores need of a window: values ahead (H, C); MASE's divisor, deviation, last (C)."""
        _, deviations, _ = self.shape.scales
        known: dict[str, Any] = {
            "target": self.ahead(place).tolist(),
            "last": self.values[int(self.origins[place]) - 1].tolist(),
            "scale": self.naive_errors(place).tolist(),
            "deviation": deviations[self.numbers[place]].tolist(),
        }
        if self.shape.block:
            known["block"] = [int(self.blocks[place])]
        return {**known, "levels": list(self.shape.quantiles)} if self.shape.quantiles else known

    def answered(self, answer: NDArray[np.float64]) -> dict[str, Any]:
        """Return an answer (H, C, Q) as scores take it: values (H, C), and quantiles where there are some."""
        values = {"predicted": answer[..., self.shape.middle].tolist()}
        return {**values, "quantiles": answer.tolist()} if self.shape.quantiles else values


def write_windows(
    folder: Path,
    values: Sequence[NDArray[np.float64]],
    origins: dict[str, NDArray[np.int64]],
    beside: Sequence[NDArray[np.float64]] = (),
) -> None:
    """Write the files of `EncodedWindows`.

    Args:
        folder: Where to.
        values: Each series' values (n, C).
        origins: The row, all series counted, of each window's first answer, by split.
        beside: What is read beside each series' values (n, P + F); none where nothing is.

    Raises:
        OSError: The disk is full or broken.
    """
    np.save(folder / VALUES_FILE, np.concatenate(values).astype(np.float64).reshape(-1))
    if len(beside):
        np.save(folder / BESIDE_FILE, np.concatenate(beside).astype(np.float64).reshape(-1))
    ends = np.cumsum([len(series_values) for series_values in values], dtype=np.int64)
    np.save(folder / "starts.npy", np.concatenate([[0], ends]).astype(np.int64))
    for name, places in origins.items():
        np.save(folder / f"{name}.origins.npy", places.astype(np.int64))
