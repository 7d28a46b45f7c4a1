"""From each seed's findings to one model's figures with their intervals over seeds."""

import math
from collections.abc import Sequence

from seqcli.probes.horizon import (
    SHORTEST,
    late_rate,
    memory_length,
    overflow_lag,
    rate,
    steps_to_halve,
    underflow_lag,
)
from seqcli.probes.probe import Findings
from seqcli.results.common import Interval
from seqcli.results.gradprobe import (
    Fate,
    GateFigures,
    LagCurve,
    ProbeFigure,
    Reach,
    Spectrum,
    StepCount,
    TaskLag,
)
from seqcli.statistics.intervals import estimate

HORIZON = 200
"""Steps within which a tenfold loss or gain is called vanishing or exploding: the guide's T."""

FORGOTTEN = -3.0
"""Decades below lag 1 at which a dependency no longer counts."""


def figure(values: Sequence[float]) -> ProbeFigure | None:
    """Mean and interval over seeds; None where a value is not finite."""
    if not all(map(math.isfinite, values)):
        return None
    estimated = estimate(values)
    return ProbeFigure(mean=estimated.mean, ci95=estimated.ci95, per_seed=list(values))


def curve(seeds: Sequence[Sequence[float]]) -> LagCurve:
    """Mean and interval at each lag; None at a lag where a seed's norm is 0."""
    figures = [figure(at_lag) for at_lag in zip(*seeds, strict=True)]
    return LagCurve(
        mean=[None if lagged is None else lagged.mean for lagged in figures],
        ci95=[None if lagged is None else lagged.ci95 for lagged in figures],
    )


def rates(findings: Sequence[Findings]) -> list[float]:
    """Each seed's slope in decades a step; -inf where the norm is 0 from the start."""
    return [rate(seed.lags, seed.state_jacobian) for seed in findings]


def half_life(slopes: Sequence[float]) -> StepCount | None:
    """The half-life of the mean slope, whose interval becomes one of steps; None if it does not fall."""
    mean_slope = figure(slopes)
    mean = None if mean_slope is None else steps_to_halve(mean_slope.mean)
    if mean_slope is None or mean is None:
        return None
    per_seed = [steps_to_halve(slope) for slope in slopes]
    return StepCount(mean=mean, ci95=_steps_between(mean_slope.ci95), per_seed=per_seed)


def too_short(findings: Sequence[Findings]) -> bool:
    """Return whether too few lags were looked at to read a rate, and so a half-life or a word, from."""
    return findings[0].lags[-1] < SHORTEST


def doubling_time(slopes: Sequence[float]) -> StepCount | None:
    """The doubling time of the mean slope, a half-life backwards in time; None if it does not rise."""
    return half_life([-slope for slope in slopes])


def _steps_between(slope: Interval | None) -> tuple[float, float | None] | None:
    if slope is None:
        return None
    fastest = steps_to_halve(slope[0])
    return None if fastest is None else (fastest, steps_to_halve(slope[1]))


def memory(findings: Sequence[Findings]) -> StepCount | None:
    """The memory length over seeds; None where a seed still remembers at the last lag."""
    lengths = [memory_length(seed.lags, seed.state_jacobian) for seed in findings]
    known = [length for length in lengths if length is not None]
    if len(known) < len(lengths):
        return None
    mean_length = estimate(known)
    return StepCount(mean=mean_length.mean, ci95=mean_length.ci95, per_seed=lengths)


def fate(findings: Sequence[Findings], horizon: int = HORIZON) -> Fate:
    """Return whether a change of the state shrinks or grows tenfold within the horizon, or does neither.

    The interval of the rate decides, with the second half of the lags agreeing, never what the probed window
    happens to hold: the same recurrence has the same word over 20 steps as over 2,000. With one seed,
    whose spread is unknown, the rate itself decides.
    """
    if too_short(findings):
        return "undecided"
    known = rates([seed for seed in findings if _lives(seed)])
    words: set[Fate] = {"vanishes"} if len(known) < len(findings) else set()
    if known:
        mean_slope = estimate(known)
        late = _mean([late_rate(seed.lags, seed.state_jacobian) for seed in findings if _lives(seed)])
        words |= {_word(slope, 1 / horizon) for slope in (*(mean_slope.ci95 or (mean_slope.mean,)), late)}
    return words.pop() if len(words) == 1 else "undecided"


def _lives(seed: Findings) -> bool:
    """Return whether anything at all arrives from the last lag."""
    return math.isfinite(seed.state_jacobian[-1])


def _word(slope: float, tenfold: float) -> Fate:
    """The word for a slope, against the one that makes a change tenfold within the horizon."""
    if slope <= -tenfold:
        return "vanishes"
    return "explodes" if slope >= tenfold else "preserves"


def spectrum(findings: Sequence[Findings]) -> Spectrum:
    """Exponents over seeds; with one seed the standard error over time."""
    columns = list(zip(*(seed.exponents for seed in findings), strict=True))
    estimates = [estimate(column) if all(map(math.isfinite, column)) else None for column in columns]
    between = [None if direction is None else direction.standard_error for direction in estimates]
    over_time = [_finite(error) for error in findings[0].exponent_errors]
    return Spectrum(
        exponents=[None if direction is None else direction.mean for direction in estimates],
        standard_error=over_time if len(findings) == 1 else between,
        per_seed=[[_finite(exponent) for exponent in seed.exponents] for seed in findings],
    )


def underflow(lags: Sequence[int], jacobian: LagCurve) -> int | None:
    """The lag at which float32 would hold nothing but 0, on the mean curve."""
    return underflow_lag(lags, [-math.inf if value is None else value for value in jacobian.mean])


def overflow(lags: Sequence[int], jacobian: LagCurve) -> int | None:
    """The lag at which float32 would hold nothing but infinity, on the mean curve."""
    return overflow_lag(lags, [-math.inf if value is None else value for value in jacobian.mean])


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


def radii(findings: Sequence[Findings]) -> dict[str, ProbeFigure]:
    """Spectral radii of the blocks of W_hh over seeds."""
    figures = {
        name: figure([seed.spectral_radius[name] for seed in findings])
        for name in findings[0].spectral_radius
    }
    return {name: radius for name, radius in figures.items() if radius is not None}


def task_lag(findings: Sequence[Findings], lag: int) -> TaskLag:
    """Return whether that many steps are within reach: a thousandth of lag 1's, by the interval."""
    shares = []
    for seed in findings:
        start, end = (seed.state_jacobian[seed.lags.index(place)] for place in (1, lag))
        shares.append(end - start if math.isfinite(start) else -math.inf)
    share = figure(shares)
    return TaskLag(lag=lag, log10_share=share, reached=_reached(share))


def _reached(share: ProbeFigure | None) -> Reach:
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
