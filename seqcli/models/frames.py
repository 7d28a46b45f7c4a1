"""Frames that are images, as far as their sizes go; nothing here needs torch."""

from typing import NamedTuple

KERNEL = 3
"""Rows and columns that a convolution sees at once."""

FIRST_FEATURES = 8
"""Features of a pixel after the first block; each further block has twice as many."""

SMALLEST_SIDE = 4
"""Rows and columns to which blocks halve a frame: fewer would no longer tell where something stands."""

MOST_BLOCKS = 6
"""Blocks at most: 256 features a pixel, which stand for 64 pixels of a side."""


class FrameSize(NamedTuple):
    """The size of the images that the steps of a sequence are."""

    height: int
    width: int
    channels: int
    """Numbers of a pixel: 1 of grey images, 3 of colour."""

    @property
    def numbers(self) -> int:
        """The numbers of an image."""
        return self.height * self.width * self.channels

    @property
    def features(self) -> tuple[int, ...]:
        """Features of a pixel before the first block and after each."""
        return (self.channels, *(FIRST_FEATURES * 2**block for block in range(self._blocks)))

    @property
    def mapped(self) -> int:
        """The numbers of the map after the last block: each block halves both sides, rounded up."""
        height, width = self.height, self.width
        for _ in range(self._blocks):
            height, width = -(-height // 2), -(-width // 2)
        return height * width * self.features[-1]

    @property
    def _blocks(self) -> int:
        """As many as bring the longer side to `SMALLEST_SIDE` or less; at least one."""
        side, blocks = -(-max(self.height, self.width) // 2), 1
        while side > SMALLEST_SIDE and blocks < MOST_BLOCKS:
            side, blocks = -(-side // 2), blocks + 1
        return blocks


def recurrent_width(frame_encoder: str | None, inputs: int | FrameSize) -> int:
    """The width of what the recurrence reads; 0 of what becomes a vector of the model's own width.

    Args:
        frame_encoder: The model's setting.
        inputs: I, 0 where inputs are ids; or the size of the images that steps are.
    """
    if isinstance(inputs, int):
        return inputs
    return inputs.numbers if frame_encoder == "flat" else 0
