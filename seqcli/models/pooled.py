"""What heads share that answer once for a whole sequence: pool the states, map linearly."""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn.utils import skip_init

from seqcli.models.config import ModelConfig
from seqcli.models.head import Head
from seqcli.ops.padding import last_real, mask


class Pooled(Head):
    """Pools a sequence's real states into one vector and maps it to the answer's numbers.

    'last' is the state after the last real step; with two directions, the forward one's last beside the
    backward one's last, which stands at step 0. 'mean' and 'max' run over the real steps.

    Args:
        config: The model's settings.
        output_size: C, the number of classes, or of values.
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

    def forward(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """The answer's numbers.

        Args:
            outputs: (B, T, D·H); what stands beyond a row's length means nothing.
            lengths: (B) real steps of each row; None means that all T are real.

        Returns:
            (B, C).
        """
        numbers: Tensor = self.linear(self.dropout(self.pool(outputs, lengths)))
        return numbers

    def pool(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """One vector a sequence, (B, D·H)."""
        if lengths is None:
            lengths = outputs.new_full(outputs.shape[:1], outputs.shape[1], dtype=torch.int64)
        pools = {"last": self._last, "mean": _mean, "max": _max}
        return pools[self.config.pooling](outputs, lengths)

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        if not self.config.bidirectional:
            return last_real(outputs, lengths)
        forwards, backwards = outputs.chunk(2, dim=-1)
        return torch.cat([last_real(forwards, lengths), backwards[:, 0]], dim=-1)


def initialise_linear(linear: nn.Linear, *, generator: Generator) -> None:
    """Weights uniform within ±1/√I, as torch.nn.Linear's; biases 0."""
    bound = 1 / math.sqrt(linear.in_features)
    nn.init.uniform_(linear.weight, -bound, bound, generator=generator)
    nn.init.zeros_(linear.bias)


def _mean(outputs: Tensor, lengths: Tensor) -> Tensor:
    beyond = ~mask(lengths, outputs.shape[1]).unsqueeze(-1)
    return outputs.masked_fill(beyond, 0).sum(dim=1) / lengths.unsqueeze(1)


def _max(outputs: Tensor, lengths: Tensor) -> Tensor:
    beyond = ~mask(lengths, outputs.shape[1]).unsqueeze(-1)
    return outputs.masked_fill(beyond, -math.inf).amax(dim=1)
