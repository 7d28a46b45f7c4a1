"""The evidence of the runs at hand on one pair of models, and of other runs like them."""

import math
from dataclasses import dataclass
from functools import cached_property

from seqcli.statistics import planning, verdict_claims
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.intervals import ApproximateMean, ConfidenceInterval, Estimate
from seqcli.statistics.planning import Advice, Spread, advise
from seqcli.statistics.verdict_claims import Claims


@dataclass(frozen=True)
class Evidence:
    """The paired estimate over seeds and, on a shared test set, the same difference over seeds × examples.

    Where there are both, a claim must hold in both views, and an interval is the wider of the two: the claim
    'different' then still says that the interval excludes 0.

    Args:
        estimate: The mean of a − b over seeds, or a sum of independent means.
        crossed: The same difference over seeds × examples, or None.

    Raises:
        ValueError: The two are not of the same difference.
    """

    estimate: Estimate | ApproximateMean
    crossed: Crossed | None = None

    def __post_init__(self) -> None:
        mean, crossed = self.estimate.mean, self.crossed
        # The two means sum the same numbers in other orders; a float of answers is exact to about 1e-7.
        if crossed is not None and not math.isclose(crossed.mean, mean, rel_tol=1e-6, abs_tol=1e-6):
            raise ValueError(f"the difference over seeds × examples is {crossed.mean}, the estimate's {mean}")

    @property
    def mean(self) -> float:
        """The mean of a − b."""
        return self.estimate.mean

    @property
    def spread_known(self) -> bool:
        """False for one seed: nothing then says what another would have shown."""
        return isinstance(self.estimate, ApproximateMean) or self.estimate.sd is not None

    def claims(self, margin: float) -> Claims:
        """The p-values of the three claims; all 1 for one seed of unknown spread."""
        if isinstance(self.estimate, ApproximateMean):
            over_seeds = self.estimate.claims(margin)
        elif self.estimate.sd is None:
            return verdict_claims.NOTHING
        else:
            over_seeds = verdict_claims.paired_claims(self.mean, self.estimate.sd, self.estimate.n, margin)
        return over_seeds if self.crossed is None else over_seeds.both(self.crossed.claims(margin))

    def interval(self, alpha: float) -> ConfidenceInterval | None:
        """The (1 − alpha) interval; None for one seed of unknown spread."""
        over_seeds = self.estimate.interval(alpha)
        if over_seeds is None or self.crossed is None:
            return over_seeds
        return over_seeds.hull(self.crossed.interval(alpha))

    def detectable(self, *, alpha: float, chance: float) -> float | None:
        """The smallest true difference that this many seeds show with the given chance; None for one seed."""
        spread = self.spread
        if spread is None:
            return None
        seeds = spread.degrees + 1
        of_one_seed = math.sqrt(spread.sd**2 + seeds * spread.examples_variance)
        return (
            of_one_seed * planning.detectable_effect(seeds, alpha=alpha, power=chance) if of_one_seed else 0.0
        )

    def advice(self, margin: float, *, alpha: float, chance: float, cap: int) -> Advice | None:
        """Return the advice that gives a verdict with the given chance; None where there is none."""
        spread = self.spread
        if spread is None or (spread.sd == 0.0 and spread.examples_variance == 0.0):
            return None
        return advise(spread, margin, alpha=alpha, chance=chance, cap=cap)

    @cached_property
    def spread(self) -> Spread | None:
        """The noise by its sources; None where seeds are not counted or one leaves their spread unknown."""
        if isinstance(self.estimate, ApproximateMean) or self.estimate.sd is None:
            return None
        degrees = max(self.estimate.n - 1, 1)
        if self.crossed is None:
            return Spread(self.estimate.sd, degrees)
        return Spread(self.estimate.sd, degrees, self.crossed.examples_variance, self.crossed.examples)
