"""Encoder and decoder as search runs them: the same sums, in an order that suits one word at a time.

What a word adds to the recurrence's input is looked up in a table, what the readout makes of the encoder's
outputs is worked out once a sentence instead of once a step, and padding is never read. Few rows, such as one
sentence, take few calls instead: torch's own cells and layers. Its readable twins: `Encoder.forward` and
`Decoder.step`.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import linear

from seqcli.models.attention import EncoderMemory
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.decoder import Decoder, DecoderState
from seqcli.models.seq2seq.encoder import Encoded, Encoder
from seqcli.models.seq2seq.output_layer import OutputLayer
from seqcli.ops.recurrence import FusedMode, State, Weights, fused_layers, fused_step

TABLES_AT_MOST = 2**26
"""Numbers in all tables together (256 MiB in float32)."""

FEW_ROWS = 8
"""Rows up to which the number of calls costs more than the sums: measured, GRU of 256, on one core."""


class DecoderStart(NamedTuple):
    """Sources that have been read: what the decoder may look at, and where it starts."""

    memory: EncoderMemory
    state: DecoderState


class Projection:
    """The share of each word in a recurrence's input: W e(word) + b.

    Args:
        embedding: (V, E).
        weight: W, (G·H, E).
        bias: b, (G·H).
        table: Whether it is worked out for all words now, or for those that come when they come.
    """

    def __init__(self, embedding: Tensor, weight: Tensor, bias: Tensor, *, table: bool) -> None:
        self._parts = (embedding, weight, bias)
        self._table = linear(embedding, weight, bias) if table else None

    def __call__(self, words: Tensor) -> Tensor:
        """(R, G·H) of words (R)."""
        if self._table is not None:
            return self._table.index_select(0, words)
        embedding, weight, bias = self._parts
        return linear(embedding.index_select(0, words), weight, bias)


class DecoderStepper:
    """A decoder in evaluation mode, its weights as they are now, ready to write word after word.

    Args:
        decoder: Writes.
        output_layer: Tells the likeliest words.
        tables: Whether what words add is worked out for all words at once.
    """

    @torch.no_grad()
    def __init__(self, decoder: Decoder, output_layer: OutputLayer, *, tables: bool = False) -> None:
        self.output_layer = output_layer
        self._decoder = decoder
        writer, target = decoder.recurrent, decoder.embedding.weight.detach()
        self._cell, self._layers, self._mode = writer.cell, _weights(writer), writer.fused_mode
        weight_ih, _, bias_ih, _ = self._layers[0]
        sizes = [target.shape[1], *_fed(decoder)]
        words, context, attended = torch.split(weight_ih, sizes, dim=1)
        self._weight_context, self._weight_attended = context, attended
        self._target = target
        self._written_words = Projection(target, words, bias_ih, table=tables)
        self._attention = decoder.attention
        self._bias_readout = decoder.bias_readout.detach()
        self._weight_h = decoder.weight_readout[:, : writer.hidden_size]
        self._weight_seen = decoder.weight_readout[:, writer.hidden_size :]

    @torch.no_grad()
    def ready(self, start: DecoderStart) -> DecoderStart:
        """Return the result of a network's `begin`, as `step` takes it."""
        memory, state = start
        if self._decoder.attention is None:
            # Nothing looks back, but a beam still selects and repeats the memory: empty rows cost nothing.
            memory = memory._replace(outputs=memory.outputs[:, :, :0])
        else:
            # Attention's weighted sum and the readout's product are linear: their order may be turned, and T
            # products a sentence replace one a step and hypothesis.
            memory = memory._replace(outputs=linear(memory.outputs, self._weight_seen))  # (B, T, E)
        if state.context is not None:
            state = state._replace(context=linear(state.context, self._weight_context))  # (B, G·H)
        return DecoderStart(memory, state)

    def step(self, words: Tensor, state: DecoderState, memory: EncoderMemory) -> tuple[Tensor, DecoderState]:
        """One step on the words (R) that came last: the features (R, E) of each next one, and the state."""
        if words.shape[0] <= FEW_ROWS and self._mode is not None and state.context is None:
            states = self._few(words, state)
        else:
            states = self._many(words, state)
        features = self._features(states[-1][0], memory)
        if len(states) == 1:
            last = tuple(part.unsqueeze(0) for part in states[0])
        else:
            last = tuple(torch.stack(parts) for parts in zip(*states, strict=True))
        attended = None if state.attended is None else features
        return features, DecoderState(last, state.context, attended)

    def _few(self, words: Tensor, state: DecoderState) -> list[State]:
        """The state of each layer after the step, (R, H) each, by torch's own cell."""
        if self._mode is None:
            raise ValueError("this cell has no layer of torch's own")
        h = self._target.index_select(0, words)
        if state.attended is not None:
            h = torch.cat([h, state.attended], dim=1)
        states = []
        for layer, weights in enumerate(self._layers):
            before = tuple(part[layer] for part in state.recurrent)
            states.append(fused_step(self._mode, h, before, weights))
            h = states[-1][0]
        return states

    def _many(self, words: Tensor, state: DecoderState) -> list[State]:
        """The state of each layer after the step, (R, H) each, from what the words add."""
        x = self._written_words(words)
        if state.context is not None:
            x = x + state.context
        if state.attended is not None:
            x = torch.addmm(x, state.attended, self._weight_attended.t())
        states: list[State] = []
        for layer, (weight_ih, weight_hh, bias_ih, bias_hh) in enumerate(self._layers):
            x = linear(states[-1][0], weight_ih, bias_ih) if layer else x
            before = tuple(part[layer] for part in state.recurrent)
            states.append(self._cell.step(x, before, weight_hh, bias_hh))
        return states

    def _features(self, h: Tensor, memory: EncoderMemory) -> Tensor:
        """(R, E) of the decoder's outputs (R, H) and what attention finds for them."""
        features = linear(h, self._weight_h, self._bias_readout)
        if self._attention is None:
            return features.tanh_()
        sentences = memory.keys.shape[0]
        queries = h.view(sentences, -1, h.shape[1])  # all hypotheses of a sentence together
        scores = self._attention.scores(queries, memory.keys)  # (B, R / B, T)
        if memory.beyond.shape[1]:
            scores.masked_fill_(memory.beyond.unsqueeze(1), -torch.inf)
        weights = scores.softmax(dim=-1)
        features.view(sentences, queries.shape[1], -1).baddbmm_(weights, memory.outputs)
        return features.tanh_()


