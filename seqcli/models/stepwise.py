"""What heads share that answer at every step."""

from torch import Generator, Tensor, nn
from torch.nn.functional import cross_entropy
from torch.nn.utils import skip_init

from seqcli.data.encoded_steps import NO_ANSWER
from seqcli.models.config import ModelConfig
from seqcli.models.head import Head
from seqcli.models.pooled import initialise_linear


class Stepwise(Head):
    """Maps every step's state to class logits; steps without an answer count for nothing.

    Args:
        config: The model's settings.
        output_size: C, the number of classes.
    """

    def __init__(self, config: ModelConfig, output_size: int) -> None:
        super().__init__(config, output_size)
        width = config.hidden * (2 if config.bidirectional else 1)
        self.dropout = nn.Dropout(config.dropout)
        self.linear: nn.Linear = skip_init(nn.Linear, width, output_size)  # type: ignore[no-untyped-call]
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def initialise(self, *, generator: Generator) -> None:
        """Weights uniform within ±1/√(D·H), as torch.nn.Linear's; biases 0."""
        initialise_linear(self.linear, generator=generator)

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

    def kept(self, answers: Tensor) -> Tensor:
        """The likeliest class of every step, (B, T)."""
        return answers.argmax(dim=-1)
