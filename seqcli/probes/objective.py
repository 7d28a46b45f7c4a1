"""The gradients of a loss at the recurrence's outputs: the start of every gradient through time."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from seqcli.models.head import Head


class Objective(ABC):
    """A loss over the outputs of a batch; each sequence has its own, not a share in a mean."""

    uses_all_outputs: bool
    """Whether outputs before the last can matter; the others need not be kept then."""

    @abstractmethod
    def direct(self, outputs: Tensor) -> Tensor:
        """∂L/∂outputs with all else held.

        Args:
            outputs: (B, T, D·H) each row's real steps first and then padding; (B, 1, D·H) each direction's
                last output alone unless `uses_all_outputs`.

        Returns:
            The same shape.
        """

    def at_last(self, suffix: str) -> Tensor | None:  # noqa: ARG002 most hear outputs alone
        """∂L/∂(last state) of the layer and direction of that suffix past its outputs, (B, S, H), or None."""
        return None


class AddingReadout(Objective):
    """The squared error of a linear readout of the last output, as people solve the adding problem.

    Args:
        weight: (D·H) the readout.
        answers: (B) what it should give.
    """

    uses_all_outputs = False

    def __init__(self, weight: Tensor, answers: Tensor) -> None:
        self.weight, self.answers = weight, answers

    def direct(self, outputs: Tensor) -> Tensor:
        """(B, 1, D·H)."""
        errors = outputs[:, 0] @ self.weight - self.answers
        return (2 * errors)[:, None, None] * self.weight


class HeadObjective(Objective):
    """A task's own loss through its head, summed over all that a sequence has to answer.

    Args:
        head: In float64 and evaluation mode.
        targets: (B, …).
        lengths: (B).
    """

    uses_all_outputs = True

    def __init__(self, head: Head, targets: Tensor, lengths: Tensor) -> None:
        self.head, self.targets, self.lengths = head, targets, lengths

    def direct(self, outputs: Tensor) -> Tensor:
        """(B, T, D·H)."""
        leaves = outputs.detach().requires_grad_()
        with torch.enable_grad():
            mean = self.head.loss(self.head(leaves, self.lengths), self.targets)
            (gradient,) = torch.autograd.grad(mean * self.head.terms(self.targets), leaves)
        return gradient
