"""Multiplicative attention: a query is compared with each output by a bilinear form."""

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear


class Luong(nn.Module):
    """The 'general' score qᵀ W k; one matrix product serves all queries.

    Args:
        query_size: H.
        memory_size: C.

    Source: Luong et al., 'Effective approaches to attention-based neural machine translation', 2015.
    """

    def __init__(self, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(query_size, memory_size))

    def initialise(self, *, generator: Generator) -> None:
        """Glorot."""
        nn.init.xavier_uniform_(self.weight, generator=generator)

    def keys(self, outputs: Tensor) -> Tensor:
        """W k, (B, T, H)."""
        return linear(outputs, self.weight)

    def scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(B, Q, T) of queries (B, Q, H)."""
        return torch.bmm(queries, keys.transpose(1, 2))


ATTENTION = Luong
