"""The values ahead, all steps and channels at once, or quantiles of each."""

import torch
from torch import Tensor
from torch.nn.functional import mse_loss

from seqcli.models.config import ModelConfig
from seqcli.models.pooled import Pooled


class Forecast(Pooled):
    """Numbers (B, H · C) from the pooled states: a direct answer for every step ahead, none fed back.

    With quantiles, Q numbers stand in place of each (B, H · C · Q), trained by the quantile loss (Koenker &
    Bassett, 1978), which is least in expectation at the distribution's quantile.

    Args:
        config: The model's settings.
        output_size: How many numbers it answers.
        quantiles: The quantiles, ascending; none for the mean alone.
    """

    def __init__(self, config: ModelConfig, output_size: int, quantiles: tuple[float, ...] = ()) -> None:
        super().__init__(config, output_size)
        self.quantiles = quantiles

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Squared error or quantile loss of scaled values (B, H · C), mean over all of them."""
        return self.score(answers, targets).mean() if self.quantiles else mse_loss(answers, targets)

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each window's mean loss on scaled values, (B); a split's score is its own."""
        if not self.quantiles:
            return (answers - targets).square().mean(dim=1)
        levels = torch.tensor(self.quantiles, dtype=answers.dtype, device=answers.device)
        error = targets.unsqueeze(-1) - answers.reshape(*targets.shape, -1)
        return torch.maximum(levels * error, (levels - 1) * error).mean(dim=(1, 2))


HEAD = Forecast
