"""From series to a folder of prepared windows: split in time, scaled by training, cut, told of."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqcli.config.settings import Shares, Spans
from seqcli.data.arrays import TextWriter
from seqcli.data.config import DataConfig
from seqcli.data.corpus import CorpusOrigin
from seqcli.data.encoded_windows import ScaledSeries, WindowShape, write_windows
from seqcli.data.facts import DataFacts, SeriesFacts
from seqcli.data.kind import KINDS
from seqcli.data.metric import Metric
from seqcli.data.prepared import SPLITS, PreparedRecord, seal
from seqcli.data.seasonality import found_period
from seqcli.data.series import Series, SeriesTable
from seqcli.data.time_steps import step_name, time_text, time_texts, times_after, times_from, usual_period
from seqcli.errors import DataError, UsageError

if TYPE_CHECKING:
    import pandas as pd

CONTEXT, HORIZON = 168, 24
"""A week of hours, and the day after it, where nothing is said."""

SHARES = (0.8, 0.1, 0.1)
"""Of the time: to learn from, to choose by, to test on."""


@dataclass(frozen=True, kw_only=True)
class SeriesCorpus(CorpusOrigin):
    """Series before anything is decided about them.

    Args:
        table: The series.
        kind: The kind of task.
    """

    table: SeriesTable
    kind: str = "forecast"


@dataclass(frozen=True, eq=False)
class TimedPart:
    """One series and where its splits begin.

    Args:
        series: It.
        ends: How many rows are before validation, and before testing.
    """

    series: Series
    ends: tuple[int, int]

    @property
    def learnt(self) -> NDArray[np.float64]:
        """The training part (n, C): all that scaling may see, without rows that no window may hold."""
        return self.series.values[: self.ends[0]][self._whole]

    def naive_errors(self, steps: int) -> NDArray[np.float64]:
        """The mean |y_t − y_(t − steps)| of the training part (C); its deviation where no two are known."""
        values, whole = self.series.values[: self.ends[0]], self._whole
        pairs = np.abs(values[steps:] - values[:-steps])[whole[steps:] & whole[:-steps]]
        errors: NDArray[np.float64] = pairs.mean(axis=0) if len(pairs) else self.learnt.std(axis=0)
        return errors

    @property
    def _whole(self) -> NDArray[np.bool_]:
        """True of the training part's rows that may be in windows (n)."""
        cut = self.series.cut
        return ~cut[: self.ends[0]] if len(cut) else np.ones(self.ends[0], bool)

    def origins(self, context: int, horizon: int, stride: int) -> dict[str, NDArray[np.int64]]:
        """The row of each window's first answer, by split.

        Training windows begin at every step, those of validation do not overlap, and those of the test part
        begin `stride` steps apart. Answers never reach beyond a split.
        """
        first, second, last = *self.ends, len(self.series.times)
        origins = {
            "train": np.arange(context, first - horizon + 1),
            "valid": np.arange(max(first, context), second - horizon + 1, horizon),
            "test": np.arange(second, last - horizon + 1, stride),
        }
        if not len(self.series.cut):
            return origins
        before = np.concatenate([[0], np.cumsum(self.series.cut)])
        return {
            name: places[before[places + horizon] == before[np.maximum(places - context, 0)]]
            for name, places in origins.items()
        }


