"""One real number for a whole sequence."""

from torch import Tensor
from torch.nn.functional import mse_loss

from seqcli.models.pooled import Pooled


class Regress(Pooled):
    """A number (B, 1) from the pooled states, judged by its squared error."""

    def loss(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Squared error of numbers (B, 1) against numbers (B), mean over the batch."""
        return mse_loss(answers.squeeze(1), targets)

    def score(self, answers: Tensor, targets: Tensor) -> Tensor:
        """Each example's squared error, (B)."""
        return (answers.squeeze(1) - targets).square()


HEAD = Regress
