"""The decoder: from a context vector and the words so far to what the next word looks like.

Attention looks back after the recurrence. Without input feeding no step needs what attention found for the
step before, so that known words (training, alignment) run as one fused recurrence and one attention over all
steps; `step` is the same decoder one word at a time, for input feeding and for search.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear

from seqcli.models.attention import Attention, EncoderMemory
from seqcli.models.dropout import LockedDropout
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import DecoderConfig
from seqcli.models.seq2seq.encoder import Encoded
from seqcli.ops.padding import mask
from seqcli.ops.recurrence import State


class DecoderState(NamedTuple):
    """The state between two steps; R rows are hypotheses, B or a multiple of B."""

    recurrent: State
    """(L, R, H) each."""
    context: Tensor | None
    """(R, H) the context vector, where every step reads it."""
    attended: Tensor | None
    """(R, E) what the last step made of its attention, where it is fed."""

    def select(self, rows: Tensor) -> "DecoderState":
        """The state of some of the hypotheses, in this order."""
        rest = (None if part is None else part.index_select(0, rows) for part in self[1:])
        return DecoderState(tuple(part.index_select(1, rows) for part in self.recurrent), *rest)


class Decoded(NamedTuple):
    """The outputs of some steps."""

    features: Tensor
    """(R, U, E) what each step's word looks like: compared with every word's vector it gives the logits."""
    weights: Tensor | None
    """(R, U, T) how attention weighed the source; None without attention."""
    state: DecoderState
    """The state after the last step."""


class Decoder(nn.Module):
    """Embedded words to features, the attention between them.

    Args:
        embedding: One vector (E) for each target id.
        recurrent: The layers, one direction; their inputs hold what is fed beside the words.
        attention: How it looks back; None: not at all.
        config: The dropout of words and features, and what each step reads beside its word.
        memory_size: C, the width of the encoder's outputs.
    """

    def __init__(
        self,
        embedding: nn.Embedding,
        recurrent: Recurrent,
        attention: Attention | None,
        config: DecoderConfig,
        *,
        memory_size: int,
    ) -> None:
        super().__init__()
        self.embedding = embedding
        self.recurrent = recurrent
        self.attention = attention
        self.input_feeding = config.input_feeding
        self.feed_context = config.feed_context
        self.dropout = LockedDropout(config.dropout)
        readout_size = recurrent.hidden_size + (0 if attention is None else memory_size)
        self.weight_readout = nn.Parameter(torch.zeros(embedding.embedding_dim, readout_size))
        self.bias_readout = nn.Parameter(torch.zeros(embedding.embedding_dim))

    def initialise(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill the weights but the embedding's."""
        initialise(self.recurrent, how, generator=generator)
        if self.attention is not None:
            self.attention.initialise(generator=generator)
        nn.init.xavier_uniform_(self.weight_readout, generator=generator)
        nn.init.zeros_(self.bias_readout)

    def memory(self, encoded: Encoded, lengths: Tensor) -> EncoderMemory:
        """The encoder's outputs."""
        outputs = encoded.outputs
        keys = outputs[:, :, :0] if self.attention is None else self.attention.keys(outputs)
        return EncoderMemory(outputs, keys, ~mask(lengths.to(outputs.device), outputs.shape[1]))

    def start(self, encoded: Encoded) -> DecoderState:
        """The state before the first word: the encoder's last."""
        context = encoded.state[0][-1]  # (B, H)
        zeros = context.new_zeros(context.shape[0], self.embedding.embedding_dim)
        return DecoderState(
            encoded.state,
            context if self.feed_context else None,
            zeros if self.input_feeding else None,
        )

    def run(self, words: Tensor, state: DecoderState, memory: EncoderMemory) -> Decoded:
        """All steps of known words (R, U), as one recurrence where that is possible."""
        embedded = self.dropout(self.embedding(words))  # (R, U, E)
        if not self.input_feeding:
            return self._advance(embedded, state, memory)
        steps = []
        for vector in embedded.split(1, dim=1):
            steps.append(self._advance(vector, state, memory))
            state = steps[-1].state
        weights = [step.weights for step in steps if step.weights is not None]
        features = torch.cat([step.features for step in steps], dim=1)
        return Decoded(features, torch.cat(weights, dim=1), state)

    def step(self, words: Tensor, state: DecoderState, memory: EncoderMemory) -> Decoded:
        """One step on the words (R) that came last."""
        return self._advance(self.dropout(self.embedding(words.unsqueeze(1))), state, memory)

    def _advance(self, embedded: Tensor, state: DecoderState, memory: EncoderMemory) -> Decoded:
        """Steps that do not need each other's attention: (R, U, E) words to (R, U, E) features."""
        steps = embedded.shape[1]
        fed = [part.unsqueeze(1).expand(-1, steps, -1) for part in state[1:] if part is not None]
        outputs, last = self.recurrent(torch.cat([embedded, *fed], dim=-1), None, state.recurrent)
        readout_input, weights = self._look_back(outputs, memory)
        features = torch.tanh(linear(readout_input, self.weight_readout, self.bias_readout))
        attended = features[:, -1] if self.input_feeding else None
        return Decoded(self.dropout(features), weights, DecoderState(last, state.context, attended))

    def _look_back(self, outputs: Tensor, memory: EncoderMemory) -> tuple[Tensor, Tensor | None]:
        """The decoder's outputs (R, U, H) beside what they find: (R, U, H + C), and the weights (R, U, T)."""
        if self.attention is None:
            return outputs, None
        rows, steps, size = outputs.shape
        queries = outputs.reshape(memory.keys.shape[0], -1, size)  # all hypotheses of a sentence together
        scores = self.attention.scores(queries, memory.keys)
        weights = scores.masked_fill(memory.beyond.unsqueeze(1), -torch.inf).softmax(dim=-1)
        contexts = torch.bmm(weights, memory.outputs)
        return torch.cat([outputs, contexts.view(rows, steps, -1)], -1), weights.view(rows, steps, -1)
