"""Cross-validation: a mean over folds, whose training data overlap.

The folds' differences are not independent, since any two of them were learnt from mostly the same rows, and
their spread alone makes far too small an interval (Dietterich, 1998). Nadeau & Bengio (2003) put

    V = (1 / K + n_test / n_train) · S²

in place of S² / K: the *corrected resampled t-test*, with K − 1 degrees of freedom. Several seeds of one fold
are averaged first, so that K counts folds and never runs. No more runs of the same folds make the second
term smaller: only more data does.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seqcli.statistics.intervals import Estimate, estimate, paired_difference


def corrected(over_folds: Estimate, test_to_train: float) -> Estimate:
    """The estimate with the spread that gives the corrected standard error, s · √(1/K + n_test/n_train).

    Args:
        over_folds: A mean over folds, with the folds' own spread.
        test_to_train: n_test / n_train.
    """
    if over_folds.sd is None:
        return over_folds
    return replace(over_folds, sd=over_folds.sd * math.sqrt(1.0 + over_folds.n * test_to_train))


@dataclass(frozen=True)
class Folds:
    """The folds of a comparison: run number i, from 0, is tested on fold i mod K.

    Args:
        count: K.
        test_to_train: n_test / n_train, the mean over the folds.
    """

    count: int
    test_to_train: float

    def of(self, place: int) -> int:
        """The fold of a run, by its place among the runs of its model."""
        return place % self.count

    def means(self, values: Sequence[float | None]) -> list[float]:
        """The mean of each fold that has a value, fold by fold; None is a failed run."""
        by_fold = (
            [value for value in values[fold :: self.count] if value is not None] for fold in range(self.count)
        )
        return [math.fsum(scores) / len(scores) for scores in by_fold if scores]

    def mean(self, values: Sequence[float | None], *, resolution: float = 0.0) -> Estimate:
        """The mean score, with the corrected spread.

        Raises:
            ValueError: There is no value.
        """
        return corrected(estimate(self.means(values), resolution=resolution), self.test_to_train)

    def difference(
        self, a: Sequence[float | None], b: Sequence[float | None], *, resolution: float = 0.0
    ) -> Estimate:
        """The mean of a − b, paired run by run and then fold by fold, with the corrected spread.

        Raises:
            ValueError: No run has a value in both.
        """
        both = [
            (x, y) if x is not None and y is not None else (None, None) for x, y in zip(a, b, strict=True)
        ]
        first, second = (self.means([pair[side] for pair in both]) for side in (0, 1))
        return corrected(paired_difference(first, second, resolution=resolution), self.test_to_train)
