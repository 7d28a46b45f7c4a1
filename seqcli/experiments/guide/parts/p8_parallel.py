"""Claim 13: whether a recurrence can be computed in parallel over time."""

from typing import TYPE_CHECKING, ClassVar

from seqcli.experiments.catalogue import claim
from seqcli.experiments.guide.config import GuideSettings
from seqcli.experiments.guide.guide_part import (
    GuideEnvironment,
    GuideEvents,
    GuideOutcome,
    GuideTest,
    PartPage,
)
from seqcli.models.cell import CELLS
from seqcli.models.config import ModelConfig
from seqcli.results.claims import ParallelFact
from seqcli.results.common import ClaimVerdict

if TYPE_CHECKING:
    from torch import Tensor

    from seqcli.models.cell import Cell

HIDDEN, STEPS = 16, 256  # a power of two, so that every round of the scan is full; under a second in float64


class Parallel(GuideTest):
    """Steps compose, and so can be scanned in parallel, only where a step is an affine map of the state.

    A step is one exactly if its Jacobian is the same whatever the state. Of a cell where it is, the states
    are then computed in log₂ T rounds (Blelloch, 1990) and compared with those of T steps.
    """

    page: ClassVar[PartPage] = PartPage("whether steps compose", claims=(13,))

    def command(self, *, quick: bool, wishes: GuideSettings | None = None) -> str:  # noqa: ARG002
        """No command does only this."""
        return ""

    def run(self, surroundings: GuideEnvironment) -> GuideEvents:  # noqa: ARG002
        """Measure how each cell's Jacobian changes with its state; one round of scanning for a linear one."""
        from seqcli.models.network import cell_of

        yield from ()
        changes = {name: jacobian_change(CELLS.get(name)()) for name in CELLS.names()}
        composed = jacobian_change(cell_of(ModelConfig(model="rnn", activation="identity")))
        error = scan_error()
        stuck = all(change > 0.01 for change in changes.values())
        scanned = composed == 0.0 and error < 1e-10
        fact = ParallelFact(changes=changes, steps=STEPS, rounds=STEPS.bit_length() - 1, error=error)
        verdict: ClaimVerdict = "depends" if stuck and scanned else "supported" if stuck else "undecided"
        return GuideOutcome([claim(13, verdict, fact)])


def jacobian_change(cell: "Cell") -> float:
    """The norm of the difference of a step's Jacobians at two states, as a share of their mean norm."""
    import torch

    draw = torch.Generator().manual_seed(0)

    def random(*shape: int) -> "Tensor":
        return torch.randn(*shape, generator=draw, dtype=torch.float64)

    weight = random(cell.chunks * HIDDEN, HIDDEN) / HIDDEN**0.5
    bias = random(cell.chunks * HIDDEN)
    x = random(1, cell.chunks * HIDDEN)
    first, other = (
        cell.step_jacobian(x, tuple(random(1, HIDDEN) for _ in cell.state_names), weight, bias)
        for _ in range(2)
    )
    return float((first - other).norm() / ((first.norm() + other.norm()) / 2))


def scan_error() -> float:
    """The greatest difference between T states of h' = W h + u_t stepped and scanned, in float64."""
    import torch

    draw = torch.Generator().manual_seed(0)
    weight = torch.randn(HIDDEN, HIDDEN, generator=draw, dtype=torch.float64) / (2 * HIDDEN**0.5)
    inputs = torch.randn(STEPS, HIDDEN, generator=draw, dtype=torch.float64)
    stepped, state = [], torch.zeros(HIDDEN, dtype=torch.float64)
    for u in inputs:
        state = weight @ state + u
        stepped.append(state)
    maps, offsets = weight.expand(STEPS, HIDDEN, HIDDEN).clone(), inputs.clone()
    reach = 1
    while reach < STEPS:  # each round doubles how many steps every map stands for
        offsets[reach:] += torch.einsum("tij,tj->ti", maps[reach:], offsets[:-reach].clone())
        maps[reach:] = maps[reach:] @ maps[:-reach].clone()
        reach *= 2
    return float((offsets - torch.stack(stepped)).abs().max())


PART = Parallel()