class Stepper(DecoderStepper):
    """A network in evaluation mode that reads sources and writes what comes of them.

    Args:
        encoder: Reads the sources.
        decoder: Writes.
        output_layer: Tells the likeliest words.
        tables: Whether what words add is worked out for all words at once, which pays for more words than the
            vocabulary has.
    """

    @torch.no_grad()
    def __init__(
        self, encoder: Encoder, decoder: Decoder, output_layer: OutputLayer, *, tables: bool = False
    ) -> None:
        self._encoder = encoder
        reader, source = encoder.recurrent, encoder.embedding.weight.detach()
        numbers = _numbers(source, reader) + _numbers(decoder.embedding.weight, decoder.recurrent)
        tables = tables and numbers <= TABLES_AT_MOST
        super().__init__(decoder, output_layer, tables=tables)
        self._read_words = [
            Projection(source, weight_ih, bias_ih, table=tables)
            for weight_ih, _, bias_ih, _ in map(reader.weights, reader.suffixes(0))
        ]
        self._source, self._reading, self._read_mode = source, _weights(reader), reader.fused_mode

    @torch.no_grad()
    def begin(self, inputs: Tensor, lengths: Tensor) -> DecoderStart:
        """Read sources (B, T) of these lengths (B).

        Raises:
            ValueError: A source is longer than the one before.
        """
        known = lengths.tolist()
        # So that the rows with a step left are always the first ones, and a slice picks them.
        if known != sorted(known, reverse=True):
            raise ValueError(f"sources must come longest first, got lengths {known}")
        encoded = self._read(inputs, lengths)
        memory = self._decoder.memory(encoded, lengths)
        if known[-1] == inputs.shape[1]:
            # All of one length: a mask of no columns tells that none is needed.
            memory = memory._replace(beyond=memory.beyond[:, :0])
        return self.ready(DecoderStart(memory, self._decoder.start(encoded)))

    def _read(self, inputs: Tensor, lengths: Tensor) -> Encoded:
        """Return the encoder's outputs for sources; of many on a CPU without work on padding."""
        if inputs.device.type != "cpu":
            encoded: Encoded = self._encoder(inputs, lengths)
            return encoded
        if (
            inputs.shape[0] <= FEW_ROWS
            and int(lengths[-1]) == inputs.shape[1]
            and self._read_mode is not None
        ):
            return self._read_alike(self._read_mode, inputs)
        reader = self._encoder.recurrent
        by_step = inputs.t().contiguous()  # (T, B)
        counts = (lengths.unsqueeze(0) > torch.arange(len(by_step)).unsqueeze(1)).sum(dim=1)  # (T)
        steps = list(enumerate(counts.tolist()))
        outputs, states = inputs, []
        for layer in range(reader.num_layers):
            below = outputs
            outputs = reader.weights("_l0")[1].new_zeros(*inputs.shape, reader.output_size)
            for side, suffix in enumerate(reader.suffixes(layer)):
                weights = reader.weights(suffix)
                read = _words(self._read_words[side], by_step) if layer == 0 else _outputs(below, weights)
                part = slice(side * reader.hidden_size, (side + 1) * reader.hidden_size)
                order = steps[::-1] if side else steps
                states.append(reader.cell.initial_state(len(inputs), reader.hidden_size, like=outputs))
                _one_way(_step(reader, weights), read, order, outputs=outputs[:, :, part], state=states[-1])
        state = tuple(torch.stack(parts) for parts in zip(*states, strict=True))
        bridge = self._encoder.bridge
        return Encoded(outputs, state if bridge is None else bridge(state))

    def _read_alike(self, mode: FusedMode, inputs: Tensor) -> Encoded:
        """Return the encoder's outputs for sources of one length, by one call of torch's own layers."""
        reader = self._encoder.recurrent
        first = reader.cell.initial_state(inputs.shape[0], reader.hidden_size, like=self._source)
        sides = len(self._reading)
        first = tuple(part.expand(sides, -1, -1).contiguous() for part in first)
        embedded = self._source[inputs]  # (B, T, E)
        outputs, state = fused_layers(
            mode, embedded, first, self._reading, bidirectional=reader.bidirectional
        )
        bridge = self._encoder.bridge
        return Encoded(outputs, state if bridge is None else bridge(state))


