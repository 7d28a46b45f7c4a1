"""What the gates do: how open they are, how many are stuck, and the path through them without any weight."""

import math
from collections.abc import Collection
from dataclasses import dataclass

import torch
from torch import Tensor

from seqcli.probes.system import System
from seqcli.probes.trajectory import Stretch

SHUT, OPEN = 0.05, 0.95
"""A gate below or above is saturated: its own gradient is almost nothing."""

BINS = 48
"""Most columns of the picture of gates over time."""

DECILES = tuple(step / 10 for step in range(1, 10))


@dataclass(frozen=True)
class GateActivity:
    """One gate over all layers, units, steps and sequences.

    Args:
        mean: Mean openness, 0 to 1.
        shut: Share of values below 0.05.
        open: Share of values above 0.95.
        steps: First step of each bin of time.
        deciles: For each bin the 1st to 9th decile over units and sequences.
    """

    mean: float
    shut: float
    open: float
    steps: list[int]
    deciles: list[list[float]]


class Activity:
    """Watches the gates along the way forward.

    Args:
        system: The system.
        steps: T.
    """

    def __init__(self, system: System, *, steps: int) -> None:
        self._width = -(-steps // BINS)
        names = system.cell.gates
        self._sums = {name: [0.0, 0.0, 0.0] for name in names}
        self._bins: dict[str, dict[int, list[float]]] = {name: {} for name in names}
        self._count = 0

    def forward(self, stretch: Stretch) -> None:
        """Look at one stretch."""
        for name, sums in self._sums.items():
            gate = torch.stack([layer[name] for layer in stretch.gates], dim=1)  # (n, L, B, H)
            if stretch.real is not None:
                begun = stretch.real.T[:, None, :, None].expand(gate.shape)
                gate = torch.where(begun, gate, torch.nan)
            for place, values in enumerate((gate, (gate < SHUT).double(), (gate > OPEN).double())):
                sums[place] += float(values.nansum())
            if name == next(iter(self._sums)):
                self._count += int((~gate.isnan()).sum())
            self._note_bins(self._bins[name], gate, stretch)

    def findings(self) -> dict[str, GateActivity]:
        """Each gate's activity by name; nothing for a cell without gates."""
        found = {}
        for name, (total, shut, wide) in self._sums.items():
            bins = sorted(self._bins[name].items())
            found[name] = GateActivity(
                mean=total / self._count,
                shut=shut / self._count,
                open=wide / self._count,
                steps=[bin_ * self._width for bin_, _ in bins],
                deciles=[deciles for _, deciles in bins],
            )
        return found

    def _note_bins(self, bins: dict[int, list[float]], gate: Tensor, stretch: Stretch) -> None:
        """Deciles of the middle step of each bin that begins in this stretch."""
        levels = torch.tensor(DECILES, dtype=torch.float64)
        for bin_ in range(stretch.start // self._width, -(-stretch.stop // self._width)):
            middle = min(bin_ * self._width + self._width // 2, stretch.stop - 1)
            if bin_ not in bins and middle >= stretch.start:
                values = gate[middle - stretch.start].flatten()
                bins[bin_] = torch.nanquantile(values, levels).nan_to_num().tolist()


class DirectPath:
    """The largest product of the keeping gate over time: what stays in a unit that nobody writes to.

    For an LSTM it is e^(Σ log f) of the unit whose forget gate was most open, the way through c alone.

    Args:
        system: The system; its cell must have a gate that keeps.
        lags: Where the product is taken.
    """

    def __init__(self, system: System, lags: Collection[int]) -> None:
        if system.cell.keeps is None:
            raise ValueError(f"{system.cell.name} has no gate that keeps its state")
        self.gate, self.lags = system.cell.keeps, frozenset(lags)
        self._log: Tensor = torch.zeros(1)
        self._lag = 0
        self.curve: dict[int, float] = {0: 0.0}
        """log10 of the product of the unit that keeps most, by lag."""

    def backward(self, stretch: Stretch) -> None:
        """Go back through one stretch; only its first sequence counts."""
        gates = torch.stack([layer[self.gate] for layer in stretch.first_row().gates], dim=1)
        for kept in gates.log().flip(0).unbind(0):  # (L, 1, H)
            self._log = self._log + kept
            self._lag += 1
            if self._lag in self.lags:
                self.curve[self._lag] = float(self._log.max()) / math.log(10)
