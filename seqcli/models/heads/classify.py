"""One class for a whole sequence."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqcli.models.pooled import Pooled


class Classify(Pooled):
    """Class logits (B, C) from the pooled states."""

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy of logits (B, C) against class numbers (B), mean over the batch, in nats."""
        return cross_entropy(answers, targets)

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """1 where the likeliest class is the right one, else 0; (B)."""
        return (answers.argmax(dim=1) == targets).float()

    def shares(self, answers: Tensor) -> Tensor:
        """Return the probability of each class, (B, C) float64."""
        return answers.cpu().double().softmax(dim=1)  # as people read them: no device's float32

    def for_evaluation(self, answers: Tensor) -> Tensor:
        """The likeliest class's number and its probability, (B, 2) float64: C numbers fill the memory."""
        shares = self.shares(answers)
        best = answers.argmax(dim=1).cpu().unsqueeze(1)
        return torch.cat([best.double(), shares.gather(1, best)], dim=1)


HEAD = Classify
