"""Images in, target ids out: a convolution, attention over its patches, a decoder (Xu et al., 2015)."""

import torch
from torch import Generator, Tensor, nn

from seqcli.models.architecture import DataShape
from seqcli.models.captioning.config import CaptionerConfig
from seqcli.models.captioning.image_encoder import ImageEncoder
from seqcli.models.initialisation import Initialisation
from seqcli.models.network import cell_of, initialisation
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.decoder import Decoder
from seqcli.models.seq2seq.stepper import DecoderStart
from seqcli.models.seq2seq.writing_network import WritingNetwork, decoder_of, embedding_table
from seqcli.ops.kernels import Kernel

MOST_WORDS = 200
"""The most tokens of a caption: far more than anybody writes below a picture, few enough that a network that
has not yet learnt to end costs little."""


class CaptionerNetwork(WritingNetwork):
    """Image encoder and decoder with an output layer over V words.

    Args:
        encoder: Reads images.
        decoder: Writes captions.
        config: The settings.
    """

    encoder: ImageEncoder

    def __init__(self, encoder: ImageEncoder, decoder: Decoder, config: CaptionerConfig) -> None:
        super().__init__(encoder, decoder, config)

    @property
    def kernel(self) -> Kernel:
        """The kernel of the decoder's recurrence."""
        return self.decoder.recurrent.kernel

    @property
    def tables(self) -> tuple[nn.Embedding, ...]:
        """The word vectors of captions."""
        return (self.decoder.embedding,)

    @property
    def recurrences(self) -> tuple[Recurrent, ...]:
        """That of the decoder; the convolutions count as head."""
        return (self.decoder.recurrent,)

    def initialise_encoder(self, how: Initialisation, *, generator: Generator) -> None:  # noqa: ARG002 no recurrence
        """Fill the weights of the convolutions."""
        self.encoder.initialise(generator=generator)

    def begin(self, inputs: Tensor, lengths: Tensor) -> DecoderStart:  # noqa: ARG002 no image is padded
        """Read images (B, Y, X, I) of one size."""
        encoded = self.encoder(inputs)
        patches = torch.full((len(inputs),), encoded.outputs.shape[1])
        return DecoderStart(self.decoder.memory(encoded, patches), self.decoder.start(encoded))

    def limits(self, lengths: Tensor) -> Tensor:
        """The same for every image (B)."""
        return torch.full_like(lengths, MOST_WORDS)


def build(config: CaptionerConfig, shape: DataShape, generator: Generator) -> CaptionerNetwork:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The settings.
        shape: Of the data: the numbers of a pixel, and how many target ids there are.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
    """
    cell = cell_of(config)
    encoder = ImageEncoder(config, shape.input_size, cell)
    table = embedding_table(shape.output_size, config.embedding)
    decoder = decoder_of(config, table, cell, memory_size=encoder.output_size)
    network = CaptionerNetwork(encoder, decoder, config)
    network.initialise(initialisation(config), generator=generator)
    return network