def divide_in_time(table: SeriesTable, split: Shares | Spans | None = None) -> list[TimedPart]:
    """Return the beginnings of validation and testing in each series: the same times in all.

    Args:
        table: The series.
        split: The parts of all times that train, valid and test get, or how long each is: rows after the
            last one are left out. None takes `SHARES`.

    Raises:
        DataError: The series' times are of two kinds, or are fewer than the spans say.
        UsageError: Spans of time are given, and times are numbers.
    """
    times = table.parts[0].times
    try:
        for part in table.parts[1:]:
            times = times.union(part.times)
    except TypeError:
        raise DataError(
            f"{table.location}: its series have times of different kinds", "Write all times alike."
        ) from None
    # All series are cut at the same times: else one would teach what was then, and another be tested on it.
    borders = _borders(table, times, split or SHARES)
    parts = []
    for part in table.parts:
        ends = [len(part.times) if border is None else int((part.times < border).sum()) for border in borders]
        series = replace(
            part,
            times=part.times[: ends[-1]],
            values=part.values[: ends[-1]],
            beside=part.beside[: ends[-1]],
            cut=part.cut[: ends[-1]],
        )
        parts.append(TimedPart(series, (ends[0], ends[1])))
    return parts


def _borders(table: SeriesTable, times: "pd.Index[Any]", split: Shares | Spans) -> list[Any]:
    """Return the times at which validation and testing begin, and testing ends; None for the table's end."""
    if not isinstance(split[0], str):
        # A hair more, so that 0.8 · 10 is 8 and not 7.
        counts = [int(share * len(times) + 1e-9) for share in (split[0], split[0] + split[1])]
        return [*(times[min(count, len(times) - 1)] for count in counts), None]
    try:
        borders = times_from(times, split)
    except TypeError:
        raise UsageError(
            f"--split {','.join(map(str, split))} names spans of time, and the times of {table.location} are"
            " numbers",
            "Say shares, such as --split 80,10,10.",
        ) from None
    if borders[-1] > times_after(times, 1)[0]:
        raise DataError(
            f"{table.location} ends at {time_text(times, -1)}, and --split {','.join(map(str, split))} needs "
            f"times up to {borders[-1]}",
            "Name shorter spans, or shares such as --split 80,10,10.",
        )
    return borders


def _check_long_enough(table: SeriesTable, parts: Sequence[TimedPart], context: int, horizon: int) -> None:
    """Refuse series that leave a split without a window.

    Raises:
        DataError: Which one, and how many steps its splits have.
    """
    for part in parts:
        sizes = np.diff([0, *part.ends, len(part.series.times)]).tolist()
        if all(len(places) for places in part.origins(context, horizon, horizon).values()):
            continue
        windows = " / ".join(f"{size:,}" for size in sizes)
        gaps = int(part.series.cut.sum())
        missing = f" ({gaps:,} of all are missing, and --fill cut keeps windows off them)" if gaps else ""
        raise DataError(
            f"{table.location}{part.series.called}: {len(part.series.times):,} steps are too few for "
            f"context {context:,} and horizon {horizon:,}: train / valid / test have {windows} of them"
            f"{missing}",
            f"Training needs {context + horizon:,}, validation and test {horizon:,} each: give longer series,"
            " or a smaller --context or --horizon.",
        )


def _scaled(table: SeriesTable, part: TimedPart, period: int) -> ScaledSeries:
    """Return the scaling of a series, by its training part alone.

    Raises:
        DataError: A channel is constant there, or repeats itself exactly.
    """
    learnt = part.learnt
    # A training part shorter than a season still has a naive error, of the longest step that it has.
    steps = min(period, part.ends[0] - 1)
    deviations = learnt.std(axis=0)
    naive = part.naive_errors(steps)
    for column, deviation, error in zip(table.columns, deviations.tolist(), naive.tolist(), strict=True):
        where = f"{table.location}{part.series.called}: column {column!r}"
        until = time_text(part.series.times, part.ends[0] - 1)
        if not deviation > 0 or not math.isfinite(deviation):
            raise DataError(
                f"{where} is constant in training, until {until}: there is nothing to learn",
                "Leave it out: name the columns of values with --value-column.",
            )
        if not error > 0:
            raise DataError(
                f"{where} repeats itself exactly after {steps} steps in training: MASE would divide by 0",
                "Choose another --period, or leave the column out of --value-column.",
            )
    means, spread, errors = (tuple(values.tolist()) for values in (learnt.mean(axis=0), deviations, naive))
    return ScaledSeries(
        name=part.series.name,
        means=means,
        deviations=spread,
        naive_errors=errors,
        **beside_scales(part.series.beside[: part.ends[0]]),
    )


