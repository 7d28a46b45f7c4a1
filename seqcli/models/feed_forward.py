"""The plain network: layers that know no order, over each step's features and their mean."""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn
from torch.nn.utils import skip_init

from seqcli.models.architecture import DataShape
from seqcli.models.config import FeedForwardConfig
from seqcli.models.dropout import LockedDropout, ValueDropout
from seqcli.models.frames import recurrent_width
from seqcli.models.head import HEADS, Head
from seqcli.models.network import HeadedNetwork, Reading, embedding_of, initialise_embedding, width_of
from seqcli.ops.kernels import Kernel
from seqcli.ops.padding import mean_real


class FeedForward(HeadedNetwork):
    """tanh layers over the mean of a sequence's steps; with an answer a step, over that step beside the mean.

    A sequence's steps in any other order give the same answer, so that what a recurrence reaches beyond it is
    what the order is worth. Over a single step it is the multilayer perceptron.

    Args:
        embedding: One vector (E) for each of V ids or for each frame, or the real vectors as they are.
        head: What turns the last layer's values into an answer.
        config: The model's settings.
        width: E, or the width of the real vectors.
    """

    def __init__(self, embedding: Reading, head: Head, config: FeedForwardConfig, width: int) -> None:
        super().__init__()
        self.embedding = embedding
        self.dropout = LockedDropout(config.dropout)
        size = config.hidden * (1 + config.bidirectional)
        widths = [width * (1 + head.every_step), *[size] * config.layers]
        layers: list[nn.Linear] = [
            skip_init(nn.Linear, below, above)  # type: ignore[no-untyped-call]
            for below, above in pairwise(widths)
        ]
        self.layers = nn.Sequential(*layers)
        self.between = ValueDropout(config.dropout)
        self.head = head

    def initialise(self, *, generator: Generator) -> None:
        """Glorot weights and biases 0 (Glorot & Bengio, 2010)."""
        for layer in self.layers:
            nn.init.xavier_uniform_(layer.get_parameter("weight"), generator=generator)
            nn.init.zeros_(layer.get_parameter("bias"))

    def states(self, embedded: Tensor, lengths: Tensor | None) -> Tensor:
        """The last layer's values, (B, T, H): the same at every step where one answer is asked for."""
        steps = embedded.shape[1]
        values = mean_real(embedded, lengths).unsqueeze(1)  # (B, 1, E)
        if self.head.every_step:
            values = torch.cat([embedded, values.expand(-1, steps, -1)], dim=-1)  # (B, T, 2E)
        for depth, layer in enumerate(self.layers):
            values = torch.tanh(layer(self.between(values) if depth else values))
        return values.expand(-1, steps, -1)

    @property
    def kernel(self) -> Kernel:
        """Matrix products alone."""
        return "matrix product"

    def parts(self) -> dict[str, list[nn.Parameter]]:
        """Return the trained numbers, by part; none is recurrent, and the layers count with the head."""
        head = [*self.layers.parameters(), *self.head.parameters()]
        return {"embedding": list(self.embedding.parameters()), "recurrent": [], "head": head}


def build(config: FeedForwardConfig, shape: DataShape, generator: Generator) -> FeedForward:
    """A network with its first weights, a pure function of the arguments.

    Args:
        config: The settings.
        shape: Of the data.
        generator: The only source of randomness; on CPU, so that every device starts from the same weights.
    """
    head: Callable[..., Head] = HEADS.get(shape.kind)
    width = recurrent_width(config.frame_encoder, shape.inputs)
    made = partial(head, quantiles=shape.quantiles) if shape.quantiles else head
    network = FeedForward(
        embedding_of(config, vocab_size=shape.vocab_size, inputs=shape.inputs, letters=shape.letters),
        made(config, shape.output_size),
        config,
        width or width_of(config, shape.letters),
    )
    initialise_embedding(network.embedding, config, generator)
    network.initialise(generator=generator)
    network.head.initialise(generator=generator)
    return network
