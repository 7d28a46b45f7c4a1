"""One optimiser step on one batch, its learning rate, and faults that end training before a checkpoint."""

import math
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from types import MappingProxyType
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from seqcli.data.sequences import SequenceSplit
from seqcli.errors import DivergedError
from seqcli.models.learner import Learner
from seqcli.results.wording import shortest


class Batch(NamedTuple):
    """Right-padded inputs (B, T, …), their lengths (B) on the CPU, and targets."""

    inputs: Tensor
    lengths: Tensor
    targets: Tensor

    @property
    def sequences(self) -> int:
        """B."""
        return self.lengths.shape[0]

    def of_rows(self, rows: slice) -> "Batch":
        """Some of its rows, as long as they are here."""
        return Batch(*(part[rows] for part in self))


def load_batch(split: SequenceSplit, indices: NDArray[np.int64], device: torch.device) -> Batch:
    """The examples at `indices`, padded to the longest of them."""
    inputs, lengths, targets = split.rows(indices)
    return Batch(
        torch.from_numpy(inputs).to(device),
        torch.from_numpy(lengths),
        torch.from_numpy(targets).to(device),
    )


FLOAT32: AbstractContextManager[object] = nullcontext()
"""Products as the weights are."""


SCHEDULES: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "constant": lambda done: 1.0,  # noqa: ARG005
        "linear": lambda done: max(1 - done, 0.0),
        "cosine": lambda done: (1 + math.cos(math.pi * min(done, 1.0))) / 2,
    }
)
"""Each takes how much of training is behind, from 0 to 1."""


# A loss a thousand times the untrained model's is divergence in all but name: with saturated gates a
# recurrent network's loss can stay finite at any learning rate.
DIVERGED_FACTOR = 1e3


class StepOutcome(NamedTuple):
    """The mean loss of a batch, and the gradient's norm before clipping."""

    loss: float
    gradient_norm: float


def make_optimiser(
    network: nn.Module, learning_rate: float, *, optimizer: Literal["adam", "sgd"] = "adam"
) -> torch.optim.Optimizer:
    """Adam (Kingma & Ba 2015) or plain gradient descent, each by torch's fused kernel.

    Adam divides each gradient by its own size, so that steps stay small where gradients explode; gradient
    descent, without momentum here, does not.
    """
    if optimizer == "sgd":
        return torch.optim.SGD(network.parameters(), lr=learning_rate, fused=True)
    return torch.optim.Adam(network.parameters(), lr=learning_rate, fused=True)


def train_step(
    network: Learner,
    optimiser: torch.optim.Optimizer,
    batch: Batch,
    *,
    clip_norm: float | None,
    products: AbstractContextManager[object] = FLOAT32,
) -> StepOutcome:
    """Forward, backward, clip (Pascanu et al. 2013), update.

    Args:
        network: The network.
        optimiser: Of its weights.
        batch: The batch.
        clip_norm: The norm beyond which gradients are scaled down to it; None for no limit.
        products: Inside it products are taken in some precision; a way back follows its way there.
    """
    with products:
        loss = network.batch_loss(*batch)
    # None and not zeros: the first gradient is then written, not added, and a weight without one is not
    # moved.
    optimiser.zero_grad(set_to_none=True)
    torch.autograd.backward(loss)
    return descend(network, optimiser, loss.item(), clip_norm=clip_norm)


def descend(
    network: nn.Module, optimiser: torch.optim.Optimizer, loss: float, *, clip_norm: float | None
) -> StepOutcome:
    """Clip the gradients that are there and update, where loss and gradients are numbers."""
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    # The norm of norms is that of all numbers together, without a copy of them in one place.
    norm = torch.linalg.vector_norm(torch.stack([torch.linalg.vector_norm(part) for part in gradients]))
    outcome = StepOutcome(loss, norm.item())
    if math.isfinite(outcome.loss) and math.isfinite(outcome.gradient_norm):
        if clip_norm is not None and outcome.gradient_norm > clip_norm:
            scale_gradients(gradients, clip_norm / norm)
        optimiser.step()
    return outcome


@torch.no_grad()
def scale_gradients(gradients: list[Tensor], factor: Tensor) -> None:
    """Multiply gradients by one number, in place."""
    for part in gradients:
        part.mul_(factor)


def check_outcome(
    outcome: StepOutcome, *, step: int, epoch: int, first_loss: float, learning_rate: float
) -> None:
    """Stop a leg whose loss or gradient is no longer a number, or has exploded.

    Raises:
        DivergedError: Names the step, what was seen, and what to try.
    """
    if not math.isfinite(outcome.loss):
        observed = f"the loss is {outcome.loss}"
    elif not math.isfinite(outcome.gradient_norm):
        observed = f"the gradient norm is {outcome.gradient_norm}"
    # Where training begins at next to no loss, ordinary noise is many times the first loss.
    elif outcome.loss > DIVERGED_FACTOR * max(first_loss, 1e-3):
        observed = f"the loss is {shortest(outcome.loss, 3)}, it began at {shortest(first_loss, 3)}"
    else:
        return
    # A tenth, and never more than Adam's usual rate.
    slower = min(learning_rate / 10, 1e-3)
    raise DivergedError(
        f"training diverged at step {step} (epoch {epoch}): {observed}",
        f"Try a smaller learning rate (--lr {slower:g}) or tighter clipping (--clip 0.5).",
    )


def check_weights(network: nn.Module, *, step: int) -> None:
    """Refuse to keep weights that are not finite.

    Raises:
        DivergedError: Names the first weight that is not finite.
    """
    for name, parameter in network.named_parameters():
        if not torch.isfinite(parameter).all():
            raise DivergedError(
                f"training diverged at step {step}: the weight {name} is not finite",
                "Try a smaller learning rate (--lr) or tighter clipping (--clip).",
            )
