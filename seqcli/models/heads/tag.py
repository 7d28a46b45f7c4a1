"""A label for every word."""

from torch import Tensor

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.stepwise import Stepwise


class Tag(Stepwise):
    """Logits (B, T, C) over labels; a split's score is its own, over all its words or entities."""

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The share of each sentence's words that are right, (B)."""
        inside = targets != NO_ANSWER
        return ((answers.argmax(dim=-1) == targets) & inside).sum(dim=1) / inside.sum(dim=1)


HEAD = Tag
