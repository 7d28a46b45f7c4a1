"""The state Jacobian ‖∂s_T/∂s_{T-k}‖₂: how much of a change k steps ago reaches now.

The product J_T J_{T-1} … J_{T-k+1} is taken from the left, so one way back serves every lag. Its norms do not
change when its rows are turned by an orthogonal matrix, so at each measured lag only the numerically non-zero
part of its singular decomposition goes on: a product forgets all but a few directions within some hundred
steps, and the way back becomes that much cheaper.

Where a state is so wide that the full product costs too much, probe vectors take its place: the norm of
V J_T … J_{T-k+1} with orthonormal rows V is never above the true one, and equals it when V spans the leading
left singular vectors. For all but short lags those are where the way forward has turned random directions
to; at short lags a few rounds of subspace iteration find them (Halko et al., 2011).

Products lie far outside a float's range: their rows stand beside the logarithm of a factor taken out of them.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass, field

import torch
from torch import Tensor

from seqcli.errors import DivergedError
from seqcli.probes.system import LayerSteps, Stack, System, passed_down, pull_back, push_forward
from seqcli.probes.trajectory import Stretch

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
        passed = passed_down(step, self.rows)
        self.rows = [layer.pull(layer_rows) for layer, layer_rows in zip(step, passed, strict=True)]
        self.at_inputs = step[0].pull_to_input(passed[0]) if self.want_inputs else None
        self._since += 1
        if self._since == RESCALED:
            self.rescale()

    def add(self, direct: Tensor) -> None:
        """Add unscaled rows (B, N, H) to the top layer's h."""
        size = direct.abs().amax(dim=(1, 2)).log()  # (B), -inf where nothing is added
        # At the larger of both scales neither overflows, and the smaller one underflows only where it adds
        # nothing.
        scale = torch.maximum(self.log_scale, size)
        factor = _broad(torch.exp(self.log_scale - scale))
        self.rows = [rows * factor for rows in self.rows]
        self.log_scale = scale
        self.rows[-1][:, :, 0] += direct * torch.exp(-scale)[:, None, None]

    def rescale(self) -> None:
        """Take the largest element of each batch row out."""
        size = torch.stack([rows.abs().amax(dim=(1, 2, 3)) for rows in self.rows]).amax(0)
        # Rows that are all zero stay so; dividing by their size would make them NaN.
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
    # Before squaring: the Gram matrix of small numbers would underflow.
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
