"""Means, paired differences and paired ratios over seeds, each with Student's t-interval.

A mean whose variance is a sum of estimated parts has t with Satterthwaite's degrees of freedom (1946).

Percentile bootstraps over 3 to 10 seeds cover 75 to 89 % instead of 95 %: means over seeds never use one.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import special

from seqcli.statistics import student, verdict_claims
from seqcli.statistics.student import Floats
from seqcli.statistics.verdict_claims import Claims

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""Values that agree to this share of their size differ by arithmetic only."""


class ConfidenceInterval(NamedTuple):
    """A confidence interval, ends included."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Return how far apart the ends are."""
        return self.high - self.low

    def excludes(self, value: float) -> bool:
        """Return whether the value lies outside."""
        return not self.low <= value <= self.high

    def hull(self, other: "ConfidenceInterval") -> "ConfidenceInterval":
        """The smallest interval that holds both."""
        return ConfidenceInterval(min(self.low, other.low), max(self.high, other.high))


class WithIntervals(ABC):
    """An estimate that has an interval at every level."""

    @abstractmethod
    def interval(self, alpha: float = 0.05) -> ConfidenceInterval | None:
        """The interval that misses the true value in a share `alpha` of studies; None for one value."""

    @property
    def ci95(self) -> ConfidenceInterval | None:
        """The 95 % interval."""
        return self.interval(0.05)

    @property
    def ci90(self) -> ConfidenceInterval | None:
        """The 90 % interval: the one that TOST at 5 % reads."""
        return self.interval(0.10)


@dataclass(frozen=True)
class Estimate(WithIntervals):
    """A mean over independent runs, with what its t-interval needs.

    Args:
        mean: The mean; for a paired difference the mean of a − b.
        sd: The sample standard deviation (n − 1 below the line); None for one value, whose spread is unknown;
            0 when all values are equal or the figure is exact: the interval then has no width.
        n: How many values (seeds or blocks) there are.
    """

    mean: float
    sd: float | None
    n: int

    @property
    def standard_error(self) -> float | None:
        """The spread of the mean, sd / √n; None for one value."""
        return None if self.sd is None else self.sd / math.sqrt(self.n)

    def interval(self, alpha: float = 0.05) -> ConfidenceInterval | None:
        """The t-interval, mean ± t(1 − alpha/2, n − 1) · sd / √n; None for one value (no spread)."""
        error = self.standard_error
        if error is None:
            return None
        half = student.quantile(alpha / 2, self.n) * error
        return ConfidenceInterval(self.mean - half, self.mean + half)


@dataclass(frozen=True)
class LogEstimate(WithIntervals):
    """A geometric mean, or a mean ratio a / b: an estimate of logarithms, read back on the plain scale."""

    log: Estimate

    @property
    def value(self) -> float:
        """The geometric mean: exp of the mean logarithm."""
        return _exp(self.log.mean)

    def interval(self, alpha: float = 0.05) -> ConfidenceInterval | None:
        """The t-interval of the mean logarithm under exp; None for one value."""
        # An end beyond the largest float is the largest float: two noisy blocks can be that vague.
        logs = self.log.interval(alpha)
        return None if logs is None else ConfidenceInterval(_exp(logs.low), _exp(logs.high))


def estimate(values: Sequence[float] | Floats, *, resolution: float = 0.0) -> Estimate:
    """The mean of independent values with its spread (Student, 1908).

    Args:
        values: One value a seed, (S,).
        resolution: The metric's smallest step, 1/N for accuracy on N test examples. Two or three seeds often
            share one value on such a grid, which is no proof that they always will, so the spread is never
            taken below the grid's own, resolution/√12 (Sheppard, 1898). 0 for a continuous metric.

    Raises:
        ValueError: There is no value, or one is not finite.
    """
    array = _finite(values)
    return _summary(array, scale=float(np.abs(array).max()), floor=resolution / math.sqrt(12))


def paired_difference(
    a: Sequence[float] | Floats, b: Sequence[float] | Floats, *, resolution: float = 0.0
) -> Estimate:
    """The mean of a − b over seeds, seed k of the one against seed k of the other.

    >>> difference = paired_difference([0.81, 0.83, 0.82], [0.76, 0.77, 0.78])
    >>> round(difference.mean, 3)
    0.05

    Differences no larger than rounding are 0. `resolution` is as in `estimate`; the difference of two values
    on a grid has the spread resolution/√6 of its own.

    Raises:
        ValueError: The lengths differ, there is no pair, or a value is not finite.
    """
    first, second = _paired(a, b)
    scale = float(max(np.abs(first).max(), np.abs(second).max()))
    differences = first - second
    # 0.1 + 0.2 is not 0.3 as floats: of two equal scores neither must look ahead.
    differences[np.abs(differences) <= ROUNDING * scale] = 0.0
    return _summary(differences, scale=scale, floor=resolution / math.sqrt(6))


