"""A label for every word, each for itself or, with a chain, all of a sentence together."""

import torch
from torch import Generator, Tensor

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.config import ModelConfig
from seqcli.models.crf import LabelChain
from seqcli.models.stepwise import Stepwise
from seqcli.ops.padding import mask


class Tag(Stepwise):
    """Logits (B, T, C) over labels; a split's score is its own, over all its words or entities.

    With a chain the answers are emissions, and beside them 1 at real steps and 0 beyond, (B, T, C + 1): where
    a sentence ends decides which path through it is the likeliest.

    Args:
        config: The model's settings.
        output_size: C, the number of labels.
    """

    def __init__(self, config: ModelConfig, output_size: int) -> None:
        super().__init__(config, output_size)
        self.chain = LabelChain(output_size) if config.crf else None

    def initialise(self, *, generator: Generator) -> None:
        """Weights as of a linear layer, then the chain's."""
        super().initialise(generator=generator)
        if self.chain is not None:
            self.chain.initialise(generator=generator)

    def forward(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """Logits of every step, (B, T, C), or with a chain (B, T, C + 1)."""
        logits = super().forward(outputs, lengths)
        if self.chain is None:
            return logits
        real = torch.ones_like(logits[..., :1])
        if lengths is not None:
            real = mask(lengths.to(logits.device), logits.shape[1]).unsqueeze(2).to(logits)
        return torch.cat([logits, real], dim=-1)

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Cross-entropy, or −log of the probability of the right paths, by the answered words, in nats."""
        if self.chain is None:
            return super().loss(answers, targets)
        emissions = answers[..., :-1]
        return -self.chain.log_likelihood(emissions, targets, targets != NO_ANSWER).sum() / self.terms(
            targets
        )

    def for_evaluation(self, answers: Tensor) -> Tensor:
        """The likeliest label of every word, or the labels of the likeliest path, (B, T)."""
        if self.chain is None:
            return super().for_evaluation(answers)
        return self.chain.best_path(answers[..., :-1], answers[..., -1] > 0)

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """The share of each sentence's words that are right, (B)."""
        inside = targets != NO_ANSWER
        return ((self.for_evaluation(answers) == targets) & inside).sum(dim=1) / inside.sum(dim=1)


HEAD = Tag
