"""What the runs at hand show of one pair of models, and what more runs would show."""

import math
from dataclasses import dataclass

from seqcli.statistics import claims, power
from seqcli.statistics.claims import Claims
from seqcli.statistics.intervals import Estimate, Interval
from seqcli.statistics.resampling import Resampled


@dataclass(frozen=True)
class Evidence:
    """The paired estimate over seeds and, on a shared test set, the same difference resampled.

    Where there are both, a claim must hold in both views, and an interval is the wider of the two on each
    side: the claim 'different' then still says that the interval excludes 0.

    Args:
        estimate: The mean of a − b over seeds.
        resampled: The same difference resampled over seeds × examples, or None.

    Raises:
        ValueError: The two are not of the same difference.
    """

    estimate: Estimate
    resampled: Resampled | None = None

    def __post_init__(self) -> None:
        mean, again = self.estimate.mean, self.resampled
        if again is not None and not math.isclose(again.difference, mean, rel_tol=1e-6, abs_tol=1e-6):
            raise ValueError(f"the resampled difference is {again.difference}, the estimate's {mean}")

    def claims(self, margin: float) -> Claims:
        """The p-values of the three claims; all 1 for one seed of unknown spread."""
        if self.estimate.sd is None:
            return claims.NOTHING
        over_seeds = claims.paired_claims(self.estimate.mean, self.estimate.sd, self.estimate.n, margin)
        if self.resampled is None:
            return over_seeds
        return over_seeds.both(claims.resampled_claims(self.resampled, margin))

    def interval(self, alpha: float) -> Interval | None:
        """The (1 − alpha) interval; None for one seed of unknown spread."""
        over_seeds = self.estimate.interval(alpha)
        if over_seeds is None or self.resampled is None:
            return over_seeds
        return over_seeds.hull(self.resampled.interval(alpha))

    def detectable(self, *, alpha: float, chance: float) -> float | None:
        """The smallest true difference that this many seeds show with the given chance; None for one seed."""
        if self.estimate.sd is None:
            return None
        n, variance = self.estimate.n, self._seeds_variance(self.estimate.sd)
        spread = math.sqrt(variance + n * self._examples_variance)
        if spread == 0.0:
            return 0.0
        return spread * power.detectable_effect(n, alpha=alpha, power=chance)

    def seeds_needed(self, margin: float, *, alpha: float, chance: float, cap: int) -> int | None:
        """How many more seeds give a verdict with the given chance, if the spread stays as observed.

        At least 1, since the seeds at hand gave none; None when `cap` more are too few, when the examples'
        noise alone blocks a verdict, or for one seed of unknown spread.
        """
        sd, n = self.estimate.sd, self.estimate.n
        variance = 0.0 if sd is None else self._seeds_variance(sd)
        if variance == 0.0:
            return None
        total = power.seeds_to_decide(
            margin / math.sqrt(variance),
            alpha=alpha,
            power=chance,
            floor=self._examples_variance / variance,
            cap=n + cap,
        )
        return None if total is None else max(total - n, 1)

    def examples_needed(self, margin: float, *, alpha: float, chance: float) -> int | None:
        """How many test examples at least give a verdict with the given chance, however many seeds there are.

        None without a view over the examples, or where as many as there are suffice.
        """
        if self.resampled is None or not self._examples_variance:
            return None
        needed = power.margin_to_decide(alpha=alpha, power=chance) ** 2 * self._examples_variance / margin**2
        return math.ceil(needed * self.resampled.examples) if needed > 1.0 else None

    def _seeds_variance(self, sd: float) -> float:
        """The part of one seed's variance that falls with more seeds, in the wider of the two views."""
        if self.resampled is None:
            return sd**2
        over_both = float(self.resampled.replicates.var()) - self.resampled.examples_variance
        return max(sd**2, self.estimate.n * over_both)

    @property
    def _examples_variance(self) -> float:
        return 0.0 if self.resampled is None else self.resampled.examples_variance