def beside_scales(covariates: NDArray[np.float64]) -> dict[str, tuple[float, ...]]:
    """Return mean and deviation of what is read beside values (n, P + F); 1 of what never changes there."""
    if not covariates.size:
        return {}
    deviations = covariates.std(axis=0)
    return {
        "beside_means": tuple(covariates.mean(axis=0).tolist()),
        "beside_deviations": tuple(np.where(deviations > 0, deviations, 1.0).tolist()),
    }


def _season(parts: Sequence[TimedPart], period: int | None) -> int:
    """The steps of a season where training has two of them: as given, as usual at such times, or as it shows.

    Of several columns and series the first tells; it is told in the notes.
    """
    if period is not None:
        return period
    usual = usual_period(parts[0].series.times)
    # The calendar before the numbers: that a week has seven days is known, a found period is likely.
    season = usual if usual > 1 else found_period(parts[0].series.values[: parts[0].ends[0], 0])
    return season if all(part.ends[0] >= 2 * season for part in parts) else 1


def _one_step(table: SeriesTable) -> str:
    """The step that all series have.

    Raises:
        DataError: Two have different ones.
    """
    steps = {step_name(part.times): part for part in table.parts if len(part.times) >= 3}
    if len(steps) > 1:
        examples = ", ".join(f"{name} ({part.name})" for name, part in list(steps.items())[:4])
        raise DataError(
            f"{table.location}: its series have different steps: {examples}",
            "Bring all to one frequency first.",
        )
    return next(iter(steps), "")


def build_windows(corpus: SeriesCorpus, config: DataConfig, folder: Path) -> None:
    """Fill an empty folder with the series' windows, ready for training.

    Raises:
        DataError: There is nothing to learn.
        OSError: The folder cannot be written.
    """
    table, context, horizon = corpus.table, config.context or CONTEXT, config.horizon or HORIZON
    stride = config.stride or horizon
    parts = divide_in_time(table, config.split)
    _check_long_enough(table, parts, context, horizon)
    shape = WindowShape(
        time=table.time,
        series_column=table.series,
        columns=table.columns,
        context=context,
        horizon=horizon,
        season=_season(parts, config.period),
        about_last=config.scale == "window",
        step=_one_step(table),
        fill=config.fill,
        quantiles=config.quantiles or (),
        conformal=_conformal(config),
        block=_block(parts, stride, horizon),
        past=table.past,
        future=table.future,
        series=tuple(_scaled(table, part, config.period or 1) for part in parts),
    )
    cut = [part.origins(context, horizon, stride) for part in parts]
    begins = np.concatenate([[0], np.cumsum([len(part.series.times) for part in parts])])
    origins = {
        name: np.concatenate([origins[name] + begin for origins, begin in zip(cut, begins[:-1], strict=True)])
        for name in SPLITS
    }
    covariates = [part.series.beside for part in parts] if table.past or table.future else []
    write_windows(folder, [part.series.values for part in parts], origins, covariates)
    for name in SPLITS[1:]:
        with TextWriter(folder, name) as writer:
            for text in _named(parts, [origins[name] for origins in cut]):
                writer.append(text)
    record = PreparedRecord(
        name=corpus.name,
        kind=corpus.kind,
        input_size=shape.width,
        output_size=horizon * shape.channels * max(1, len(shape.quantiles)),
        max_len=shape.steps,
        metric=_scored_by(corpus.kind, config).name,
        reading=_reading(shape),
        quantiles=shape.quantiles,
    )
    sizes = {name: len(places) for name, places in origins.items()}
    seal(folder, record, _facts(corpus, parts, shape, sizes=sizes, period=config.period or 1))


