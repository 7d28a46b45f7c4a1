"""Source ids in, target ids out: encoder, context, attention, decoder."""

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear

from seqcli.data.tokenizer import BOS, PAD
from seqcli.models.architecture import DataShape
from seqcli.models.attention import ATTENTIONS, EncoderMemory
from seqcli.models.initialisation import Initialisation
from seqcli.models.learner import Judged, Learner
from seqcli.models.network import cell_of, initialisation, recurrence, shuffle_of
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.seq2seq.decoder import Decoded, Decoder, DecoderState
from seqcli.models.seq2seq.encoder import Encoder
from seqcli.models.seq2seq.greedy import greedy, output_limits
from seqcli.models.seq2seq.loss import smoothed_cross_entropy
from seqcli.models.seq2seq.output_layer import OutputLayer
from seqcli.models.seq2seq.stepper import DecoderStart, Stepper
from seqcli.ops.kernels import Kernel


class Seq2Seq(Learner):
    """Encoder and decoder with an output layer over V target words.

    Args:
        encoder: Reads the source.
        decoder: Writes the target.
        config: The settings.
    """

    def __init__(self, encoder: Encoder, decoder: Decoder, config: Seq2SeqConfig) -> None:
        super().__init__()
        self.encoder = encoder
        self.decoder = decoder
        self.config = config
        words, size = decoder.embedding.weight.shape
        self.weight_output = None if config.tied else nn.Parameter(torch.zeros(words, size))
        self.bias_output = nn.Parameter(torch.zeros(words))

    @property
    def kernel(self) -> Kernel:
        """The kernels of the encoder's recurrence and the decoder's."""
        return self.encoder.recurrent.kernel

    @property
    def words(self) -> Tensor:
        """(V, E) what features are compared with."""
        return self.decoder.embedding.weight if self.weight_output is None else self.weight_output

    def initialise(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill all weights; word vectors are normal with variance 1/E, so that first logits are small."""
        self.encoder.initialise(how, generator=generator)
        self.decoder.initialise(how, generator=generator)
        tables = {id(table): table for table in (self.encoder.embedding, self.decoder.embedding)}
        for table in tables.values():
            nn.init.normal_(table.weight, std=table.embedding_dim**-0.5, generator=generator)
            with torch.no_grad():
                table.weight[PAD] = 0
        if self.weight_output is not None:
            nn.init.normal_(self.weight_output, std=self.words.shape[1] ** -0.5, generator=generator)

    def begin(self, inputs: Tensor, lengths: Tensor) -> DecoderStart:
        """Read sources (B, T) of these lengths (B)."""
        encoded = self.encoder(inputs, lengths)
        return DecoderStart(self.decoder.memory(encoded, lengths), self.decoder.start(encoded))

    def stepper(self, *, tables: bool = False) -> Stepper:
        """The network as search runs it, its weights as they are now; arguments as for `Stepper`."""
        layer = OutputLayer(self.words, self.bias_output)
        return Stepper(self.encoder, self.decoder, layer, tables=tables)

    def logits(self, features: Tensor) -> Tensor:
        """(…, V) of features (…, E)."""
        return linear(features, self.words, self.bias_output)

    def forward(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Decoded:
        """Read sources and the right words of targets (B, U): features (B, U, E) of each next word."""
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
            forced = torch.rand(words.shape, device=words.device) < self.config.teacher_forcing
            words = torch.where(forced, right, own)
        return Decoded(torch.cat([step.features for step in steps], dim=1), None, state)

    def batch_loss(self, inputs: Tensor, lengths: Tensor, targets: Tensor) -> Tensor:
        """The mean smoothed cross-entropy over the real target tokens, their end included.

        Args:
            inputs: (B, T) source ids.
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
        stepper = self.stepper()
        return greedy(stepper, stepper.ready(start), output_limits(lengths))

    def terms(self, lengths: Tensor, targets: Tensor) -> int:  # noqa: ARG002 the contract's arguments
        """Real target tokens, their ends included."""
        return int((targets != PAD).sum())

    def tokens(self, lengths: Tensor, targets: Tensor) -> int:
        """Real target tokens, as translation speed is counted."""
        return self.terms(lengths, targets)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The word vectors; both recurrences; and as head the bridge, attention, readout and output layer."""
        recurrent = [*self.encoder.recurrent.parameters(), *self.decoder.recurrent.parameters()]
        tables = [*self.encoder.embedding.parameters(), *self.decoder.embedding.parameters()]
        embedding = list({id(table): table for table in tables}.values())
        known = {*map(id, embedding), *map(id, recurrent)}
        head = [parameter for parameter in self.parameters() if id(parameter) not in known]
        return {"embedding": embedding, "recurrent": recurrent, "head": head}


def exactly_right(outputs: Tensor, targets: Tensor) -> Tensor:
    """1 where a row of ids (B, U) is the target (B, U'), padding aside, else 0; (B)."""
    steps = max(outputs.shape[1], targets.shape[1])
    padded_outputs, padded_targets = (
        nn.functional.pad(ids, (0, steps - ids.shape[1]), value=PAD) for ids in (outputs, targets)
    )
    return (padded_outputs == padded_targets).all(dim=1).float()


def build(config: Seq2SeqConfig, shape: DataShape, generator: Generator) -> Seq2Seq:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The settings.
        shape: Of the data: how many source and target ids, and whether they are the same ids.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
    """
    source = _table(shape.vocab_size, config.embedding)
    shared = config.tied and shape.shared_vocabulary
    target = source if shared else _table(shape.output_size, config.embedding)
    layers, dropout = config.layers, config.dropout
    read = recurrence(config, config.embedding)
    encoder = Encoder(source, read, dropout=dropout)
    width = config.embedding * (1 + config.input_feeding) + config.hidden * config.feed_context
    attention = None
    if config.attention != "none":
        attention = ATTENTIONS.get(config.attention)(config.hidden, read.output_size)
    decoder = Decoder(
        target,
        Recurrent(cell_of(config), width, config.hidden, num_layers=layers, dropout=dropout),
        attention,
        config,
        memory_size=read.output_size,
    )
    network = Seq2Seq(encoder, decoder, config)
    network.initialise(initialisation(config), generator=generator)
    encoder.shuffle = shuffle_of(config, generator)
    return network


def _table(words: int, size: int) -> nn.Embedding:
    """An embedding without a first draw from torch's own generator."""
    table: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.zeros(words, size), freeze=False, padding_idx=PAD
    )
    return table
