"""The pictures of a probe: norms over lags with bands over seeds, Lyapunov spectra, gates over time."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes

from seqcli.reports.draw.axes import QUIET, colour_of, count_across, line_of, marker_of, name_rows, row_height
from seqcli.reports.draw.panel import HEIGHT, LEGEND_LETTERS, SMALL, Panel, add_legend, below_legend, few
from seqcli.reports.draw.printable import cut_middle
from seqcli.reports.numbers import PLUS_MINUS, fixed
from seqcli.reports.parts.probe_table import decades, demo_points
from seqcli.results.gradprobe import DemoTraining, GateFigures, Gradprobe, LagCurve, ModelProbe

MARKED = 0.12  # of the axes' diagonal: how far a curve's markers stand apart
SMALL_MARK = 4.0  # points: markers of several curves at one lag stand clear of each other
MOST_GATES = 12  # strips: three gates of four models; a panel of more is higher than a screen
STRIP = 0.42  # of a row: half the height of a gate's strip
SCALE = 0.5  # inches, of the scale of openness below the strips

Norms = tuple[int, ModelProbe, LagCurve]
"""A model's place among all, the model, and one of its curves."""

GateCurves = tuple[ModelProbe, str, GateFigures]


def probe_panels(result: Gradprobe) -> tuple[Panel, ...]:
    """The panels that this probe has something for."""
    models = list(enumerate(result.models))
    state = [(place, model, model.log10_state_jacobian) for place, model in models]
    loss = [
        (place, model, model.log10_loss_gradient)
        for place, model in models
        if model.log10_loss_gradient is not None
    ]
    drawn = (
        _norm_panel("State Jacobian: mean, 95 % interval", "log10 ‖∂s_T/∂s_(T−k)‖₂", state),
        _norm_panel("Loss gradient: mean, 95 % interval", "log10 ‖∂L/∂h_(T−k)‖₂", loss),
        _spectrum_panel(result.models),
        _gate_panel(result.models),
        *_demo_panels(result),
    )
    return tuple(panel for panel in drawn if panel is not None)


def _demo_panels(result: Gradprobe) -> Iterator[Panel]:
    """The demonstration's first seed: loss, and gradient norm, a step."""
    demo = result.demo
    if demo is None:
        return
    first = demo.seeds[0]
    names = ("without clipping", f"clipped at {demo.clip:g}")
    both = (first.without, first.clipped)
    for quantity, runs in (
        ("loss", [training.loss for training in both]),
        ("gradient norm", [training.gradient_norm for training in both]),
    ):
        yield _demo_panel(quantity, [demo_points(values) for values in runs], names, both)


def _demo_panel(
    quantity: str,
    curves: Sequence[tuple[tuple[float, float], ...]],
    names: Sequence[str],
    trainings: Sequence[DemoTraining],
) -> Panel:
    def draw(axes: Axes) -> None:
        for place, (points, name) in enumerate(zip(curves, names, strict=True)):
            if points:
                steps, sizes = zip(*points, strict=True)
                marker = marker_of(place) if len(points) < 2 else None
                axes.plot(steps, sizes, line_of(place), marker=marker, color=colour_of(place), label=name)
            end = trainings[place].diverged_at
            if end is not None:
                axes.axvline(end, color=colour_of(place), linewidth=1, linestyle=":")
                axes.annotate(
                    f"step {end}: {trainings[place].seen}",
                    (end, 1.0),
                    xycoords=("data", "axes fraction"),
                    xytext=(4, -4),
                    textcoords="offset points",
                    va="top",
                    fontsize=SMALL,
                    color=colour_of(place),
                )
        count_across(axes, "training step")
        axes.set_ylabel(f"log10 {quantity}")
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{name}: {training.seen} at step {training.diverged_at}"
        if training.diverged_at is not None
        else f"{name}: to the last step"
        for name, training in zip(names, trainings, strict=True)
    ]
    return Panel(f"A training run that explodes: {quantity}", few(spoken), draw)


def _norm_panel(title: str, quantity: str, norms: Sequence[Norms]) -> Panel | None:
    """Return the panel of what is left of a change k steps ago, a curve a model."""
    known = [(place, model, curve) for place, model, curve in norms if _points(model, curve)]
    if not known:
        return None

    def draw(axes: Axes) -> None:
        for place, model, curve in known:
            _draw_norms(axes, model, curve, place)
        count_across(axes, "lag k, steps")
        axes.set_ylabel(quantity)
        axes.grid(visible=True)
        add_legend(axes)

    spoken = few([_norms_spoken(model, curve) for _, model, curve in known])
    return Panel(title, spoken, draw, below_legend([_name(model.label) for _, model, _ in known]))


