"""A decoder as a model: what learns to write target ids after something was read, whatever that is."""

from abc import abstractmethod
from functools import partial

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear

from seqcli.data.tokenizer import BOS, PAD
from seqcli.models.attention import ATTENTIONS, EncoderMemory
from seqcli.models.cell import Cell
from seqcli.models.initialisation import Initialisation
from seqcli.models.learner import Judged, Learner
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import DecoderConfig
from seqcli.models.seq2seq.decoder import Decoded, Decoder, DecoderState
from seqcli.models.seq2seq.greedy import greedy
from seqcli.models.seq2seq.loss import smoothed_cross_entropy
from seqcli.models.seq2seq.output_layer import OutputLayer
from seqcli.models.seq2seq.stepper import DecoderStart, DecoderStepper
from seqcli.ops.batch_part import drawn_rows


class WritingNetwork(Learner):
    """A decoder with an output layer over V target words, behind whatever reads the inputs.

    Args:
        encoder: Reads the inputs.
        decoder: Writes the target.
        config: The settings.
    """

    def __init__(self, encoder: nn.Module, decoder: Decoder, config: DecoderConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.config = config
        words, size = decoder.embedding.weight.shape
        self.weight_output = None if config.tied else nn.Parameter(torch.zeros(words, size))
        self.bias_output = nn.Parameter(torch.zeros(words))

    @property
    def words(self) -> Tensor:
        """(V, E) what features are compared with."""
        return self.decoder.embedding.weight if self.weight_output is None else self.weight_output

    @property
    @abstractmethod
    def tables(self) -> tuple[nn.Embedding, ...]:
        """The word vectors of either side; one table may stand for both."""

    @property
    @abstractmethod
    def recurrences(self) -> tuple[Recurrent, ...]:
        """All recurrences of the network."""

    @abstractmethod
    def initialise_encoder(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill the weights of what reads the inputs, but for word vectors."""

    def initialise(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill all weights; word vectors are normal with variance 1/E, so that first logits are small."""
        self.initialise_encoder(how, generator=generator)
        self.decoder.initialise(how, generator=generator)
        for table in {id(table): table for table in self.tables}.values():
            nn.init.normal_(table.weight, std=table.embedding_dim**-0.5, generator=generator)
            with torch.no_grad():
                table.weight[PAD] = 0
        if self.weight_output is not None:
            nn.init.normal_(self.weight_output, std=self.words.shape[1] ** -0.5, generator=generator)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The word vectors; all recurrences; as head all else: bridge, attention, readout, output layer."""
        recurrent = [weights for each in self.recurrences for weights in each.parameters()]
        # A table that stands for both sides is counted once.
        unique = {id(table): table for table in self.tables}.values()
        embedding = [weights for table in unique for weights in table.parameters()]
        known = {*map(id, embedding), *map(id, recurrent)}
        head = [parameter for parameter in self.parameters() if id(parameter) not in known]
        return {"embedding": embedding, "recurrent": recurrent, "head": head}

    @abstractmethod
    def begin(self, inputs: Tensor, lengths: Tensor) -> DecoderStart:
        """Read inputs of these lengths (B)."""

    @abstractmethod
    def limits(self, lengths: Tensor) -> Tensor:
        """The most words of each output, by its input alone (B)."""

    def decoder_stepper(self) -> DecoderStepper:
        """The decoder as search runs it, its weights as they are now."""
        return DecoderStepper(self.decoder, OutputLayer(self.words, self.bias_output))

    def logits(self, features: Tensor) -> Tensor:
        """(…, V) of features (…, E)."""
        return linear(features, self.words, self.bias_output)

    def forward(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Decoded:
        """Read inputs and the right words of targets (B, U): features (B, U, E) of each next word."""
        memory, state = self.begin(inputs, lengths)
        if self.training and self.config.teacher_forcing < 1:
            return self._own_words(targets, state, memory)
        first = targets.new_full((targets.shape[0], 1), BOS)
        decoded: Decoded = self.decoder.run(torch.cat([first, targets[:, :-1]], dim=1), state, memory)
        return decoded

    def _own_words(self, targets: Tensor, state: DecoderState, memory: EncoderMemory) -> Decoded:
        """Step by step, each row's next word the right one or, as often as configured, the model's own."""
        words = targets.new_full(targets.shape[:1], BOS)
        steps: list[Decoded] = []
        for right in targets.unbind(1):
            steps.append(self.decoder.step(words, state, memory))
            state = steps[-1].state
            own = self.logits(steps[-1].features[:, 0].detach()).argmax(dim=-1)
            drawn = drawn_rows(partial(torch.rand, device=words.device), len(words))
            forced = drawn < self.config.teacher_forcing
            words = torch.where(forced, right, own)
        return Decoded(torch.cat([step.features for step in steps], dim=1), None, state)

    def batch_loss(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """The mean smoothed cross-entropy over the real target tokens, their end included.

        Args:
            inputs: What is read: (B, T) source ids, or images (B, Y, X, I).
            lengths: (B) their lengths.
            targets: (B, U) target ids with their end, then padding.
        """
        real = targets != PAD
        features = self(inputs, lengths, targets).features[real]  # (N, E)
        return smoothed_cross_entropy(
            features,
            targets[real],
            self.words,
            self.bias_output,
            smoothing=self.config.label_smoothing if self.training else 0.0,
        )

    def judge(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Judged:
        """The words that the model writes by itself, and its loss on the right ones without smoothing."""
        memory, state = self.begin(inputs, lengths)
        first = targets.new_full((targets.shape[0], 1), BOS)
        real = targets != PAD
        features = self.decoder.run(torch.cat([first, targets[:, :-1]], dim=1), state, memory).features[real]
        loss = smoothed_cross_entropy(features, targets[real], self.words, self.bias_output, smoothing=0.0)
        outputs = self._greedy(DecoderStart(memory, state), lengths)
        return Judged(outputs, exactly_right(outputs, targets), loss * len(features), len(features))

    def predict(self, inputs: Tensor, lengths: Tensor) -> Tensor:
        """The likeliest next word at each step until the end: (B, U) ids, filled up with padding."""
        return self._greedy(self.begin(inputs, lengths), lengths)

    def _greedy(self, start: DecoderStart, lengths: Tensor) -> Tensor:
        stepper = self.decoder_stepper()
        return greedy(stepper, stepper.ready(start), self.limits(lengths))

    def terms(self, lengths: Tensor, targets: Tensor) -> int:  # noqa: ARG002 the contract's arguments
        """Real target tokens, their ends included."""
        return int((targets != PAD).sum())

    def tokens(self, lengths: Tensor, targets: Tensor) -> int:
        """Real target tokens, as translation speed is counted."""
        return self.terms(lengths, targets)


def exactly_right(outputs: Tensor, targets: Tensor) -> Tensor:
    """1 where a row of ids (B, U) is the target (B, U'), padding aside, else 0; (B)."""
    steps = max(outputs.shape[1], targets.shape[1])
    padded_outputs, padded_targets = (
        nn.functional.pad(ids, (0, steps - ids.shape[1]), value=PAD) for ids in (outputs, targets)
    )
    return (padded_outputs == padded_targets).all(dim=1).float()


def embedding_table(words: int, size: int) -> nn.Embedding:
    """An embedding without a first draw from torch's own generator."""
    table: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.zeros(words, size), freeze=False, padding_idx=PAD
    )
    return table


def decoder_of(config: DecoderConfig, table: nn.Embedding, cell: Cell, *, memory_size: int) -> Decoder:
    """A decoder as its settings say, its weights not yet filled.

    Args:
        config: The settings.
        table: The word vectors of what it writes (V, E).
        cell: What its recurrence is made of.
        memory_size: The width of what it looks back at.
    """
    width = config.embedding * (1 + config.input_feeding) + config.hidden * config.feed_context
    attention = None
    if config.attention != "none":
        attention = ATTENTIONS.get(config.attention)(config.hidden, memory_size)
    recurrent = Recurrent(cell, width, config.hidden, num_layers=config.layers, dropout=config.dropout)
    return Decoder(table, recurrent, attention, config, memory_size=memory_size)
