"""How many seeds, or test examples, a verdict takes: from a spread that few seeds tell only roughly.

A spread s from n seeds leaves the true one open: (n − 1) s² / σ² is chi-square with n − 1 degrees. Planning
as if σ were s promises more than it delivers (Julious & Owen, 2006), so the chance of a verdict is averaged
over the plausible σ here, and the seeds that an unlucky or a lucky σ would take are told beside it.

Every count is that of a *fresh* run at a fixed number of seeds: adding seeds to a look already taken and
judging again at the same level is a second chance to be wrong.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import special

from seqcli.statistics import student
from seqcli.statistics.power import margin_to_decide
from seqcli.statistics.student import Floats

Limit = Literal["seeds", "examples"]
DRAWS = 256
"""Points of the lattice over (σ, s): the chance is then known to .003."""
EFFECTS = 7
"""True differences tried from 0 to the margin; the least chance among them is what is promised."""
PLAUSIBLE = (0.1, 0.9)
"""The range of seeds is that of the spreads between these quantiles: 80 % of what is plausible."""


@dataclass(frozen=True)
class Spread:
    """What is known of the noise of a mean difference.

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
    """What would give a verdict, one thing or the other and never both.

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


def verdict_chance(
    seeds: int, sigma: Floats, margin: float, *, alpha: float, examples_variance: float = 0.0
) -> float:
    """The chance of a verdict, averaged over the spreads, at the true difference where it is least.

    Each spread meets its own quantile of s / σ (a golden lattice), and given both the mean is normal: see
    `seqcli.statistics.power` for the two claims.

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
    one, two = student.quantile(alpha, seeds), student.quantile(alpha / 2, seeds)
    centre = half * np.linspace(0.0, 1.0, EFFECTS)[:, None]
    inner = np.maximum(half - one * u, 0.0)
    outer = np.maximum(two * u, inner)
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
        found = verdict_chance(seeds, sigma, margin, alpha=alpha, examples_variance=spread.examples_variance)
        return found >= chance

    if not enough(cap):
        return None
    low, high = 1, cap
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high
