"""Source ids in, target ids out: encoder, context, attention, decoder."""

from torch import Generator, Tensor, nn

from seqcli.models.architecture import DataShape
from seqcli.models.initialisation import Initialisation
from seqcli.models.network import cell_of, initialisation, recurrence, shuffle_of
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.config import Seq2SeqConfig
from seqcli.models.seq2seq.decoder import Decoder
from seqcli.models.seq2seq.encoder import Encoder
from seqcli.models.seq2seq.greedy import output_limits
from seqcli.models.seq2seq.output_layer import OutputLayer
from seqcli.models.seq2seq.stepper import DecoderStart, Stepper
from seqcli.models.seq2seq.writing_network import WritingNetwork, decoder_of, embedding_table
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

    @property
    def tables(self) -> tuple[nn.Embedding, ...]:
        """The source's word vectors and the target's, which are one table where the vocabulary is shared."""
        return self.encoder.embedding, self.decoder.embedding

    @property
    def recurrences(self) -> tuple[Recurrent, ...]:
        """Those of the encoder and the decoder."""
        return self.encoder.recurrent, self.decoder.recurrent

    def initialise_encoder(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill its weights, but for the word vectors."""
        self.encoder.initialise(how, generator=generator)

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
    read = recurrence(config, config.embedding)
    encoder = Encoder(source, read, dropout=config.dropout)
    decoder = decoder_of(config, target, cell_of(config), memory_size=read.output_size)
    network = Seq2Seq(encoder, decoder, config)
    network.initialise(initialisation(config), generator=generator)
    encoder.shuffle = shuffle_of(config, generator)
    return network