Read = Callable[[int, int], Tensor]
"""From a time and a number of rows to their projected inputs (R, G·H)."""

StepFunction = Callable[[Tensor, State], State]
"""From projected inputs (R, G·H) and a state to the next."""


def _words(projection: Projection, by_step: Tensor) -> Read:
    return lambda t, rows: projection(by_step[t, :rows])


def _outputs(below: Tensor, weights: Weights) -> Read:
    weight_ih, _, bias_ih, _ = weights
    return lambda t, rows: linear(below[:rows, t], weight_ih, bias_ih)


def _step(recurrent: Recurrent, weights: Weights) -> StepFunction:
    _, weight_hh, _, bias_hh = weights
    return lambda x, state: recurrent.cell.step(x, state, weight_hh, bias_hh)


def _one_way(
    step: StepFunction, read: Read, order: Sequence[tuple[int, int]], *, outputs: Tensor, state: State
) -> None:
    """One layer in one direction over the real steps alone.

    Args:
        step: The cell with its weights.
        read: Its inputs.
        order: The times, and at each how many rows have that step: the first ones, for they are the longest.
        outputs: (B, T, H) filled where a step is real.
        state: (B, H) each: the first, which becomes the one after each row's last step in this order.
    """
    for t, rows in order:
        now = step(read(t, rows), tuple(part[:rows] for part in state))
        outputs[:rows, t] = now[0]
        for stored, part in zip(state, now, strict=True):
            stored[:rows] = part


def _weights(recurrent: Recurrent) -> list[Weights]:
    """Those of each layer and direction, as plain tensors, which torch passes on faster than parameters."""
    suffixes = [suffix for layer in range(recurrent.num_layers) for suffix in recurrent.suffixes(layer)]
    weights = []
    for weight_ih, weight_hh, bias_ih, bias_hh in map(recurrent.weights, suffixes):
        weights.append((weight_ih.detach(), weight_hh.detach(), bias_ih.detach(), bias_hh.detach()))
    return weights


def _numbers(embedding: Tensor, recurrent: Recurrent) -> int:
    """Return how many a table for the recurrence's first layer holds."""
    return len(embedding) * recurrent.directions * recurrent.weights("_l0")[0].shape[0]


def _fed(decoder: Decoder) -> tuple[int, int]:
    """Return the width of a step's inputs beside its word: the context vector, the last features."""
    return (
        decoder.recurrent.hidden_size if decoder.feed_context else 0,
        decoder.embedding.embedding_dim if decoder.input_feeding else 0,
    )
