"""The simple recurrent network (Elman, 1990)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from seqcli.models.cell import Cell, StepDerivative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from seqcli.ops.recurrence import FusedMode, State


@dataclass(frozen=True)
class RNN(Cell):
    """The simple recurrence, laid out as torch.nn.RNN.

        h' = tanh(W_ih x + b_ih + W_hh h + b_hh)

    with relu or the identity in place of tanh where asked for.

    Args:
        activation: The function around the sum; 'identity' makes the recurrence linear (for probing).

    Source: Elman, 'Finding structure in time', 1990.
    """

    name: ClassVar[str] = "rnn"
    year: ClassVar[int] = 1990
    gates: ClassVar[tuple[str, ...]] = ()
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    chunk_names: ClassVar[tuple[str, ...]] = ("h",)

    activation: Literal["tanh", "relu", "identity"] = "tanh"

    @property
    def fused(self) -> FusedMode | None:
        """It is torch.rnn_tanh or torch.rnn_relu; a linear recurrence has none."""
        modes: dict[str, FusedMode] = {"tanh": "RNN_TANH", "relu": "RNN_RELU"}
        return modes.get(self.activation)

    def activations(
        self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor
    ) -> Mapping[str, Tensor]:
        """`a`, the sum inside the activation (B, H)."""
        from seqcli.ops.recurrence import mapped

        (h,) = state
        return {"a": x + mapped(h, weight_hh, bias_hh)}

    def step(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> State:
        """The next h, (B, H)."""
        import torch

        a = self.activations(x, state, weight_hh, bias_hh)["a"]
        if self.activation == "identity":
            return (a,)
        return (torch.tanh(a) if self.activation == "tanh" else torch.relu(a),)

    def slopes(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> StepDerivative:
        """g'(a) by the input and by the sum, so that ∂h'/∂h = diag(g'(a)) W_hh; nothing by h itself."""
        import torch

        a = self.activations(x, state, weight_hh, bias_hh)["a"]
        slopes = {"tanh": 1 - torch.tanh(a) ** 2, "relu": (a > 0).to(a), "identity": torch.ones_like(a)}
        by_sum = slopes[self.activation][:, None, None]
        return StepDerivative(by_sum, by_sum, torch.zeros_like(by_sum))

    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """2 H (I + H) for the products, 3 H for the sums, H for the activation."""
        return hidden_size * (2 * (input_size + hidden_size) + 3 + 1)


CELL = RNN
