"""Lyapunov exponents: the rates at which nearby states part or meet, in natural logarithms a step.

Source: Benettin et al., 1980 (QR); for recurrent networks Engelken et al., 2020, and Vogt et al., 2022.
"""

import math

import torch
from torch import Tensor

from seqcli.probes.system import System, push_forward
from seqcli.probes.trajectory import Stretch

WINDOW = 5000
"""Most steps, up to the last, over which exponents are averaged."""

INTERVAL = 4
"""Steps between two orthogonalisations while only the leading directions are followed."""

BLOCKS = 20
"""Most blocks of consecutive steps whose means give the standard error."""


class Lyapunov:
    """Follows the leading directions along the way forward.

    Args:
        system: The system.
        count: How many exponents; the whole state's width gives the full spectrum.
        steps: T; the last `WINDOW` of them count, but for the first quarter, in which the directions settle.

    Attributes:
        rates: The rates of the directions, (N,), between each two orthogonalisations so far.
    """

    def __init__(self, system: System, *, count: int, steps: int) -> None:
        self.system = system
        self.count = min(count, system.state_size)
        self.first = max(0, steps - WINDOW)
        # Of the whole spectrum the lowest directions would be lost in the rounding of the leading ones.
        self._interval = 1 if 2 * self.count > system.state_size else INTERVAL
        # Fixed, and not the run's: another start of the directions is no other network.
        generator = torch.Generator().manual_seed(0)
        drawn = torch.randn(system.state_size, self.count, generator=generator, dtype=torch.float64)
        self._directions = system.split(torch.linalg.qr(drawn).Q.T.unsqueeze(0))
        self._since = 0
        self.rates: list[Tensor] = []

    def forward(self, stretch: Stretch) -> None:
        """Go through one stretch; only its first sequence counts, from its first step on."""
        row = stretch.first_row()
        waiting = 0 if row.real is None else int((~row.real).sum())
        skipped = max(waiting, self.first - stretch.start)
        if skipped >= stretch.stop - stretch.start:
            return
        for step in row.steps[skipped:]:
            self._directions = push_forward(step, self._directions)
            self._since += 1
            if self._since == self._interval:
                self._orthogonalise()

    def directions(self) -> Tensor:
        """Orthonormal rows (N, L·S·H): where differences of the state have turned to by the last step."""
        columns: Tensor = torch.linalg.qr(self._wide()).Q
        return columns.T

    def exponents(self) -> tuple[list[float], list[float]]:
        """The exponents, greatest first, and each one's standard error, as `averaged` gives them."""
        if self._since:
            self._orthogonalise()
        return averaged(torch.stack(self.rates))

    def _orthogonalise(self) -> None:
        q, r = torch.linalg.qr(self._wide())
        self.rates.append(r.diagonal().abs().log() / self._since)
        self._directions = self.system.split(q.T.unsqueeze(0))
        self._since = 0

    def _wide(self) -> Tensor:
        """The directions as columns, (L·S·H, N)."""
        return torch.cat([part.flatten(2) for part in self._directions], dim=-1)[0].T


def averaged(rates: Tensor) -> tuple[list[float], list[float]]:
    """Return the exponents, greatest first, and each one's standard error by block means (0 for one block).

    An exponent is -inf where a direction dies altogether.

    Args:
        rates: The rate of each direction between two orthogonalisations, (m, N); the first quarter, in which
            the directions settle, does not count.
    """
    settled = rates[len(rates) // 4 :]
    # QR brings them into order by itself but for rounding, where two rates are nearly equal.
    order = settled.mean(0).argsort(descending=True)
    blocks = torch.stack([block.mean(0) for block in settled.chunk(BLOCKS)])
    errors = blocks.std(0) / math.sqrt(len(blocks)) if len(blocks) > 1 else torch.zeros(rates.shape[1])
    return settled.mean(0)[order].tolist(), errors.nan_to_num()[order].tolist()
