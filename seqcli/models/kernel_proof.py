"""Proof that a kernel computes its cell's equations on this device, before it trains or is timed.

A fused kernel is another's code for one processor, and some were wrong for years while they ran: torch's LSTM
on Apple's GPUs computed wrong gradients (github.com/pytorch/pytorch/issues/90421, 190056). A number from such
a kernel is not the model's.
"""

import copy
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from seqcli.models.dropout import LockedDropout
from seqcli.models.kept_proofs import keep_deviation, kept_deviation
from seqcli.models.recurrent import Recurrent

LENGTHS = (7, 5, 2, 1)
"""A full row, one of a single step, and two between: each is padded otherwise."""

TOLERANCE = {torch.float64: 1e-9, torch.float32: 1e-4, torch.bfloat16: 0.1, torch.float16: 0.02}
"""Relative to the largest value. Sums of some hundred products in another order differ by about a hundred
roundings (float32: 6e-8); a wrong kernel is off by more than a hundredth of what it should be."""
TF32_TOLERANCE = 2e-2
"""Of float32 where products are rounded to the 10 bits of TF32, as torch lets cuDNN do by default."""

DEVIATIONS: dict[tuple[object, ...], float] = {}
"""What was found in this process, or kept by one before; see `kept_proofs`."""


class EveryThird(LockedDropout):
    """Dropout without chance: the same features are dropped in a kernel and in its equations."""

    def forward(self, values: Tensor) -> Tensor:
        """The values with every third feature zeroed and the others scaled to keep the mean; (B, T, F)."""
        mask = torch.arange(values.shape[-1], device=values.device) % 3 != 0
        return values * mask.to(values) / (1 - self.probability)


def prove_kernels(network: nn.Module, *, mixed: bool = False) -> None:
    """Let every recurrence whose kernel does not compute its cell's equations take the cell's own steps.

    Checked are outputs, last states and the gradients of inputs and weights, on padded rows from a first
    state, with features dropped between layers, in the network's device and type, against the equations on
    the CPU in float64; and outputs without gradients, for which torch has other kernels. A shape is proved
    once per torch's build and device.
    The finding stands in `Recurrent.refused`.

    Args:
        network: The network, where it will be trained.
        mixed: Whether its products are taken in bfloat16, by torch's autocast, with weights in float32.
    """
    for recurrent in recurrences(network):
        if recurrent.fused_mode is None:
            continue
        largest = deviation(recurrent, mixed=mixed)
        if not largest <= _tolerance(recurrent, mixed=mixed):  # NaN is refused too
            recurrent.path, recurrent.refused = "step", (recurrent.kernel_of("fused"), largest)


def recurrences(network: nn.Module) -> Iterator[Recurrent]:
    """The recurrent stacks of a network."""
    return (module for module in network.modules() if isinstance(module, Recurrent))


def deviation(recurrent: Recurrent, *, mixed: bool = False) -> float:
    """Return the largest relative difference between a stack's kernel and its cell's equations."""
    weight = recurrent.get_parameter("weight_hh_l0")
    shape = (recurrent.input_size, recurrent.hidden_size, recurrent.num_layers, recurrent.directions)
    key = (recurrent.cell.name, recurrent.fused_mode, *shape, weight.dtype, weight.device, mixed)
    if key in DEVIATIONS:
        return DEVIATIONS[key]
    named: dict[str, object] = {"path": [str(part) for part in key]}
    earlier = kept_deviation(named, weight.device)
    if earlier is not None:
        DEVIATIONS[key] = earlier
    else:
        with torch.autocast(weight.device.type, dtype=torch.bfloat16, enabled=mixed):
            DEVIATIONS[key] = measured_deviation(recurrent, weight)
        if DEVIATIONS[key] <= _tolerance(recurrent, mixed=mixed):
            keep_deviation(DEVIATIONS[key], named, weight.device)
    return DEVIATIONS[key]


