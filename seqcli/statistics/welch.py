"""Means of independent samples: differences between runs that share nothing to pair them by."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from scipy import special

from seqcli.statistics.claims import Claims, Word, conclude
from seqcli.statistics.equivalence import check_margin
from seqcli.statistics.intervals import Estimate, Interval
from seqcli.statistics.verdicts import Rule


@dataclass(frozen=True)
class Welch:
    """A sum of independent means, with what its interval needs (Welch, 1947; Satterthwaite, 1946).

    Args:
        mean: The sum of the means; a difference is the sum of one mean and the negative of another.
        error: Its standard error; 0 where every sample has no spread.
        degrees: The approximate degrees of freedom.
    """

    mean: float
    error: float
    degrees: float

    def interval(self, alpha: float = 0.05) -> Interval:
        """The (1 − alpha) interval."""
        half = -float(special.stdtrit(self.degrees, alpha / 2)) * self.error
        return Interval(self.mean - half, self.mean + half)

    def p_different(self) -> float:
        """The two-sided p-value of 'the sum is 0'."""
        return min(1.0, 2 * min(self._upper(0.0), 1 - self._upper(0.0)))

    def p_equivalent(self, margin: float) -> float:
        """The p-value of 'the sum lies at or beyond ±margin' (TOST).

        Raises:
            ValueError: The margin is not finite and above 0.
        """
        check_margin(margin)
        return max(self._upper(-margin), 1 - self._upper(margin))

    def _upper(self, null: float) -> float:
        """The one-sided p-value of 'the sum is at most null'; .5 at the null itself where nothing varies."""
        if self.error == 0.0:
            return 0.5 if self.mean == null else float(self.mean < null)
        return float(special.stdtr(self.degrees, (null - self.mean) / self.error))


def independent_sum(estimates: Sequence[Estimate]) -> Welch:
    """The sum of independent means; of one sample alone it is Student's t.

    Raises:
        ValueError: There is no estimate, or one is of a single value of unknown spread.
    """
    parts = [(one.sd**2 / one.n, one.n) for one in estimates if one.sd is not None]
    if not parts or len(parts) != len(estimates):
        raise ValueError("expected samples of at least two values each")
    variance = sum(part for part, _ in parts)
    weights = sum(part**2 / max(n - 1, 1) for part, n in parts)
    return Welch(
        mean=sum(one.mean for one in estimates),
        error=variance**0.5,
        degrees=variance**2 / weights if weights else 1.0,
    )


def independent_difference(a: Estimate, b: Estimate) -> Welch:
    """The mean of a less the mean of b, two samples that share nothing.

    Raises:
        ValueError: One is of a single value of unknown spread.
    """
    return independent_sum([a, Estimate(-b.mean, b.sd, b.n)])


def judge_independent(found: Welch, rule: Rule) -> Word:
    """The verdict on a difference of two independent means: better, worse, equivalent or undecided."""
    p_values = (found.p_different(), found.p_equivalent(rule.margin), 1.0)
    gain = found.mean if rule.higher_is_better else -found.mean
    return cast("Word", conclude(Claims(*map(np.asarray, p_values)), gain, rule.alpha).item())
