"""Models without recurrence, for a person to see what recurrence buys; each is one file in `baselines/`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Self

from seqcli.registry import Registry


class Baseline(ABC):
    """A classifier of whole texts, fitted once and without randomness."""

    @abstractmethod
    def fit(self, texts: Sequence[str], labels: Sequence[str]) -> Self:
        """Learn from the training split.

        Args:
            texts: N texts; an empty one is a text too.
            labels: Their N labels, of at least two classes.
        """

    @abstractmethod
    def predict(self, texts: Sequence[str]) -> list[str]:
        """The label of each text."""


BASELINES: Registry[type[Baseline]] = Registry("baseline", "seqcli.models.baselines", "BASELINE")