def measured_deviation(recurrent: Recurrent, like: Tensor) -> float:
    """Return the deviation of a stack of such sizes with weights of its own, where `like` is."""
    stack = Recurrent(
        recurrent.cell,
        recurrent.input_size,
        recurrent.hidden_size,
        num_layers=recurrent.num_layers,
        bidirectional=recurrent.bidirectional,
    )
    generator = torch.Generator().manual_seed(0)
    bound = 1 / math.sqrt(recurrent.hidden_size)
    with torch.no_grad():
        for parameter in stack.parameters():
            parameter.uniform_(-bound, bound, generator=generator)
    stack.dropout = EveryThird(1 / 3)
    twin = copy.deepcopy(stack).double()
    twin.path = "step"
    kernel = stack.to(device=like.device, dtype=like.dtype)
    kernel.path = "fused"
    inputs = torch.randn(len(LENGTHS), max(LENGTHS), recurrent.input_size, generator=generator)
    size = (recurrent.num_layers * recurrent.directions, len(LENGTHS), recurrent.hidden_size)
    first = tuple(torch.rand(size, generator=generator) - 0.5 for _ in recurrent.cell.state_names)
    pairs = [
        *zip(_with_gradients(kernel, inputs, first), _with_gradients(twin, inputs, first), strict=True),
        *zip(_without_gradients(kernel, inputs, first), _without_gradients(twin, inputs, first), strict=True),
    ]
    return max(_difference(ours, true) for ours, true in pairs)


def _with_gradients(stack: Recurrent, inputs: Tensor, first: tuple[Tensor, ...]) -> list[Tensor]:
    """Outputs, last states, and the gradients of inputs and weights of a sum that weighs each differently."""
    rows, lengths, state = _moved(stack, inputs, first)
    rows.requires_grad_()
    outputs, last = stack(rows, lengths, state)
    total = sum((_weighed(value) for value in (outputs, *last)), start=outputs.new_zeros(()))
    total.backward()
    gradients = [parameter.grad for parameter in (rows, *stack.parameters())]
    return [outputs.detach(), *(value.detach() for value in last), *(g for g in gradients if g is not None)]


def _without_gradients(stack: Recurrent, inputs: Tensor, first: tuple[Tensor, ...]) -> list[Tensor]:
    rows, lengths, state = _moved(stack, inputs, first)
    with torch.no_grad():
        outputs, last = stack(rows, lengths, state)
    return [outputs, *last]


def _moved(
    stack: Recurrent, inputs: Tensor, first: tuple[Tensor, ...]
) -> tuple[Tensor, Tensor, tuple[Tensor, ...]]:
    weight = stack.get_parameter("weight_hh_l0")
    lengths = torch.tensor(LENGTHS, device=weight.device)
    return inputs.detach().to(weight, copy=True), lengths, tuple(part.to(weight) for part in first)


def _weighed(value: Tensor) -> Tensor:
    weights = torch.linspace(-1.0, 1.0, value.numel(), dtype=torch.float64).reshape(value.shape)
    return (value * weights.to(value)).sum()


def _difference(ours: Tensor, true: Tensor) -> float:
    """Return the largest difference, in parts of the largest true value; infinite where one is no number."""
    # Where all true values are almost 0, parts of the largest would be rounding.
    scale = max(1e-3, float(true.abs().max()))
    largest = float((ours.double().cpu() - true).abs().max()) / scale
    return largest if math.isfinite(largest) else math.inf


def _tolerance(recurrent: Recurrent, *, mixed: bool) -> float:
    if mixed:
        return TOLERANCE[torch.bfloat16]
    weight = recurrent.get_parameter("weight_hh_l0")
    rounds_to_tf32 = weight.device.type == "cuda" and torch.backends.cudnn.allow_tf32
    if rounds_to_tf32 and weight.dtype == torch.float32:
        return TF32_TOLERANCE
    return TOLERANCE[weight.dtype]
