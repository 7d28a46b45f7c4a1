"""The long short-term memory with a forget gate (Hochreiter & Schmidhuber, 1997; Gers et al., 2000)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor
from torch.nn.functional import linear

from seqcli.models.cell import Cell
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
        h, _ = state
        i, f, g, o = (x + linear(h, weight_hh, bias_hh)).chunk(4, dim=-1)
        return {"i": torch.sigmoid(i), "f": torch.sigmoid(f), "g": torch.tanh(g), "o": torch.sigmoid(o)}

    def step(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> State:
        """The next h and c, (B, H) each."""
        _, c = state
        i, f, g, o = self.activations(x, state, weight_hh, bias_hh).values()
        following = f * c + i * g
        return o * torch.tanh(following), following

    def step_jacobian(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> Tensor:
        """∂(h', c')/∂(h, c), (B, 2H, 2H).

        ∂c'/∂h = diag(g i(1-i)) W_hi + diag(c f(1-f)) W_hf + diag(i (1-g²)) W_hg and ∂c'/∂c = diag(f);
        ∂h'/∂h = diag(tanh(c') o(1-o)) W_ho + diag(o (1-tanh²(c'))) ∂c'/∂h
        and ∂h'/∂c = diag(o (1-tanh²(c')) f).
        """
        _, c = state
        i, f, g, o = self.activations(x, state, weight_hh, bias_hh).values()
        w_i, w_f, w_g, w_o = weight_hh.chunk(4)
        squashed = torch.tanh(f * c + i * g)
        slope = o * (1 - squashed**2)
        c_by_h = (
            (g * i * (1 - i)).unsqueeze(2) * w_i
            + (c * f * (1 - f)).unsqueeze(2) * w_f
            + (i * (1 - g**2)).unsqueeze(2) * w_g
        )
        h_by_h = (squashed * o * (1 - o)).unsqueeze(2) * w_o + slope.unsqueeze(2) * c_by_h
        h_rows = torch.cat([h_by_h, torch.diag_embed(slope * f)], dim=2)
        c_rows = torch.cat([c_by_h, torch.diag_embed(f)], dim=2)
        return torch.cat([h_rows, c_rows], dim=1)

    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """8 H (I + H) for the products, 12 H for the sums, 5 H for σ and tanh, 4 H for c' and h'."""
        return hidden_size * (8 * (input_size + hidden_size) + 12 + 5 + 4)


CELL = LSTM
