"""The settings of a captioner, checked before torch is loaded."""

from typing import Annotated, Literal

from pydantic import Field

from seqcli.config.settings import Allowed, PositiveInt
from seqcli.models.config import Size
from seqcli.models.frames import KERNEL
from seqcli.models.seq2seq.config import AttentionName, DecoderConfig

FREQUENCIES = 4
"""Sines, and as many cosines, that tell a row, and a column: their periods are 2π to 126 places."""

PLACE_FEATURES = 4 * FREQUENCIES
"""Numbers that tell a place."""

Channels = Annotated[PositiveInt, Field(le=1024), Allowed("a whole number from 1 to 1,024")]
"""Features of a pixel."""

Halvings = Annotated[PositiveInt, Field(le=6), Allowed("a whole number from 1 to 6")]
"""How often an image is halved."""


class CaptionerConfig(DecoderConfig):
    """A convolution and a decoder of one cell, with or without attention over the image's patches.

    Every field is a setting after the colon: `captioner:cell=lstm,control=blank`.
    """

    model: Literal["captioner"] = "captioner"
    """What it is called."""
    hidden: Size = 128
    """H, the width of the decoder's state."""
    embedding: Size = 64
    """E, the width of the token vectors and of what the decoder's words are compared with."""
    attention: AttentionName = "bahdanau"
    """How the decoder looks back at the patches; 'none': it knows the whole image's one vector alone."""
    pooling: Literal["last", "mean", "max"] = "mean"
    """How the patches become the vector that the decoder starts from; 'last' is the lower right one."""
    label_smoothing: Annotated[float, Field(strict=True, ge=0, lt=1)] = 0.0
    """The share of the probability that training spreads over all words (Szegedy et al., 2016)."""
    channels: Channels = 16
    """Features of a pixel after the first block; each further block has twice as many."""
    blocks: Halvings = 2
    """Blocks of two convolutions, each of which halves height and width: 2^blocks pixels a patch."""
    control: Literal["none", "blank"] = "none"  # type: ignore[assignment] # an image has no order of steps
    """'blank' shows training's mean in place of each image, to see what the image is worth."""

    def flops_per_step(self, input_size: int = 0) -> int:
        """Operations of the convolutions for one pixel and of the decoder for one token, forward."""
        return self._pixel_flops(max(input_size, 1)) + self.decoder_flops()

    def flops(self, inputs: int, tokens: int, *, input_size: int = 0) -> int:
        """Operations over the images' pixels and the captions' real tokens, forward."""
        return inputs * self._pixel_flops(max(input_size, 1)) + tokens * self.decoder_flops()

    def _pixel_flops(self, input_size: int) -> int:
        """Multiplications and additions of all convolutions, per pixel of the image."""
        total, below = 0.0, input_size
        for block in range(self.blocks):
            width = self.channels * 2**block
            total += 2 * KERNEL**2 * (below + width) * width / 4**block
            below = width + PLACE_FEATURES
        return round(total)
