"""Two models' predictions on the same examples: who is right where the other is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Correct = NDArray[np.bool_]


@dataclass(frozen=True)
class McNemar:
    """Counts of the examples on which one model alone is right, and the exact test of their balance.

    It speaks of the two trained networks at hand and of other examples like these; other seeds of the same
    models are another matter, on which `paired_difference` speaks.

    Args:
        only_a: Examples that only a gets right.
        only_b: Examples that only b gets right.
        pairs: All examples.
        p_value: Exact two-sided p-value of equal accuracy; 1 where no example tells the models apart.
    """

    only_a: int
    only_b: int
    pairs: int
    p_value: float

    @property
    def difference(self) -> float:
        """Accuracy of a minus accuracy of b on these examples."""
        return (self.only_a - self.only_b) / self.pairs


def mcnemar(correct_a: Sequence[bool] | Correct, correct_b: Sequence[bool] | Correct) -> McNemar:
    """McNemar's test (1947), exact: examples on which the two disagree fall to either side like a fair coin.

    Args:
        correct_a: Whether a is right on each example, (N,).
        correct_b: Whether b is right on the same examples in the same order, (N,).

    Raises:
        ValueError: The shapes differ, are not one row, or there is no example.
    """
    a, b = np.asarray(correct_a, dtype=np.bool_), np.asarray(correct_b, dtype=np.bool_)
    if a.shape != b.shape or a.ndim != 1 or a.size == 0:
        raise ValueError(f"expected two rows of equal length, got shapes {a.shape} and {b.shape}")
    only_a, only_b = int(np.sum(a & ~b)), int(np.sum(b & ~a))
    return McNemar(only_a, only_b, pairs=a.size, p_value=sign_test(only_a, only_b))


def sign_test(for_a: int, for_b: int) -> float:
    """The exact two-sided p-value of a fair coin that fell `for_a` times one way and `for_b` the other."""
    if for_a + for_b == 0:
        return 1.0
    return float(stats.binomtest(for_a, for_a + for_b).pvalue)