def _points(model: ModelProbe, curve: LagCurve) -> list[tuple[int, float, tuple[float, float]]]:
    """Lag, mean and band wherever a norm is not exactly 0."""
    return [
        (lag, mean, band or (mean, mean))
        for lag, mean, band in zip(model.lags, curve.mean, curve.ci95, strict=True)
        if mean is not None
    ]


def _draw_norms(axes: Axes, model: ModelProbe, curve: LagCurve, place: int) -> None:
    lags, means, bands = zip(*_points(model, curve), strict=True)
    axes.plot(
        lags,
        means,
        line_of(place),
        marker=marker_of(place),
        markevery=MARKED,
        markersize=SMALL_MARK,
        color=colour_of(place),
        label=_name(model.label),
    )
    low, high = zip(*bands, strict=True)
    axes.fill_between(lags, low, high, color=colour_of(place), alpha=0.18, linewidth=0)


def _norms_spoken(model: ModelProbe, curve: LagCurve) -> str:
    """A curve in words: 'gru falls to −1.2 at lag 10 and −12 at lag 200'."""
    points = [(lag, mean) for lag, mean, _ in _points(model, curve) if lag > 0] or [(0, 0.0)]
    ends = [f"{decades(mean)} at lag {lag:,}" for lag, mean in dict.fromkeys((points[0], points[-1]))]
    return f"{model.label} {' and '.join(ends)}"


def _spectrum_panel(models: Sequence[ModelProbe]) -> Panel | None:
    """The rates at which nearby states part or meet, greatest first."""
    known = [(place, model) for place, model in enumerate(models) if _spectrum(model)]
    if not known:
        return None

    def draw(axes: Axes) -> None:
        for place, model in known:
            index, exponents, errors = zip(*_spectrum(model), strict=True)
            axes.errorbar(
                index,
                exponents,
                yerr=errors,
                fmt=line_of(place),
                marker=marker_of(place),
                markersize=SMALL_MARK,
                linewidth=1,
                color=colour_of(place),
                label=_name(model.label),
            )
        axes.axhline(0.0, color=QUIET, linewidth=1)
        count_across(axes, "exponent, greatest first")
        axes.set_ylabel("nats a step")
        axes.grid(visible=True)
        add_legend(axes)

    spoken = [
        f"{model.label} {fixed(exponent, 3)} {PLUS_MINUS} {fixed(error, 3)} at most"
        for _, model in known
        for _, exponent, error in _spectrum(model)[:1]
    ]
    height = below_legend([_name(model.label) for _, model in known])
    return Panel("Lyapunov exponents ± standard error", few(spoken), draw, height)


def _spectrum(model: ModelProbe) -> list[tuple[int, float, float]]:
    """Number, exponent and standard error of every direction that does not die."""
    exponents = zip(model.lyapunov.exponents, model.lyapunov.standard_error, strict=True)
    return [
        (number, exponent, error or 0.0)
        for number, (exponent, error) in enumerate(exponents, start=1)
        if exponent is not None
    ]


def _gate_panel(models: Sequence[ModelProbe]) -> Panel | None:
    """A strip a gate: deciles over units upwards, time to the right, openness as brightness."""
    gates = [(model, name, gate) for model in models for name, gate in model.gates.items()]
    drawn = gates[:MOST_GATES]
    if not gates:
        return None

    def draw(axes: Axes) -> None:
        for place, (model, _, gate) in enumerate(drawn):
            image = axes.imshow(
                np.array(gate.deciles).T,
                aspect="auto",
                origin="lower",
                vmin=0.0,
                vmax=1.0,
                cmap="viridis",
                extent=(0, model.lags[-1], place + STRIP, place - STRIP),
            )
        name_rows(axes, [f"{model.label}  {name}" for model, name, _ in drawn])
        axes.grid(visible=False)
        axes.set_xlim(0, max(model.lags[-1] for model, _, _ in drawn))
        count_across(axes, "step")
        axes.figure.colorbar(
            image, ax=axes, label="shut 0 … 1 open", location="bottom", fraction=0.05, aspect=50
        )

    spoken = [f"{model.label} {name} {fixed(gate.mean, 2)}" for model, name, gate in gates]
    height = max(HEIGHT, row_height(len(drawn))) + SCALE
    over = "over units" if len(drawn) == len(gates) else f"of the first {len(drawn)} of {len(gates)}"
    return Panel(f"Gates over time: deciles {over}", f"Mean openness: {few(spoken)}", draw, height)


def _name(label: str) -> str:
    """A legend's name: cut in its middle, for systems of one run differ in their ends."""
    return cut_middle(label, LEGEND_LETTERS)
