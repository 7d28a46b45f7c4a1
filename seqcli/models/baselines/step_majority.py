"""Always the class that most steps have: what a model must beat to have learnt anything."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Self

from seqcli.data.labels import most_frequent
from seqcli.models.baseline import BaselineMethod


class StepMajority(BaselineMethod[Sequence[Any], list[str]]):
    """The training steps' most frequent label; of equals, the first in the alphabet."""

    def __init__(self) -> None:
        self.label = ""

    def fit(self, inputs: Sequence[Sequence[Any]], answers: Sequence[list[str]]) -> Self:  # noqa: ARG002 inputs do not matter
        """Count the labels."""
        self.label = most_frequent(Counter(label for row in answers for label in row if label))
        return self

    def predict(self, inputs: Sequence[Sequence[Any]]) -> list[list[str]]:
        """The same label for every step."""
        return [[self.label] * len(sequence) for sequence in inputs]


BASELINE = StepMajority
