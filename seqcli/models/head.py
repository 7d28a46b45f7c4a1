"""The contract of a head, from a recurrence's outputs to a task's answer; each is one file in `heads/`."""

from abc import ABC, abstractmethod
from typing import ClassVar

from torch import Generator, Tensor, nn

from seqcli.models.config import ModelConfig
from seqcli.ops.padding import last_real
from seqcli.registry import Registry


class Head(nn.Module, ABC):
    """The last part of a network, with the loss that trains it.

    Args:
        config: The model's settings.
        output_size: Number of classes, or of values.
    """

    def __init__(self, config: ModelConfig, output_size: int) -> None:
        super().__init__()
        self.config = config
        self.output_size = output_size

    @abstractmethod
    def initialise(self, *, generator: Generator) -> None:
        """Fill the weights; the generator is the only source of randomness."""

    @abstractmethod
    def forward(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """The answer from the recurrence's outputs.

        Args:
            outputs: (B, T, D·H); what stands beyond a row's length means nothing.
            lengths: (B) real steps of each row, 1 to T; None means that all T are real.
        """

    def pooled(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """Return one vector a sequence, (B, D·H): what it reads, or the last where each step is answered."""
        return last_real(outputs, lengths)

    @abstractmethod
    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The mean loss over the batch, a scalar."""

    every_step: ClassVar[bool] = False
    """Whether it answers at every step, and not once for the whole sequence."""

    class_weights: Tensor | None = None
    """The weight of each class's errors in training, (C); None weighs all alike."""

    def training_loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The loss that training minimises, where that is another than the one that is told."""
        return self.loss(answers, targets)

    @abstractmethod
    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each example's share in its kind's metric, (B); a split's is their mean, or its own `score`."""

    def terms(self, targets: Tensor) -> int:
        """Return how many terms the mean of `loss` runs over: one a sequence."""
        return targets.shape[0]

    def for_evaluation(self, answers: Tensor) -> Tensor:
        """Return the part of the answers that evaluation keeps, (B, …)."""
        return answers

    def shares(self, answers: Tensor) -> Tensor | None:  # noqa: ARG002 few heads have classes of a whole
        """Return the probability of each class of a whole sequence (B, C); None of any other answer."""
        return None

    def evaluated(self, answers: Tensor, targets: Tensor) -> Tensor:  # noqa: ARG002 few look at them
        """Return the part of the answers that evaluation keeps where it is known what is right, (B, …)."""
        return self.for_evaluation(answers)


HEADS: Registry[type[Head]] = Registry("head", "seqcli.models.heads", "HEAD")
