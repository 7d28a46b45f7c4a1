"""Linear combinations of models' scores over seeds × examples, from one table of products instead of answers.

The mean squares of seeds, examples and rest are quadratic forms: those of Σ f(m) · model(m) are f'Qf, where Q
holds the products of the models' deviations. So M × M numbers stand for all answers, for any factors f
(Searle, Casella & McCulloch, 1992, on crossed random effects; the estimate itself is that of pairs).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqcli.statistics.crossed import CorpusScores, Crossed
from seqcli.statistics.intervals import Estimate
from seqcli.statistics.student import Floats


@dataclass(frozen=True)
class AnswerProducts:
    """Mean products of seeds, examples and rest between models, each divided by S · N, (M, M).

    Args:
        seeds: S, at least 2.
        examples_degrees: Of the examples' part; N − 1 for answers.
        by_seeds: Of the models' means over examples, seed by seed.
        by_examples: Of their means over seeds, example by example.
        rest: Of what neither tells.
    """

    seeds: int
    examples_degrees: float
    by_seeds: Floats
    by_examples: Floats
    rest: Floats

    def variance(self, factors: Sequence[float]) -> tuple[float, float]:
        """The variance of the combination's mean and Satterthwaite's degrees of freedom, at least S − 1.

        Args:
            factors: Of each model, (M,).
        """
        f = np.asarray(factors, dtype=np.float64)
        seeds, examples, rest = (
            max(float(f @ products @ f), 0.0) for products in (self.by_seeds, self.by_examples, self.rest)
        )
        shared = max(examples - rest, 0.0)
        least = self.seeds - 1.0
        parts = seeds**2 / least
        if shared > 0.0:
            parts += examples**2 / self.examples_degrees + rest**2 / (least * self.examples_degrees)
        total = seeds + shared
        return total, max(total**2 / parts, least) if parts > 0.0 else least

    def shared(self, factors: Sequence[float]) -> float:
        """The part of that variance which the choice of examples adds to all seeds alike."""
        f = np.asarray(factors, dtype=np.float64)
        return max(float(f @ (self.by_examples - self.rest) @ f), 0.0)


def crossed_apart(
    over_seeds: Estimate,
    results: Sequence[tuple[AnswerProducts, Sequence[float]]],
    sampled: Sequence[tuple[float, float]] = (),
) -> Crossed:
    """A combination of models of several results, of which each tells only how its own answers vary.

    Seeds are paired, so that their part is that of the combination itself. How the results' answers to one
    example go together is not known; they are the harder or the easier for all, so that taking them as
    independent adds too much rather than too little: a verdict that holds here holds whatever they were.

    Args:
        over_seeds: The combination seed by seed, at least two of them.
        results: The products of each result, and the factors of its models.
        sampled: Of scores whose result tells no answers: the variance that their own sampling adds (see
            `own_score.sampling_variance`), times the squared factor, and its degrees of freedom, N − 1.

    Raises:
        ValueError: The spread over seeds is not known, or nothing is told of examples.
    """
    if over_seeds.sd is None:
        raise ValueError("expected at least two seeds")
    of_examples = [(products.shared(factors), products.examples_degrees) for products, factors in results]
    of_examples += sampled
    parts = [(over_seeds.sd**2 / over_seeds.n, over_seeds.n - 1.0), *of_examples]
    variance = sum(part for part, _ in parts)
    weights = sum(part**2 / degrees for part, degrees in parts)
    least = over_seeds.n - 1.0
    return Crossed(
        mean=over_seeds.mean,
        variance=variance,
        degrees=max(variance**2 / weights, least) if weights > 0.0 else least,
        seeds=over_seeds.n,
        examples=round(min(degrees for _, degrees in of_examples)) + 1,
        examples_variance=variance - parts[0][0],
    )


def answer_products(tables: Floats) -> AnswerProducts:
    """The products of models that answered the same examples at the same seeds.

    Args:
        tables: A number for each model, seed and example, (M, S, N), with S and N at least 2.

    Raises:
        ValueError: The tables have another shape.
    """
    if tables.ndim != 3 or min(tables.shape[1:]) < 2:
        raise ValueError(f"expected (models, seeds, examples) of at least (1, 2, 2), got {tables.shape}")
    _, seeds, examples = tables.shape
    mean = tables.mean(axis=(1, 2), keepdims=True)
    of_seeds = tables.mean(axis=2, keepdims=True) - mean
    of_examples = tables.mean(axis=1, keepdims=True) - mean
    rest = tables - mean - of_seeds - of_examples
    size = seeds * examples
    return AnswerProducts(
        seeds=seeds,
        examples_degrees=examples - 1.0,
        by_seeds=examples * _products(of_seeds) / (seeds - 1) / size,
        by_examples=seeds * _products(of_examples) / (examples - 1) / size,
        rest=_products(rest) / ((seeds - 1) * (examples - 1)) / size,
    )


def corpus_products(scores: Sequence[CorpusScores]) -> AnswerProducts:
    """The same for scores of whole corpora, from their replicates on the same resampled sentences.

    The seeds' part is the covariance of their scores over S, the examples' that of the replicates' means over
    seeds, and the rest what a single seed's replicates have beyond it, over S − 1.

    Args:
        scores: Of each model, the same seeds in the same order, at least two.

    Raises:
        ValueError: There are fewer than two seeds.
    """
    values = np.array([corpus.values for corpus in scores])
    replicates = np.array([corpus.replicates for corpus in scores])  # (M, R, S)
    _, count, seeds = replicates.shape
    if seeds < 2:
        raise ValueError(f"expected at least two seeds, got {seeds}")
    of_mean = np.atleast_2d(np.cov(replicates.mean(axis=2)))
    of_each = sum(np.atleast_2d(np.cov(replicates[:, :, seed])) for seed in range(seeds)) / seeds
    return AnswerProducts(
        seeds=seeds,
        examples_degrees=1.0 / (1.0 / (scores[0].examples - 1) + 1.0 / (count - 1)),
        by_seeds=np.atleast_2d(np.cov(values)) / seeds,
        by_examples=of_mean,
        rest=(of_each - of_mean) / (seeds - 1),
    )


def _products(deviations: Floats) -> Floats:
    flat = deviations.reshape(len(deviations), -1)
    products: Floats = flat @ flat.T
    return products
