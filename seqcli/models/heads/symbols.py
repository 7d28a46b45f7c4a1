"""A symbol for every step, scored by its cross-entropy."""

from torch import Tensor
from torch.nn.functional import cross_entropy

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.stepwise import Stepwise


class Symbols(Stepwise):
    """Logits (B, T, C), judged by how likely the right symbols were thought."""

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each sequence's mean cross-entropy over its answered steps, in nats; (B)."""
        losses = cross_entropy(
            answers.transpose(1, 2), targets, ignore_index=NO_ANSWER, reduction="none"
        )  # (B, T)
        return losses.sum(dim=1) / (targets != NO_ANSWER).sum(dim=1)


HEAD = Symbols