def paired_ratio(a: Sequence[float] | Floats, b: Sequence[float] | Floats) -> LogEstimate:
    """The geometric mean of a / b over pairs of blocks or seeds, with the t-interval of their log ratios.

    Raises:
        ValueError: The lengths differ, there is no pair, or a value is not finite and above 0.
    """
    # The noise of times, speeds and bytes is multiplicative, and a geometric mean of ratios says the same
    # whichever of the two is called a (Fleming & Wallace, 1986; Kalibera & Jones, 2013, on its interval).
    first, second = _paired(a, b)
    return LogEstimate(paired_difference(_logarithms(first), _logarithms(second)))


def geometric_mean(values: Sequence[float] | Floats) -> LogEstimate:
    """The geometric mean of positive values, with the t-interval of their logarithms.

    Raises:
        ValueError: There is no value, or one is not finite and above 0.
    """
    return LogEstimate(estimate(_logarithms(_finite(values))))


def exact_difference(a: float, b: float) -> Estimate:
    """The difference a − b of two figures without noise, such as bytes of parameters: known exactly."""
    return Estimate(mean=_finite([a - b]).item(), sd=0.0, n=1)


def exact_ratio(a: float, b: float) -> LogEstimate:
    """The ratio a / b of two positive figures without noise.

    Raises:
        ValueError: A figure is not finite and above 0.
    """
    logs = _logarithms(_finite([a, b]))
    return LogEstimate(exact_difference(float(logs[0]), float(logs[1])))


def complete_pairs(a: Sequence[float | None], b: Sequence[float | None]) -> tuple[Floats, Floats]:
    """The seeds at which both models have a value: a leg that failed takes its partner out of the difference.

    Raises:
        ValueError: The lengths differ.
    """
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    both = np.array(pairs, dtype=np.float64).reshape(-1, 2)
    return both[:, 0].copy(), both[:, 1].copy()


def _summary(values: Floats, *, scale: float, floor: float) -> Estimate:
    mean = float(values.mean())
    if values.size == 1:
        return Estimate(mean=mean, sd=None, n=1)
    sd = float(values.std(ddof=1))
    return Estimate(mean=mean, sd=max(0.0 if sd <= ROUNDING * scale else sd, floor), n=values.size)


def _finite(values: Sequence[float] | Floats) -> Floats:
    array = np.array(values, dtype=np.float64)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"expected at least one value in one row, got an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"expected finite values, got {array.tolist()}")
    return array


def _paired(a: Sequence[float] | Floats, b: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    first, second = _finite(a), _finite(b)
    if first.size != second.size:
        raise ValueError(f"pairs need equal lengths, got {first.size} and {second.size}")
    return first, second


def _exp(value: float) -> float:
    # Beyond the largest float exp raises; such an end says no more than that nothing is known.
    return math.exp(min(value, math.log(np.finfo(np.float64).max)))


def _logarithms(values: Floats) -> Floats:
    if not (values > 0.0).all():
        raise ValueError(f"expected values above 0, got {values.tolist()}")
    return np.log(values)


@dataclass(frozen=True)
class ApproximateMean:
    """A mean, its estimated variance, and how well that is known.

    Args:
        mean: The mean, of one model's scores, of differences, or of any linear combination of models.
        variance: Its variance; 0 is exact knowledge.
        degrees: Degrees of freedom of the variance.
    """

    mean: float
    variance: float
    degrees: float

    @property
    def error(self) -> float:
        """The standard error."""
        return float(self.variance**0.5)

    def interval(self, alpha: float = 0.05) -> ConfidenceInterval:
        """The (1 − alpha) t-interval."""
        half = -float(special.stdtrit(self.degrees, alpha / 2)) * self.error
        return ConfidenceInterval(self.mean - half, self.mean + half)

    def claims(self, margin: float) -> Claims:
        """The p-values of the three claims, by the t distribution."""
        return verdict_claims.t_claims(self.mean, self.error, self.degrees, margin)


def independent(parts: Sequence[Estimate | ApproximateMean]) -> ApproximateMean:
    """The sum of independent means, such as this sitting's and the negative of another's (Welch, 1947).

    Of one sample alone it is Student's t.

    Raises:
        ValueError: There is no mean, or one is of a single value of unknown spread.
    """
    means = [_of_estimate(part) if isinstance(part, Estimate) else part for part in parts]
    if not means:
        raise ValueError("expected at least one mean")
    variance = sum(part.variance for part in means)
    weights = sum(part.variance**2 / part.degrees for part in means)
    return ApproximateMean(
        mean=sum(part.mean for part in means),
        variance=variance,
        degrees=variance**2 / weights if weights else 1.0,
    )


def negative(part: ApproximateMean) -> ApproximateMean:
    """The same mean seen from the other side."""
    return ApproximateMean(-part.mean, part.variance, part.degrees)


def independent_difference(a: Estimate | ApproximateMean, b: Estimate | ApproximateMean) -> ApproximateMean:
    """The mean of a less the mean of b, which share nothing.

    Raises:
        ValueError: One is of a single value of unknown spread.
    """
    return independent([a, negative(_of_estimate(b) if isinstance(b, Estimate) else b)])


def _of_estimate(part: Estimate) -> ApproximateMean:
    if part.sd is None:
        raise ValueError("expected samples of at least two values each")
    return ApproximateMean(part.mean, part.sd**2 / part.n, max(part.n - 1, 1))
