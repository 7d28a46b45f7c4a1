"""The contract of a model towards training, scoring and measuring."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from seqcli.ops.kernels import Kernel


class Judged(NamedTuple):
    """A model's answers to one batch beside what was right."""

    outputs: Tensor
    """(B, …) one answer an example: logits, or ids filled up with padding."""
    scores: Tensor
    """(B) each example's share in the metric."""
    loss: Tensor
    """The sum of the loss's terms, in nats."""
    terms: int
    """How many terms that sum has."""


class Learner(nn.Module, ABC):
    """A model that learns from batches of right-padded inputs, their lengths, and targets.

    Shapes: inputs (B, T) ids or (B, T, I), lengths (B) on the CPU, targets as the kind of task keeps them.
    """

    carried: tuple[Tensor, ...] | None = None
    """The state from which the next batch starts, (L, B, H) each; None where every example starts anew."""

    def carry(self, follows: NDArray[np.bool_]) -> None:
        """Start the batch to come from the state after the last one, in the rows that follow on from it.

        Args:
            follows: Which rows of the batch do (B); the others start anew.

        Raises:
            TypeError: The model carries no state.
        """
        raise TypeError(f"{type(self).__name__} carries no state over {len(follows)} rows")

    @property
    @abstractmethod
    def kernel(self) -> Kernel:
        """The kernel of its recurrence where its weights now are."""

    @abstractmethod
    def batch_loss(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """Return the loss that training minimises: the mean of its terms, a scalar."""

    @abstractmethod
    def judge(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Judged:
        """Answers, each example's score and the loss, as evaluation needs them."""

    @abstractmethod
    def predict(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The answers alone, (B, …)."""

    @abstractmethod
    def terms(self, lengths: Tensor, targets: Tensor) -> int:
        """Return how many terms the mean of `batch_loss` runs over."""

    def weight(self, lengths: Tensor, targets: Tensor) -> float:
        """Return the divisor of the mean of `batch_loss`: the number of its terms, or their weights' sum."""
        return float(self.terms(lengths, targets))

    @abstractmethod
    def tokens(self, lengths: Tensor, targets: Tensor) -> int:
        """Return how many real tokens of a batch count for its speed."""

    @abstractmethod
    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Return the trained numbers by part, each once: 'embedding', 'recurrent' and 'head'."""
