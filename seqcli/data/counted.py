"""Strings a^n b^n, judged as a whole: how far does a model count without a mistake?"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_steps import EncodedSteps


class CountedStrings(EncodedSteps):
    """One split of strings of 2 n symbols, scored by the largest n up to which all are accepted."""

    @property
    def numbers(self) -> NDArray[np.int64]:
        """How many a's each string has (N)."""
        return self.lengths // 2

    def accepted(self, outputs: NDArray[Any]) -> NDArray[np.bool_]:
        """Whether each string's every step is right (N).

        Args:
            outputs: The classes that a model says (N, T).
        """
        return np.asarray(self.right(outputs).all(axis=1))

    def score(self, outputs: NDArray[Any]) -> float:
        """The largest n such that the strings of 1 to n are all accepted; 0 where that of 1 is not."""
        refused = self.numbers[~self.accepted(outputs)]
        return float(refused.min() - 1 if len(refused) else self.numbers.max())
