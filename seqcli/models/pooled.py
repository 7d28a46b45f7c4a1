"""The base of heads that answer once for a whole sequence: pool the states, map linearly."""

import math

import torch
from torch import Tensor

from seqcli.models.linear_head import LinearHead
from seqcli.ops.padding import last_real, mask, mean_real


class Pooled(LinearHead):
    """Pools a sequence's real states into one vector and maps it to the answer's numbers.

    'last' is the state after the last real step; with two directions, the forward one's last beside the
    backward one's last, which stands at step 0. 'mean' and 'max' run over the real steps.

    Args:
        config: The model's settings.
        output_size: C, the number of classes, or of values.
    """

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

    def pooled(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """One vector a sequence, (B, D·H): what it reads."""
        return self.pool(outputs, lengths)

    def pool(self, outputs: Tensor, lengths: Tensor | None) -> Tensor:
        """One vector a sequence, (B, D·H)."""
        if lengths is None:
            lengths = outputs.new_full(outputs.shape[:1], outputs.shape[1], dtype=torch.int64)
        pools = {"last": self._last, "mean": mean_real, "max": _max}
        return pools[self.config.pooling](outputs, lengths)

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        if not self.config.bidirectional:
            return last_real(outputs, lengths)
        forwards, backwards = outputs.chunk(2, dim=-1)
        return torch.cat([last_real(forwards, lengths), backwards[:, 0]], dim=-1)


def _max(outputs: Tensor, lengths: Tensor) -> Tensor:
    beyond = ~mask(lengths, outputs.shape[1]).unsqueeze(-1)
    # −∞ and not 0: where all real states are negative, padding would be the maximum.
    return outputs.masked_fill(beyond, -math.inf).amax(dim=1)
