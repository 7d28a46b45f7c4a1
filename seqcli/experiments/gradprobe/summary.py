"""From each seed's findings to one model's figures with their intervals over seeds."""

import math
from collections.abc import Sequence

from seqcli.probes.findings import Findings
from seqcli.probes.horizon import memory_length, rate, steps_to_halve, underflow_lag
from seqcli.results.gradprobe import Curve, Fate, Figure, GateFigures, Reach, Spectrum, Steps, TaskLag
from seqcli.results.measurements import Interval
from seqcli.statistics.intervals import estimate

TENFOLD = 1.0
"""Decades between lag 1 and the last that make a gradient vanish or explode rather than be preserved."""

FORGOTTEN = -3.0
"""Decades below lag 1 at which a dependency no longer counts."""


def figure(values: Sequence[float]) -> Figure | None:
    """Mean and interval over seeds; None where a value is not finite."""
    if not all(map(math.isfinite, values)):
        return None
    found = estimate(values)
    return Figure(mean=found.mean, ci95=found.ci95, per_seed=list(values))


def curve(seeds: Sequence[Sequence[float]]) -> Curve:
    """Mean and interval at each lag; None at a lag where a seed's norm is 0."""
    figures = [figure(at_lag) for at_lag in zip(*seeds, strict=True)]
    return Curve(
        mean=[None if one is None else one.mean for one in figures],
        ci95=[None if one is None else one.ci95 for one in figures],
    )


def rates(findings: Sequence[Findings]) -> list[float]:
    """Each seed's slope in decades a step; -inf where the norm is 0 from the start."""
    return [rate(seed.lags, seed.state_jacobian) for seed in findings]


def half_life(slopes: Sequence[float]) -> Steps | None:
    """The half-life of the mean slope, whose interval becomes one of steps; None if it does not fall."""
    found = figure(slopes)
    mean = None if found is None else steps_to_halve(found.mean)
    if found is None or mean is None:
        return None
    per_seed = [steps_to_halve(slope) for slope in slopes]
    return Steps(mean=mean, ci95=_steps_between(found.ci95), per_seed=per_seed)


def doubling_time(slopes: Sequence[float]) -> Steps | None:
    """The doubling time of the mean slope, a half-life backwards in time; None if it does not rise."""
    return half_life([-slope for slope in slopes])


def _steps_between(slope: Interval | None) -> tuple[float, float | None] | None:
    if slope is None:
        return None
    fastest = steps_to_halve(slope[0])
    return None if fastest is None else (fastest, steps_to_halve(slope[1]))


def memory(findings: Sequence[Findings]) -> Steps | None:
    """The memory length over seeds; None where a seed still remembers at the last lag."""
    lengths = [memory_length(seed.lags, seed.state_jacobian) for seed in findings]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths):
        return None
    found = estimate(known)
    return Steps(mean=found.mean, ci95=found.ci95, per_seed=lengths)


def fate(findings: Sequence[Findings]) -> Fate:
    """Whether, from lag 1 to the last, a tenth or less is left, tenfold or more has come, or neither.

    A curve that comes to its end against its own slope, as by a jump at the first state, does neither.
    """
    changes = [
        seed.state_jacobian[-1] - seed.state_jacobian[seed.lags.index(1)]
        for seed in findings
        if math.isfinite(seed.state_jacobian[seed.lags.index(1)])
    ]
    mean = sum(changes) / len(changes) if changes else -math.inf
    slope = _mean(rates(findings))
    if mean <= -TENFOLD and slope < 0:
        return "vanishes"
    return "explodes" if mean >= TENFOLD and slope > 0 else "preserves"


def spectrum(findings: Sequence[Findings]) -> Spectrum:
    """Exponents over seeds; with one seed the standard error over time."""
    columns = list(zip(*(seed.exponents for seed in findings), strict=True))
    estimates = [estimate(column) if all(map(math.isfinite, column)) else None for column in columns]
    between = [None if one is None else one.standard_error for one in estimates]
    over_time = [_finite(error) for error in findings[0].exponent_errors]
    return Spectrum(
        exponents=[None if one is None else one.mean for one in estimates],
        standard_error=over_time if len(findings) == 1 else between,
        per_seed=[[_finite(exponent) for exponent in seed.exponents] for seed in findings],
    )


def underflow(lags: Sequence[int], jacobian: Curve) -> int | None:
    """The lag at which float32 would hold nothing but 0, on the mean curve."""
    return underflow_lag(lags, [-math.inf if value is None else value for value in jacobian.mean])


def gates(findings: Sequence[Findings]) -> dict[str, GateFigures]:
    """Each gate's means over seeds."""
    merged = {}
    for name, first in findings[0].gates.items():
        seeds = [seed.gates[name] for seed in findings]
        merged[name] = GateFigures(
            mean=_mean([gate.mean for gate in seeds]),
            shut=_mean([gate.shut for gate in seeds]),
            open=_mean([gate.open for gate in seeds]),
            steps=first.steps,
            deciles=[
                [_mean(level) for level in zip(*bins, strict=True)]
                for bins in zip(*(gate.deciles for gate in seeds), strict=True)
            ],
        )
    return merged


def radii(findings: Sequence[Findings]) -> dict[str, Figure]:
    """Spectral radii of the blocks of W_hh over seeds."""
    found = {
        name: figure([seed.spectral_radius[name] for seed in findings])
        for name in findings[0].spectral_radius
    }
    return {name: one for name, one in found.items() if one is not None}


def task_lag(findings: Sequence[Findings], lag: int) -> TaskLag:
    """Whether a dependency of that many steps is within reach: a thousandth of lag 1's, by the interval."""
    shares = []
    for seed in findings:
        start, there = (seed.state_jacobian[seed.lags.index(place)] for place in (1, lag))
        shares.append(there - start if math.isfinite(start) else -math.inf)
    share = figure(shares)
    return TaskLag(lag=lag, log10_share=share, reached=_reached(share))


def _reached(share: Figure | None) -> Reach:
    if share is None:
        return "no"
    low, high = share.ci95 or (-math.inf, math.inf)
    if low > FORGOTTEN:
        return "yes"
    return "no" if high < FORGOTTEN else "undecided"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
