"""The recurrence over time: step by step in Python, or by torch's fused kernels.

Both take the whole sequence and a first state, and give every output and the last state.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import torch
from torch import Tensor
from torch.nn.functional import linear

from seqcli.ops.gru import gru_scan, scan_takes
from seqcli.ops.padding import mask

State = tuple[Tensor, ...]
"""What a cell carries from step to step, (B, H) each; the first is h."""

Weights = tuple[Tensor, Tensor, Tensor, Tensor]
"""weight_ih (G·H, I), weight_hh (G·H, H), bias_ih (G·H), bias_hh (G·H) of one layer and direction."""

FusedMode = Literal["LSTM", "GRU", "RNN_TANH", "RNN_RELU"]
"""torch's own names of the layers for which it has a fused kernel."""


def mapped(values: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """W v + b of one set of weights; or of S sets, each on values of its own, as one batch of products.

    Args:
        values: (…, I), or (S, B, I).
        weight: (O, I), or (S, O, I).
        bias: (O), or (S, O).
    """
    if weight.dim() == 2:
        return linear(values, weight, bias)
    return torch.baddbmm(bias.unsqueeze(1), values, weight.transpose(1, 2))


def unroll(
    step: Callable[[Tensor, State], State], projected: Tensor, state: State, lengths: Tensor | None = None
) -> tuple[Tensor, State]:
    """Apply a step to each time in turn; the readable twin of the fused kernels.

    A row whose real steps are over keeps its state, so the final state is the last real one.

    Args:
        step: (B, G·H), state → next state.
        projected: (B, T, G·H) the inputs' part of every step, computed once for the whole sequence.
        state: First state, (B, H) each.
        lengths: (B) number of real steps of each row; None means that all T are real.

    Returns:
        (B, T, H) the first state tensor h after every step (zero beyond a row's length), and the final state.
    """
    steps = projected.shape[1]
    real = None if lengths is None else mask(lengths, steps).unsqueeze(-1)  # (B, T, 1)
    outputs = []
    for t, x in enumerate(projected.unbind(1)):
        following = step(x, state)
        if real is not None:
            pairs = zip(following, state, strict=True)
            outputs.append(following[0].masked_fill(~real[:, t], 0))
            # where, not a product with the mask: what a step makes of padding may not be finite.
            following = tuple(torch.where(real[:, t], new, old) for new, old in pairs)
        else:
            outputs.append(following[0])
        state = following
    # Stacked at the end: writing into one tensor step by step would copy it at each step on the way back.
    return torch.stack(outputs, dim=1), state


def fused(mode: FusedMode, inputs: Tensor, state: State, weights: Weights) -> tuple[Tensor, State]:
    """One layer in one direction by a kernel: torch's own (cuDNN, oneDNN, ATen's loop), or seqcli's scan.

    The scan is for a GRU that is trained on a CPU.

    Args:
        mode: Which layer.
        inputs: (B, T, I); every step counts as real.
        state: First state, (B, H) each.
        weights: The layer's weights.

    Returns:
        (B, T, H) h after every step, and the state after step T.
    """
    # Without gradients torch's kernel is as fast, and faster where a batch is a single row.
    learns = torch.is_grad_enabled() and any(part.requires_grad for part in (inputs, *state, *weights))
    if mode == "GRU" and learns and scan_takes(inputs.device, inputs.dtype):
        outputs = gru_scan(inputs, state[0], weights)
        return outputs, (outputs[:, -1],)
    first = tuple(part.unsqueeze(0).contiguous() for part in state)
    outputs, last = fused_layers(mode, inputs, first, [weights])
    return outputs, tuple(part.squeeze(0) for part in last)


def fused_layers(
    mode: FusedMode, inputs: Tensor, state: State, weights: Sequence[Weights], *, bidirectional: bool = False
) -> tuple[Tensor, State]:
    """Several layers and directions in one call of torch's own kernel, without dropout between them.

    Args:
        mode: Which layers.
        inputs: (B, T, I); every step counts as real.
        state: First states, (L·D, B, H) each.
        weights: Those of each layer and direction, layer by layer, forward first.
        bidirectional: Whether each layer also reads backwards (D = 2).

    Returns:
        (B, T, D·H), and the last states, (L·D, B, H) each.
    """
    layers = len(weights) // (2 if bidirectional else 1)
    flat = [part for each in weights for part in each]
    # Biases, layers, no dropout between them (that is the model's), training, directions, batch first.
    flags = (True, layers, 0.0, torch.is_grad_enabled(), bidirectional, True)
    if mode == "LSTM":
        outputs, *last = torch.lstm(inputs, state, flat, *flags)
    else:
        layer = {"GRU": torch.gru, "RNN_TANH": torch.rnn_tanh, "RNN_RELU": torch.rnn_relu}[mode]
        outputs, *last = layer(inputs, state[0], flat, *flags)
    return outputs, tuple(last)


def fused_step(mode: FusedMode, inputs: Tensor, state: State, weights: Weights) -> State:
    """One step of one layer by torch's own cell: of few rows, faster than a step whose inputs are projected.

    Args:
        mode: Which layer.
        inputs: (B, I).
        state: (B, H) each.
        weights: The layer's weights.
    """
    if mode == "LSTM":
        return tuple(torch.lstm_cell(inputs, state, *weights))
    cell = {"GRU": torch.gru_cell, "RNN_TANH": torch.rnn_tanh_cell, "RNN_RELU": torch.rnn_relu_cell}[mode]
    return (cell(inputs, state[0], *weights),)
