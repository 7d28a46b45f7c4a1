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
        self.counts: Counter[str] = Counter()

    def fit(self, inputs: Sequence[str], answers: Sequence[str]) -> Self:  # noqa: ARG002 inputs do not matter
        """Count the labels."""
        self.counts = Counter(answers)
        self.label = most_frequent(self.counts)
        return self

    def predict(self, inputs: Sequence[str]) -> list[str]:
        """The same label for every text."""
        return [self.label] * len(inputs)

    def shares(self, inputs: Sequence[str]) -> list[dict[str, float]]:
        """Each class's share of training, for every text."""
        total = self.counts.total()
        return [{name: count / total for name, count in self.counts.items()}] * len(inputs)


BASELINE = Majority
