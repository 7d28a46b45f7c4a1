"""The table over lags: a row a model for the state, and one for the loss gradient."""

import math
from collections.abc import Sequence

from seqcli.reports.draw.chart import Chart, ChartSeries, mark_of
from seqcli.reports.draw.sheet import Column, Row, SheetCell
from seqcli.reports.numbers import align_points, fixed
from seqcli.reports.words.probe_words import pace
from seqcli.results.gradprobe import Demo, Gradprobe, LagCurve, ModelProbe

MOST_LAGS = 8  # columns of seven, with the half-life and verdict, fit 100
FEWEST_STEPS = 12  # of a demonstration that are drawn


def table_lags(length: int) -> list[int]:
    """At most eight lags: powers of ten and T, then from the far end what makes a 1-2-5 series."""
    powers = [10**decade for decade in range(len(str(length))) if 10**decade < length]
    between = [digit * power for power in reversed(powers) for digit in (5, 2) if digit * power < length]
    lags = [*powers, length]
    return sorted([*lags, *between[: max(0, MOST_LAGS - len(lags))]])


def columns(result: Gradprobe) -> tuple[Column, ...]:
    """A column a lag, then what the curve comes to."""
    lags = (Column(f"{lag:,}") for lag in table_lags(result.length))
    return (*lags, Column("half-life", "pair"), Column("", "pair"))


def rows(result: Gradprobe) -> tuple[Row, ...]:
    """The state Jacobian's row of each model, then the loss gradient's."""
    lags = table_lags(result.length)
    models = list(enumerate(result.models))
    state = [(place, model, model.log10_state_jacobian, "∂s") for place, model in models]
    loss = [(place, model, model.log10_loss_gradient, "∂L") for place, model in models]
    grid = [_texts(model, curve, lags) for _, model, curve, _ in (*state, *loss)]
    aligned = zip(*(align_points(column) for column in zip(*grid, strict=True)), strict=True)
    drawn = []
    for (place, model, _, of), texts in zip((*state, *loss), aligned, strict=True):
        end = (SheetCell(pace(model)), SheetCell(model.verdict)) if of == "∂s" else (SheetCell(), SheetCell())
        sign = mark_of(place) if len(result.models) > 1 else ""
        drawn.append(Row(model.label, (*map(SheetCell, texts), *end), of, sign))
    return tuple(row for row in drawn if any(cell.text.strip() for cell in row.cells))


def chart(result: Gradprobe) -> tuple[Chart, ...]:
    """The state Jacobian of every model over lags."""
    series = []
    for model in result.models:
        known = zip(model.lags, model.log10_state_jacobian.mean, strict=True)
        points = tuple((float(lag), value) for lag, value in known if value is not None)
        series.append(ChartSeries(points))
    probed = (Chart(tuple(series), end=f"k = {result.length:,}"),) if result.length > 1 else ()
    return (*probed, *demo_charts(result))


def demo_charts(result: Gradprobe) -> tuple[Chart, ...]:
    """The demonstration's first seed: loss and gradient norm a step, without and with clipping."""
    if result.demo is None:
        return ()
    first = result.demo.seeds[0]
    both, last = (first.without, first.clipped), steps_to_draw(result.demo)
    charts = {
        "log10 loss": [demo_points(demo.loss[:last]) for demo in both],
        "log10 gradient norm": [demo_points(demo.gradient_norm[:last]) for demo in both],
    }
    return tuple(
        Chart(tuple(map(ChartSeries, curves)), end=f"{name}, step {last}") for name, curves in charts.items()
    )


def steps_to_draw(demo: Demo) -> int:
    """So many steps that an explosion within the first few can be seen beside what clipping makes of it."""
    end = demo.seeds[0].without.diverged_at
    return demo.steps if end is None else min(demo.steps, max(FEWEST_STEPS, 3 * end))


def demo_points(values: Sequence[float | None]) -> tuple[tuple[float, float], ...]:
    """Step and log10 of each value that is a number above 0."""
    return tuple((float(step), math.log10(value)) for step, value in enumerate(values, start=1) if value)


def decades(value: float | None) -> str:
    """A decimal logarithm: one decimal below ten; a norm of exactly 0 is '-'."""
    if value is None:
        return "-"
    # From 9.95 on, one decimal would be written as 10.0.
    return fixed(value, 1 if abs(value) < 9.95 else 0)


def _texts(model: ModelProbe, curve: LagCurve | None, lags: Sequence[int]) -> list[str]:
    if curve is None:
        return [""] * len(lags)
    return [decades(curve.mean[model.lags.index(lag)]) for lag in lags]
