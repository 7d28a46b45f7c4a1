"""The state Jacobian of wide systems by probe vectors, where the full product would cost too much.

‖V J_T … J_{T-k+1}‖₂ with orthonormal rows V is never above the true norm, and equals it when V spans the
leading left singular vectors. For all but short lags those are where the way forward has turned random
directions to; at short lags a few rounds of subspace iteration find them (Halko et al., 2011).
"""

from collections.abc import Collection

import torch
from torch import Tensor

from seqcli.probes.scaled import ScaledRows
from seqcli.probes.state_jacobian import JacobianCurve, check_product, record_norms
from seqcli.probes.system import LayerSteps, System, pull_back, push_forward
from seqcli.probes.trajectory import Stretch

SHORT = 20
"""Lags up to which the vectors are refined."""

ROUNDS = 2
"""Rounds of subspace iteration."""


class JacobianByVectors:
    """Follows a few rows of the product along the way back.

    Args:
        system: The system.
        lags: Where the norm is taken.
        rows: (N, L·S·H) orthonormal, from `Lyapunov.directions`.
    """

    def __init__(self, system: System, lags: Collection[int], rows: Tensor) -> None:
        self.system, self.lags = system, frozenset(lags)
        self.curve = JacobianCurve(
            whole={0: 0.0}, by_state={name: {0: 0.0} for name in system.cell.state_names}
        )
        self._start = system.split(rows.unsqueeze(0))
        self._rows = ScaledRows(list(self._start), torch.zeros(1, dtype=torch.float64))
        self._lag = 0
        self._passed: list[LayerSteps] = []

    def backward(self, stretch: Stretch) -> None:
        """Go back through one stretch; only its first sequence counts."""
        for step in reversed(stretch.first_row().steps):
            self._rows.pull(step)
            self._lag += 1
            if self._lag <= SHORT:
                self._passed.append(step)
            if self._lag in self.lags:
                self._measure()

    def _measure(self) -> None:
        rows = self._rows if self._lag > SHORT else self._refined()
        wide = rows.wide()[0]
        check_product(wide, self._lag)
        record_norms(self.curve, rows, self._lag)

    def _refined(self) -> ScaledRows:
        """Rows that have been turned towards the leading directions of the last few steps."""
        rows = self._orthonormal(ScaledRows(self._start, torch.zeros(1)).wide())
        for _ in range(ROUNDS):
            columns = rows
            for step in self._passed:
                columns = pull_back(step, columns)
            columns = self._orthonormal(torch.cat([part.flatten(2) for part in columns], dim=-1))
            for step in reversed(self._passed):
                columns = push_forward(step, columns)
            rows = self._orthonormal(torch.cat([part.flatten(2) for part in columns], dim=-1))
        scaled = ScaledRows(rows, torch.zeros(1, dtype=torch.float64))
        for step in self._passed:
            scaled.pull(step)
        return scaled

    def _orthonormal(self, wide: Tensor) -> list[Tensor]:
        """Rows (1, N, L·S·H) with the same span, orthonormal, as a stack."""
        return self.system.split(torch.linalg.qr(wide[0].T).Q.T.unsqueeze(0))
