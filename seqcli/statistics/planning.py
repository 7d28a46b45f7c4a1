"""The seeds or test examples that a verdict takes: exact power, and advice from a rough spread."""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from seqcli.statistics import student
from seqcli.statistics.student import Floats

NODES, WEIGHTS = np.polynomial.legendre.leggauss(16)
TRANSITION = np.array([-8.0, -3.0, -1.0, 0.0, 1.0, 3.0, 8.0])
"""Where a normal probability moves from 0 to 1, in standard deviations: panels of the integral end here."""


def detection_power(n: int, effect: float, *, alpha: float = 0.05) -> float:
    """The chance that the two-sided t-test over n seeds sees a true difference (noncentral t; Cohen, 1988).

    Args:
        n: Paired seeds, at least 2.
        effect: True difference over its spread, δ/s_d.
        alpha: Level of the test.
    """
    return float(_detection(np.array([n]), np.array([effect]), alpha)[0])


def _detection(n: NDArray[np.int64], effect: Floats, alpha: float) -> Floats:
    """`detection_power` of several numbers of seeds at once, (K,): scipy's call costs more than its sum."""
    t, centre = -special.stdtrit(n - 1, alpha / 2), np.abs(effect) * np.sqrt(n)
    right_side = 1.0 - special.nctdtr(n - 1, centre, t)
    # special.nctdtr is the function of stats.nct without its import, which takes most of a second. In the
    # tail on the wrong side it answers nan where less than its rounding error is left; stats.nct has 0.
    wrong_side = np.nan_to_num(special.nctdtr(n - 1, centre, -t), nan=0.0)
    return np.asarray(right_side + wrong_side, dtype=np.float64)


def equivalence_power(n: int, margin: float, *, alpha: float = 0.05, effect: float = 0.0) -> float:
    """The chance that TOST over n seeds shows equivalence (exact; Phillips, 1990).

    Args:
        n: Paired seeds, at least 2.
        margin: Equivalence margin over the spread, Δ/s_d.
        alpha: Level of each one-sided test: .05 reads the 90 % interval.
        effect: True difference over its spread.
    """
    t, half, centre = student.quantile(alpha, n), margin * np.sqrt(n), effect * np.sqrt(n)
    breaks = _breaks([half / t], [(half - centre, t), (half + centre, t)])
    # The seeds' own spread is drawn with them: the power is the mean over s_d / σ, which has a chi
    # distribution.
    u, weight = _spread(n, breaks)
    room = np.maximum(half - t * u, 0.0)
    return float(np.sum(weight * (special.ndtr(room - centre) - special.ndtr(-room - centre))))


def decision_power(n: int, margin: float, *, alpha: float = 0.05, effect: float = 0.0) -> float:
    """The chance that n seeds end in a verdict: a difference is seen, or equivalence is, or both.

    Args:
        n: Paired seeds, at least 2.
        margin: Equivalence margin over the spread, Δ/s_d.
        alpha: Level of the t-test and of each one-sided test of TOST.
        effect: True difference over its spread.
    """
    one_sided, two_sided = student.quantile(alpha, n), student.quantile(alpha / 2, n)
    half, centre = margin * np.sqrt(n), effect * np.sqrt(n)
    kinks = [half / one_sided, half / (one_sided + two_sided)]
    slopes = [
        (half - centre, one_sided),
        (half + centre, one_sided),
        (centre, two_sided),
        (-centre, two_sided),
    ]
    u, weight = _spread(n, _breaks(kinks, slopes))
    inner = np.maximum(half - one_sided * u, 0.0)
    outer = np.maximum(two_sided * u, inner)
    grey = special.ndtr(outer - centre) - special.ndtr(inner - centre)
    grey += special.ndtr(-inner - centre) - special.ndtr(-outer - centre)
    return float(1.0 - np.sum(weight * grey))


def least_decision_power(n: int, margin: float, *, alpha: float = 0.05) -> float:
    """The smallest `decision_power` over the true differences from 0 to the margin: what n seeds promise."""
    # Beyond the margin a difference is only easier to see. Thirteen differences find the smallest to .005.
    effects = np.linspace(0.0, margin, 13)
    return min(decision_power(n, margin, alpha=alpha, effect=float(effect)) for effect in effects)


