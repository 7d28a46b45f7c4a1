"""The gated recurrent unit (Cho et al., 2014), in the form that torch and cuDNN compute."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from seqcli.models.cell import Cell, StepDerivative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from seqcli.ops.recurrence import FusedMode, State


@dataclass(frozen=True)
class GRU(Cell):
    """Gated recurrent unit, laid out as torch.nn.GRU.

        r  = σ(W_ir x + b_ir + W_hr h + b_hr)
        z  = σ(W_iz x + b_iz + W_hz h + b_hz)
        n  = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn))
        h' = (1 - z) ⊙ n + z ⊙ h

    There are two GRUs. Cho's paper and many textbooks reset before the product, n = tanh(W [r ⊙ h, x]), and
    let z write, h' = (1 - z) ⊙ h + z ⊙ n. This one, torch's and cuDNN's, resets after the product, and its z
    keeps: a z near 1 holds the old state. Renaming z changes nothing; where r acts does, slightly.

    Source: Cho et al., 'Learning phrase representations using RNN encoder-decoder', 2014; this form: cuDNN.
    """

    name: ClassVar[str] = "gru"
    year: ClassVar[int] = 2014
    gates: ClassVar[tuple[str, ...]] = ("r", "z")
    state_names: ClassVar[tuple[str, ...]] = ("h",)
    chunk_names: ClassVar[tuple[str, ...]] = ("r", "z", "n")
    keeps: ClassVar[str | None] = "z"

    @property
    def fused(self) -> FusedMode | None:
        """It is torch.gru."""
        return "GRU"

    def activations(
        self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor
    ) -> Mapping[str, Tensor]:
        """`r`, `z`, `n`, and `m`, the W_hn h + b_hn that r scales; (B, H) each."""
        import torch

        from seqcli.ops.recurrence import mapped

        (h,) = state
        x_r, x_z, x_n = x.chunk(3, dim=-1)
        h_r, h_z, m = mapped(h, weight_hh, bias_hh).chunk(3, dim=-1)
        r = torch.sigmoid(x_r + h_r)
        z = torch.sigmoid(x_z + h_z)
        n = torch.tanh(x_n + r * m)
        return {"r": r, "z": z, "n": n, "m": m}

    def step(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> State:
        """The next h, (B, H)."""
        (h,) = state
        _, z, n, _ = self.activations(x, state, weight_hh, bias_hh).values()
        return ((1 - z) * n + z * h,)

    def slopes(self, x: Tensor, state: State, weight_hh: Tensor, bias_hh: Tensor) -> StepDerivative:
        """By the sums: r (1-z)(1-n²) m r(1-r), z (h-n) z(1-z), n (1-z)(1-n²) r; by h itself: z.

        By the input the same but for n, which r does not scale there: (1-z)(1-n²). So ∂h'/∂h =
        diag(z) + diag((h-n) z(1-z)) W_hz + diag((1-z)(1-n²)) (diag(m r(1-r)) W_hr + diag(r) W_hn).
        """
        import torch

        (h,) = state
        r, z, n, m = self.activations(x, state, weight_hh, bias_hh).values()
        slope = (1 - z) * (1 - n**2)
        by_r = slope * m * r * (1 - r)
        by_z = (h - n) * z * (1 - z)
        by_sum = torch.stack([by_r, by_z, slope * r], dim=1)  # (B, G, H)
        by_input = torch.stack([by_r, by_z, slope], dim=1)
        return StepDerivative(by_input.unsqueeze(1), by_sum.unsqueeze(1), z[:, None, None])

    def flops_per_step(self, input_size: int, hidden_size: int) -> int:
        """6 H (I + H) for the products, 9 H for the sums, 3 H for σ and tanh, 5 H for r ⊙ m and h'."""
        return hidden_size * (6 * (input_size + hidden_size) + 9 + 3 + 5)


CELL = GRU
