"""`seqcli predict` of a run that writes captions: a sentence for each image."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from seqcli.data.caption_columns import caption_table, choose_image_column, is_image_name
from seqcli.data.config import DataConfig
from seqcli.data.images import decode_image, image_bytes
from seqcli.errors import DataError, UsageError
from seqcli.experiments.continue_series import usable_kind
from seqcli.experiments.use_config import PredictConfig
from seqcli.results.line_answers import CaptionedImage

if TYPE_CHECKING:
    from seqcli.training.captioner import Captioner


@dataclass(frozen=True)
class NewImage:
    """An image to write about.

    Args:
        name: What its answer calls it.
        path: Its file.
        where: The place that names it, for messages; '' of one that a person names.
    """

    name: str
    path: str
    where: str = ""


def writes_captions(folder: Path) -> bool:
    """Return whether a run writes a sentence for an image, in place of labelling texts.

    Raises:
        RunError: There is no run.
    """
    kind = usable_kind(folder)
    return kind is not None and kind.of_images


def open_captioner(folder: Path, config: PredictConfig) -> "Captioner":
    """The run's captioner, in the threads and batches that the configuration says.

    Raises:
        RunError: Its weights cannot be used.
    """
    from seqcli.training.captioner import Captioner
    from seqcli.training.process import settle_process

    settle_process(config.threads)
    return Captioner.open(folder, batch_size=config.batch_size)


def images_of(options: DataConfig, known_column: str) -> Iterator[NewImage]:
    """The images of a table, or of a folder: those that its table names, or all that lie in it.

    Raises:
        DataError: The table cannot be read, or no image is there.
    """
    location = Path(str(options.data))
    if location.is_dir():
        files = sorted(entry for entry in location.iterdir() if is_image_name(entry.name))
        if not files:
            raise DataError(f"{location} has no PNG or JPEG image", "Name a folder of images, or a table.")
        yield from (NewImage(file.name, str(file)) for file in files)
        return
    table = caption_table(str(location), options, "test")
    if options.image_column is None and known_column in table.columns:
        options = options.model_copy(update={"image_column": known_column})
    column = choose_image_column(table, options)
    for row, (cell,) in table.read((column,)):
        if not isinstance(cell, str) or not cell.strip():
            raise DataError(f"{table.where(row)} names no image", "Name one, or leave the row out.")
        name = cell.strip()
        yield NewImage(name, str(location.parent / name), table.where(row))


def captioned(captioner: "Captioner", images: Sequence[NewImage]) -> list[CaptionedImage]:
    """The caption of each image, in order.

    Raises:
        DataError: An image cannot be read, or has another size than the run reads.
    """
    captions = captioner.caption([read_image(captioner, image) for image in images])
    return [
        CaptionedImage(image=image.name, caption=caption)
        for image, caption in zip(images, captions, strict=True)
    ]


def read_image(captioner: "Captioner", image: NewImage) -> NDArray[np.uint8]:
    """One image as the run reads it, (Y, X, I).

    Raises:
        DataError: It cannot be read, or has another size.
    """
    name = f"{image.where}: {image.path}" if image.where else image.path
    content = image_bytes(image.path, image.where)
    size = captioner.shape.size if captioner.shape.image_size else None
    return captioner.readable(decode_image(content, name, size), name)


@dataclass(frozen=True, eq=False)
class AttendedImage:
    """An image and the patches that each piece of its caption weighed.

    Args:
        name: What its answer calls it.
        pixels: (Y, X, I) from 0 to 255.
        pieces: What was written (U).
        weights: The share of each patch (U, rows, columns).
    """

    name: str
    pixels: NDArray[np.uint8]
    pieces: Sequence[str]
    weights: NDArray[np.float32]


def attended(captioner: "Captioner", image: NewImage) -> AttendedImage:
    """An image with the attention of its caption.

    Raises:
        DataError: It cannot be read.
        UsageError: The run has no attention.
    """
    pixels = read_image(captioner, image)
    attention = captioner.attend(pixels)
    return AttendedImage(image.name, pixels, attention.pieces, attention.weights)


def check_alone(images: Sequence[NewImage]) -> NewImage:
    """The one image of a picture.

    Raises:
        UsageError: There are more.
    """
    if len(images) != 1:
        raise UsageError(f"--plot draws one image, {len(images)} were given", "Give one image.")
    return images[0]
