"""Images in, target ids out: a convolution, attention over its patches, a decoder (Xu et al., 2015)."""

import torch
from torch import Generator, Tensor, nn

from seqcli.data.tokenizer import PAD
from seqcli.models.architecture import DataShape
from seqcli.models.attention import ATTENTIONS
from seqcli.models.captioning.config import CaptionerConfig
from seqcli.models.captioning.image_encoder import ImageEncoder
from seqcli.models.initialisation import Initialisation
from seqcli.models.network import cell_of, initialisation
from seqcli.models.recurrent import Recurrent
from seqcli.models.seq2seq.decoder import Decoder
from seqcli.models.seq2seq.seq2seq_network import embedding_table
from seqcli.models.seq2seq.stepper import DecoderStart
from seqcli.models.seq2seq.writing_network import WritingNetwork
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

    def initialise(self, how: Initialisation, *, generator: Generator) -> None:
        """Fill all weights; word vectors are normal with variance 1/E, so that first logits are small."""
        self.encoder.initialise(generator=generator)
        self.decoder.initialise(how, generator=generator)
        table = self.decoder.embedding
        nn.init.normal_(table.weight, std=table.embedding_dim**-0.5, generator=generator)
        with torch.no_grad():
            table.weight[PAD] = 0
        if self.weight_output is not None:
            nn.init.normal_(self.weight_output, std=self.words.shape[1] ** -0.5, generator=generator)

    def begin(self, inputs: Tensor, lengths: Tensor) -> DecoderStart:  # noqa: ARG002 no image is padded
        """Read images (B, Y, X, I) of one size."""
        encoded = self.encoder(inputs)
        patches = torch.full((len(inputs),), encoded.outputs.shape[1])
        return DecoderStart(self.decoder.memory(encoded, patches), self.decoder.start(encoded))

    def limits(self, lengths: Tensor) -> Tensor:
        """The same for every image (B)."""
        return torch.full_like(lengths, MOST_WORDS)

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """The word vectors; the decoder's recurrence; as head all else, the convolutions among it."""
        embedding = list(self.decoder.embedding.parameters())
        recurrent = list(self.decoder.recurrent.parameters())
        known = {*map(id, embedding), *map(id, recurrent)}
        head = [parameter for parameter in self.parameters() if id(parameter) not in known]
        return {"embedding": embedding, "recurrent": recurrent, "head": head}


def build(config: CaptionerConfig, shape: DataShape, generator: Generator) -> CaptionerNetwork:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The settings.
        shape: Of the data: the numbers of a pixel, and how many target ids there are.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
    """
    cell = cell_of(config)
    encoder = ImageEncoder(config, shape.input_size, cell)
    width = config.embedding * (1 + config.input_feeding) + config.hidden * config.feed_context
    attention = None
    if config.attention != "none":
        attention = ATTENTIONS.get(config.attention)(config.hidden, encoder.output_size)
    decoder = Decoder(
        embedding_table(shape.output_size, config.embedding),
        Recurrent(cell, width, config.hidden, num_layers=config.layers, dropout=config.dropout),
        attention,
        config,
        memory_size=encoder.output_size,
    )
    network = CaptionerNetwork(encoder, decoder, config)
    network.initialise(initialisation(config), generator=generator)
    return network
