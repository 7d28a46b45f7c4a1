"""A stack of recurrent layers as one dynamical system, with its derivative applied without building it.

The state s_t of a stack is every layer's state tensors at step t. A step's Jacobian J_t = ∂s_t/∂s_{t-1} is
block triangular: a layer reads its own old state and, at the same step, the h of the layer below. Rows are
pulled back (row · J_t) and columns pushed forward (J_t · column) layer by layer from `Cell.slopes`, so no
dense Jacobian of a step is ever made. Shapes: B batch, N rows or columns, L layers, S state tensors of a
cell, G chunks, H hidden, I input; time comes first in what is kept over time.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import linear

from seqcli.models.cell import Cell, StepDerivative
from seqcli.models.recurrent import Recurrent
from seqcli.ops.recurrence import FusedMode, State, Weights, fused

Stack = list[Tensor]
"""One tensor a layer, from the bottom: states (B, S, H), or rows and columns (B, N, S, H)."""

EPSILON = 1e-5
"""What layer normalisation adds to the variance, torch's."""

MANY_ROWS = 64
"""Rows from which one dense block of the step pays: its cost does not grow with their number."""


def in_chunks(values: Tensor, count: int) -> Tensor:
    """(…, N·H) → (…, N, H)."""
    return values.reshape(*values.shape[:-1], count, -1)


@dataclass(frozen=True)
class Product:
    """W v, chunk by chunk, and its derivative."""

    weight: Tensor
    """(G·H, I)."""

    def pull(self, rows: Tensor) -> Tensor:
        """Rows times the derivative: (B, N, G, H) → (B, N, I)."""
        return rows.flatten(2) @ self.weight

    def push(self, columns: Tensor, chunks: int) -> Tensor:
        """The derivative times columns: (B, N, I) → (B, N, G, H)."""
        return in_chunks(columns @ self.weight.T, chunks)

    def pull_many(self, rows: Tensor, slopes: Tensor) -> Tensor:
        """Rows (1, N, S, H) times slopes (1, S, G, H) and the derivative, by one dense block: (1, N, I)."""
        _, _, chunks, size = slopes.shape
        blocks = self.weight.view(chunks, size, -1)
        dense = (slopes[0].unsqueeze(-1) * blocks).sum(1)  # (S, H, I)
        return rows.flatten(2) @ dense.flatten(0, 1)


@dataclass(frozen=True)
class NormalisedProduct(Product):
    """Each chunk of W v at mean 0 and variance 1: its derivative is symmetric, before the weights."""

    unit: Tensor
    """(B, G, H) the normalised chunks."""
    scale: Tensor
    """(B, G, 1) one over the standard deviation."""

    def pull(self, rows: Tensor) -> Tensor:
        """As `Product.pull`, through the normalisation."""
        return super().pull(self._through(rows))

    def push(self, columns: Tensor, chunks: int) -> Tensor:
        """As `Product.push`, through the normalisation."""
        return self._through(super().push(columns, chunks))

    def pull_many(self, rows: Tensor, slopes: Tensor) -> Tensor:
        """As `Product.pull_many`, without the block, which normalisation does not have."""
        return self.pull(weighted(rows, slopes))

    def _through(self, values: Tensor) -> Tensor:
        unit = self.unit.unsqueeze(1)
        centred = values - values.mean(-1, keepdim=True)
        return (centred - unit * (values * unit).mean(-1, keepdim=True)) * self.scale.unsqueeze(1)


def weighted(rows: Tensor, slopes: Tensor) -> Tensor:
    """Rows (B, N, S, H) meet slopes (B, S, K, H), summed over the state tensors: (B, N, K, H)."""
    if rows.shape[2] == 1:
        return rows * slopes  # S counts 1 in both, and gives way to N in the one and to K in the other
    total = rows[:, :, 0, None] * slopes[:, 0, None]
    for part in range(1, rows.shape[2]):
        total = torch.addcmul(total, rows[:, :, part, None], slopes[:, part, None])
    return total


@dataclass(frozen=True)
class LayerStep:
    """The derivative of one layer at one step."""

    slopes: StepDerivative
    by_input: Product
    by_sum: Product
    keeps: bool = True
    """Whether the old state enters by itself at all; else the step is its products alone."""

    def pull(self, rows: Tensor) -> Tensor:
        """Rows (B, N, S, H) at the new state → at the old state."""
        by_h = self._onto(self.by_sum, rows, self.slopes.by_sum)
        if not self.keeps and rows.shape[2] == 1:
            return by_h.unsqueeze(2)
        old = weighted(rows, self.slopes.by_state)
        old[:, :, 0] += by_h
        return old

    def pull_to_input(self, rows: Tensor) -> Tensor:
        """Rows (B, N, S, H) at the new state → at the input, (B, N, I)."""
        return self._onto(self.by_input, rows, self.slopes.by_input)

    @staticmethod
    def _onto(product: Product, rows: Tensor, slopes: Tensor) -> Tensor:
        batch, count = rows.shape[:2]
        if batch == 1 and count >= MANY_ROWS:
            return product.pull_many(rows, slopes)
        return product.pull(weighted(rows, slopes))

    def push(self, columns: Tensor, below: Tensor | None) -> Tensor:
        """Columns (B, N, S, H) at the old state and (B, N, I) at the input → at the new state."""
        chunks = self.slopes.by_sum.shape[2]
        through = self.by_sum.push(columns[:, :, 0], chunks).unsqueeze(2) * self.slopes.by_sum.unsqueeze(1)
        new = through.sum(3) + (columns.unsqueeze(2) * self.slopes.by_state.unsqueeze(1)).sum(3)
        if below is None:
            return new
        through = self.by_input.push(below, chunks).unsqueeze(2) * self.slopes.by_input.unsqueeze(1)
        return new + through.sum(3)


