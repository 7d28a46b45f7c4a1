"""Ways to initialise a recurrence, by name; the name is part of the model and always printed."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import init

from seqcli.errors import UsageError, either, unknown_name
from seqcli.models.cell import CELLS, Cell
from seqcli.models.recurrent import Recurrent
from seqcli.ops.recurrence import Weights


@dataclass(frozen=True)
class Initialisation:
    """A policy by name and the numbers that it may read.

    Args:
        policy: One of `POLICIES`.
        gain: Scale of the recurrent weights ('tuned', 'orthogonal', 'gaussian').
        forget_bias: Bias of the gate that keeps the state (LSTM's f, GRU's z); None leaves it to the policy.
        chrono_length: The longest dependency expected, in steps ('chrono').
    """

    policy: str = "tuned"
    gain: float = 1.0
    forget_bias: float | None = None
    chrono_length: int = 200


def initialise(recurrent: Recurrent, how: Initialisation, *, generator: Generator) -> None:
    """Fill the weights of every layer and direction, in a fixed order.

    Args:
        recurrent: The layers to fill, in place.
        how: Policy and numbers.
        generator: The only source of randomness.

    Raises:
        UsageError: An unknown policy, or one that this cell cannot follow.
    """
    if how.policy not in POLICIES:
        raise unknown_name("initialisation", how.policy, POLICIES)
    with torch.no_grad():
        for layer in range(recurrent.num_layers):
            for suffix in recurrent.suffixes(layer):
                weights = recurrent.weights(suffix)
                POLICIES[how.policy](recurrent.cell, weights, how, generator)
                # After the policy: what a person says of this gate outranks what the policy filled in.
                if how.forget_bias is not None:
                    _set_keeping_bias(recurrent.cell, weights, how.forget_bias)


def _torch(cell: Cell, weights: Weights, how: Initialisation, generator: Generator) -> None:  # noqa: ARG001
    """Everything uniform within ±1/√H, as torch.nn does."""
    bound = 1 / math.sqrt(weights[1].shape[1])
    for weight in weights:
        init.uniform_(weight, -bound, bound, generator=generator)


def _tuned(cell: Cell, weights: Weights, how: Initialisation, generator: Generator) -> None:
    """Glorot inputs, orthogonal recurrence per gate times the gain, biases 0 but 1 where the state is kept.

    Jozefowicz et al., 2015, for the LSTM's forget gate; the GRU's z, which keeps too, starts alike.
    """
    weight_ih, weight_hh, bias_ih, bias_hh = weights
    # Gate by gate: over the stacked matrix Glorot's fan-out would count all gates as one and start them too
    # small.
    for block in weight_ih.chunk(cell.chunks):
        init.xavier_uniform_(block, generator=generator)
    _orthogonal_blocks(weight_hh, how.gain, generator)
    bias_ih.zero_()
    bias_hh.zero_()
    if cell.keeps is not None:
        _set_keeping_bias(cell, weights, 1.0)


def _orthogonal(cell: Cell, weights: Weights, how: Initialisation, generator: Generator) -> None:
    """Inputs as torch's, orthogonal recurrence per gate times the gain, biases 0 (Saxe et al., 2014)."""
    _torch(cell, weights, how, generator)
    _, weight_hh, bias_ih, bias_hh = weights
    _orthogonal_blocks(weight_hh, how.gain, generator)
    bias_ih.zero_()
    bias_hh.zero_()


def _gaussian(cell: Cell, weights: Weights, how: Initialisation, generator: Generator) -> None:
    """As torch's, with recurrent weights normal of variance gain²/H (Sompolinsky et al., 1988)."""
    _torch(cell, weights, how, generator)
    weight_hh = weights[1]
    init.normal_(weight_hh, 0.0, how.gain / math.sqrt(weight_hh.shape[1]), generator=generator)


def _chrono(cell: Cell, weights: Weights, how: Initialisation, generator: Generator) -> None:
    """As torch's, with biases that give the gates memories of 1 to T steps (Tallec & Ollivier, 2018)."""
    if cell.keeps is None:
        keeping = [name for name in CELLS.names() if CELLS.get(name).keeps is not None]
        raise UsageError(
            f"initialisation 'chrono' sets the gate that keeps the state, and {cell.name} has none",
            f"Use chrono with {either(keeping)},"
            " or another initialisation: tuned, orthogonal, torch, gaussian.",
        )
    _torch(cell, weights, how, generator)
    bias_ih, bias_hh = weights[2:]
    bias_ih.zero_()
    bias_hh.zero_()
    keep = _block(cell, bias_ih, cell.keeps)
    # b = log U(1, T − 1): a gate of σ(b) forgets within some e^b steps.
    keep.uniform_(1, how.chrono_length - 1, generator=generator).log_()
    if cell.writes is not None:
        # Where one gate keeps for long, the other writes little: the state stays of one size.
        _block(cell, bias_ih, cell.writes).copy_(-keep)


def _set_keeping_bias(cell: Cell, weights: Weights, value: float) -> None:
    """Give the gate that keeps the state this bias; torch's second bias is 0 there.

    Raises:
        UsageError: The cell has no such gate.
    """
    if cell.keeps is None:
        raise UsageError(f"{cell.name} has no gate that keeps its state", "Leave forget_bias out.")
    for bias, filled in zip(weights[2:], (value, 0.0), strict=True):
        _block(cell, bias, cell.keeps).fill_(filled)


def _orthogonal_blocks(weight_hh: Tensor, gain: float, generator: Generator) -> None:
    # Each gate's square by itself: the stacked matrix has orthogonal columns, and its squares have not.
    for block in weight_hh.chunk(weight_hh.shape[0] // weight_hh.shape[1]):
        init.orthogonal_(block, gain, generator=generator)


def _block(cell: Cell, values: Tensor, name: str) -> Tensor:
    """The rows of one chunk, a view."""
    return values.chunk(cell.chunks)[cell.chunk_names.index(name)]


POLICIES: dict[str, Callable[[Cell, Weights, Initialisation, Generator], None]] = {
    "torch": _torch,
    "tuned": _tuned,
    "orthogonal": _orthogonal,
    "chrono": _chrono,
    "gaussian": _gaussian,
}
