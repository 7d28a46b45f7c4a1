"""Seeds crossed with test examples: what another training *and* another test set might have shown.

S seeds answer the same N examples. With D(s, i) = μ + seed(s) + example(i) + rest(s, i), all of them random
(Searle, Casella & McCulloch, 1992), the mean over the table has the variance

    σ²(seed) / S + σ²(example) / N + σ²(rest) / (S N)

which the mean squares of seeds MSs, of examples MSe and of the rest MSr estimate as

    V = max(MSs + MSe − MSr, MSs) / (S N)

The degrees of freedom are Satterthwaite's (1946), at least S − 1. A bootstrap over rows and columns counts
the rest three times (Owen, 2007) and has no p-value below one over its replicates; this has neither fault.

A table may hold one model's right (1) and wrong (0) answers, the difference of two models', a linear
combination of several models', or a model's less a baseline's: one row that is subtracted from every seed's.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqcli.statistics.intervals import ApproximateMean
from seqcli.statistics.student import Floats

CORPUS_REPLICATES = 1000
"""A corpus score is computed anew for each replicate and leg, in Python; its variance is known to 5 %."""

MOST_DRAWS_KEPT = 10_000_000
"""Draws kept from one leg to the next, 80 MB: those of more examples are drawn for each leg anew."""

DRAWN_TOGETHER = 1_000_000
"""Draws that are held at once where they are not kept, 8 MB."""

ScoreOf = Callable[[Sequence[float]], float]
"""From added-up counts of sentences to the score of the corpus that they make."""


@dataclass(frozen=True)
class Crossed(ApproximateMean):
    """A mean over seeds × examples with its variance.

    Args:
        mean: The mean over the table, or over the seeds' corpus scores.
        variance: Its variance over other seeds and other test examples.
        degrees: Satterthwaite's degrees of freedom, at least S − 1.
        seeds: S.
        examples: N.
        examples_variance: The part of the variance that more seeds do not reduce, and more examples do.
    """

    seeds: int
    examples: int
    examples_variance: float


class Variances(NamedTuple):
    """The mean of each table, its variance, its degrees of freedom, and the examples' share; arrays alike."""

    mean: Floats
    variance: Floats
    degrees: Floats
    examples_variance: Floats


def crossed(values: ArrayLike) -> Crossed:
    """The mean of a table of seeds × examples by crossed random effects.

    >>> right = crossed([[1, 0, 1, 1, 0], [1, 0, 1, 1, 1], [1, 0, 1, 0, 1]])
    >>> round(right.mean, 3), round(right.error, 3)
    (0.667, 0.167)

    Args:
        values: A number for each seed and test example, (S, N). One seed (S = 1) leaves the variance over
            examples alone: right for that run's own score, and no evidence about other seeds.

    Raises:
        ValueError: The values are not a table of at least 1 × 2, or one is not finite.
    """
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(f"expected a table (seeds, examples) of at least (1, 2), got {table.shape}")
    if not np.isfinite(table).all():
        raise ValueError("expected finite values")
    seeds, examples = table.shape
    if seeds == 1:
        variance = float(table.var(ddof=1)) / examples
        # All of it is the examples' share: one seed says nothing of what other seeds add.
        return Crossed(float(table.mean()), variance, examples - 1, 1, examples, variance)
    variances = crossed_variances(table)
    return Crossed(
        mean=float(variances.mean),
        variance=float(variances.variance),
        degrees=float(variances.degrees),
        seeds=seeds,
        examples=examples,
        examples_variance=float(variances.examples_variance),
    )


def crossed_variances(tables: Floats) -> Variances:
    """The closed form for many tables at once, as simulations need it.

    Args:
        tables: Finite values, (…, S, N), with S and N at least 2.
    """
    seeds, examples = tables.shape[-2:]
    by_seed, by_example = tables.mean(axis=-1), tables.mean(axis=-2)
    mean = by_seed.mean(axis=-1)
    total = ((tables - mean[..., None, None]) ** 2).sum(axis=(-2, -1))
    of_seeds = examples * ((by_seed - mean[..., None]) ** 2).sum(axis=-1)
    of_examples = seeds * ((by_example - mean[..., None]) ** 2).sum(axis=-1)
    # Where seeds and examples explain everything, rounding can leave less than nothing.
    of_rest = np.maximum(total - of_seeds - of_examples, 0.0)
    size = seeds * examples
    return composed(
        mean,
        of_seeds / (seeds - 1) / size,
        of_examples / (examples - 1) / size,
        of_rest / ((seeds - 1) * (examples - 1)) / size,
        seeds=seeds,
        examples_degrees=examples - 1.0,
    )


def composed(
    mean: Floats, by_seeds: Floats, by_examples: Floats, rest: Floats, *, seeds: int, examples_degrees: float
) -> Variances:
    """V from the three mean squares, each divided by S N."""
    # A variance component below zero is an estimate of none.
    shared = np.maximum(by_examples - rest, 0.0)
    variance = by_seeds + shared
    parts = by_seeds**2 / (seeds - 1)
    parts = parts + np.where(
        shared > 0.0, by_examples**2 / examples_degrees + rest**2 / ((seeds - 1) * examples_degrees), 0.0
    )
    # The inner `where` only keeps numpy from dividing by zero in the branch that is not taken.
    degrees = np.where(parts > 0.0, variance**2 / np.where(parts > 0.0, parts, 1.0), seeds - 1.0)
    return Variances(mean, variance, np.maximum(degrees, seeds - 1.0), shared)


