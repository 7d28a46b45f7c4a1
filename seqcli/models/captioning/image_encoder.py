"""The image encoder: from pixels to a map of patches, and the state that the decoder starts from."""

import itertools
from typing import Literal

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import linear

from seqcli.models.captioning.config import FREQUENCIES, PLACE_FEATURES, CaptionerConfig
from seqcli.models.cell import Cell
from seqcli.models.convolution import Convolution
from seqcli.models.seq2seq.encoder import Encoded
from seqcli.ops.recurrence import State


def placed(features: Tensor) -> Tensor:
    """Features (B, F, Y, X) and below them each place's row and column: (B, F + PLACE_FEATURES, Y, X).

    A convolution answers alike wherever its pixels stand, and attention asks by likeness alone: without
    these nothing would tell the left digit from the right one (CoordConv: Liu et al., 2018; as sines and
    cosines: Vaswani et al., 2017).
    """
    batch, _, height, width = features.shape
    frequencies = torch.exp(-torch.arange(FREQUENCIES, dtype=features.dtype, device=features.device))
    sides = []
    for size, view in ((height, (1, -1, height, 1)), (width, (1, -1, 1, width))):
        steps = torch.arange(size, dtype=features.dtype, device=features.device)
        angles = frequencies.unsqueeze(1) * steps  # (FREQUENCIES, size)
        side = torch.cat([angles.sin(), angles.cos()])
        sides.append(side.reshape(view).expand(batch, -1, height, width))
    return torch.cat([features, *sides], dim=1)


class ImageEncoder(nn.Module):
    """Images to patches and the decoder's first state.

    Args:
        config: Its sizes, and whether images are seen at all.
        input_size: I, the numbers of a pixel: 1 of grey ones, 3 of colour.
        cell: The decoder's, whose state has so many parts.
    """

    def __init__(self, config: CaptionerConfig, input_size: int, cell: Cell) -> None:
        super().__init__()
        widths = [input_size, *(config.channels * 2**block for block in range(config.blocks))]
        self.blocks = nn.ModuleList(
            Convolution(below + PLACE_FEATURES * (number > 0), width)
            for number, (below, width) in enumerate(itertools.pairwise(widths))
        )
        self.output_size = widths[-1] + PLACE_FEATURES
        self.blank = config.control == "blank"
        self.pooling: Literal["last", "mean", "max"] = config.pooling
        self.layers, self.hidden_size = config.layers, config.hidden
        parts = len(cell.state_names) * config.layers
        self.weight_state = nn.Parameter(torch.zeros(parts, config.hidden, widths[-1]))
        self.bias_state = nn.Parameter(torch.zeros(parts, config.hidden))

    def initialise(self, *, generator: Generator) -> None:
        """Fill the weights; the generator is the only source of randomness."""
        for block in self.blocks:
            if isinstance(block, Convolution):
                block.initialise(generator=generator)
        for weight in self.weight_state:
            nn.init.xavier_uniform_(weight, generator=generator)
        nn.init.zeros_(self.bias_state)

    def forward(self, images: Tensor) -> Encoded:
        """Patches (B, P, C) from the upper left row by row, and states (L, B, H) each.

        Args:
            images: (B, Y, X, I), standardised; the mean is 0.
        """
        features = (torch.zeros_like(images) if self.blank else images).permute(0, 3, 1, 2)
        for number, block in enumerate(self.blocks):
            features = block(placed(features) if number else features)
        where = placed(features[:, :0]).flatten(2)
        patches = features.flatten(2)
        outputs = torch.cat([patches, where], dim=1).transpose(1, 2)
        return Encoded(outputs, self._state(patches.transpose(1, 2)))

    def map_size(self, height: int, width: int) -> tuple[int, int]:
        """Rows and columns of patches of an image: each block halves both, rounded up."""
        for _ in self.blocks:
            height, width = -(-height // 2), -(-width // 2)
        return height, width

    def _state(self, patches: Tensor) -> State:
        """The decoder's first state: tanh(W p + b) of the patches' one vector p, for each part and layer."""
        if self.pooling == "mean":
            pooled = patches.mean(dim=1)
        elif self.pooling == "max":
            pooled = patches.amax(dim=1)
        else:
            pooled = patches[:, -1]
        states = [
            torch.tanh(linear(pooled, weight, bias))
            for weight, bias in zip(self.weight_state, self.bias_state, strict=True)
        ]
        each = self.layers
        return tuple(torch.stack(states[n : n + each]) for n in range(0, len(states), each))
