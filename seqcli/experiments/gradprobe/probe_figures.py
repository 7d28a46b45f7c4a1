"""The figures that a gate can name in the result of `gradprobe`."""

import math
from collections.abc import Callable, Mapping

from seqcli.experiments.gates.judging import UNKNOWN, GateName, Lookup, Quantity
from seqcli.probes.horizon import SHORTEST, steps_to_double, steps_to_halve
from seqcli.results.gradprobe import Gradprobe, LagCurve, ModelProbe, ProbeFigure, StepCount


def lookup_in(result: Gradprobe) -> Lookup:
    """Return the lookup by which gates read this result."""

    def find(name: GateName) -> Quantity:
        model = next(model for model in result.models if model.label == name.label)
        return FIGURES[".".join(name.parts)](model, name)

    return find


def _of_figure(figure: ProbeFigure | None) -> Quantity:
    if figure is None:
        return UNKNOWN
    return Quantity(figure.mean, figure.ci95, tuple(figure.per_seed))


def _half_life(model: ModelProbe, _: GateName) -> Quantity:
    return UNKNOWN if model.lags[-1] < SHORTEST else _steps(model.rate, steps_to_halve, 1.0)


def _doubling_time(model: ModelProbe, _: GateName) -> Quantity:
    return UNKNOWN if model.lags[-1] < SHORTEST else _steps(model.rate, steps_to_double, -1.0)


def _steps(rate: ProbeFigure | None, convert: Callable[[float], float | None], sign: float) -> Quantity:
    """A half-life or doubling time on the whole scale: infinite where the norm does not fall, or not rise."""
    if rate is None:
        return Quantity(0.0 if sign > 0 else math.inf, exact=True)

    def steps(slope: float) -> float:
        count = convert(slope)
        return math.inf if count is None else count

    ends = None if rate.ci95 is None else sorted(steps(end) for end in rate.ci95)
    interval = None if ends is None else (ends[0], ends[1])
    return Quantity(steps(rate.mean), interval, tuple(steps(slope) for slope in rate.per_seed))


def _memory_length(model: ModelProbe, _: GateName) -> Quantity:
    length: StepCount | None = model.memory_length
    if length is None:
        return Quantity(math.inf, (float(model.lags[-1]), math.inf))
    seeds = tuple(math.inf if seed is None else seed for seed in length.per_seed)
    if length.ci95 is None:
        return Quantity(length.mean, None, seeds)
    high = length.ci95[1]
    return Quantity(length.mean, (length.ci95[0], math.inf if high is None else high), seeds)


def _first_lag(model: ModelProbe, lag: int | None) -> Quantity:
    """A lag beyond which float32 fails; open upwards where the probed lags hold none."""
    if lag is None:
        return Quantity(math.inf, (float(model.lags[-1]), math.inf))
    return Quantity(float(lag), exact=True)


def _exponent(model: ModelProbe, name: GateName) -> Quantity:
    index = name.index or 0
    seeds = [seed[index] if index < len(seed) else None for seed in model.lyapunov.per_seed]
    known = [seed for seed in seeds if seed is not None]
    if len(known) < len(seeds):
        return UNKNOWN
    from seqcli.experiments.gradprobe.summary import figure

    return _of_figure(figure(known))


def _at_lag(pick: Callable[[ModelProbe], LagCurve | None]) -> Callable[[ModelProbe, GateName], Quantity]:
    def find(model: ModelProbe, name: GateName) -> Quantity:
        curve = pick(model)
        place = model.lags.index(name.index or 0)
        mean = None if curve is None else curve.mean[place]
        return UNKNOWN if curve is None or mean is None else Quantity(mean, curve.ci95[place])

    return find


FIGURES: Mapping[str, Callable[[ModelProbe, GateName], Quantity]] = {
    "half_life": _half_life,
    "doubling_time": _doubling_time,
    "memory_length": _memory_length,
    "float32_underflow_lag": lambda model, _: _first_lag(model, model.float32_underflow_lag),
    "float32_overflow_lag": lambda model, _: _first_lag(model, model.float32_overflow_lag),
    "rate": lambda model, _: _of_figure(model.rate),
    "lyapunov.exponents": _exponent,
    "log10_state_jacobian": _at_lag(lambda model: model.log10_state_jacobian),
    "log10_loss_gradient": _at_lag(lambda model: model.log10_loss_gradient),
    "clip.gradient_norm": lambda model, _: _of_figure(model.clip.gradient_norm if model.clip else None),
}
"""The names that a gate may use, as in the JSON document."""

LISTS = frozenset({"lyapunov.exponents", "log10_state_jacobian", "log10_loss_gradient"})
"""Those of them that an index picks from: an exponent's rank, or a lag."""
