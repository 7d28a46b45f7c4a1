"""A system's way through its inputs, forwards and then backwards, in memory that does not grow with T.

Only the states at the beginning of each stretch are kept; a stretch's own states are run again when the way
leads back through it (Griewank, 1992, with one level). What fits in one stretch is run once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from seqcli.errors import DivergedError
from seqcli.probes.inputs import Inputs
from seqcli.probes.system import LayerSteps, Stack, System

MEMORY = 64 * 2**20
"""Bytes that one stretch's states and slopes may take."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive steps of the way.

    Args:
        system: What goes it.
        start: The first step's number, from 0.
        inputs: (B, n, I).
        states: (n + 1, B, S, H) a layer: before the first step, then after each.
        real: (B, n) whether a row has begun; None when all have.
    """

    system: System
    start: int
    inputs: Tensor
    states: Stack
    real: Tensor | None = None

    @property
    def stop(self) -> int:
        """One past the last step's number."""
        return self.start + self.inputs.shape[1]

    @cached_property
    def steps(self) -> list[LayerSteps]:
        """The derivative of each step."""
        return self.system.linearise(self.inputs, self.states)

    @cached_property
    def gates(self) -> list[dict[str, Tensor]]:
        """Each layer's gates by name, (n, B, H)."""
        inputs, gates = self.inputs, []
        for weights, states in zip(self.system.layers, self.states, strict=True):
            x, state = self.system.flat(inputs, weights, states)
            part = self.system.recurrent_part(state[0], weights)
            inner = self.system.cell.activations(x, state, *part)
            shape = (states.shape[0] - 1, states.shape[1])
            gates.append({name: inner[name].view(*shape, -1) for name in self.system.cell.gates})
            inputs = states[1:, :, 0].transpose(0, 1)
        return gates

    def first_row(self) -> "Stretch":
        """The same steps of the first sequence alone."""
        if self.inputs.shape[0] == 1:
            return self
        real = None if self.real is None else self.real[:1]
        return Stretch(
            self.system, self.start, self.inputs[:1], [states[:, :1] for states in self.states], real
        )


class Trajectory:
    """The way of one system through one batch of inputs.

    Args:
        system: The system.
        inputs: What it reads.
        memory: Bytes that one stretch may take.
        first: The state before the first step, (B, S, H) a layer; zeros by default.

    Attributes:
        starts: The states before the first step and after each stretch gone through, (B, S, H) a layer.
    """

    def __init__(
        self, system: System, inputs: Inputs, *, memory: int = MEMORY, first: Stack | None = None
    ) -> None:
        self.system, self.inputs = system, inputs
        self.length = max(1, min(inputs.steps, memory // _bytes_of_a_step(system, inputs)))
        self.starts: list[Stack] = [system.first_state(inputs.batch_size) if first is None else first]
        self._latest: Stretch | None = None

    @property
    def count(self) -> int:
        """The number of stretches."""
        return -(-self.inputs.steps // self.length)

    def forwards(self) -> Iterator[Stretch]:
        """Every stretch from the first to the last.

        Raises:
            DivergedError: A state is no longer finite.
        """
        del self.starts[1:]
        for index in range(self.count):
            stretch = self._run(index)
            self.starts.append([states[-1].clone() for states in stretch.states])
            self._latest = stretch
            yield stretch

    def backwards(self) -> Iterator[Stretch]:
        """Every stretch from the last to the first; `forwards` must have been gone to its end."""
        for index in reversed(range(self.count)):
            latest = self._latest
            yield latest if latest is not None and latest.start == index * self.length else self._run(index)
            self._latest = None

    def _run(self, index: int) -> Stretch:
        start = index * self.length
        stop = min(start + self.length, self.inputs.steps)
        values, real = self.inputs.stretch(start, stop), self.inputs.real(start, stop)
        states = self.system.run(values, self.starts[index], real)
        for layer_states in states:
            check_finite(layer_states, start)
        return Stretch(self.system, start, values, states, real)


def check_finite(states: Tensor, start: int) -> None:
    """Stop where the state itself, not only its gradient, is past all numbers.

    Args:
        states: (n + 1, B, S, H).
        start: The number of steps before the first of them.

    Raises:
        DivergedError: Names the step.
    """
    finite = torch.isfinite(states).flatten(1).all(1)
    if not finite.all():
        step = start + int((~finite).nonzero()[0])
        raise DivergedError(
            f"the state itself overflows float64 at step {step:,}: this recurrence has no bound",
            f"Probe fewer steps (--len {max(1, step // 2)}), a smaller gain, or tanh.",
        )


def _bytes_of_a_step(system: System, inputs: Inputs) -> int:
    chunks, parts = system.cell.chunks, system.parts
    vectors = parts * (1 + 2 * chunks + parts) + 3 * chunks
    layers = len(system.layers) * system.hidden_size * vectors
    return 8 * inputs.batch_size * (layers + inputs.width)
