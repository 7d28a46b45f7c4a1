"""Gradient probes beside the autograd script that a person would write; prints ratios.

    OMP_NUM_THREADS=1 python benchmarks/gradprobe.py [--hidden 64] [--len 200]

1. The loss gradient ‖∂L/∂h_t‖ at every step: T separate `torch.autograd.grad(loss, h_t)`, against one way
   back.
2. The state Jacobian ‖∂s_T/∂s_t‖₂ at every step: T separate batched autograd backwards (a row a state
   element), each with its norm, against one product that is measured at every lag.

Both sides compute the same numbers, which is checked, in float64 on one thread, forward pass included.
Seconds are of the processor, not of the clock: other programs on the machine shall not count.
"""

import argparse
import time
from collections.abc import Callable

import torch
from torch import Tensor

from seqcli.models.cell import CELLS
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.recurrent import Recurrent
from seqcli.probes.inputs import AddingInputs
from seqcli.probes.loss_gradient import Direct, LossGradient
from seqcli.probes.probe import Passage, ProbeSettings
from seqcli.probes.system import System, system_of
from seqcli.probes.trajectory import Trajectory
from seqcli.results.events import drive

TOLERANCE = 1e-6
REPEATS = 9


def unrolled(recurrent: Recurrent, inputs: Tensor, *, learn: bool) -> list[tuple[Tensor, ...]]:
    """Every state of a plain loop over the cell, as a person would write it."""
    w_ih, w_hh, b_ih, b_hh = (weight.detach() for weight in recurrent.weights("_l0"))
    state = tuple(
        torch.zeros(1, recurrent.hidden_size, dtype=torch.float64) for _ in recurrent.cell.state_names
    )
    states = [tuple(part.requires_grad_(learn) for part in state)]
    for x in (inputs @ w_ih.T + b_ih).unbind(1):
        # Copies, so that the derivative by c holds the h of the same step, which is made of it.
        states.append(tuple(part.clone() for part in recurrent.cell.step(x, states[-1], w_hh, b_hh)))
    return states


def loss_by_autograd(recurrent: Recurrent, inputs: Tensor, readout: Tensor) -> list[float]:
    states = unrolled(recurrent, inputs, learn=True)
    loss = (states[-1][0] @ readout).square().sum()
    norms = []
    for state in reversed(states):
        (gradient,) = torch.autograd.grad(loss, state[0], retain_graph=True)
        norms.append(gradient.norm().log10().item())
    return norms


@torch.no_grad()
def loss_by_probe(system: System, inputs: AddingInputs, readout: Tensor) -> list[float]:
    trajectory = Trajectory(system, inputs)
    last = [stretch.states[-1][-1, :, 0] for stretch in trajectory.forwards()][-1]
    direct = Direct(2 * (last @ readout)[:, None] * readout)
    gradient = LossGradient(system, inputs, direct, lags=range(inputs.steps + 1))
    for stretch in trajectory.backwards():
        gradient.backward(stretch)
    curve = gradient.curve
    return [curve[lag].item() for lag in range(inputs.steps + 1)]


def jacobian_by_autograd(recurrent: Recurrent, inputs: Tensor) -> list[float]:
    states = unrolled(recurrent, inputs, learn=True)
    size = recurrent.hidden_size
    rows = torch.eye(len(states[-1]) * size, dtype=torch.float64)
    weights = [part.unsqueeze(1) for part in torch.split(rows, size, dim=1)]
    norms = [0.0]
    for state in reversed(states[:-1]):
        found = torch.autograd.grad(
            states[-1], state, weights, retain_graph=True, is_grads_batched=True, materialize_grads=True
        )
        full = torch.cat([part[:, 0] for part in found], dim=1)
        norms.append(torch.linalg.matrix_norm(full, 2).log10().item())
    return norms


def jacobian_by_probe(system: System, inputs: AddingInputs) -> list[float]:
    settings = ProbeSettings(list(range(inputs.steps + 1)), all_probes=False)
    return drive(Passage(system, inputs, settings).go()).state_jacobian


def seconds(work: Callable[[], list[float]], repeats: int = 1) -> tuple[list[float], float]:
    """What it gives, and the least processor time that it took."""
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        found = work()
        taken.append(time.process_time() - began)
    return found, min(taken)


def compare(name: str, what: str, theirs: Callable[[], list[float]], ours: Callable[[], list[float]]) -> None:
    expected, slow = seconds(theirs)
    found, fast = seconds(ours, REPEATS)
    worst = max(abs(a - b) for a, b in zip(expected, found, strict=True) if a > -250)
    if worst > TOLERANCE:
        raise SystemExit(f"{name}, {what}: the two differ by {worst:g} decades")
    print(f"{name:5} {what:15} autograd {slow:8.2f} s   seqcli {fast:7.3f} s   {slow / fast:6.0f} x")


def benchmark(name: str, hidden: int, inputs: AddingInputs) -> None:
    recurrent = Recurrent(CELLS.get(name)(), AddingInputs.width, hidden)
    generator = torch.Generator().manual_seed(0)
    initialise(recurrent, Initialisation("torch"), generator=generator)
    recurrent.double()
    system, values = system_of(recurrent, ("_l0",)), inputs.stretch(0, inputs.steps)
    readout = torch.randn(hidden, generator=generator, dtype=torch.float64)
    compare(
        name,
        "loss gradient",
        lambda: loss_by_autograd(recurrent, values, readout),
        lambda: loss_by_probe(system, inputs, readout),
    )
    compare(
        name,
        "state Jacobian",
        lambda: jacobian_by_autograd(recurrent, values),
        lambda: jacobian_by_probe(system, inputs),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--hidden", type=int, default=64)
    parser.add_argument("--len", type=int, default=200)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for name in CELLS.names():
        benchmark(name, arguments.hidden, AddingInputs(arguments.len, 1, seed=0))


if __name__ == "__main__":
    main()
