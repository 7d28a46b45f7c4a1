"""The three claims behind a verdict, as p-values of one comparison or of arrays of simulated ones.

    different    the (1 − α) interval of the difference excludes 0    two-sided t-test
    equivalent   the (1 − 2α) interval lies inside ±margin            TOST
    meaningful   the (1 − α) interval lies beyond the margin          two-sided t-test against the margin

Each claim has its own error rate α, and holds where its p-value is at most α.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from seqcli.statistics import student
from seqcli.statistics.multiplicity import holm, holm_or_all
from seqcli.statistics.student import Floats, Numbers


class Claims(NamedTuple):
    """P-values of the three claims; numbers or arrays of one shape."""

    different: Floats
    equivalent: Floats
    meaningful: Floats

    def both(self, other: "Claims") -> "Claims":
        """Each claim as it stands when two views of the evidence must both support it."""
        return Claims(*np.maximum(self, other))


NOTHING = Claims(*np.ones(3))
"""What one seed of unknown spread can claim."""


def paired_claims(mean: Numbers, sd: Numbers, n: int, margin: float) -> Claims:
    """From the mean, spread and number of paired differences, element by element."""
    error = np.asarray(sd, dtype=np.float64) / np.sqrt(n)
    return t_claims(mean, error, student.degrees(n), margin)


def t_claims(mean: Numbers, error: Numbers, degrees: Numbers, margin: float) -> Claims:
    """From a mean, its standard error and its degrees of freedom, element by element."""

    def upper(distance: Numbers) -> Floats:
        """P(T ≥ distance / error)."""
        return np.asarray(special.stdtr(degrees, -student.standardised(distance, error)), dtype=np.float64)

    size = np.abs(mean)
    return Claims(
        different=2.0 * upper(size),
        equivalent=np.maximum(upper(mean + margin), upper(margin - np.asarray(mean))),
        meaningful=np.minimum(2.0 * upper(size - margin), 1.0),
    )


def adjust(claims: Claims) -> Claims:
    """Adjusted over a family of comparisons along the last axis, each kind of claim by itself."""
    return Claims(holm(claims.different), holm_or_all(claims.equivalent), holm(claims.meaningful))


def conclude(claims: Claims, gain: Numbers, alpha: float) -> NDArray[np.str_]:
    """The verdict's word, element by element; `gain` is above 0 where a is ahead.

    A difference can be both real and too small to matter (Lakens, 2017: 'statistically different and
    equivalent'). The word is then *equivalent*: the margin was declared before the first run as the least
    difference that matters to the person who asks, so proof that the difference is below it answers the
    question, while 'better' would send them after nothing once seeds are many or the figure is exact (3 %
    fewer parameters are equal within 5 %). No error rate suffers, for each word still needs its claim at α.
    """
    ahead = np.asarray(gain) > 0.0
    shown = claims.different <= alpha
    return np.select(
        [claims.equivalent <= alpha, shown & ahead, shown & ~ahead],
        ["equivalent", "better", "worse"],
        default="undecided",
    )
