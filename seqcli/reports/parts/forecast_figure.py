"""The picture of a forecast: what was, what the run says of it, and what it says comes after."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from seqcli.reports.draw.axes import QUIET, colour_of
from seqcli.reports.draw.panel import Panel, add_legend, compose
from seqcli.reports.draw.printable import one_line
from seqcli.reports.numbers import alike
from seqcli.results.line_answers import ForecastCurve
from seqcli.results.wording import short_share

MOST_CURVES = 8
"""Panels of a picture: more are none that a person looks at."""

MOST_TICKS = 4  # times under a panel: a time with its hour is as wide as a fifth of it
TITLE_LETTERS = 40  # that fit over one panel


def draw_forecast(curves: Sequence[ForecastCurve], note: str) -> Figure:
    """The first curves of a forecast, a panel each.

    Args:
        curves: One for each column of each series.
        note: What stands below: the run.
    """
    return compose([_panel(curve) for curve in curves[:MOST_CURVES]], note)


def _panel(curve: ForecastCurve) -> Panel:
    """Past values in grey; the run's answers, before their values were known and ahead, in colour."""
    name = f"{curve.series}: {curve.column}" if curve.series else curve.column

    def draw(axes: Axes) -> None:
        steps, ahead = len(curve.past), range(len(curve.past), len(curve.past) + len(curve.ahead))
        axes.plot(range(steps), curve.past, color=QUIET, linewidth=1.0, label="known")
        if curve.checked:
            _draw_answers(axes, range(steps - len(curve.checked), steps), curve, curve.checked, ahead=False)
        _draw_answers(axes, ahead, curve, curve.ahead, ahead=True)
        axes.axvline(steps - 0.5, color=QUIET, linewidth=0.6, linestyle=":")
        axes.xaxis.set_major_locator(MaxNLocator(MOST_TICKS, integer=True))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda place, _: _time(curve, place)))
        axes.grid(visible=True, axis="y")
        add_legend(axes)

    now, then = alike([curve.past[-1], curve.ahead[-1][curve.middle]])
    known_until = curve.times[len(curve.past) - 1]
    about = f"{name}: {now} at {known_until}, {then} expected at {curve.times[-1]}"
    return Panel(one_line(name, TITLE_LETTERS), about, draw)


def _draw_answers(
    axes: Axes, steps: range, curve: ForecastCurve, answers: Sequence[Sequence[float]], *, ahead: bool
) -> None:
    """The value itself as a line, and between the outermost quantiles a band."""
    colour = colour_of(0 if ahead else 1)
    band = ""
    if curve.quantiles:
        band = f", band {short_share(curve.quantiles[-1] - curve.quantiles[0])}"
        axes.fill_between(
            steps,
            [answer[0] for answer in answers],
            [answer[-1] for answer in answers],
            color=colour,
            alpha=0.2,
            linewidth=0,
        )
    name = "ahead" if ahead else "forecast before it was known"
    values = [answer[curve.middle] for answer in answers]
    axes.plot(steps, values, color=colour, linestyle="-" if ahead else "--", label=f"{name}{band}")


def _time(curve: ForecastCurve, place: float) -> str:
    """The time of a step; '' between two and beyond them."""
    nearest = round(place)
    # Ticks lie at sums of floats: step 3 may be at 2.9999999.
    if abs(place - nearest) > 1e-6 or not 0 <= nearest < len(curve.times):
        return ""
    day, _, hour = curve.times[nearest].partition(" ")
    return f"{day}\n{hour.removesuffix(':00') if hour.count(':') > 1 else hour}".strip()
