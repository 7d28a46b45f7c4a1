"""Seeds and test examples resampled together: what another training and another test set might have shown."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from seqcli.statistics.intervals import Interval
from seqcli.statistics.student import Floats

REPLICATES = 5000
CHUNK = 250
"""Replicates drawn at a time: weights for 25,000 examples that all differ are then 50 MB."""


@dataclass(frozen=True)
class Resampled:
    """Bootstrap replicates of the mean difference a − b over seeds and examples.

    Args:
        difference: The observed mean difference.
        replicates: Its value in each replicate, sorted, (R,).
        examples_variance: Variance of the mean difference that comes from the choice of test examples, and
            that more seeds do not reduce.
    """

    difference: float
    replicates: Floats = field(repr=False, compare=False)
    examples_variance: float

    def interval(self, alpha: float = 0.05) -> Interval:
        """The percentile interval: the middle 1 − alpha of the replicates."""
        low, high = np.quantile(self.replicates, [alpha / 2, 1 - alpha / 2])
        return Interval(float(low), float(high))

    def p_above(self, null: float) -> float:
        """One-sided p-value of 'the difference is at or below null', by the share of replicates that are."""
        return self._share(int(np.searchsorted(self.replicates, null, side="right")))

    def p_below(self, null: float) -> float:
        """One-sided p-value of 'the difference is at or above null'."""
        return self._share(self.replicates.size - int(np.searchsorted(self.replicates, null, side="left")))

    def _share(self, count: int) -> float:
        return (1 + count) / (1 + self.replicates.size)


def resample(
    scores_a: ArrayLike, scores_b: ArrayLike, *, seed: int = 0, replicates: int = REPLICATES
) -> Resampled:
    """Paired bootstrap over seeds × examples (the multi-bootstrap of Sellam et al., 2022).

    Each replicate draws S seeds and N examples with replacement, the same for both models, and averages
    score(a) − score(b) over the drawn rows and columns. Few seeds make its percentile interval too narrow, as
    they do any bootstrap's, so a verdict takes the wider of this interval and the t-interval over seeds.
    Noise of each single answer counts up to three times (Owen, 2007), which errs towards 'undecided'.

    Args:
        scores_a: A score for each seed and test example, such as right (1) or wrong (0), (S, N).
        scores_b: The other model's, same seeds and examples, (S, N).
        seed: Of the Philox generator, so that the same scores give the same interval.
        replicates: How many; 5000 put the 2.5 % point within 0.5 % in probability.

    Raises:
        ValueError: The shapes differ, are not (S, N) with at least 2 of each, or a score is not finite.
    """
    difference = _differences(scores_a, scores_b)
    generator = np.random.Generator(np.random.Philox(seed))
    return Resampled(
        difference=float(difference.mean()),
        replicates=np.sort(_replicates(difference, replicates, generator)),
        examples_variance=_examples_variance(difference),
    )


def _replicates(difference: Floats, count: int, generator: np.random.Generator) -> Floats:
    """Means over resampled rows and columns; examples of equal scores are drawn as one kind (exact)."""
    seeds, examples = difference.shape
    kinds, sizes = np.unique(difference, axis=1, return_counts=True)
    means = []
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        rows = generator.multinomial(seeds, np.full(seeds, 1 / seeds), size)
        columns = generator.multinomial(examples, sizes / examples, size)
        means.append(np.sum((rows @ kinds) * columns, axis=1) / (seeds * examples))
    return np.concatenate(means)


def _examples_variance(difference: Floats) -> float:
    """The examples' share of the mean's variance: σ²(examples)/N by two-way analysis of variance, at least 0.

    With D = μ + seed + example + rest, the mean square of the examples has expectation
    S σ²(examples) + σ²(rest), and that of the residuals σ²(rest) (Searle, Casella & McCulloch, 1992).
    """
    seeds, examples = difference.shape
    by_seed, by_example = difference.mean(axis=1, keepdims=True), difference.mean(axis=0, keepdims=True)
    rest = difference - by_seed - by_example + difference.mean()
    between = seeds * float(by_example.var(ddof=1))
    within = float(np.sum(rest**2)) / ((seeds - 1) * (examples - 1))
    variance: float = (between - within) / (seeds * examples)
    return max(0.0, variance)


def _differences(scores_a: ArrayLike, scores_b: ArrayLike) -> Floats:
    a, b = np.asarray(scores_a, dtype=np.float64), np.asarray(scores_b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 2 or min(a.shape) < 2:
        raise ValueError(
            f"expected scores of equal shape (seeds, examples), at least (2, 2), got {a.shape} and {b.shape}"
        )
    difference = a - b
    if not np.isfinite(difference).all():
        raise ValueError("expected finite scores")
    return difference
