"""One class for a whole sequence."""

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from seqcli.data.class_scores import MOST_CLASSES
from seqcli.models.pooled import Pooled


class Classify(Pooled):
    """Class logits (B, C) from the pooled states."""

    def training_loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, each example weighted by its class where classes are weighted."""
        return cross_entropy(answers, targets, weight=self.class_weights)

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
        """The likeliest class's number, its probability and that of each class, (B, 2 + C) float64.

        Of many classes the first two alone, (B, 2): C numbers an example would fill the memory.
        """
        shares = self.shares(answers)
        best = answers.argmax(dim=1).cpu().unsqueeze(1)
        each = [shares] if shares.shape[1] <= MOST_CLASSES else []
        return torch.cat([best.double(), shares.gather(1, best), *each], dim=1)


HEAD = Classify
