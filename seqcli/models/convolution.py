"""Convolutions: the block that image encoders are made of, and the encoder of a film's frames."""

from itertools import pairwise

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import conv2d, linear, max_pool2d, relu

from seqcli.models.frames import KERNEL, FrameSize


class Convolution(nn.Module):
    """A block: two convolutions of 3 × 3, each followed by ReLU, then the maximum of each 2 × 2 (VGG, 2015).

    Args:
        below: Features of a pixel before it.
        width: Features after it.
    """

    def __init__(self, below: int, width: int) -> None:
        super().__init__()
        self.weight_first = nn.Parameter(torch.zeros(width, below, KERNEL, KERNEL))
        self.bias_first = nn.Parameter(torch.zeros(width))
        self.weight_second = nn.Parameter(torch.zeros(width, width, KERNEL, KERNEL))
        self.bias_second = nn.Parameter(torch.zeros(width))

    def initialise(self, *, generator: Generator) -> None:
        """He et al., 2015: normal of variance 2 / fan-in; zero biases."""
        for weight in (self.weight_first, self.weight_second):
            nn.init.kaiming_normal_(weight, nonlinearity="relu", generator=generator)
        for bias in (self.bias_first, self.bias_second):
            nn.init.zeros_(bias)

    def forward(self, images: Tensor) -> Tensor:
        """(B, F', ⌈Y/2⌉, ⌈X/2⌉) of (B, F, Y, X); beyond the edges stand zeros."""
        features = relu(conv2d(images, self.weight_first, self.bias_first, padding=KERNEL // 2))
        features = relu(conv2d(features, self.weight_second, self.bias_second, padding=KERNEL // 2))
        return max_pool2d(features, 2, ceil_mode=True)


class FrameEncoder(nn.Module):
    """A vector for each frame: convolutions, and a linear map of all that they leave (LRCN, Donahue 2015).

    Each frame is read for itself, so that padding changes nothing of the others.

    Args:
        frame: The frames' size.
        embedding_dim: E, the width of the vectors.
    """

    def __init__(self, frame: FrameSize, embedding_dim: int) -> None:
        super().__init__()
        self.frame = frame
        self.blocks = nn.ModuleList(Convolution(below, width) for below, width in pairwise(frame.features))
        self.weight_output = nn.Parameter(torch.zeros(embedding_dim, frame.mapped))
        self.bias_output = nn.Parameter(torch.zeros(embedding_dim))

    def initialise(self, *, generator: Generator) -> None:
        """Fill the weights; the generator is the only source of randomness."""
        for block in self.blocks:
            if isinstance(block, Convolution):
                block.initialise(generator=generator)
        nn.init.xavier_uniform_(self.weight_output, generator=generator)
        nn.init.zeros_(self.bias_output)

    def forward(self, inputs: Tensor) -> Tensor:
        """(B, T, E) of frames (B, T, I), each Y rows of X pixels of a number or three."""
        batch, steps, _ = inputs.shape
        height, width, channels = self.frame
        images = inputs.to(self.weight_output.dtype).reshape(batch * steps, height, width, channels)
        features = images.permute(0, 3, 1, 2)
        for block in self.blocks:
            features = block(features)
        vectors = relu(linear(features.flatten(1), self.weight_output, self.bias_output))
        return vectors.reshape(batch, steps, -1)
