"""The encoder: the source read once, and the context vector that the decoder starts from."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn

from seqcli.models.dropout import LockedDropout
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.recurrent import Recurrent
from seqcli.models.shuffle import StepShuffle
from seqcli.ops.padding import moved
from seqcli.ops.recurrence import State


class Encoded(NamedTuple):
    """A batch of sources after the encoder."""

    outputs: Tensor
    """(B, T, C) the last layer's outputs, zero beyond each length."""
    state: State
    """(L, B, H) each: the states after the whole source, at the decoder's width."""


class Encoder(nn.Module):
    """Embedded sources to outputs and last states.

    Args:
        embedding: One vector (E) for each source id.
        recurrent: The layers that read them.
        dropout: Probability of zeroing a feature of the embedded tokens.
    """

    def __init__(self, embedding: nn.Embedding, recurrent: Recurrent, *, dropout: float) -> None:
        super().__init__()
        self.embedding = embedding
        self.dropout = LockedDropout(dropout)
        self.recurrent = recurrent
        # The order in which each source's words are read, of a control whose steps are permuted.
        self.shuffle: StepShuffle | None = None
        self.bridge = Bridge(recurrent) if recurrent.bidirectional else None

    def initialise(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill the weights but the embedding's."""
        initialise(self.recurrent, how, generator=generator)
        if self.bridge is not None:
            self.bridge.initialise(generator=generator)

    def forward(self, ids: Tensor, lengths: Tensor) -> Encoded:
        """Read sources.

        Args:
            ids: (B, T) source ids, right-padded; what the padding holds changes nothing.
            lengths: (B) real steps of each row, 1 to T.
        """
        read = ids if self.shuffle is None else moved(ids, self.shuffle.places(ids, lengths))
        outputs, state = self.recurrent(self.dropout(self.embedding(read)), lengths)
        return Encoded(outputs, state if self.bridge is None else self.bridge(state))


class Bridge(nn.Module):
    """Brings the last states of both directions to the decoder's width: tanh(W [forwards; backwards] + b).

    Each layer and state tensor has its own W and b.

    Args:
        recurrent: The encoder's layers, in both directions.
    """

    def __init__(self, recurrent: Recurrent) -> None:
        super().__init__()
        self.layers, size = recurrent.num_layers, recurrent.hidden_size
        parts = len(recurrent.cell.state_names) * self.layers
        self.weight = nn.Parameter(torch.zeros(parts, size, 2 * size))
        self.bias = nn.Parameter(torch.zeros(parts, size))

    def initialise(self, *, generator: Generator) -> None:
        """Glorot weights, zero biases."""
        for weight in self.weight:
            nn.init.xavier_uniform_(weight, generator=generator)
        nn.init.zeros_(self.bias)

    def forward(self, state: State) -> State:
        """(L, B, H) each, of (2 L, B, H) each."""
        joined = []
        for number, part in enumerate(state):
            pairs = torch.cat([part[0::2], part[1::2]], dim=-1)  # (L, B, 2 H)
            own = slice(number * self.layers, (number + 1) * self.layers)
            joined.append(torch.tanh(torch.baddbmm(self.bias[own].unsqueeze(1), pairs, self.weight[own].mT)))
        return tuple(joined)
