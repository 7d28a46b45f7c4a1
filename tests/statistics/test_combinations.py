"""Sums of models' scores from products of their answers: the same as from the answers themselves."""

import numpy as np
import pytest

from seqcli.statistics.combinations import answer_products, corpus_products
from seqcli.statistics.crossed import corpus_scores, crossed, crossed_corpus


def mean_squares(table):
    """Two-way analysis of variance without repetition, in plain loops (Searle, Casella & McCulloch, 1992)."""
    seeds, examples = table.shape
    mean = table.mean()
    of_seeds = examples * sum((row.mean() - mean) ** 2 for row in table) / (seeds - 1)
    of_examples = seeds * sum((column.mean() - mean) ** 2 for column in table.T) / (examples - 1)
    rest = sum(
        (table[s, e] - table[s].mean() - table[:, e].mean() + mean) ** 2
        for s in range(seeds)
        for e in range(examples)
    )
    return of_seeds, of_examples, rest / ((seeds - 1) * (examples - 1))


@pytest.mark.parametrize("factors", [(1.0, -1.0, 0.0), (1.0, 0.0, 0.0), (2.0, -0.5, -1.0)])
def test_the_variance_of_a_combination_is_that_of_its_own_table(factors):
    rng = np.random.default_rng(3)
    tables = (rng.random((3, 4, 30)) < rng.random((1, 1, 30))).astype(float)
    of_seeds, of_examples, rest = mean_squares(np.tensordot(factors, tables, axes=1))
    variance, degrees = answer_products(tables).variance(factors)
    size = 4 * 30
    assert variance == pytest.approx(max(of_seeds + of_examples - rest, of_seeds) / size, rel=1e-9)
    parts = of_seeds**2 / 3
    if of_examples > rest:
        parts += of_examples**2 / 29 + rest**2 / (3 * 29)
    assert degrees == pytest.approx(max((variance * size) ** 2 / parts, 3), rel=1e-9)


def test_equal_answers_leave_no_variance_between_models():
    table = np.random.default_rng(1).integers(0, 2, (1, 5, 20)).astype(float)
    variance, degrees = answer_products(np.concatenate([table, table])).variance((1.0, -1.0))
    assert (variance, degrees) == (pytest.approx(0.0, abs=1e-15), 4)


@pytest.mark.parametrize("shape", [(2, 1, 20), (2, 3, 1), (3, 20)])
def test_one_seed_or_one_example_tells_no_spread(shape):
    with pytest.raises(ValueError, match="expected"):
        answer_products(np.zeros(shape))


@pytest.mark.parametrize("factors", [(1.0, -1.0), (1.0, 0.0), (0.5, -2.0)])
def test_the_variance_of_corpus_scores_is_that_of_their_combination(factors):
    rng = np.random.default_rng(9)
    counts = rng.random((2, 3, 40, 2)) + rng.random((1, 1, 40, 2))
    scores = [corpus_scores(count, lambda sums: 100 * sums[0] / sums[1], replicates=50) for count in counts]
    total = scores[0].times(factors[0]).plus(scores[1], weight=factors[1])
    result = crossed_corpus(total)
    variance, degrees = corpus_products(scores).variance(factors)
    assert variance == pytest.approx(result.variance, rel=1e-9)
    assert degrees == pytest.approx(result.degrees, rel=1e-9)


def test_a_pair_s_variance_is_the_judge_s():
    tables = np.random.default_rng(2).integers(0, 2, (2, 4, 25)).astype(float)
    interval_of = crossed(tables[0] - tables[1])
    variance, degrees = answer_products(tables).variance((1.0, -1.0))
    assert (variance, degrees) == pytest.approx((interval_of.variance, interval_of.degrees), rel=1e-9)
