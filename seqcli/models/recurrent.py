"""A stack of recurrent layers in one or both directions: any cell, any lengths, torch.nn's weight names."""

from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from seqcli.models.cell import Cell
from seqcli.models.dropout import LockedDropout
from seqcli.ops.kernels import Kernel, flatten_weights, kernel_name
from seqcli.ops.padding import last_real, mask, reverse_by_length
from seqcli.ops.recurrence import FusedMode, State, Weights, fused, unroll

KINDS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
SHUT = 1e4
"""A gate's input beyond which σ is exactly 1 (or, negated, 0) in every float type; float16 can hold it."""

Run = Callable[[Tensor, Tensor | None, State, Weights], tuple[Tensor, State]]
"""Runs one layer and direction: inputs (B, T, I), lengths, state, weights → outputs (B, T, H), state."""


class Recurrent(nn.Module):
    """Layers of one cell over right-padded batches, equal to torch.nn's on packed sequences.

    >>> from seqcli.models.cells.gru import GRU
    >>> layers = Recurrent(GRU(), input_size=3, hidden_size=5, bidirectional=True)
    >>> outputs, (h,) = layers(torch.zeros(2, 7, 3), torch.tensor([7, 4]))
    >>> outputs.shape, h.shape
    (torch.Size([2, 7, 10]), torch.Size([2, 2, 5]))

    Parameters are named and laid out as torch.nn.RNN, LSTM and GRU name theirs, so `state_dict` goes both
    ways. They are zero until `initialise` fills them. Each layer and direction is one call of a fused
    one-layer kernel on the padded batch (packing would turn off oneDNN); `path = "step"` runs the cell's own
    step instead. Dropout is a module between layers, so that it can be replayed from torch's generator.

    Args:
        cell: The step and its settings.
        input_size: I.
        hidden_size: H.
        num_layers: L; each further layer reads the one below.
        bidirectional: Whether each layer also reads backwards (D = 2).
        dropout: Probability of zeroing a feature between layers.
    """

    path: Literal["fused", "step"] = "fused"
    """How the recurrence runs; cells without a fused layer always step."""

    refused: tuple[Kernel, float] | None = None
    """The kernel that is not used, for it does not compute the cell's equations here, and its error."""

    def __init__(
        self,
        cell: Cell,
        input_size: int,
        hidden_size: int,
        *,
        num_layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.cell = cell
        self.input_size = input_size
        self.hidden_size = hidden_size
        self.num_layers = num_layers
        self.bidirectional = bidirectional
        self.dropout = LockedDropout(dropout)
        for layer in range(num_layers):
            width = input_size if layer == 0 else self.output_size
            for suffix in self.suffixes(layer):
                self._add_weights(suffix, width)

    @property
    def directions(self) -> int:
        """D, 1 or 2."""
        return 2 if self.bidirectional else 1

    @property
    def fused_mode(self) -> FusedMode | None:
        """The fused layer when it is used, None when the cell steps."""
        return self.cell.fused if self.path == "fused" else None

    @property
    def kernel(self) -> Kernel:
        """The kernel of this recurrence where its weights now are."""
        return self.kernel_of("step" if self.fused_mode is None else self.path)

    def kernel_of(self, path: Literal["fused", "step"]) -> Kernel:
        """The kernel that this recurrence has on such a path, where its weights now are."""
        weight = self.get_parameter("weight_hh_l0")
        return kernel_name(self.cell.name, device=weight.device, dtype=weight.dtype, path=path)

    @property
    def output_size(self) -> int:
        """D·H, the width of the outputs."""
        return self.directions * self.hidden_size

    def suffixes(self, layer: int) -> tuple[str, ...]:
        """Return torch's suffixes to the names of one layer's weights, forward direction first."""
        return (f"_l{layer}", f"_l{layer}_reverse")[: self.directions]

    def weights(self, suffix: str) -> Weights:
        """The four weights of one layer and direction."""
        w_ih, w_hh, b_ih, b_hh = (self.get_parameter(kind + suffix) for kind in KINDS)
        return w_ih, w_hh, b_ih, b_hh

    def forward(
        self, inputs: Tensor, lengths: Tensor | None = None, initial_state: State | None = None
    ) -> tuple[Tensor, State]:
        """Outputs and final states.

        Args:
            inputs: (B, T, I), right-padded; what the padding holds changes nothing.
            lengths: (B) real steps of each row, 1 to T; None means that all T are real.
            initial_state: State tensors (L·D, B, H), layer by layer, forward first; default zeros.

        Returns:
            (B, T, D·H), zero beyond each length, and the states after each row's last real step (for the
            reverse direction: after its first), (L·D, B, H) each.

        Raises:
            ValueError: Inputs or lengths of another shape, or a length outside 1 to T.
        """
        outputs, state = self._layers(self._run_held, inputs, lengths, initial_state)
        if lengths is not None:
            outputs = outputs.masked_fill(~mask(lengths, outputs.shape[1]).unsqueeze(-1), 0)
        return outputs, state

    def outputs(
        self, inputs: Tensor, lengths: Tensor | None = None, initial_state: State | None = None
    ) -> Tensor:
        """The outputs alone, cheaper: (B, T, D·H) whose values beyond each length mean nothing.

        A classifier needs no more than this. On padded rows the final c of an LSTM costs extra, see
        `_run_held`; arguments and errors as for `forward`.
        """
        return self._layers(self._run, inputs, lengths, initial_state)[0]

    def _layers(
        self, run: Run, inputs: Tensor, lengths: Tensor | None, initial_state: State | None
    ) -> tuple[Tensor, State]:
        _check_shapes(inputs, lengths, self.input_size)
        states: list[State] = []
        for layer in range(self.num_layers):
            below = inputs if layer == 0 else self.dropout(inputs)
            sides = []
            for backwards, suffix in enumerate(self.suffixes(layer)):
                first = self._first_state(initial_state, len(states), below)
                side = reverse_by_length(below, lengths) if backwards else below
                outputs, last = run(side, lengths, first, self.weights(suffix))
                sides.append(reverse_by_length(outputs, lengths) if backwards else outputs)
                states.append(last)
            inputs = sides[0] if len(sides) == 1 else torch.cat(sides, dim=-1)
        return inputs, tuple(torch.stack(parts) for parts in zip(*states, strict=True))

    def _first_state(self, initial_state: State | None, index: int, inputs: Tensor) -> State:
        if initial_state is None:
            return self.cell.initial_state(inputs.shape[0], self.hidden_size, like=inputs)
        return tuple(part[index] for part in initial_state)

    def _run(
        self, inputs: Tensor, lengths: Tensor | None, state: State, weights: Weights
    ) -> tuple[Tensor, State]:
        """One layer and direction; fused on padded rows, only h of the final state is the last real one."""
        mode = self.fused_mode
        if mode is None:
            w_ih, w_hh, b_ih, b_hh = weights
            projected = linear(inputs, w_ih, b_ih)  # (B, T, G·H)
            return unroll(lambda x, s: self.cell.step(x, s, w_hh, b_hh), projected, state, lengths)
        outputs, (h, *others) = fused(mode, inputs, state, weights)
        return outputs, (h if lengths is None else last_real(outputs, lengths), *others)

    def _run_held(
        self, inputs: Tensor, lengths: Tensor | None, state: State, weights: Weights
    ) -> tuple[Tensor, State]:
        """One layer in one direction with the whole final state exact.

        A fused kernel tells only h at each step. Whatever else the state holds is carried unchanged over the
        padding to the kernel's end: one more input, 1 on padding, opens the gate that keeps and shuts the one
        that writes.
        """
        if lengths is not None and self.fused_mode is not None and len(self.cell.state_names) > 1:
            beyond = ~mask(lengths, inputs.shape[1]).unsqueeze(-1)  # (B, T, 1)
            inputs = torch.cat([inputs.masked_fill(beyond, 0), beyond.to(inputs)], dim=-1)  # (B, T, I + 1)
            w_ih, w_hh, b_ih, b_hh = weights
            weights = (torch.cat([w_ih, self._holding_column(w_ih)], dim=1), w_hh, b_ih, b_hh)
        return self._run(inputs, lengths, state, weights)

    def _holding_column(self, weight_ih: Tensor) -> Tensor:
        """(G·H, 1) what padding adds to each gate: the keeping one opens, the writing one shuts."""
        sizes = {self.cell.keeps: SHUT, self.cell.writes: -SHUT}
        column = [sizes.get(name, 0.0) for name in self.cell.chunk_names]
        return weight_ih.new_tensor(column).repeat_interleave(self.hidden_size).unsqueeze(1)

    def _add_weights(self, suffix: str, width: int) -> None:
        rows = self.cell.chunks * self.hidden_size
        for kind, shape in zip(
            KINDS, ((rows, width), (rows, self.hidden_size), (rows,), (rows,)), strict=True
        ):
            # Zeros draw nothing: the leg's own generator alone decides the first weights.
            self.register_parameter(kind + suffix, nn.Parameter(torch.zeros(shape)))

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> "Recurrent":  # noqa: FBT001, FBT002
        """Move or cast as any module, then lay the weights out for cuDNN again, as torch.nn does."""
        super()._apply(fn, recurse)  # type: ignore[no-untyped-call]
        if self.fused_mode is not None:
            for layer in range(self.num_layers):
                for suffix in self.suffixes(layer):
                    flatten_weights(self.fused_mode, self.weights(suffix))
        return self


def _check_shapes(inputs: Tensor, lengths: Tensor | None, input_size: int) -> None:
    if inputs.dim() != 3 or inputs.shape[2] != input_size:
        raise ValueError(f"inputs must be (B, T, {input_size}), got {tuple(inputs.shape)}")
    if lengths is None:
        return
    if lengths.shape != inputs.shape[:1]:
        raise ValueError(f"lengths must be ({inputs.shape[0]},), got {tuple(lengths.shape)}")
    # On a GPU the check would wait for the device at every call.
    if lengths.device.type == "cpu" and not 1 <= int(lengths.min()) <= int(lengths.max()) <= inputs.shape[1]:
        raise ValueError(f"lengths must lie in 1 to {inputs.shape[1]}, got {lengths.tolist()}")
