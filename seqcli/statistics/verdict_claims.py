"""The three claims behind a verdict, as p-values of one comparison or of arrays of simulated ones.

    different    the (1 − α) interval of the difference excludes 0    two-sided t-test
    equivalent   the (1 − 2α) interval lies inside ±margin            TOST
    meaningful   the (1 − α) interval lies beyond the margin          two-sided t-test against the margin

Each claim has its own error rate α, and holds where its p-value is at most α: over many comparisons at once,
where the p-value that Holm adjusted is.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from seqcli.statistics import student
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
    differs = claims.different <= alpha
    return np.select(
        [claims.equivalent <= alpha, differs & ahead, differs & ~ahead],
        ["equivalent", "better", "worse"],
        default="undecided",
    )


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Holm's adjusted p-values (1979), along the last axis.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]

    Sorted upwards, p(k) of m counts m − k + 1 times and never less than the one before it. Rejecting where
    the adjusted value is at most α keeps the chance of any false rejection in the family at α, whatever the
    dependence among the comparisons.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=-1, kind="stable")
    remaining = p.shape[-1] - np.arange(p.shape[-1])
    steps = np.maximum.accumulate(np.take_along_axis(p, order, axis=-1) * remaining, axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(steps, 1.0), axis=-1)
    return adjusted


def holm_or_all(p_values: Sequence[float] | Floats) -> Floats:
    """Holm's adjusted p-values, or the largest raw one for every claim where that is smaller."""
    # The claim that *all* hold is true only if each is, so it needs no correction: its p-value is the largest
    # (the intersection–union test; Berger, 1982). Together with Holm's steps it rejects no more than
    # Hochberg's procedure (1988); that the family's error stays at α for the pairs of three models is shown
    # by simulation.
    p = np.asarray(p_values, dtype=np.float64)
    largest: Floats = p.max(axis=-1, keepdims=True)
    return np.minimum(holm(p), largest)


def holm_levels(p_values: Sequence[float] | Floats, alpha: float) -> Floats:
    """The level at which Holm's procedure decides each comparison of one family, (M,).

    A comparison is rejected exactly where its own p-value is at most its level, so an interval at that level
    excludes the null exactly where the family's correction does: the k-th smallest of m is held against
    α / (m − k + 1) while all before it are rejected, and every one from the first that is not against the
    level at which that one failed.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = alpha / (p.size - np.arange(p.size))
    failed = np.flatnonzero(p[order] > steps)
    if failed.size:
        steps[failed[0] :] = steps[failed[0]]
    levels = np.empty_like(p)
    levels[order] = steps
    return levels


def holm_or_all_levels(p_values: Sequence[float] | Floats, alpha: float) -> Floats:
    """The same for `holm_or_all`: α itself for every claim where all of them hold."""
    p = np.asarray(p_values, dtype=np.float64)
    return np.full_like(p, alpha) if p.size and p.max() <= alpha else holm_levels(p, alpha)
