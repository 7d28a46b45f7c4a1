"""Greedy search: the likeliest next word at every step, all sentences of a batch at once."""

import torch
from torch import Tensor

from seqcli.data.tokenizer import BOS, EOS, PAD
from seqcli.models.seq2seq.stepper import DecoderStart, DecoderStepper

COMPACT_BELOW = 0.9
"""A batch of which less than this share is still open is cut down to what is."""


def output_limits(lengths: Tensor) -> Tensor:
    """The most words of an output, by its source's length alone: 3 T + 20 (B)."""
    return 3 * lengths + 20


@torch.no_grad()
def greedy(stepper: DecoderStepper, start: DecoderStart, limits: Tensor) -> Tensor:
    """The likeliest word at each step, until the end or a row's limit.

    Rows do not depend on each other: a batch gives what its rows give alone, up to rounding. Rows that have
    ended are taken out once they are a tenth of the batch.

    Args:
        stepper: Takes the steps.
        start: The sources (B).
        limits: (B) the most words of each output, its end included.

    Returns:
        (B, U) ids with their end where it was reached, filled up with padding.
    """
    if len(limits) == 1:
        return _of_one(stepper, start, int(limits))
    memory, state = start
    device = memory.outputs.device
    # A copy, since the limits of rows that have ended are lowered below.
    limits = limits.to(device, copy=True)
    words = torch.full((len(limits), int(limits.max())), PAD, dtype=torch.int64, device=device)
    rows = torch.arange(len(limits), device=device)
    last = torch.full_like(rows, BOS)
    for t in range(words.shape[1]):
        features, state = stepper.step(last, state, memory)
        last = stepper.output_layer.likeliest(features)
        words[rows, t] = torch.where(limits[rows] > t, last, PAD)
        is_open = (last != EOS) & (limits[rows] > t + 1)
        left = int(is_open.sum())
        if not left:
            return words[:, : t + 1]
        if left < COMPACT_BELOW * len(rows):
            open_rows = is_open.nonzero().squeeze(1)
            rows, last, state, memory = (
                rows[open_rows],
                last[open_rows],
                state.select(open_rows),
                memory.select(open_rows),
            )
        else:
            # An ended row that stays writes on into nothing.
            limits[rows[~is_open]] = t + 1
    return words


def _of_one(stepper: DecoderStepper, start: DecoderStart, limit: int) -> Tensor:
    """The same for one row: nothing to sort out between two steps."""
    memory, state = start
    last = torch.full((1,), BOS, dtype=torch.int64, device=memory.outputs.device)
    words: list[int] = []
    while len(words) < limit and EOS not in words[-1:]:
        features, state = stepper.step(last, state, memory)
        last = stepper.output_layer.likeliest(features)
        words.append(int(last))
    return torch.tensor([words], device=last.device)
