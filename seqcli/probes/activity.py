"""The activity of gates: their openness, the saturated ones, and the path through them without weights."""

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
"""The probabilities of the nine deciles."""


@dataclass(frozen=True)
class GateActivity:
    """One gate over all layers, units, steps and sequences.

    Args:
        mean: Mean openness, 0 to 1.
        shut: Share of values below 0.05.
        open: Share of values above 0.95.
        steps: Where each bin of time begins, from the first step that counts.
        deciles: In the middle of each bin the 1st to 9th decile over units and sequences.
    """

    mean: float
    shut: float
    open: float
    steps: list[int]
    deciles: list[list[float]]


class Activity:
    """Watches the gates along the way forward, over the last steps, in which every sequence has begun.

    Args:
        system: The system.
        first: The first step that counts.
        steps: T.
    """

    def __init__(self, system: System, *, first: int, steps: int) -> None:
        self.first = first
        width = -(-(steps - first) // BINS)
        begins = range(first, steps, width)
        self._sampled = {min(begin + width // 2, steps - 1): begin - first for begin in begins}
        self._sums = {name: torch.zeros(3, dtype=torch.float64) for name in system.cell.gates}
        self._deciles: dict[str, list[list[float]]] = {name: [] for name in system.cell.gates}
        self._count = 0

    def forward(self, stretch: Stretch) -> None:
        """Look at one stretch."""
        begin = max(0, self.first - stretch.start)
        if begin >= stretch.stop - stretch.start:
            return
        levels = torch.tensor(DECILES, dtype=torch.float64)
        for name in self._sums:
            gate = torch.stack([layer[name] for layer in stretch.gates], dim=1)[begin:]  # (n, L, B, H)
            self._sums[name] += torch.stack([gate.sum(), (gate < SHUT).sum(), (gate > OPEN).sum()])
            places = [step - stretch.start - begin for step in self._sampled]
            sampled = [gate[step] for step in places if 0 <= step < len(gate)]
            self._deciles[name] += [torch.quantile(values, levels).tolist() for values in sampled]
        self._count += gate.numel() if self._sums else 0

    def findings(self) -> dict[str, GateActivity]:
        """Each gate's activity by name; nothing for a cell without gates."""
        steps = list(self._sampled.values())
        activities = {}
        for name, sums in self._sums.items():
            mean, shut, wide = (sums / self._count).tolist()
            activities[name] = GateActivity(mean, shut, wide, steps, self._deciles[name])
        return activities


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
        for log_gate in gates.log().flip(0).unbind(0):  # (L, 1, H)
            self._log = self._log + log_gate
            self._lag += 1
            if self._lag in self.lags:
                self.curve[self._lag] = float(self._log.max()) / math.log(10)
