"""The table of a sweep: a row a value, a column a model; and the same as curves."""

import math

from seqcli.reports.draw.chart import Chart, ChartSeries, mark_of
from seqcli.reports.draw.sheet import Column, Row, SheetCell
from seqcli.reports.numbers import MISSING, Unit, align_points, fixed, mean_decimals, mean_text, unit_of
from seqcli.reports.words.comparison_words import display
from seqcli.reports.words.sweep_words import setting_name, value_text
from seqcli.results.sweep import Sweep, SweepCurve

MOST_DECIMALS = 4  # a hundredth of a point of accuracy, below the resolution of 10,000 test examples


def sweep_decimals(result: Sweep) -> int:
    """The decimals in which every mean of the sweep is shown."""
    means = [mean for curve in result.curves for mean in curve.mean]
    intervals = [interval for curve in result.curves for interval in curve.ci95]
    return mean_decimals(means, intervals, unit_of(result.metric), most=MOST_DECIMALS)


def columns(result: Sweep, *, signed: bool = True) -> tuple[Column, ...]:
    """A column a model, under its mark in the chart where one is drawn."""
    many_curves = signed and len(result.curves) > 1
    return tuple(
        Column(display(curve.label), sign=mark_of(place) if many_curves else "")
        for place, curve in enumerate(result.curves)
    )


def rows(result: Sweep) -> tuple[Row, ...]:
    """A row a value, and last where each curve has fallen to half of its first value."""
    decimals, unit = sweep_decimals(result), unit_of(result.metric)
    texts = [
        align_points([_text(curve, place, decimals, unit) for place in range(len(result.values))])
        for curve in result.curves
    ]
    names = _right_aligned([value_text(value) for value in result.values])
    drawn = [
        Row(name, tuple(SheetCell(column[place]) for column in texts)) for place, name in enumerate(names)
    ]
    if any(curve.l50 is not None for curve in result.curves):
        halves = [MISSING if curve.l50 is None else fixed(curve.l50, 0) for curve in result.curves]
        drawn.append(Row("half at", tuple(SheetCell(text) for text in halves)))
    return tuple(drawn)


def chart(result: Sweep) -> tuple[Chart, ...]:
    """The mean of every model along the setting; doublings are equally far apart where they count."""
    factor = unit_of(result.metric).factor
    series = [
        ChartSeries(
            tuple(
                (along(result, value), mean * factor)
                for value, mean in zip(result.values, curve.mean, strict=True)
                if mean is not None
            ),
        )
        for curve in result.curves
    ]
    first, last = value_text(result.values[0]), value_text(result.values[-1])
    return (Chart(tuple(series), end=f"{setting_name(result)} {first} … {last}", sparse=True),)


def along(result: Sweep, value: float) -> float:
    """Return the place of a value on the axis."""
    return math.log2(value) if result.scale == "log2" else value


def _text(curve: SweepCurve, place: int, decimals: int, unit: Unit) -> str:
    """Return one model's score at one value; of a task that is solved or not, the seeds that solve it."""
    mean = curve.mean[place]
    if mean is None:
        return MISSING
    text = mean_text(mean, curve.ci95[place], decimals, unit)
    if curve.solved is None:
        return text
    return f"{text} · {curve.solved[place]} of {len(curve.per_seed[place])} solved"


def _right_aligned(texts: list[str]) -> list[str]:
    widest = max(map(len, texts), default=0)
    return [text.rjust(widest) for text in texts]
