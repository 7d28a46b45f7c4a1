"""The interval of a model's own score: over seeds and test examples, or over a corpus's sentences."""

import math
from collections.abc import Callable, Sequence

import numpy as np
from scipy import special

from seqcli.statistics.crossed import Crossed
from seqcli.statistics.intervals import ApproximateMean, ConfidenceInterval, Estimate
from seqcli.statistics.student import Floats

FEWEST_SEEDS = 3
"""Two seeds leave an interval 13 standard errors to each side: their values say more than it does."""


def score_interval(
    over_seeds: Estimate, crossed: Crossed | None, *, most: float, share: bool, alpha: float = 0.05
) -> ConfidenceInterval | None:
    """The (1 − alpha) interval of a score, the wider of the views of seeds and of seeds × examples.

    Args:
        over_seeds: The mean over seeds.
        crossed: The same over seeds × examples, where the answers are known.
        most: The greatest score there is; infinite for a loss. The least is 0.
        share: Whether it is a share of examples that are right: its interval is Wilson's (1927), which never
            leaves 0 to 1, with the effective number of answers p (1 − p) / V and Student's t.
        alpha: One minus the level.

    Returns:
        None for one or two seeds; one *run* has an interval over its examples, by `run_interval`.
    """
    if over_seeds.sd is None or over_seeds.n < FEWEST_SEEDS:
        return None
    views = [ApproximateMean(over_seeds.mean, over_seeds.sd**2 / over_seeds.n, over_seeds.n - 1)]
    if crossed is not None:
        views.append(crossed)
    answers = over_seeds.n if crossed is None else crossed.examples
    return _hull([_inside(view, answers, most=most, share=share, alpha=alpha) for view in views])


def run_interval(
    crossed: Crossed, *, most: float, share: bool, alpha: float = 0.05
) -> ConfidenceInterval | None:
    """The (1 − alpha) interval of one run's score over its test examples; other seeds may lie outside.

    None for a score that is no share of examples where all of them add alike.
    """
    # Such examples tell nothing of a spread, and an interval without width would claim that there is none.
    if not share and crossed.variance <= 0.0:
        return None
    return _inside(crossed, crossed.examples, most=most, share=share, alpha=alpha)


def share_interval(right: float, examples: int, *, alpha: float = 0.05) -> ConfidenceInterval:
    """The interval of a share of right answers over other test examples (Wilson, 1927).

    `right` may be a mean of several counts.

    Raises:
        ValueError: There is no example, or more are right than there are.
    """
    if not 0 <= right <= examples or examples < 1:
        raise ValueError(f"expected a count of {examples} examples, got {right}")
    # Wilson's interval stays within 0 and 1, and to it all answers right are no proof that all others would
    # be.
    return _wilson(right / examples, examples, float(special.ndtri(1 - alpha / 2)))


def sampling_variance(share: float, examples: int) -> float:
    """The variance of a share of right answers over other test examples, where no single answer is known.

    p (1 − p) / N, the most that examples which all models find alike can add.

    Raises:
        ValueError: There is no example.
    """
    if examples < 1:
        raise ValueError(f"expected at least one example, got {examples}")
    # Two more answers of either kind (Agresti & Coull, 1998) keep a share of 0 or 1 from being a proof.
    shrunk = (min(max(share, 0.0), 1.0) * examples + 2) / (examples + 4)
    return shrunk * (1 - shrunk) / examples


def _inside(
    view: ApproximateMean, answers: int, *, most: float, share: bool, alpha: float
) -> ConfidenceInterval:
    if share:
        return _share_interval_of(view, answers, alpha)
    low, high = view.interval(alpha)
    return ConfidenceInterval(max(low, 0.0), min(high, most))


def _share_interval_of(view: ApproximateMean, answers: int, alpha: float) -> ConfidenceInterval:
    """Wilson's interval; where no answer differs from another, as if there were one of each example."""
    share = min(max(view.mean, 0.0), 1.0)
    count = share * (1 - share) / view.variance if view.variance > 0.0 and 0.0 < share < 1.0 else answers
    return _wilson(share, count, -float(special.stdtrit(view.degrees, alpha / 2)))


def _wilson(share: float, count: float, quantile: float) -> ConfidenceInterval:
    """Wilson's interval of a share of so many answers, by a quantile of the normal or of Student's t."""
    shrink = 1 + quantile**2 / count
    centre = (share + quantile**2 / (2 * count)) / shrink
    half = quantile * math.sqrt(share * (1 - share) / count + quantile**2 / (4 * count**2)) / shrink
    return ConfidenceInterval(max(centre - half, 0.0), min(centre + half, 1.0))


def _hull(intervals: Sequence[ConfidenceInterval]) -> ConfidenceInterval:
    return ConfidenceInterval(
        min(interval.low for interval in intervals), max(interval.high for interval in intervals)
    )


# The ends of a 95 % percentile interval rest on 25 resamples each.
RESAMPLES = 1000


def corpus_interval(
    counts: Floats, score: Callable[[Sequence[float]], float], *, alpha: float = 0.05, seed: int = 0
) -> ConfidenceInterval | None:
    """The percentile interval of a score over resampled sentences; None where there are fewer than two.

    Args:
        counts: What each sentence adds to the score's sums, (N, K).
        score: From added-up sums (K) to the score.
        alpha: One minus the level.
        seed: Of the resampling.

    Raises:
        ValueError: `counts` is not two-dimensional.
    """
    if counts.ndim != 2:
        raise ValueError(f"expected counts of shape (sentences, sums), got {counts.shape}")
    sentences = counts.shape[0]
    if sentences < 2:
        return None
    generator = np.random.Generator(np.random.Philox(seed))
    times = generator.multinomial(sentences, np.full(sentences, 1 / sentences), size=RESAMPLES)
    scores = [score(row) for row in (times @ counts).tolist()]
    low, high = np.quantile(scores, [alpha / 2, 1 - alpha / 2])
    return ConfidenceInterval(float(low), float(high))