LayerSteps = list[LayerStep]
"""The derivative of one step of the stack, from the bottom layer."""


def pull_back(step: LayerSteps, rows: Stack) -> Stack:
    """Rows times J_t, for rows (B, N, S, H) of each layer."""
    return [layer.pull(layer_rows) for layer, layer_rows in zip(step, passed_down(step, rows), strict=True)]


def passed_down(step: LayerSteps, rows: Stack) -> Stack:
    """The rows with what each layer's input at this same step passes on to the h of the layer below.

    They are then the whole derivative by each h, where the rows alone hold the upper layers' states fixed.
    """
    passed = list(rows)
    for layer in reversed(range(1, len(rows))):
        below, lower = step[layer].pull_to_input(passed[layer]), passed[layer - 1]
        passed[layer - 1] = torch.cat([lower[:, :, :1] + below.unsqueeze(2), lower[:, :, 1:]], dim=2)
    return passed


def push_forward(step: LayerSteps, columns: Stack) -> Stack:
    """J_t · column for columns (B, N, S, H) of each layer."""
    after: Stack = []
    below: Tensor | None = None
    for layer, layer_columns in zip(step, columns, strict=True):
        after.append(layer.push(layer_columns, below))
        below = after[-1][:, :, 0]
    return after


@dataclass(frozen=True)
class System:
    """Layers of one cell in one direction, in float64, without gradients of torch's own.

    Args:
        cell: The step and its settings.
        layers: Each layer's four weights, from the bottom.
    """

    cell: Cell
    layers: tuple[Weights, ...]

    @property
    def hidden_size(self) -> int:
        """H."""
        return self.layers[0][1].shape[1]

    @property
    def parts(self) -> int:
        """S, the state tensors of a layer."""
        return len(self.cell.state_names)

    @property
    def state_size(self) -> int:
        """L·S·H, the width of the whole state."""
        return len(self.layers) * self.parts * self.hidden_size

    def first_state(self, batch_size: int) -> Stack:
        """Zeros, (B, S, H) a layer."""
        like = self.layers[0][1]
        return [like.new_zeros(batch_size, self.parts, self.hidden_size) for _ in self.layers]

    def identity(self) -> Stack:
        """The identity's rows (or columns), (1, L·S·H, S, H) a layer."""
        like = self.layers[0][1]
        eye = torch.eye(self.state_size, dtype=like.dtype, device=like.device)
        return self.split(eye.unsqueeze(0))

    def split(self, wide: Tensor) -> Stack:
        """(B, N, L·S·H) side by side → (B, N, S, H) a layer."""
        return [in_chunks(part, self.parts) for part in wide.chunk(len(self.layers), dim=-1)]

    def run(self, inputs: Tensor, first: Stack, real: Tensor | None = None) -> Stack:
        """Every state of a stretch.

        Args:
            inputs: (B, n, I).
            first: The state before the stretch, (B, S, H) a layer.
            real: (B, n); a row's state is held where it is False. None means that all steps are real.

        Returns:
            (n + 1, B, S, H) a layer: the first state, then the one after each step.
        """
        states: Stack = []
        for weights, start in zip(self.layers, first, strict=True):
            states.append(self._run_layer(inputs, weights, start, real))
            inputs = states[-1][1:, :, 0].transpose(0, 1)
        return states

    @property
    def fused_mode(self) -> FusedMode | None:
        """The kernel of torch for the way forward, where its outputs are the whole state."""
        return self.cell.fused if self.parts == 1 else None

    def _run_layer(self, inputs: Tensor, weights: Weights, start: Tensor, real: Tensor | None) -> Tensor:
        if self.fused_mode is not None and real is None:
            outputs, _ = fused(self.fused_mode, inputs, start.unbind(1), weights)
            return torch.cat([start.unsqueeze(0), outputs.transpose(0, 1).unsqueeze(2)])
        projected = self.project(inputs, weights)
        state = start.unbind(1)
        states = [state]
        for t, x in enumerate(projected.unbind(1)):
            following = self.cell.step(x, state, *self.recurrent_part(state[0], weights))
            if real is not None:
                is_real = real[:, t, None]
                pairs = zip(following, state, strict=True)
                following = tuple(torch.where(is_real, new, old) for new, old in pairs)
            state = following
            states.append(state)
        return torch.stack([torch.stack(parts) for parts in zip(*states, strict=True)], dim=2)

    def linearise(self, inputs: Tensor, states: Stack) -> list[LayerSteps]:
        """The derivative of each step of a stretch that `run` went through, in order."""
        layers = []
        for weights, layer_states in zip(self.layers, states, strict=True):
            layers.append(self._linearise_layer(inputs, weights, layer_states))
            inputs = layer_states[1:, :, 0].transpose(0, 1)
        return [list(step) for step in zip(*layers, strict=True)]

    def _linearise_layer(self, inputs: Tensor, weights: Weights, states: Tensor) -> list[LayerStep]:
        x, state = self.flat(inputs, weights, states)
        slopes = self.cell.slopes(x, state, *self.recurrent_part(state[0], weights))
        steps, batch = states.shape[0] - 1, states.shape[1]
        over_time = [part.view(steps, batch, *part.shape[1:]).unbind(0) for part in slopes]
        by_input, by_sum, keeps = Product(weights[0]), Product(weights[1]), bool(slopes.by_state.any())
        return [
            LayerStep(StepDerivative(*parts), by_input, by_sum, keeps)
            for parts in zip(*over_time, strict=True)
        ]

    def flat(self, inputs: Tensor, weights: Weights, states: Tensor) -> tuple[Tensor, State]:
        """Projected inputs (n·B, G·H) and old states (n·B, H), the steps of a stretch as rows, time first."""
        x = self.project(inputs, weights).transpose(0, 1).flatten(0, 1)
        return x, states[:-1].flatten(0, 1).unbind(1)

    def project(self, inputs: Tensor, weights: Weights) -> Tensor:
        """The inputs' part of every step, (B, n, G·H)."""
        return linear(inputs, weights[0], weights[2])

    def recurrent_part(self, h: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        """The weights and bias that a cell's step takes besides its input and state."""
        return weights[1], weights[3]


@dataclass(frozen=True)
class NormalisedSystem(System):
    """The same with both products layer-normalised, chunk by chunk: LN(W_ih x) + b_ih + LN(W_hh h) + b_hh.

    Source: Ba et al., 'Layer normalization', 2016, equations 20 to 22; gains 1, and c is left as it is.
    """

    @property
    def fused_mode(self) -> FusedMode | None:
        """No kernel normalises."""
        return None

    def project(self, inputs: Tensor, weights: Weights) -> Tensor:
        """The inputs' part of every step, normalised, (B, n, G·H)."""
        return self._normalised(linear(inputs, weights[0]))[0].flatten(-2) + weights[2]

    def recurrent_part(self, h: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
        """No weights, and each row's own normalised sum as its bias: the cell's equations stay its own."""
        normalised = self._normalised(linear(h, weights[1]))[0].flatten(-2) + weights[3]
        return torch.zeros_like(weights[1]), normalised

    def _linearise_layer(self, inputs: Tensor, weights: Weights, states: Tensor) -> list[LayerStep]:
        plain = super()._linearise_layer(inputs, weights, states)
        from_inputs = self._normalised(linear(inputs, weights[0]).transpose(0, 1))
        from_states = self._normalised(linear(states[:-1, :, 0], weights[1]))
        return [
            LayerStep(
                step.slopes,
                NormalisedProduct(weights[0], *(part[t] for part in from_inputs)),
                NormalisedProduct(weights[1], *(part[t] for part in from_states)),
            )
            for t, step in enumerate(plain)
        ]

    def _normalised(self, sums: Tensor) -> tuple[Tensor, Tensor]:
        """(…, G·H) → chunks (…, G, H) at mean 0 and variance 1, and (…, G, 1) one over their spread."""
        chunks = in_chunks(sums, self.cell.chunks)
        centred = chunks - chunks.mean(-1, keepdim=True)
        scale = (centred.square().mean(-1, keepdim=True) + EPSILON).rsqrt()
        return centred * scale, scale


def system_of(recurrent: Recurrent, suffixes: Sequence[str], *, normalised: bool = False) -> System:
    """The float64 twin of some layers of a model, detached from it.

    Args:
        recurrent: The model's recurrent layers.
        suffixes: Which of its layers and directions, from the bottom: ('_l0', '_l1').
        normalised: Whether layer normalisation is put into each layer.
    """
    layers = []
    for suffix in suffixes:
        w_ih, w_hh, b_ih, b_hh = (weight.detach().double() for weight in recurrent.weights(suffix))
        layers.append((w_ih, w_hh, b_ih, b_hh))
    kind = NormalisedSystem if normalised else System
    return kind(recurrent.cell, tuple(layers))
