"""Numbers far outside a float's range: tensors beside the logarithm of a factor taken out of them."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from seqcli.probes.system import LayerSteps, Stack, passed_down

RESCALED = 8
"""Steps between two rescalings: float64 holds what eight steps can grow or shrink by."""


@dataclass
class ScaledRows:
    """Rows on their way back through time, true rows = e^log_scale · rows.

    Args:
        rows: (B, N, S, H) a layer.
        log_scale: (B).
        want_inputs: Whether the rows at the inputs are kept too, in `at_inputs` (B, N, I), at the same scale.
    """

    rows: Stack
    log_scale: Tensor
    want_inputs: bool = False
    at_inputs: Tensor | None = None
    _since: int = 0

    def pull(self, step: LayerSteps) -> None:
        """One step back."""
        whole = passed_down(step, self.rows)
        self.rows = [layer.pull(layer_rows) for layer, layer_rows in zip(step, whole, strict=True)]
        self.at_inputs = step[0].pull_to_input(whole[0]) if self.want_inputs else None
        self._since += 1
        if self._since == RESCALED:
            self.rescale()

    def add(self, direct: Tensor) -> None:
        """Add unscaled rows (B, N, H) to the top layer's h."""
        size = direct.abs().amax(dim=(1, 2)).log()  # (B), -inf where nothing is added
        scale = torch.maximum(self.log_scale, size)
        factor = _broad(torch.exp(self.log_scale - scale))
        self.rows = [rows * factor for rows in self.rows]
        self.log_scale = scale
        self.rows[-1][:, :, 0] += direct * torch.exp(-scale)[:, None, None]

    def rescale(self) -> None:
        """Take the largest element of each batch row out."""
        size = torch.stack([rows.abs().amax(dim=(1, 2, 3)) for rows in self.rows]).amax(0)
        size = torch.where(size > 0, size, torch.ones_like(size))
        self.rows = [rows / _broad(size) for rows in self.rows]
        if self.at_inputs is not None:
            self.at_inputs = self.at_inputs / size[:, None, None]
        self.log_scale = self.log_scale + size.log()
        self._since = 0

    def wide(self) -> Tensor:
        """All layers side by side, (B, N, L·S·H)."""
        return torch.cat([rows.flatten(2) for rows in self.rows], dim=-1)

    def log10(self, norms: Tensor) -> Tensor:
        """The decimal logarithms of the true size of norms (B) of the rows; -inf for zero."""
        return true_log10(norms, self.log_scale)


def true_log10(norms: Tensor, log_scale: Tensor) -> Tensor:
    """log10 of norms (B) whose factor e^log_scale was taken out; -inf for zero."""
    return (norms.log() + log_scale) / math.log(10)


def _broad(factors: Tensor) -> Tensor:
    return factors[:, None, None, None]
