"""The remedies of `--what-if`: a model with one thing changed, or clipped, beside it as it is."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqcli.experiments.gradprobe import summary
from seqcli.experiments.gradprobe.summary import figure
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.probes.probe import Findings
from seqcli.results.gradprobe import Clipping, Help, ModelProbe, Variant
from seqcli.statistics.intervals import paired_difference

GATED = "lstm"
"""What stands in for a cell that has no gate to change."""


@dataclass(frozen=True)
class Change:
    """A model to probe in another's place.

    Args:
        name: What is changed, in words.
        model: The changed model.
        normalised: Whether layer normalisation is put in.
    """

    name: str
    model: ModelConfig
    normalised: bool = False


def cures(model: ModelConfig, steps: int) -> list[Change]:
    """The two changes that the guide's claim 9 is about, without what the model already has."""
    return [*_forget_bias(model, 1.0), *_chrono(model, steps)]


def changes(model: ModelConfig, steps: int) -> list[Change]:
    """Every change that `--what-if` shows but clipping, which changes no path through time."""
    return [
        *_forget_bias(model, 1.0),
        *_forget_bias(model, 3.0),
        *_unless_same(model, "orthogonal", init="orthogonal", forget_bias=None, gain=1.0),
        *_chrono(model, steps),
        Change("layer norm", model, normalised=True),
    ]


def gated(model: ModelConfig) -> ModelConfig:
    """The model itself if it has a gate that keeps, else an LSTM of its shape."""
    if CELLS.get(model.model).keeps is not None:
        return model
    return changed(model, model=GATED, activation=None)


def changed(base: ModelConfig, **settings: object) -> ModelConfig:
    """The model with other settings, checked again."""
    return ModelConfig.model_validate({**base.model_dump(), **settings})


def _forget_bias(model: ModelConfig, bias: float) -> Iterator[Change]:
    """The gate that keeps begins open; on top of torch's weights where chrono would set it itself."""
    init = "torch" if model.init == "chrono" else model.init
    already = model.init == "tuned" and model.forget_bias is None and bias == 1.0
    if not (already and gated(model) is model):
        yield from _unless_same(model, f"forget bias {bias:g}", gated(model), init=init, forget_bias=bias)


def _chrono(model: ModelConfig, steps: int) -> Iterator[Change]:
    length = max(3, steps)
    yield from _unless_same(
        model,
        f"chrono ({length:,})",
        gated(model),
        init="chrono",
        chrono_length=length,
        forget_bias=None,
        gain=1.0,
    )


def _unless_same(
    model: ModelConfig, name: str, base: ModelConfig | None = None, **settings: object
) -> Iterator[Change]:
    """The change, unless it would change nothing; an LSTM in another cell's place is named."""
    base = base or model
    other = changed(base, **settings)
    if other != model:
        swapped = f"{base.model}, " if base.model != model.model else ""
        yield Change(swapped + name, other)


def clipping(norms: Sequence[Sequence[float]], clip: float) -> Clipping:
    """Return how often and how far gradients of these norms would be clipped.

    A clipped gradient is the gradient times clip / norm: one factor for every weight, so for every step's
    contribution too. It bounds what explodes; what vanishes vanishes as before.

    Args:
        norms: The norm of each step's gradient, seed by seed; inf where it overflows.
        clip: The largest norm let through.
    """
    all_norms = [norm for seed in norms for norm in seed]
    return Clipping(
        norm=clip,
        fraction_clipped=sum(not norm <= clip for norm in all_norms) / len(all_norms),
        steps=len(all_norms),
        gradient_norm=figure([math.fsum(seed) / len(seed) for seed in norms]),
        scale=math.fsum(scale(norm, clip) for norm in all_norms) / len(all_norms),
    )


def scale(norm: float, clip: float) -> float:
    """The factor by which clipping multiplies a gradient of that norm."""
    if math.isnan(norm):
        return 0.0
    return min(1.0, clip / norm) if norm > 0 else 1.0


def variant(
    change: Change,
    findings: Sequence[Findings],
    as_it_is: Sequence[Findings] | None = None,
    *,
    horizon: int = summary.HORIZON,
) -> Variant:
    """One row: the changed model's figures, and its rate against the model's own seed by seed.

    Args:
        change: What was changed.
        findings: What the changed model showed, seed by seed.
        as_it_is: What the model itself showed with the same seeds; None leaves the judgement out.
        horizon: Steps within which a tenfold change counts.
    """
    slopes = summary.rates(findings)
    short = summary.too_short(findings)
    return Variant(
        name=change.name,
        model=change.model.model,
        half_life=None if short else summary.half_life(slopes),
        doubling_time=None if short else summary.doubling_time(slopes),
        memory_length=summary.memory(findings),
        verdict=summary.fate(findings, horizon),
        rate=summary.figure(slopes),
        change=None if as_it_is is None else judged(summary.rates(as_it_is), slopes),
    )


def judged(unchanged: Sequence[float], changed: Sequence[float]) -> Help:
    """Return whether the change brings the rate nearer to 0, by the interval of the paired difference.

    A gradient that explodes is no help against one that vanishes: both rates count by their size.
    """
    a, b = [abs(rate) for rate in unchanged], [abs(rate) for rate in changed]
    if not all(rate < float("inf") for rate in (*a, *b)):
        return "undecided"
    difference = paired_difference(a, b)
    if difference.mean == 0 and not difference.sd:
        return "no difference"
    interval = difference.ci95
    if interval is None or not interval.excludes(0.0):
        return "undecided"
    return "helps" if difference.mean > 0 else "hurts"


def unchanged(model: ModelProbe) -> Variant:
    """The model as it is, as the first row of its table."""
    return _row(model, "as it is", None)


def clipped(model: ModelProbe, norm: float) -> Variant:
    """Clipping as a row: every path through time stays what it was."""
    return _row(model, f"clipping at {norm:g}", "no difference")


def _row(model: ModelProbe, name: str, change: Help | None) -> Variant:
    return Variant(
        name=name,
        model=model.name,
        half_life=model.half_life,
        doubling_time=model.doubling_time,
        memory_length=model.memory_length,
        verdict=model.verdict,
        rate=model.rate,
        change=change,
    )
