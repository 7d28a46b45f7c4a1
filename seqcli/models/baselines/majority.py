"""Always the most frequent class: what a model must beat to have learnt anything."""

from collections import Counter
from collections.abc import Sequence
from typing import Self

from seqcli.data.labels import most_frequent
from seqcli.models.baseline import BaselineMethod


class Majority(BaselineMethod[str, str]):
    """Predicts the training split's most frequent label; of equals, the first in the alphabet."""

    def __init__(self) -> None:
        self.label = ""

    def fit(self, inputs: Sequence[str], answers: Sequence[str]) -> Self:  # noqa: ARG002 inputs do not matter
        """Count the labels."""
        self.label = most_frequent(Counter(answers))
        return self

    def predict(self, inputs: Sequence[str]) -> list[str]:
        """The same label for every text."""
        return [self.label] * len(inputs)


BASELINE = Majority
