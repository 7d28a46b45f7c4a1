"""The next token at every step."""

import math

from torch import Tensor
from torch.nn.functional import cross_entropy

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.stepwise import Stepwise


class Generate(Stepwise):
    """Logits (B, T, V) over the next token; its split is read in order, the state carried on."""

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each stretch's bits, (B); a split's score is its own, over all its characters or words."""
        return self.evaluated(answers, targets).squeeze(1)

    def evaluated(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The bits that each stretch takes, (B, 1) float64."""
        nats = cross_entropy(answers.transpose(1, 2), targets, ignore_index=NO_ANSWER, reduction="none")
        return nats.cpu().double().sum(dim=1, keepdim=True) / math.log(2)


HEAD = Generate
