"""What a number of paired seeds can show, exactly: detection, equivalence, and any decision at all.

Effects and margins are in units of the spread of the paired differences, so a margin of 1 is Δ/s_d = 1.
With Z the standardised mean, μ = effect·√n, M = margin·√n and U = s/σ the spread's sampling error
((n − 1) U² is chi-square with n − 1 degrees), a design of level α

    detects    where |Z| > t(1 − α/2) U          (two-sided t-test)
    equates    where |Z| < M − t(1 − α) U        (TOST: two one-sided tests, each at α)

and Z is normal around μ whatever U is, so each power is one integral over U of a normal probability. The
table in the project's rules (Δ/s_d = 1 with n = 5 gives .29, n = 10 .79, n = 20 .99) is `equivalence_power`
at α = .05 for two models that are truly equal, s_d being the spread of the paired differences.
"""

from functools import lru_cache

import numpy as np
from scipy import optimize, special, stats

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
    t, centre = student.quantile(alpha / 2, n), effect * np.sqrt(n)
    return float(stats.nct.sf(t, n - 1, centre) + stats.nct.sf(t, n - 1, -centre))


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
    one, two = student.quantile(alpha, n), student.quantile(alpha / 2, n)
    half, centre = margin * np.sqrt(n), effect * np.sqrt(n)
    kinks = [half / one, half / (one + two)]
    slopes = [(half - centre, one), (half + centre, one), (centre, two), (-centre, two)]
    u, weight = _spread(n, _breaks(kinks, slopes))
    inner = np.maximum(half - one * u, 0.0)
    outer = np.maximum(two * u, inner)
    grey = special.ndtr(outer - centre) - special.ndtr(inner - centre)
    grey += special.ndtr(-inner - centre) - special.ndtr(-outer - centre)
    return float(1.0 - np.sum(weight * grey))


def least_decision_power(n: int, margin: float, *, alpha: float = 0.05) -> float:
    """The smallest `decision_power` over the true differences from 0 to the margin.

    Beyond the margin a difference is only easier to see, so this is what n seeds promise whatever the truth.
    Thirteen differences are tried, which finds the smallest power to within .005.
    """
    effects = np.linspace(0.0, margin, 13)
    return min(decision_power(n, margin, alpha=alpha, effect=float(effect)) for effect in effects)


def detectable_effect(n: int, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """The smallest δ/s_d that n seeds see with the given power (inverse of `detection_power`)."""
    high = 1.0
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
    many = 10_001
    return float(
        optimize.brentq(
            lambda errors: least_decision_power(many, errors / np.sqrt(many), alpha=alpha) - power, 0.1, 30.0
        )
    )


def _spread(n: int, breaks: Floats) -> tuple[Floats, Floats]:
    """Nodes of U = s/σ for n values, each with its weight: Gauss–Legendre between the breaks."""
    shape = (n - 1) / 2
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
    """Where the integrand bends or moves fast: kinks, and each place where centre − slope · U crosses 0."""
    moving = [(centre + TRANSITION) / slope for centre, slope in transitions]
    return np.concatenate([np.array(kinks), *moving])
