"""The contract of an attention; each is one file in `attentions/`.

Shapes: B batch, T source time, Q queries a row (target steps or hypotheses), C width of the encoder's
outputs, H width of the decoder's state. Nothing here imports torch at run time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from seqcli.registry import Registry

if TYPE_CHECKING:
    from torch import Generator, Tensor


class EncoderMemory(NamedTuple):
    """The encoder's outputs for the decoder; rows are sentences, whatever number of hypotheses reads each."""

    outputs: Tensor
    """(B, T, C) the encoder's outputs, zero beyond each length."""
    keys: Tensor
    """(B, T, ·) the same as attention compares them with queries; computed once a sentence."""
    beyond: Tensor
    """(B, T) true on padding; for search, which looks at it at each step, (B, 0) where there is none."""

    def select(self, rows: Tensor) -> EncoderMemory:
        """The memory of some of the sentences, in this order."""
        return EncoderMemory(*(part.index_select(0, rows) for part in self))


class Attention(Protocol):
    """Weighs the encoder's outputs for each query."""

    def initialise(self, *, generator: Generator) -> None:
        """Fill the weights; the generator is the only source of randomness."""

    def keys(self, outputs: Tensor) -> Tensor:
        """(B, T, ·) of the encoder's outputs (B, T, C)."""

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """Return the scores of queries (B, Q, H) against keys (B, T, ·): (B, Q, T), any real numbers."""


class AttentionClass(Protocol):
    """The constructor of an attention."""

    def __call__(self, query_size: int, memory_size: int) -> Attention:
        """An attention of queries (H) over outputs (C), its weights zero."""


ATTENTIONS: Registry[AttentionClass] = Registry("attention", "seqcli.models.attentions", "ATTENTION")
