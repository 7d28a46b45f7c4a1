"""The state Jacobian ‖∂s_T/∂s_{T-k}‖₂: how much of a change k steps ago reaches now, exactly.

The product J_T J_{T-1} … J_{T-k+1} is taken from the left, so one way back serves every lag. Its norms do not
change when its rows are turned by an orthogonal matrix, so at each measured lag only the numerically non-zero
part of its singular decomposition goes on: a product forgets all but a few directions within some hundred
steps, and the way back becomes that much cheaper.
"""

from collections.abc import Collection
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqcli.errors import DivergedError
from seqcli.probes.scaled import ScaledRows
from seqcli.probes.system import System
from seqcli.probes.trajectory import Stretch

NEGLIGIBLE = 1e-15
"""Share of the largest singular value below which a row of the product is rounding."""

REDUCED = 1.25
"""How much further back the product is reduced again: often while it is new and full, seldom later."""


@dataclass
class JacobianCurve:
    """Norms by lag as decimal logarithms; -inf where nothing at all arrives.

    Args:
        whole: ‖∂s_T/∂s_{T-k}‖₂ by lag.
        by_state: The same for a change of one state tensor alone (all layers of it), by its name.
    """

    whole: dict[int, float] = field(default_factory=dict)
    by_state: dict[str, dict[int, float]] = field(default_factory=dict)


class StateJacobian:
    """Follows the full product along the way back.

    Args:
        system: The system.
        lags: Where the norm is taken; lag 0, the identity, is always there.
    """

    def __init__(self, system: System, lags: Collection[int]) -> None:
        self.system, self.lags = system, frozenset(lags)
        self.curve = JacobianCurve(by_state={name: {} for name in system.cell.state_names})
        self._product = ScaledRows(system.identity(), torch.zeros(1, dtype=torch.float64))
        self._lag = 0
        self._reduced_at = 0.0
        self._measure()

    def backward(self, stretch: Stretch) -> None:
        """Go back through one stretch; only its first sequence counts."""
        for step in reversed(stretch.first_row().steps):
            self._product.pull(step)
            self._lag += 1
            if self._lag in self.lags:
                self._measure()

    def _measure(self) -> None:
        product = self._product.wide()[0]  # (N, L·S·H)
        check_product(product, self._lag)
        if self._lag >= REDUCED * self._reduced_at:
            self._reduce(product)
        record_norms(self.curve, self._product, self._lag)

    def _reduce(self, product: Tensor) -> None:
        """Go on with as many rows as the product has directions, of the same singular values."""
        _, values, directions = torch.linalg.svd(product, full_matrices=False)
        rank = max(1, int((values > NEGLIGIBLE * values[0]).sum()))
        self._product.rows = self.system.split((values[:rank, None] * directions[:rank]).unsqueeze(0))
        self._reduced_at = self._lag


def record_norms(curve: JacobianCurve, product: ScaledRows, lag: int) -> None:
    """Note the norm of the whole product and of its columns at each state tensor."""
    curve.whole[lag] = float(product.log10(spectral_norm(product.wide()[0]).reshape(1))[0])
    for part, at_lags in enumerate(curve.by_state.values()):
        if len(curve.by_state) == 1:
            at_lags[lag] = curve.whole[lag]
            continue
        columns = torch.cat([rows[0, :, part] for rows in product.rows], dim=-1)  # (N, L·H)
        at_lags[lag] = float(product.log10(spectral_norm(columns).reshape(1))[0])


def spectral_norm(matrix: Tensor) -> Tensor:
    """‖M‖₂, by the greatest eigenvalue of the smaller of M Mᵀ and Mᵀ M, in full relative precision."""
    scale = matrix.abs().max()
    if scale == 0:
        return scale
    unit = matrix / scale
    gram = unit @ unit.T if unit.shape[0] <= unit.shape[1] else unit.T @ unit
    norm: Tensor = scale * torch.linalg.eigvalsh(gram)[-1].sqrt()
    return norm


def check_product(product: Tensor, lag: int) -> None:
    """Refuse a product that rescaling could not keep within float64.

    Raises:
        DivergedError: Names the lag.
    """
    if not torch.isfinite(product).all():
        raise DivergedError(
            f"the state Jacobian overflows float64 between two rescalings, {lag:,} steps back",
            "Weights this large leave nothing to measure: choose a smaller gain.",
        )
