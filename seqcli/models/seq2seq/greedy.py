"""Greedy search: the likeliest next word at every step, all sentences of a batch at once."""

from typing import Protocol

import torch
from torch import Tensor

from seqcli.data.tokenizer import BOS, EOS, PAD
from seqcli.models.attention import Memory
from seqcli.models.seq2seq.decoder import Decoder, DecoderState

NEVER_WRITTEN = (PAD, BOS)
"""Ids that no output holds."""

COMPACT_BELOW = 0.8
"""A batch of which less than this share is still open is cut down to what is."""


class Begun(Protocol):
    """Sources that have been read."""

    @property
    def memory(self) -> Memory:
        """What can be looked back at (B)."""

    @property
    def state(self) -> DecoderState:
        """Where the decoder starts (B)."""


class Writer(Protocol):
    """A network that can be asked for one word after the other."""

    @property
    def decoder(self) -> Decoder:
        """Takes the steps."""

    def logits(self, features: Tensor) -> Tensor:
        """(…, V) of features (…, E)."""


def output_limits(lengths: Tensor) -> Tensor:
    """The most words of an output, by its source's length alone: 3 T + 20 (B)."""
    return 3 * lengths + 20


def writable(logits: Tensor) -> Tensor:
    """The logits (…, V), those of ids that are never written at -inf."""
    logits[..., list(NEVER_WRITTEN)] = -torch.inf
    return logits


@torch.no_grad()
def greedy(network: Writer, begun: Begun, limits: Tensor) -> Tensor:
    """The likeliest word at each step, until the end or a row's limit.

    Rows do not depend on each other: a batch gives what its rows give alone, up to rounding. Rows that have
    ended are taken out once they are a fifth of the batch.

    Args:
        network: In evaluation mode.
        begun: The sources (B).
        limits: (B) the most words of each output, its end included.

    Returns:
        (B, U) ids with their end where it was reached, filled up with padding.
    """
    memory, state = begun.memory, begun.state
    device = memory.outputs.device
    limits = limits.to(device, copy=True)
    words = torch.full((len(limits), int(limits.max())), PAD, dtype=torch.int64, device=device)
    rows = torch.arange(len(limits), device=device)
    last = torch.full_like(rows, BOS)
    for t in range(words.shape[1]):
        decoded = network.decoder.step(last, state, memory)
        last = writable(network.logits(decoded.features[:, 0])).argmax(dim=-1)
        words[rows, t] = torch.where(limits[rows] > t, last, PAD)
        state = decoded.state
        is_open = (last != EOS) & (limits[rows] > t + 1)
        left = int(is_open.sum())
        if not left:
            return words[:, : t + 1]
        if left < COMPACT_BELOW * len(rows):
            kept = is_open.nonzero().squeeze(1)
            rows, last, state, memory = rows[kept], last[kept], state.select(kept), memory.select(kept)
        else:
            # An ended row that stays writes on into nothing.
            limits[rows[~is_open]] = t + 1
    return words
