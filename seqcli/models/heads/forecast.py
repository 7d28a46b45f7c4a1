"""The values ahead, all steps and channels at once."""

from torch import Tensor
from torch.nn.functional import mse_loss

from seqcli.models.pooled import Pooled


class Forecast(Pooled):
    """Numbers (B, H · C) from the pooled states: a direct answer for every step ahead, none fed back."""

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Squared error of scaled values (B, H · C), mean over batch, steps and channels."""
        return mse_loss(answers, targets)

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each window's mean squared error on scaled values, (B); a split's score is its own."""
        return (answers - targets).square().mean(dim=1)


HEAD = Forecast
