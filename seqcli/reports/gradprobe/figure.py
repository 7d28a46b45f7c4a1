"""The picture of a probe: norms over lags with bands over seeds, Lyapunov spectra, gates over time."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqcli.reports.printable import printable
from seqcli.results.gradprobe import Curve, GateFigures, Gradprobe, ModelProbe

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#332288", "#999933")
"""Told apart by people with any colour vision (Okabe & Ito, 2008)."""

STYLES = ("-", "--", "-.", ":")
MOST_GATES = 12


def draw_probe(result: Gradprobe) -> Figure:
    """One figure, made without a display: curves above, spectra and gates below."""
    gates = [(model, name, gate) for model in result.models for name, gate in model.gates.items()][
        :MOST_GATES
    ]
    rows = 2 + (len(gates) > 0)
    figure = Figure(figsize=(9.5, 3.4 * 2 + 0.55 * len(gates) + 0.6), layout="constrained")
    heights = [3.4, 2.8, 0.55 * len(gates) + 0.6][:rows]
    grid = figure.add_gridspec(rows, 2, height_ratios=heights)
    left, right = figure.add_subplot(grid[0, 0]), figure.add_subplot(grid[0, 1])
    _draw_curves(left, result.models, [model.log10_state_jacobian for model in result.models])
    left.set_title("state Jacobian")
    left.set_ylabel("log10 ‖∂s_T/∂s_(T−k)‖₂")
    _draw_curves(right, result.models, [model.log10_loss_gradient for model in result.models])
    right.set_title("loss gradient")
    right.set_ylabel("log10 ‖∂L/∂h_(T−k)‖₂")
    left.legend(frameon=False, fontsize="small")
    _draw_spectra(figure.add_subplot(grid[1, :]), result.models)
    if gates:
        _draw_gates(figure, grid[2, :].subgridspec(len(gates), 1, hspace=0.12), gates)
    figure.suptitle(printable(result.signature), fontsize="small", color="0.4", wrap=True)
    return figure


def _draw_curves(axes: Axes, models: Sequence[ModelProbe], curves: Sequence[Curve | None]) -> None:
    for place, (model, curve) in enumerate(zip(models, curves, strict=True)):
        if curve is None:
            continue
        colour, style = COLOURS[place % len(COLOURS)], STYLES[place % len(STYLES)]
        known = [
            (lag, mean, band or (mean, mean))
            for lag, mean, band in zip(model.lags, curve.mean, curve.ci95, strict=True)
            if mean is not None
        ]
        if not known:
            continue
        lags = [lag for lag, _, _ in known]
        axes.plot(lags, [mean for _, mean, _ in known], style, color=colour, label=printable(model.label))
        low, high = ([band[end] for _, _, band in known] for end in (0, 1))
        axes.fill_between(lags, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.set_xlabel("lag k, steps")
    axes.grid(visible=True, color="0.9")
    axes.spines[["top", "right"]].set_visible(False)


def _draw_spectra(axes: Axes, models: Sequence[ModelProbe]) -> None:
    for place, model in enumerate(models):
        found = model.lyapunov
        known = [
            (index + 1, exponent, error or 0.0)
            for index, (exponent, error) in enumerate(zip(found.exponents, found.standard_error, strict=True))
            if exponent is not None
        ]
        if known:
            index, exponents, errors = zip(*known, strict=True)
            axes.errorbar(
                index,
                exponents,
                yerr=errors,
                marker=".",
                linewidth=1,
                color=COLOURS[place % len(COLOURS)],
                linestyle=STYLES[place % len(STYLES)],
                label=printable(model.label),
            )
    axes.axhline(0.0, color="0.6", linewidth=0.8)
    axes.set_title("Lyapunov exponents ± standard error")
    axes.set_xlabel("exponent")
    axes.set_ylabel("nats a step")
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(visible=True, color="0.9")


def _draw_gates(figure: Figure, grid: object, gates: Sequence[tuple[ModelProbe, str, GateFigures]]) -> None:
    """A strip a gate: deciles over units upwards, time to the right, openness as brightness."""
    axes: list[Axes] = []
    image = None
    for place, (model, name, gate) in enumerate(gates):
        one = figure.add_subplot(grid[place])  # type: ignore[index]
        end = model.lags[-1]
        values = np.array(gate.deciles).T
        image = one.imshow(
            values, aspect="auto", origin="lower", vmin=0.0, vmax=1.0, cmap="viridis", extent=(0, end, 0, 1)
        )
        one.set_yticks([])
        one.set_ylabel(printable(f"{model.label}  {name}"), rotation=0, ha="right", va="center")
        last = place == len(gates) - 1
        one.tick_params(bottom=last, labelbottom=last)
        axes.append(one)
    axes[0].set_title("gates over time, deciles over units")
    axes[-1].set_xlabel("step")
    if image is not None:
        figure.colorbar(image, ax=axes, label="shut 0 … 1 open", fraction=0.03)
