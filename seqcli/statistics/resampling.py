"""Seeds and test examples resampled together: what another training and another test set might have shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from seqcli.statistics.intervals import Interval
from seqcli.statistics.student import Floats

REPLICATES = 5000
CORPUS_REPLICATES = 1000
"""A corpus score is computed anew for each replicate, seed and model, in Python."""
CHUNK = 250
"""Replicates drawn at a time: weights for 25,000 examples that all differ are then 50 MB."""

Score = Callable[[Sequence[float]], float]
"""From added-up counts of sentences to the score of the corpus that they make."""


@dataclass(frozen=True)
class Resampled:
    """Bootstrap replicates of the mean difference a − b over seeds and examples.

    Args:
        difference: The observed mean difference.
        replicates: Its value in each replicate, sorted, (R,).
        examples_variance: Variance of the mean difference that comes from the choice of test examples, and
            that more seeds do not reduce.
        examples: How many there are.
    """

    difference: float
    replicates: Floats = field(repr=False, compare=False)
    examples_variance: float
    examples: int

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
        examples=difference.shape[1],
    )


def resample_corpus(
    counts_a: ArrayLike,
    counts_b: ArrayLike,
    score: Score,
    *,
    seed: int = 0,
    replicates: int = CORPUS_REPLICATES,
) -> Resampled:
    """The same for a score of whole corpora, such as BLEU, which no mean over sentences gives.

    Each replicate draws N sentences, the same for every seed and both models, scores each seed's corpus of
    them, and averages over S drawn seeds (Koehn, 2004, for the sentences; Sellam et al., 2022, for both).

    Args:
        counts_a: What each sentence adds to the score's sums, for each seed, (S, N, K).
        counts_b: The other model's, same seeds and sentences, (S, N, K).
        score: From added-up sums (K) to the score.
        seed: Of the Philox generator.
        replicates: How many.

    Raises:
        ValueError: The shapes differ or are not (S, N, K) with at least 2 seeds and 2 sentences.
    """
    a, b = np.asarray(counts_a, dtype=np.float64), np.asarray(counts_b, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 3 or min(a.shape[:2]) < 2:
        raise ValueError(f"expected equal counts (seeds, sentences, sums), got {a.shape} and {b.shape}")
    seeds, sentences = a.shape[:2]
    generator = np.random.Generator(np.random.Philox(seed))
    times = generator.multinomial(sentences, np.full(sentences, 1 / sentences), replicates).astype(np.float64)
    by_seed = _scores(times, a, score) - _scores(times, b, score)  # (R, S)
    rows = generator.multinomial(seeds, np.full(seeds, 1 / seeds), replicates)
    whole = np.ones((1, sentences))
    return Resampled(
        difference=float((_scores(whole, a, score) - _scores(whole, b, score)).mean()),
        replicates=np.sort(np.sum(by_seed * rows, axis=1) / seeds),
        examples_variance=_shared_variance(by_seed),
        examples=sentences,
    )


def _scores(times: Floats, counts: Floats, score: Score) -> Floats:
    """The score of each replicate's corpus, (R, S): sentence n is in it times[r, n] times."""
    return np.array([[score(sums) for sums in (times @ one).tolist()] for one in counts]).T


def _shared_variance(by_seed: Floats) -> float:
    """The part of the replicates' variance that all seeds share: Var(mean) without the seeds' own share."""
    seeds = by_seed.shape[1]
    of_mean, of_each = float(by_seed.mean(axis=1).var()), float(by_seed.var(axis=0).mean())
    shared: float = (seeds * of_mean - of_each) / (seeds - 1)
    return max(0.0, shared)


def _replicates(difference: Floats, count: int, generator: np.random.Generator) -> Floats:
    """Means over resampled rows and columns; examples of equal scores are drawn as one kind (exact)."""
    seeds, examples = difference.shape
    kinds, sizes = np.unique(difference, axis=1, return_counts=True)
    means = []
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        rows = generator.multinomial(seeds, np.full(seeds, 1 / seeds), size)
        columns = generator.multinomial(examples, sizes / examples, size).astype(np.float64)
        means.append(np.sum(rows * (columns @ kinds.T), axis=1) / (seeds * examples))
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