@dataclass(frozen=True)
class CorpusScores:
    """A score of whole corpora, seed by seed, with its replicates over resampled sentences (Koehn, 2004).

    Every leg's replicates draw the same sentences, so that scores of several models on one test set are
    subtracted, added and weighted replicate by replicate.

    Args:
        values: The score of each seed, (S,).
        replicates: Its value on each resampled test set, (R, S).
        examples: N, the sentences.
    """

    values: Floats
    replicates: Floats
    examples: int

    def times(self, factor: float) -> "CorpusScores":
        """Every score and replicate times a factor."""
        return CorpusScores(factor * self.values, factor * self.replicates, self.examples)

    def plus(self, other: "CorpusScores", *, weight: float = 1.0) -> "CorpusScores":
        """The weighted sum, seed by seed; a score of one seed counts for every seed.

        Raises:
            ValueError: The two are not of the same sentences.
        """
        if self.examples != other.examples or len(self.replicates) != len(other.replicates):
            raise ValueError(f"expected the same sentences, got {self.examples} and {other.examples}")
        return CorpusScores(
            self.values + weight * other.values,
            self.replicates + weight * other.replicates,
            self.examples,
        )


def resampled(examples: int, *, replicates: int = CORPUS_REPLICATES, seed: int = 0) -> NDArray[np.int64]:
    """The number of times that each example is in each resampled test set, (R, N), not to be written to."""
    return np.concatenate(list(resampled_in_parts(examples, replicates, seed)))


def resampled_in_parts(examples: int, replicates: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """The same, some replicates at a time where there are many examples."""
    # The same draws for every model: replicates of two of them can be subtracted one by one.
    if examples * replicates <= MOST_DRAWS_KEPT:
        yield _drawn(examples, replicates, seed)
        return
    generator, shares = np.random.Generator(np.random.Philox(seed)), np.full(examples, 1 / examples)
    together = max(DRAWN_TOGETHER // examples, 1)
    for first in range(0, replicates, together):
        yield generator.multinomial(examples, shares, size=min(together, replicates - first))


@lru_cache(maxsize=1)
def _drawn(examples: int, replicates: int, seed: int) -> NDArray[np.int64]:
    generator = np.random.Generator(np.random.Philox(seed))
    times = generator.multinomial(examples, np.full(examples, 1 / examples), size=replicates)
    times.flags.writeable = False
    return times


def ranked_scores(score: Callable[[Floats], Floats], examples: int) -> CorpusScores:
    """One seed's score that goes by the order of all its examples, and that of resampled test sets.

    Args:
        score: From how often each example is counted, (R, N), to the scores (R).
        examples: N.
    """
    replicates = [
        score(times.astype(np.float64)) for times in resampled_in_parts(examples, CORPUS_REPLICATES, 0)
    ]
    return CorpusScores(
        values=score(np.ones((1, examples))),
        replicates=np.concatenate(replicates)[:, None],
        examples=examples,
    )


def corpus_scores(
    counts: ArrayLike, score: ScoreOf, *, replicates: int = CORPUS_REPLICATES, seed: int = 0
) -> CorpusScores:
    """The score of each seed's corpus, and of the corpora of resampled sentences.

    Args:
        counts: What each sentence adds to the score's sums, for each seed, (S, N, K).
        score: From added-up sums (K) to the score.
        replicates: How many resampled test sets.
        seed: Of the Philox generator: the same for all that are to be compared.

    Raises:
        ValueError: `counts` is not (S, N, K) with at least 2 sentences.
    """
    table = np.asarray(counts, dtype=np.float64)
    if table.ndim != 3 or table.shape[0] < 1 or table.shape[1] < 2:
        raise ValueError(f"expected counts (seeds, sentences, sums), 2 sentences or more, got {table.shape}")
    sentences = table.shape[1]
    scores = [
        [[score(sums) for sums in (times @ sums_of_run).tolist()] for sums_of_run in table]
        for times in resampled_in_parts(sentences, replicates, seed)
    ]
    return CorpusScores(
        values=np.array([score(sums_of_run.sum(axis=0).tolist()) for sums_of_run in table]),
        replicates=np.concatenate(scores, axis=1).T,
        examples=sentences,
    )


def crossed_corpus(scores: CorpusScores) -> Crossed:
    """The same as `crossed` for scores that no mean over sentences gives, such as BLEU.

    The seeds' variance is that of their scores over S. What the choice of sentences adds to all seeds alike
    is the covariance of the seeds' replicates: the variance of their mean less each seed's own share of it.
    """
    seeds, count = scores.values.size, len(scores.replicates)
    # The variance is known from N sentences through R replicates: both limit what is known of it.
    degrees = 1.0 / (1.0 / (scores.examples - 1) + 1.0 / (count - 1))
    of_mean, of_each = (
        float(scores.replicates.mean(axis=1).var(ddof=1)),
        float(scores.replicates.var(axis=0, ddof=1).mean()),
    )
    mean = float(scores.values.mean())
    if seeds == 1:
        return Crossed(mean, of_each, degrees, 1, scores.examples, of_each)
    # of_each − of_mean is the seeds' own part times (S − 1) / S: divided so, it is that part's share in the
    # mean.
    rest = (of_each - of_mean) / (seeds - 1)
    composition = composed(
        scores.values.mean(),
        scores.values.var(ddof=1) / seeds,
        np.asarray(of_mean),
        np.asarray(max(rest, 0.0)),
        seeds=seeds,
        examples_degrees=degrees,
    )
    return Crossed(
        mean=mean,
        variance=float(composition.variance),
        degrees=float(composition.degrees),
        seeds=seeds,
        examples=scores.examples,
        examples_variance=float(composition.examples_variance),
    )
