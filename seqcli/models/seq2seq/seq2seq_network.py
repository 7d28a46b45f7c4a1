"""Source ids in, target ids out: encoder, context, attention, decoder."""

import torch
from torch import Generator, Tensor, nn

from seqcli.data.tokenizer import PAD
from seqcli.models.architecture import DataShape
from seqcli.models.attention import ATTENTIONS
from seqcli.models.initialisation import Initialisation
from seqcli.models.network import cell_of, initialisation, recurrence, shuffle_of
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.seq2seq.decoder import Decoder
from seqcli.models.seq2seq.encoder import Encoder
from seqcli.models.seq2seq.greedy import output_limits
from seqcli.models.seq2seq.output_layer import OutputLayer
from seqcli.models.seq2seq.stepper import DecoderStart, Stepper
from seqcli.models.seq2seq.writing_network import WritingNetwork
from seqcli.ops.kernels import Kernel


class Seq2Seq(WritingNetwork):
    """Encoder and decoder with an output layer over V target words.

    Args:
        encoder: Reads the source.
        decoder: Writes the target.
        config: The settings.
    """

    encoder: Encoder

    def __init__(self, encoder: Encoder, decoder: Decoder, config: Seq2SeqConfig) -> None:
        super().__init__(encoder, decoder, config)

    @property
    def kernel(self) -> Kernel:
        """The kernels of the encoder's recurrence and the decoder's."""
        return self.encoder.recurrent.kernel

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

    def limits(self, lengths: Tensor) -> Tensor:
        """3 T + 20, by each source's length T (B)."""
        return output_limits(lengths)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The word vectors; both recurrences; and as head the bridge, attention, readout and output layer."""
        recurrent = [*self.encoder.recurrent.parameters(), *self.decoder.recurrent.parameters()]
        tables = [*self.encoder.embedding.parameters(), *self.decoder.embedding.parameters()]
        embedding = list({id(table): table for table in tables}.values())
        known = {*map(id, embedding), *map(id, recurrent)}
        head = [parameter for parameter in self.parameters() if id(parameter) not in known]
        return {"embedding": embedding, "recurrent": recurrent, "head": head}


def build(config: Seq2SeqConfig, shape: DataShape, generator: Generator) -> Seq2Seq:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The settings.
        shape: Of the data: how many source and target ids, and whether they are the same ids.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
    """
    source = embedding_table(shape.vocab_size, config.embedding)
    shared = config.tied and shape.shared_vocabulary
    target = source if shared else embedding_table(shape.output_size, config.embedding)
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


def embedding_table(words: int, size: int) -> nn.Embedding:
    """An embedding without a first draw from torch's own generator."""
    table: nn.Embedding = nn.Embedding.from_pretrained(  # type: ignore[no-untyped-call]
        torch.zeros(words, size), freeze=False, padding_idx=PAD
    )
    return table
