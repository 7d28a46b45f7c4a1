"""Images as pixels and their captions as ids, with a score for the whole split."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from seqcli.config.settings import Settings
from seqcli.data.arrays import ArrayWriter, read_private_array
from seqcli.data.encoded import FlatIds, reading_of, recorded, unfit
from seqcli.data.encoded_pairs import WrittenTargets
from seqcli.data.images import colour
from seqcli.data.sequences import Rows, ViewsOf


class ImageShape(Settings):
    """The reading of images: what a run must know to read new ones as those that it learnt from.

    Attributes:
        height: Y, rows of pixels.
        width: X, pixels of a row.
        channels: I, numbers of a pixel: 1 of grey images, 3 of colour.
        means: Each channel's mean over the training images, from 0 to 255 (I).
        deviations: Each channel's standard deviation; 1 where it never changes (I).
        image_column: The column of images' names; '' for none.
        caption_column: The column of captions; '' for none.
        image_size: The size that images were brought to; '' where all had one size.
    """

    height: int = Field(ge=1)
    width: int = Field(ge=1)
    channels: int = Field(ge=1)
    means: tuple[float, ...]
    deviations: tuple[float, ...]
    image_column: str = ""
    caption_column: str = ""
    image_size: str = ""

    @property
    def pixels(self) -> int:
        """Pixels of an image."""
        return self.height * self.width

    @property
    def size(self) -> str:
        """The size as `--image-size` has it."""
        return f"{self.width}x{self.height}"

    def inputs(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Images (B, Y, X, I) as a network reads them: less the mean, by the deviation."""
        inputs: NDArray[np.float32] = np.asarray(images, np.float32)
        inputs -= np.array(self.means, np.float32)
        inputs /= np.array(self.deviations, np.float32)
        return inputs


@dataclass(frozen=True, eq=False)
class EncodedCaptions(WrittenTargets):
    """One split of images and their captions.

    Args:
        pixels: All images of the split, each once, one after the other, uint8.
        image: Which of them each row shows (N) int64.
        target: What is to be written, without its end.
        shape: How images are read.
        folder: Where the texts and the tokenizer lie.
        name: The split.
    """

    pixels: NDArray[np.uint8]
    image: NDArray[np.int64]
    target: FlatIds
    shape: ImageShape
    folder: Path
    name: str

    @classmethod
    def open(cls, folder: Path, name: str) -> "EncodedCaptions":
        """The split in a prepared folder, with all that scoring needs.

        Raises:
            ValueError: The files do not fit together.
            KeyError: The folder's record names no metric.
        """
        shape = reading_of(recorded(folder), ImageShape)
        pixels = read_private_array(folder / f"{name}.pixels.npy", np.uint8)
        image = read_private_array(folder / f"{name}.image.npy", np.int64)
        target = FlatIds.open(folder, f"{name}.target")
        stored, left = divmod(len(pixels), shape.pixels * shape.channels)
        if left or len(image) != len(target.lengths) or not 0 <= image.min(initial=0) <= image.max() < stored:
            raise unfit(folder, name)
        captions = cls(pixels, image, target, shape, folder, name)
        return captions.with_scoring()

    def __len__(self) -> int:
        return len(self.image)

    @cached_property
    def images(self) -> NDArray[np.uint8]:
        """Each image of the split once, (K, Y, X, I)."""
        images: NDArray[np.uint8] = self.pixels.reshape(
            -1, self.shape.height, self.shape.width, self.shape.channels
        )
        return images

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Pixels of each image (N): all alike."""
        return np.full(len(self.image), self.shape.pixels, np.int64)

    def rows(self, indices: NDArray[Any]) -> Rows:
        """Images (B, Y, X, I), their pixels (B), and captions with their end (B, U), padded."""
        inputs = self.shape.inputs(self.images[self.image[indices]])
        return Rows(inputs, self.lengths[indices], self.target.padded(indices, end=True))


class ImageViews(ViewsOf[EncodedCaptions, NDArray[np.uint8]]):
    """The pixels of each row's image, flat (Y · X · I)."""

    def _at(self, place: int) -> NDArray[np.uint8]:
        flat: NDArray[np.uint8] = self.split.images[self.split.image[place]].reshape(-1)
        return flat


@dataclass(frozen=True)
class ImageStore:
    """Images in one flat array.

    Args:
        pixels: All of them, one after the other.
        places: Where each begins, and where the last one ends (K + 1).
        shapes: Height, width and numbers a pixel of each (K).
        channels: The numbers a pixel that all are brought to.
    """

    pixels: NDArray[np.uint8]
    places: Sequence[int]
    shapes: Sequence[tuple[int, int, int]]
    channels: int

    def image(self, number: int) -> NDArray[np.uint8]:
        """One image (Y, X, I)."""
        pixels = self.pixels[self.places[number] : self.places[number + 1]].reshape(self.shapes[number])
        return colour(pixels, self.channels)


def write_images(folder: Path, name: str, stored: ImageStore, numbers: NDArray[np.int64]) -> None:
    """Write a split's images, each once, and which of them each row shows.

    Args:
        folder: The prepared folder.
        name: The split.
        stored: All images.
        numbers: The number of each row's image among those (N).

    Raises:
        OSError: The disk is full or broken.
    """
    used, image = np.unique(numbers, return_inverse=True)
    with ArrayWriter(folder / f"{name}.pixels.npy", np.uint8) as writer:
        for number in used.tolist():
            writer.append(np.ascontiguousarray(stored.image(number)).tobytes())
    np.save(folder / f"{name}.image.npy", image.astype(np.int64).reshape(-1))


Numbers = tuple[float, ...]


def moments(images: Iterable[NDArray[np.uint8]], channels: int) -> tuple[Numbers, Numbers]:
    """Return each channel's mean and deviation over images; of a constant channel the deviation is 1.

    The sums are of whole numbers, so that they do not depend on the images' order.
    """
    count = 0
    sums, squares = np.zeros(channels, np.int64), np.zeros(channels, np.int64)
    for image in images:
        values = image.reshape(-1, channels).astype(np.int64)
        count += len(values)
        sums += values.sum(axis=0)
        squares += (values**2).sum(axis=0)
    means = sums / count
    spread = np.sqrt(np.maximum(squares / count - means**2, 0.0))
    # A channel that never changes has rounding for a deviation; it is not divided by that.
    return tuple(means.tolist()), tuple(np.where(spread > 1e-9, spread, 1.0).tolist())
