"""L50: the length at which a score has fallen to half of its first value.

Over single lengths a logistic curve is fitted by the likelihood of the answers; over a few values that were
varied, where there are too few for a curve, the place is read between two of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit, xlogy

from seqcli.statistics.intervals import ConfidenceInterval, estimate
from seqcli.statistics.student import Floats

LEARNT = 0.1
"""The first score, as a share of its scale, below which a model never learnt: half of nothing is nothing."""
FIRST_EXAMPLES = 30
"""Examples of the shortest lengths that make the first score; its standard error is then .09 at most."""
DEVIANCE = 3.841458820694124 / 2
"""Half the 95 % quantile of χ² with one degree of freedom (Wilks, 1938)."""
# The likelihood is read off a grid: 600 steps over the range of lengths, an octave more on either side.
PLACES = 601
STEEPNESS = np.geomspace(0.25, 64, 65)
"""Of the curve, in powers of e a doubling of the length."""


@dataclass(frozen=True)
class HalfLength:
    """The point at which a falling curve is at half of its first value.

    Attributes:
        at: L50; None where it lies outside the lengths tried, or the model never learnt.
        interval: Its 95 % interval, no wider than the lengths tried; None where `at` is.
        first: The first score, a share: the curve's ceiling.
        steepness: Of the curve; None without L50.
        below: The shortest length, where the curve is below half from there on.
        beyond: The longest length, where the curve never reached half.
    """

    at: float | None = None
    interval: ConfidenceInterval | None = None
    first: float = 0.0
    steepness: float | None = None
    below: float | None = None
    beyond: float | None = None

    @property
    def learnt(self) -> bool:
        """Return whether there was anything to lose."""
        return self.first >= LEARNT


def fit_half_length(lengths: Sequence[float], scores: ArrayLike, counts: Sequence[int]) -> HalfLength:
    """L50 by the logistic curve p(n) = first · σ(s log2(L50 / n)), fitted to shares of right answers.

    The floor is 0, which chance is for whole sequences; the ceiling is the first score. The interval is the
    profile likelihood's: it knows the test examples and nothing of other seeds, see `over_seeds`. Scores that
    are no counts (BLEU as a share) are weighed by their examples as if they were.

    Args:
        lengths: Ascending, above 0, (X).
        scores: A share at each, (X).
        counts: How many examples each share is of, (X).

    Raises:
        ValueError: The shapes do not fit, or there is nothing.
    """
    x, shares, weights = (np.asarray(part, dtype=np.float64) for part in (lengths, scores, counts))
    if x.size == 0 or not x.shape == shares.shape == weights.shape:
        raise ValueError(f"expected as many scores and counts as lengths, got {x.shape}, {shares.shape}")
    first = _first(shares, weights)
    if first < LEARNT:
        return HalfLength(first=first)
    x = np.log2(x)
    places = np.linspace(x[0] - 1, x[-1] + 1, PLACES)
    curve = first * expit(STEEPNESS[:, None, None] * (places[:, None] - x))  # (steepnesses, places, X)
    fit = (xlogy(weights * shares, curve) + xlogy(weights * (1 - shares), 1 - curve)).sum(axis=-1)
    profile = fit.max(axis=0)
    # A flat top has many best places, equal up to rounding: its middle is taken.
    middle = float(np.median(places[profile >= profile.max() - 1e-9]))
    if middle < x[0]:
        return HalfLength(first=first, below=float(lengths[0]))
    if middle > x[-1]:
        return HalfLength(first=first, beyond=float(lengths[-1]))
    inside = places[profile >= profile.max() - DEVIANCE]
    step = places[1] - places[0]  # an end lies within the grid's next step
    return HalfLength(
        at=2**middle,
        interval=ConfidenceInterval(
            *(float(2**end) for end in np.clip([inside[0] - step, inside[-1] + step], x[0], x[-1]))
        ),
        first=first,
        steepness=float(STEEPNESS[fit.max(axis=1).argmax()]),
    )


def over_seeds(whole: HalfLength, each: Sequence[HalfLength]) -> ConfidenceInterval | None:
    """The interval of L50 that knows the seeds too: the hull of the pooled one and of t over log L50.

    One or two seeds leave the pooled one, which is of these runs alone.
    """
    known = [crossing.at for crossing in each if crossing.at is not None]
    if whole.interval is None or len(known) < 3 or len(known) < len(each):
        return whole.interval
    ends = estimate(np.log2(known)).interval()
    if ends is None:
        return whole.interval
    return ConfidenceInterval(min(whole.interval.low, 2**ends.low), max(whole.interval.high, 2**ends.high))


def half_length(lengths: Sequence[float], scores: Sequence[float], *, most: float = 1.0) -> float | None:
    """L50 read between values: where scores first fall to half of the first one, on a log scale.

    Args:
        lengths: Ascending.
        scores: One a length.
        most: The score of perfect answers.

    Returns:
        None where they never do, or where the first one says that nothing was learnt.
    """
    half = scores[0] / 2
    if scores[0] < LEARNT * most:
        return None
    for i in range(1, len(scores)):
        if scores[i] <= half:
            share = (scores[i - 1] - half) / (scores[i - 1] - scores[i])
            low, high = np.log2(lengths[i - 1]), np.log2(lengths[i])
            return float(2 ** (low + share * (high - low)))
    return None


def _first(shares: Floats, counts: Floats) -> float:
    """The score at the shortest lengths that together have enough examples."""
    enough = int(np.searchsorted(np.cumsum(counts), FIRST_EXAMPLES)) + 1
    return float(np.average(shares[:enough], weights=counts[:enough]))
