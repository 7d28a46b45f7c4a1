"""Models without recurrence, for a person to see what recurrence buys; each is one file in `baselines/`."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, Generic, Self, TypeVar

from seqcli.data.facts import DataFacts
from seqcli.registry import Registry

Input = TypeVar("Input")
MethodOutput = TypeVar("MethodOutput")


class BaselineMethod(ABC, Generic[Input, MethodOutput]):
    """A method without recurrence, fitted once and without randomness.

    Attributes:
        together: How many inputs are answered between two signs of life; None answers all of a split at once.
    """

    together: ClassVar[int | None] = None

    @classmethod
    def of(cls, facts: DataFacts) -> Self:  # noqa: ARG003 few need to know more than inputs and answers
        """The method for such data, not yet fitted."""
        return cls()

    @abstractmethod
    def fit(self, inputs: Sequence[Input], answers: Sequence[MethodOutput]) -> Self:
        """Learn from the training split.

        Args:
            inputs: N inputs as the kind of task gives them: texts, of which one may be empty.
            answers: What is right for each: labels, of at least two classes.
        """

    @abstractmethod
    def predict(self, inputs: Sequence[Input]) -> list[MethodOutput]:
        """The answer to each input."""

    def shares(self, inputs: Sequence[Input]) -> list[dict[str, float]] | None:  # noqa: ARG002 few have any
        """The probability of every class for each input; None of a method that puts nothing into classes."""
        return None


BASELINES: Registry[type[BaselineMethod[Any, Any]]] = Registry(
    "baseline", "seqcli.models.baselines", "BASELINE"
)