@lru_cache(maxsize=256)
def detectable_effect(n: int, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest δ/s_d that n seeds see with the given power (inverse of `detection_power`)."""
    high = 1.0
    # Power grows with the effect, so doubling finds an upper end for any n.
    while detection_power(n, high, alpha=alpha) < power:
        high *= 2.0
    return float(
        optimize.brentq(lambda effect: detection_power(n, effect, alpha=alpha) - power, 0.0, high, xtol=1e-12)
    )


def seeds_to_decide(
    margin: float,
    *,
    alpha: float = 0.05,
    power: float = 0.8,
    floor: float = 0.0,
    cap: int = 1000,
) -> int | None:
    """The fewest paired seeds that end in a verdict with the given power, whatever the true difference is.

    >>> seeds_to_decide(1.0), seeds_to_decide(2.0)
    (13, 6)

    Args:
        margin: Equivalence margin over the spread of paired differences, Δ/s_d.
        alpha: Level of the t-test and of each one-sided test of TOST.
        power: The chance of a verdict that is asked for.
        floor: Variance of the mean difference that more seeds do not reduce (the test examples' share), over
            the spread's square. At n seeds the spread then counts as √(1 + n · floor).
        cap: The most seeds worth naming.

    Returns:
        The number of seeds, or None if `cap` seeds do not decide.
    """

    def decides(n: int) -> bool:
        return least_decision_power(n, margin / np.sqrt(1.0 + n * floor), alpha=alpha) >= power

    if not decides(cap):
        return None
    # Power grows with seeds: doubled until it is enough, then halved between.
    low, high = 1, 2
    while not decides(high):
        low, high = high, min(2 * high, cap)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high


@lru_cache(maxsize=64)
def margin_to_decide(*, alpha: float = 0.05, power: float = 0.8) -> float:
    """The margin, in standard errors of a mean of known spread, at which a verdict has the given chance.

    Known spread is the limit of many seeds: what is left is the noise of the test examples.
    """
    # With so many degrees of freedom Student's t is the normal distribution to four digits.
    seeds = 10_001
    # At .1 standard errors hardly anything is decided, at 30 everything: the margin lies between.
    return float(
        optimize.brentq(
            lambda errors: least_decision_power(seeds, errors / np.sqrt(seeds), alpha=alpha) - power,
            0.1,
            30.0,
        )
    )


def _spread(n: int, breaks: Floats) -> tuple[Floats, Floats]:
    """Nodes of U = s/σ for n values, each with its weight: Gauss–Legendre between the breaks."""
    shape = (n - 1) / 2
    # What is cut off on either side is less than a float64 can tell from 1.
    low = np.sqrt(special.gammaincinv(shape, 1e-16) / shape)
    high = np.sqrt(special.gammainccinv(shape, 1e-16) / shape)
    middle = np.linspace(low, high, 9)
    edges = np.unique(np.clip(np.concatenate([breaks, middle]), low, high))
    halves = np.diff(edges)[:, None] / 2
    u = ((edges[:-1] + edges[1:])[:, None] / 2 + halves * NODES).ravel()
    density = np.exp(
        np.log(2.0) + shape * np.log(shape) - special.gammaln(shape) + (n - 2) * np.log(u) - shape * u**2
    )
    return u, (halves * WEIGHTS).ravel() * density


def _breaks(kinks: list[float], transitions: list[tuple[float, float]]) -> Floats:
    """Return the points where the integrand bends or moves fast: kinks, and zeros of centre − slope · U."""
    moving = [(centre + TRANSITION) / slope for centre, slope in transitions]
    return np.concatenate([np.array(kinks), *moving])


Limit = Literal["seeds", "examples"]
DRAWS = 256
"""Points of the lattice over (σ, s): the chance is then known to .003."""
EFFECTS = 7
"""True differences tried from 0 to the margin; the least chance among them is what is promised."""
PLAUSIBLE = (0.1, 0.9)
"""The range of seeds is that of the spreads between these quantiles: 80 % of what is plausible."""


@dataclass(frozen=True)
class Spread:
    """The noise of a mean difference, as far as it is known.

    Args:
        sd: The spread of one seed's difference, as estimated; above 0.
        degrees: Its degrees of freedom, n − 1.
        examples_variance: The variance that more seeds do not reduce.
        examples: How many test examples there are; 0 where none are counted.
    """

    sd: float
    degrees: int
    examples_variance: float = 0.0
    examples: int = 0

    def plausible(self, quantiles: Floats) -> Floats:
        """True spreads under which a spread as small as this one has these chances' complement, rising."""
        chi_square = 2 * special.gammainccinv(self.degrees / 2, quantiles)
        return np.asarray(self.sd * np.sqrt(self.degrees / chi_square), dtype=np.float64)


@dataclass(frozen=True)
class Advice:
    """Advice towards a verdict: more seeds or more examples, never both.

    Args:
        limit: What is too few.
        seeds: Seeds of a fresh run that give a verdict with the promised chance, averaged over the plausible
            spreads and for the true difference at which it is least; None where examples are the limit or
            `cap` seeds are too few.
        seeds_range: The seeds that it takes if the spread is at the low or the high end of what is plausible
            (80 %); None at the high end stands for more than `cap`.
        examples: Test examples that would do, where they are the limit.
    """

    limit: Limit
    seeds: int | None
    seeds_range: tuple[int, int | None] | None
    examples: int | None


def advise(spread: Spread, margin: float, *, alpha: float, chance: float, cap: int) -> Advice | None:
    """The advice for an undecided pair; None where not even `cap` seeds under the luckiest spread would do.

    Args:
        spread: What is known of the noise.
        margin: The least difference that matters.
        alpha: Error rate of each claim.
        chance: The chance of a verdict that is promised.
        cap: The most seeds worth naming.
    """
    allowed = (margin / margin_to_decide(alpha=alpha, power=chance)) ** 2
    room = allowed - spread.sd**2 / cap
    blocked = spread.examples_variance > room
    if blocked and room > 0.0 and spread.examples:
        return Advice("examples", None, None, math.ceil(spread.examples * spread.examples_variance / room))
    lattice = (np.arange(DRAWS) + 0.5) / DRAWS

    def fewest(sigma: Floats) -> int | None:
        return _fewest(sigma, spread, margin, alpha=alpha, chance=chance, cap=cap)

    low, high = (fewest(spread.plausible(np.array([quantile]))) for quantile in PLAUSIBLE)
    if low is None:
        return None
    return Advice("seeds", fewest(spread.plausible(lattice)), (low, high), None)


@dataclass(frozen=True)
class Clearing:
    """The numbers that would let an interval clear a limit: one or the other, or none that is worth naming.

    Args:
        limit: What is too few.
        seeds: Seeds of a fresh run at the low and the high end of the plausible spreads (80 %); None at the
            high end stands for more than the cap.
        times: As many test examples as there are, times this.
    """

    limit: Limit
    seeds: tuple[int, int | None] | None = None
    times: float | None = None


def clearing(spread: Spread, distance: float, *, alpha: float, chance: float, cap: int) -> Clearing:
    """Return what would clear a limit with the given chance, were the mean found the true one.

    Args:
        spread: What is known of the noise.
        distance: From the mean to the limit, at least 0.
        alpha: One minus the level of the interval.
        chance: That the interval of a fresh run clears the limit.
        cap: The most seeds worth naming.
    """
    allowed = (distance / float(special.ndtri(1 - alpha / 2) + special.ndtri(chance))) ** 2
    room = allowed - spread.sd**2 / cap
    if room <= 0.0:
        of_seeds = spread.sd**2 / (spread.degrees + 1)
        return Clearing("examples" if spread.examples_variance > of_seeds else "seeds")
    if spread.examples_variance > room:
        return Clearing("examples", times=spread.examples_variance / room)

    def fewest(sigma: float) -> int | None:
        if sigma == spread.examples_variance == 0.0:
            return 2
        seeds = np.arange(2, cap + 1)
        effect = distance / np.sqrt(sigma**2 + seeds * spread.examples_variance)
        enough = seeds[_detection(seeds, effect, alpha) >= chance]
        return int(enough[0]) if enough.size else None

    low, high = (fewest(float(sigma)) for sigma in spread.plausible(np.array(PLAUSIBLE)))
    return Clearing("seeds", seeds=None if low is None else (low, high))


def verdict_chance(
    seeds: int, sigma: Floats, margin: float, *, alpha: float, examples_variance: float = 0.0
) -> float:
    """The chance of a verdict, averaged over the spreads, at the true difference where it is least.

    Each spread meets its own quantile of s / σ (a golden lattice), and given both the mean is normal: see
    `seqcli.statistics.planning` for the two claims.

    Args:
        seeds: Seeds of the run, at least 2.
        sigma: Equally plausible true spreads of one seed, (K,), rising; one alone is taken as known.
        margin: The least difference that matters.
        alpha: Error rate of each claim.
        examples_variance: What more seeds do not reduce.
    """
    u = _sampled(seeds)
    error = np.sqrt(sigma**2 / seeds + examples_variance)
    half = margin / np.broadcast_to(error, u.shape)
    one_sided, two_sided = student.quantile(alpha, seeds), student.quantile(alpha / 2, seeds)
    centre = half * np.linspace(0.0, 1.0, EFFECTS)[:, None]
    inner = np.maximum(half - one_sided * u, 0.0)
    outer = np.maximum(two_sided * u, inner)
    grey = special.ndtr(outer - centre) - special.ndtr(inner - centre)
    grey += special.ndtr(-inner - centre) - special.ndtr(-outer - centre)
    return float((1.0 - grey.mean(axis=1)).min())


@lru_cache(maxsize=256)
def _sampled(seeds: int) -> Floats:
    """The lattice's values of s / σ over so many seeds, (DRAWS,)."""
    golden = np.modf((np.arange(DRAWS) + 0.5) * (math.sqrt(5) - 1) / 2)[0]
    return np.asarray(np.sqrt(2 * special.gammaincinv((seeds - 1) / 2, golden) / (seeds - 1)))


def _fewest(
    sigma: Floats, spread: Spread, margin: float, *, alpha: float, chance: float, cap: int
) -> int | None:
    """The fewest seeds with the chance asked for; None where `cap` are too few."""

    def enough(seeds: int) -> bool:
        reached = verdict_chance(
            seeds, sigma, margin, alpha=alpha, examples_variance=spread.examples_variance
        )
        return reached >= chance

    if not enough(cap):
        return None
    low, high = 1, cap
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
