"""The states and gates of a recurrence step by step, by the cells' own equations."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from seqcli.models.recurrent import Recurrent
from seqcli.ops.recurrence import State


@dataclass(frozen=True)
class LayerWay:
    """One layer and direction on its way through one sequence, in the sequence's own order.

    Args:
        layer: Its number, from 0.
        backwards: Whether it reads from the last step to the first.
        states: The state tensors by name, (T + 1, H) each: before its first step, then after each. Of one
            that reads backwards the last row is the state before its first step.
        gates: Each gate by name, (T, H).
    """

    layer: int
    backwards: bool
    states: Mapping[str, Tensor]
    gates: Mapping[str, Tensor]

    @property
    def h(self) -> Tensor:
        """The hidden state after each step, (T, H)."""
        return self.states["h"][:-1] if self.backwards else self.states["h"][1:]

    @property
    def changes(self) -> Tensor:
        """The length of each step's change of h, (T)."""
        lengths: Tensor = torch.linalg.vector_norm(self.states["h"][1:] - self.states["h"][:-1], dim=1)
        return lengths


def way_through(recurrent: Recurrent, inputs: Tensor) -> list[LayerWay]:
    """Every layer and direction on its way through one sequence.

    Args:
        recurrent: The layers, without dropout between them.
        inputs: What the first one reads, (T, I).
    """
    layers: list[LayerWay] = []
    for layer in range(recurrent.num_layers):
        sides = []
        for side, suffix in enumerate(recurrent.suffixes(layer)):
            layers.append(_one_way(recurrent, inputs, layer, suffix, backwards=side == 1))
            sides.append(layers[-1].h)
        inputs = torch.cat(sides, dim=1)
    return layers


def _one_way(recurrent: Recurrent, inputs: Tensor, layer: int, suffix: str, *, backwards: bool) -> LayerWay:
    cell = recurrent.cell
    w_ih, w_hh, b_ih, b_hh = recurrent.weights(suffix)
    projected = linear(inputs.flip(0) if backwards else inputs, w_ih, b_ih)  # (T, G·H)
    state: State = cell.initial_state(1, recurrent.hidden_size, like=projected)
    states, gates = [state], []
    for x in projected.unsqueeze(1).unbind(0):
        inner = cell.activations(x, state, w_hh, b_hh)
        gates.append([inner[name] for name in cell.gates])
        state = cell.step(x, state, w_hh, b_hh)
        states.append(state)
    over_time = [torch.cat(parts) for parts in zip(*states, strict=True)]
    open_gates = [torch.cat(parts) for parts in zip(*gates, strict=True)]
    if backwards:
        over_time, open_gates = ([values.flip(0) for values in kind] for kind in (over_time, open_gates))
    return LayerWay(
        layer,
        backwards,
        dict(zip(cell.state_names, over_time, strict=True)),
        dict(zip(cell.gates, open_gates, strict=True)),
    )
