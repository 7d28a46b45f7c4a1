"""Means whose variance is a sum of estimated parts: t with Satterthwaite's degrees of freedom (1946)."""

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import special

from seqcli.statistics import verdict_claims
from seqcli.statistics.intervals import ConfidenceInterval, Estimate
from seqcli.statistics.verdict_claims import Claims


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
