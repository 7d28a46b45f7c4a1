"""How often a cross-validation tells equal learners apart: `--folds`, against the usual paired t-test.

Every trial draws a data set of two classes, divides it into folds as `--folds` does and learns it fold by
fold by least squares. Two nulls: one learner against itself, which differs by its seed alone (it sees a
random half of the columns), and two learners that see two different halves of the columns, equally good on
average over data sets, whose difference on one data set is the same luck in all folds.

    python benchmarks/simulated_folds.py [TRIALS]
"""

import sys
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from seqcli.data.split import stratified_folds
from seqcli.statistics.folds import Folds
from seqcli.statistics.verdicts import Evidence, Rule, judge

Floats = NDArray[np.float64]
Columns = tuple[NDArray[np.int64], NDArray[np.int64]]

TRIALS = 1000
COLUMNS = 12
SHIFT = 0.45
"""Between the classes in each column, in standard deviations: an accuracy of about .75."""
MARGIN = 0.01


def data_set(rows: int, generator: np.random.Generator) -> tuple[Floats, NDArray[np.int64]]:
    """Columns (N, C) and classes (N)."""
    labels = np.arange(rows) % 2
    inputs = generator.standard_normal((rows, COLUMNS)) + SHIFT * (labels[:, None] - 0.5)
    return inputs, labels


def accuracy(
    inputs: Floats, labels: NDArray[np.int64], test: NDArray[np.bool_], seen: NDArray[np.int64]
) -> float:
    """The share of test rows that a least-squares fit to the others has on the right side."""
    columns = np.column_stack([inputs[:, seen], np.ones(len(inputs))])
    weights = np.linalg.lstsq(columns[~test], 2.0 * labels[~test] - 1.0, rcond=None)[0]
    return float(np.mean((columns[test] @ weights > 0) == (labels[test] == 1)))


def columns_seen(null: str, generator: np.random.Generator) -> Columns:
    """The columns of both learners in one fold."""
    half = COLUMNS // 2
    if null == "two learners":
        return np.arange(half), np.arange(half, COLUMNS)
    return generator.permutation(COLUMNS)[:half], generator.permutation(COLUMNS)[:half]


def false_decisions(rows: int, count: int, null: str, trials: int) -> tuple[float, float, float]:
    """The trials in which equal learners are told apart, by this and by the usual test; and equivalent."""
    generator = np.random.default_rng(rows * 1000 + count)
    folds, rule = Folds(count, 1 / (count - 1)), Rule(margin=MARGIN)
    apart = naive = equivalent = 0
    for trial in range(trials):
        inputs, labels = data_set(rows, generator)
        fold = stratified_folds(labels, count, seed=trial)
        scores: list[tuple[float, float]] = []
        for number in range(count):
            a, b = columns_seen(null, generator)
            scores.append(
                (accuracy(inputs, labels, fold == number, a), accuracy(inputs, labels, fold == number, b))
            )
        first, second = ([pair[side] for pair in scores] for side in (0, 1))
        verdict = judge(Evidence(folds.difference(first, second, resolution=count / rows)), rule)
        apart += verdict.p_different <= rule.alpha
        equivalent += verdict.verdict == "equivalent"
        if first != second:
            naive += bool(stats.ttest_rel(first, second).pvalue <= rule.alpha)
    return apart / trials, naive / trials, equivalent / trials


def lines(trials: int) -> Iterator[str]:
    """A line a design."""
    yield f"{'null':<14} rows folds  told apart  usual t-test  equivalent ({trials} trials)"
    for null in ("itself", "two learners"):
        for rows in (100, 400):
            for count in (3, 5, 10):
                apart, naive, equivalent = false_decisions(rows, count, null, trials)
                yield f"{null:<14} {rows:4} {count:5}  {apart:10.3f}  {naive:12.3f}  {equivalent:10.3f}"


if __name__ == "__main__":
    for line in lines(int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS):
        print(line, flush=True)
