"""The long short-term memory with a forget gate (Hochreiter & Schmidhuber, 1997; Gers et al., 2000)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from seqcli.models.cell import Cell, StepDerivative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from seqcli.ops.recurrence import FusedMode, State


@dataclass(frozen=True)
class LSTM(Cell):
    """Long short-term memory, laid out as torch.nn.LSTM.

        i  = σ(W_ii x + b_ii + W_hi h + b_hi)
        f  = σ(W_if x + b_if + W_hf h + b_hf)
        g  = tanh(W_ig x + b_ig + W_hg h + b_hg)
        o  = σ(W_io x + b_io + W_ho h + b_ho)
        c' = f ⊙ c + i ⊙ g
        h' = o ⊙ tanh(c')

    Source: Hochreiter & Schmidhuber, 'Long short-term memory', 1997; the forget gate: Gers et al., 2000.
    """

    name: ClassVar[str] = "lstm"
    year: ClassVar[int] = 1997
    gates: ClassVar[tuple[str, ...]] = ("i", "f", "o")
    state_names: ClassVar[tuple[str, ...]] = ("h", "c")
    chunk_names: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    keeps: ClassVar[str | None] = "f"
    writes: ClassVar[str | None] = "i"

    @property
    def fused(self) -> FusedMode | None:
        """It is torch.lstm."""
        return "LSTM"

    def activations(
        self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor
    ) -> Mapping[str, Tensor]:
        """`i`, `f`, `g`, `o`, (B, H) each."""
        import torch

        from seqcli.ops.recurrence import mapped

        h, _ = state
        i, f, g, o = (x + mapped(h, weight_hh, bias_hh)).chunk(4, dim=-1)
        return {"i": torch.sigmoid(i), "f": torch.sigmoid(f), "g": torch.tanh(g), "o": torch.sigmoid(o)}

    def step(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> State:
        """The next h and c, (B, H) each."""
        import torch

        _, c = state
        i, f, g, o = self.activations(x, state, weight_hh, bias_hh).values()
        following = f * c + i * g
        return o * torch.tanh(following), following

    def slopes(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> StepDerivative:
        """By the input and the sums alike, c': g i(1-i), c f(1-f), i (1-g²), 0; by c itself: f.

        h' follows c' by o (1-tanh²(c')), and has tanh(c') o(1-o) of its own by o. So
        ∂c'/∂h = diag(g i(1-i)) W_hi + diag(c f(1-f)) W_hf + diag(i (1-g²)) W_hg, ∂c'/∂c = diag(f),
        ∂h'/∂h = diag(tanh(c') o(1-o)) W_ho + diag(o (1-tanh²(c'))) ∂c'/∂h, and
        ∂h'/∂c = diag(o (1-tanh²(c')) f).
        """
        import torch

        _, c = state
        i, f, g, o = self.activations(x, state, weight_hh, bias_hh).values()
        squashed = torch.tanh(f * c + i * g)
        slope = o * (1 - squashed**2)
        zeros = torch.zeros_like(o)
        c_by = torch.stack([g * i * (1 - i), c * f * (1 - f), i * (1 - g**2), zeros], dim=1)  # (B, G, H)
        own = torch.stack([zeros, zeros, zeros, squashed * o * (1 - o)], dim=1)
        by_sum = torch.stack([slope.unsqueeze(1) * c_by + own, c_by], dim=1)  # (B, S, G, H)
        h_row, c_row = torch.stack([zeros, slope * f], dim=1), torch.stack([zeros, f], dim=1)
        return StepDerivative(by_sum, by_sum, torch.stack([h_row, c_row], dim=1))

    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """8 H (I + H) for the products, 12 H for the sums, 5 H for σ and tanh, 4 H for c' and h'."""
        return hidden_size * (8 * (input_size + hidden_size) + 12 + 5 + 4)


CELL = LSTM