LATER_SHAPE = ("quantiles", "conformal", "correction", "block", "past", "future")
"""Fields of windows that came after the first of them were kept: those without are the data they were."""


def _reading(shape: WindowShape) -> dict[str, Any]:
    """Return the windows' shape as it is kept, without later fields that say nothing."""
    later = {name for name in LATER_SHAPE if not getattr(shape, name)}
    reading = shape.model_dump(mode="json", exclude=later)
    if not (shape.past or shape.future):
        for series in reading["series"]:
            del series["beside_means"], series["beside_deviations"]
    return reading


LONG_BLOCK, LEAST_BLOCKS = 4, 10
"""Horizons of a block, of which there shall be as many: windows that overlap share what came, and blocks of
one horizon would still take two thirds of the variance for all of it, of four horizons eleven twelfths."""


def _block(parts: Sequence[TimedPart], stride: int, horizon: int) -> int:
    """The steps of a block of test windows that overlap; 0 where none do."""
    if stride >= horizon:
        return 0
    steps = max(len(part.series.times) - part.ends[1] for part in parts) - horizon + 1
    return max(min(LONG_BLOCK * horizon, steps // LEAST_BLOCKS), horizon, stride)


def _conformal(config: DataConfig) -> bool:
    """Return whether quantiles are corrected.

    Raises:
        UsageError: It was said, and there are none.
    """
    if config.conformal is not None and not config.quantiles:
        option = "--conformal" if config.conformal else "--no-conformal"
        raise UsageError(
            f"{option} says how quantiles are corrected, and none are asked for",
            "Leave it out, or say which: --quantiles 0.1,0.5,0.9.",
        )
    return bool(config.quantiles) and config.conformal is not False


def _scored_by(kind: str, config: DataConfig) -> Metric:
    """Return the score that was chosen: with quantiles, unless another is named, the one that sees them all.

    Raises:
        UsageError: It needs quantiles, and none are asked for; or it only describes.
    """
    metric = KINDS.get(kind).scored_by(config.metric or ("CRPS" if config.quantiles else None))
    if "levels" in metric.needs and not config.quantiles:
        raise UsageError(
            f"--metric {metric.name} scores quantiles, and none are asked for",
            "Say which: --quantiles 0.1,0.5,0.9.",
        )
    return metric


def _named(parts: Sequence[TimedPart], places: Sequence[NDArray[np.int64]]) -> Iterator[str]:
    """The series and the first time to answer of each window, a line each."""
    for part, origins in zip(parts, places, strict=True):
        times = part.series.times
        for text in time_texts(times, times[origins]):
            yield f"{part.series.name}\n{text}"


def _facts(
    corpus: SeriesCorpus,
    parts: Sequence[TimedPart],
    shape: WindowShape,
    *,
    sizes: dict[str, int],
    period: int,
) -> DataFacts:
    """Return the facts of the series."""
    first = parts[0]
    times: Any = first.series.times
    return DataFacts(
        source=corpus.source,
        licence=corpus.licence,
        sha256=corpus.sha256,
        read=sum(len(part.series.times) for part in parts),
        class_counts={name: {"windows": sizes[name]} for name in SPLITS},
        called="windows",
        length_mean=float(shape.context),
        length_p95=float(shape.context),
        length_max=shape.context,
        max_len=shape.context,
        series=SeriesFacts(
            series=len(parts),
            columns=shape.columns,
            steps=sum(len(part.series.times) for part in parts),
            step=shape.step,
            context=shape.context,
            horizon=shape.horizon,
            season=shape.season,
            period=period,
            filled=sum(part.series.filled for part in parts),
            block=shape.block,
            quantiles=shape.quantiles,
            conformal=shape.conformal,
            past=shape.past,
            future=shape.future,
            cut=shape.fill == "cut",
            valid_from=time_text(times, first.ends[0]),
            test_from=time_text(times, first.ends[1]),
        ),
    )
