"""Verdicts on many simulated families at once; that `judge_family` gives the same is tested on random tables.

The mean squares of a pair's differences are quadratic forms of the models' answers, so the products of models
stand for all pairs (see `seqcli.statistics.combinations`), and thousands of families take seconds.
"""

import math
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from seqcli.statistics.crossed import Variances, composed
from seqcli.statistics.student import Floats
from seqcli.statistics.verdict_claims import (
    Claims,
    adjust,
    conclude,
    holm_levels,
    holm_or_all_levels,
    paired_claims,
    t_claims,
)


class Views(NamedTuple):
    """The estimates of every pair of every family, each (families, pairs): seeds alone, seeds × examples."""

    seeds: int
    spread: Floats
    crossed: Variances

    def claims(self, margin: float) -> Claims:
        """The three claims as both views support them."""
        over_seeds = paired_claims(self.crossed.mean, self.spread, self.seeds, margin)
        error = np.sqrt(self.crossed.variance)
        return over_seeds.both(t_claims(self.crossed.mean, error, self.crossed.degrees, margin))

    def half_width(self, alpha: Floats) -> Floats:
        """Half the (1 − alpha) interval: the wider of the two views."""
        return np.maximum(
            stdtrit(self.seeds - 1, 1 - alpha / 2) * self.spread / math.sqrt(self.seeds),
            stdtrit(self.crossed.degrees, 1 - alpha / 2) * np.sqrt(self.crossed.variance),
        )


class ArrayVerdicts(NamedTuple):
    """The verdicts of every pair of every family, each (families, pairs).

    Args:
        words: What is said.
        claims: The adjusted p-values.
        mean: The differences a − b.
        half_width: Half of the interval that is printed, which is the one that decided.
        alpha: One minus its level.
    """

    words: NDArray[np.str_]
    claims: Claims
    mean: Floats
    half_width: Floats
    alpha: Floats

    def misses(self, truth: float) -> NDArray[np.bool_]:
        """Return the trials in which the printed interval does not hold the true difference."""
        return np.abs(self.mean - truth) > self.half_width


def judged(answers: NDArray[np.float32], margin: float, alpha: float) -> ArrayVerdicts:
    """The verdicts on all pairs, the earlier model against the later one.

    Args:
        answers: Right (1) and wrong (0), (families, models, seeds, examples).
        margin: The least difference that matters.
        alpha: Error rate of each claim.
    """
    views = pair_views(answers)
    raw = views.claims(margin)
    claims = adjust(raw)
    words = conclude(claims, views.crossed.mean, alpha)
    outer = np.array([holm_levels(p, alpha) for p in raw.different])
    inner = np.array([2 * holm_or_all_levels(p, alpha) for p in raw.equivalent])
    level = np.where(words == "equivalent", inner, outer)
    return ArrayVerdicts(words, claims, views.crossed.mean, views.half_width(level), level)


def pair_views(answers: NDArray[np.float32]) -> Views:
    """Both views of all pairs.

    Args:
        answers: As in `judged`.
    """
    _, models, seeds, examples = answers.shape
    # Sums of 0 and 1 stay exact in float32 up to 2^24.
    flat = answers.reshape(len(answers), models, seeds * examples)
    size = seeds * examples
    by_seed = answers.mean(axis=3, dtype=np.float64)
    by_example = answers.sum(axis=2).astype(np.float64) / seeds
    mean = by_seed.mean(axis=2)
    total = _products(flat).astype(np.float64) - size * mean[:, :, None] * mean[:, None, :]
    of_seeds = examples * _products(by_seed - mean[..., None])
    of_examples = seeds * _products(by_example - mean[..., None])
    of_rest = np.maximum(_of_pairs(total - of_seeds - of_examples), 0.0)
    a, b = np.transpose(list(combinations(range(models), 2)))
    crossed = composed(
        mean[:, a] - mean[:, b],
        _of_pairs(of_seeds) / (seeds - 1) / size,
        _of_pairs(of_examples) / (examples - 1) / size,
        of_rest / ((seeds - 1) * (examples - 1)) / size,
        seeds=seeds,
        examples_degrees=examples - 1.0,
    )
    # The spread is not taken below that of the metric's grid, as `paired_difference` has it.
    spread = np.sqrt(_of_pairs(of_seeds) / examples / (seeds - 1))
    return Views(seeds, np.maximum(spread, 1 / examples / math.sqrt(6)), crossed)


def _products(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """Products of models' rows, (families, models, models)."""
    products: NDArray[np.floating] = rows @ np.swapaxes(rows, -1, -2)
    return products


def _of_pairs(products: NDArray[np.floating]) -> Floats:
    """The quadratic forms of the pairs' differences, (families, pairs)."""
    a, b = np.transpose(list(combinations(range(products.shape[-1]), 2)))
    forms = products[:, a, a] + products[:, b, b] - 2 * products[:, a, b]
    return np.maximum(np.asarray(forms, dtype=np.float64), 0.0)
