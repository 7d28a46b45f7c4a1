"""The first weights of a model that begins from a file: what fits is copied, the rest is the seed's."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from seqcli.data.first_weights import FirstWeights
from seqcli.errors import UsageError


@dataclass(frozen=True)
class Begun:
    """The fate of a model's first weights.

    Args:
        copied: Weights, by name, that are taken over, at least in part.
        anew: Those that the file has in another shape, or not at all.
    """

    copied: tuple[str, ...]
    anew: tuple[str, ...]

    @classmethod
    def of(cls, network: nn.Module, first: FirstWeights) -> "Begun":
        """Compare a network's weights with those of a file, by name and shape."""
        own = {name: tuple(weight.shape) for name, weight in network.state_dict().items()}
        fits = {name for name, tensor in first.tensors.items() if own.get(name) == tensor.shape}
        return cls(
            tuple(name for name in own if name in fits), tuple(name for name in own if name not in fits)
        )


def begin_from(network: nn.Module, first: FirstWeights) -> None:
    """Copy the weights that fit into a network; NaN leaves a number as it is.

    Of frozen vectors the rows that were said stay as they are: their gradient is 0, by which neither Adam nor
    plain descent moves anything.

    Raises:
        UsageError: None fits.
    """
    begun = Begun.of(network, first)
    if not begun.copied:
        raise UsageError(
            "none of the first weights fits the model: "
            + ", ".join(f"{name} {tensor.shape}" for name, tensor in list(first.tensors.items())[:6]),
            "Take the model, --hidden, --layers and --embedding of the run that they are from.",
        )
    weights = network.state_dict(keep_vars=True)
    for name in begun.copied:
        own = weights[name]
        values = torch.from_numpy(first.tensors[name].copy()).to(own.device, own.dtype)
        with torch.no_grad():
            own.copy_(torch.where(torch.isnan(values), own, values))
        if first.frozen:
            _freeze(own, torch.isnan(values))


def _freeze(vectors: Tensor, free: Tensor) -> None:
    """Let no gradient through to the rows that are not free."""
    open_rows = free.any(dim=1, keepdim=True)

    def through(gradient: Tensor) -> Tensor:
        return gradient * open_rows.to(gradient.device)

    register: Any = vectors.register_hook  # which torch leaves without types
    register(through)
