"""The base of heads that answer at every step."""

from typing import ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.linear_head import LinearHead


class Stepwise(LinearHead):
    """Maps every step's state to class logits; steps without an answer count for nothing.

    Args:
        config: The model's settings.
        output_size: C, the number of classes.
    """

    every_step: ClassVar[bool] = True

    def forward(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:  # noqa: ARG002 targets mark the ends
        """Class logits of every step, (B, T, C); beyond a row's length they mean nothing."""
        logits: Tensor = self.linear(self.dropout(outputs))
        return logits

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of logits (B, T, C) against classes (B, T), mean over the answered steps, in nats."""
        return cross_entropy(answers.flatten(0, 1), targets.flatten(), ignore_index=NO_ANSWER)

    def terms(self, targets: Tensor) -> int:
        """The answered steps of the batch."""
        return int((targets != NO_ANSWER).sum())

    def for_evaluation(self, answers: Tensor) -> Tensor:
        """The likeliest class of every step, (B, T)."""
        return answers.argmax(dim=-1)
