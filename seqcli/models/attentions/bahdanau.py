"""Additive attention: a query is compared with each output by a small network."""

import math

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear
from torch.utils.checkpoint import checkpoint

# Values of tanh held at once (256 MiB in float32); what lies beyond is computed in pieces, and again for
# the gradient, so that long sources and targets cost time, not memory.
AT_ONCE = 2**26


class Bahdanau(nn.Module):
    """The score vᵀ tanh(W q + U k).

    Bahdanau's own decoder looks back before its recurrence, so that no two steps can be computed together;
    here every attention looks back after it, and `input_feeding` brings what was found into the next step.

    Args:
        query_size: H; also the width of the comparison.
        memory_size: C.

    Source: Bahdanau et al., 'Neural machine translation by jointly learning to align and translate', 2015.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.weight_query = nn.Parameter(torch.zeros(query_size, query_size))
        self.weight_key = nn.Parameter(torch.zeros(query_size, memory_size))
        self.vector = nn.Parameter(torch.zeros(query_size))

    def initialise(self, *, generator: Generator) -> None:
        """Glorot; v uniform within ±√(3/H)."""
        nn.init.xavier_uniform_(self.weight_query, generator=generator)
        nn.init.xavier_uniform_(self.weight_key, generator=generator)
        bound = math.sqrt(3 / self.vector.shape[0])
        nn.init.uniform_(self.vector, -bound, bound, generator=generator)

    def keys(self, outputs: Tensor) -> Tensor:
        """U k, (B, T, H)."""
        return linear(outputs, self.weight_key)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(B, Q, T) of queries (B, Q, H)."""
        projected = linear(queries, self.weight_query)
        each = max(AT_ONCE // max(keys.numel(), 1), 1)
        if each >= projected.shape[1]:
            return self._compare(projected, keys)
        pieces = torch.split(projected, each, dim=1)
        return torch.cat([checkpoint(self._compare, piece, keys, use_reentrant=False) for piece in pieces], 1)

    def _compare(self, projected: Tensor, keys: Tensor) -> Tensor:
        return torch.tanh(projected.unsqueeze(2) + keys.unsqueeze(1)) @ self.vector


ATTENTION = Bahdanau
