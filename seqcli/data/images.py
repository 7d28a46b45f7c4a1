"""Image files as arrays of pixels: PNG and JPEG by Pillow, bounded before anything of them is decoded."""

import hashlib
import io
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.files import opened
from seqcli.data.numeric_values import LONGEST_SIDE
from seqcli.errors import DataError, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

SUFFIXES = (".png", ".jpg", ".jpeg")
"""Names of files that may be images."""

MOST_BYTES = 64 * 2**20
"""Bytes of an image file: it is read whole, so that what is hashed is what is decoded."""

MOST_PIXELS = 64_000_000
"""Pixels of an image before it is resized: 192 MiB in colour, the largest that ordinary cameras take."""

RESIZE = "Say how large they shall all be: --image-size 32x32 (width x height)."


@dataclass(frozen=True)
class DecodedImage:
    """An image as a network reads it.

    Args:
        pixels: (Y, X, I) uint8; I is 1 of a grey image, 3 of one in colour.
        resized: Whether the file's own size was another.
    """

    pixels: NDArray[np.uint8]
    resized: bool = False


def image_bytes(location: str, where: str) -> bytes:
    """An image file's content.

    Args:
        location: The file.
        where: The place that names it, for messages: 'pets.csv, row 7'; '' for none.

    Raises:
        DataError: It is not there, cannot be read, or is too large.
    """
    place = f"{where}: " if where else ""
    try:
        with opened(location) as file:
            content = file.read(MOST_BYTES + 1)
    except (DataError, UsageError) as error:
        raise DataError(f"{place}{error.message}", error.hint) from error
    if len(content) > MOST_BYTES:
        raise DataError(
            f"{place}{location} has more than {MOST_BYTES:,} bytes", "No image to learn from is so large."
        )
    return content


def decode_image(content: bytes, name: str, size: str | None = None) -> DecodedImage:
    """The pixels of a PNG or JPEG file, turned as its camera says; what is transparent stands on white.

    Args:
        content: The file's bytes.
        name: What messages call it.
        size: Width and height that it is brought to, '32x32'; None leaves its own.

    Raises:
        DataError: It is neither, is broken, or has too many pixels.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as picture:
            warnings.simplefilter("ignore")  # what is odd but readable is read
            _check_pixels(picture, name)
            return _decoded(picture, size)
    except DataError:
        raise
    except Image.DecompressionBombError:
        raise _too_many(name) from None
    except UnidentifiedImageError:  # whose own words name an object of Python's
        raise DataError(
            f"{name} is not a whole PNG or JPEG image: it begins as neither does",
            "Replace the file, or leave its row out.",
        ) from None
    # Pillow's decoders raise what they like of broken bytes: OSError, SyntaxError, struct.error, zlib.error.
    except Exception as error:
        raise DataError(
            f"{name} is not a whole PNG or JPEG image: {' '.join(str(error).split())[:120]}",
            "Replace the file, or leave its row out.",
        ) from error


def _check_pixels(picture: "Picture", name: str) -> None:
    """Refuse what would not fit into memory, by what the file's header says.

    Raises:
        DataError: It has too many pixels.
    """
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many(name)


def _too_many(name: str) -> DataError:
    return DataError(
        f"{name} has more than {MOST_PIXELS:,} pixels", "Make it smaller with an image program first."
    )


def _decoded(picture: "Picture", size: str | None) -> DecodedImage:
    from PIL import Image, ImageOps

    target = None if size is None else _sides(size)
    if target is not None:
        # A JPEG is then decoded at a fraction of its size; never below twice the one asked for.
        picture.draft(None, (4 * max(target), 4 * max(target)))
    upright = ImageOps.exif_transpose(picture)
    own = (upright.width, upright.height)
    plain = _plain(upright)
    if target is not None and target != own:
        plain = plain.resize(target, Image.Resampling.BOX)
    pixels: NDArray[np.uint8] = np.asarray(plain, np.uint8)
    return DecodedImage(
        pixels if pixels.ndim == 3 else pixels[:, :, None], target is not None and target != own
    )


def _sides(size: str) -> tuple[int, int]:
    """Width and height of '32x8'."""
    width, _, height = size.partition("x")
    return int(width), int(height)


def _plain(picture: "Picture") -> "Picture":
    """The image as grey ('L') or as red, green and blue ('RGB')."""
    from PIL import Image

    if picture.mode.startswith(("I", "F")):  # 16 bits a pixel, of which the upper 8 are kept
        return Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if picture.mode in ("LA", "RGBA", "PA") or "transparency" in picture.info:
        grey = picture.mode in ("1", "L", "LA")
        whole = picture.convert("RGBA")
        white: Picture = Image.new("RGBA", whole.size, (255, 255, 255, 255))
        white.alpha_composite(whole)
        return white.convert("L" if grey else "RGB")
    return picture.convert("L" if picture.mode in ("1", "L") else "RGB")


def pixel_digest(image: NDArray[np.uint8]) -> int:
    """A 64-bit hash of an image's size and pixels: equal images are one, whatever their files are called."""
    hashed = hashlib.blake2b(repr(image.shape).encode(), digest_size=8)
    hashed.update(np.ascontiguousarray(image).tobytes())
    return int.from_bytes(hashed.digest(), "big")


def colour(pixels: NDArray[Any], channels: int) -> NDArray[Any]:
    """An image with as many numbers a pixel: a grey one among those in colour has three alike."""
    if pixels.shape[-1] == channels:
        return pixels
    return np.repeat(pixels, channels, axis=-1)


def as_channels(pixels: NDArray[np.uint8], channels: int) -> NDArray[np.uint8]:
    """A new image with as many numbers a pixel as a run reads: one in colour may become grey."""
    if pixels.shape[-1] <= channels:
        return colour(pixels, channels)
    from PIL import Image

    return np.asarray(Image.fromarray(pixels).convert("L"), np.uint8)[:, :, None]


def described(shape: tuple[int, ...]) -> str:
    """An image's size as messages have it: '32x8 pixels'."""
    return f"{shape[1]}x{shape[0]} pixels"


def check_side(image: NDArray[np.uint8], where: str) -> None:
    """Refuse an image that is larger than networks read.

    Raises:
        DataError: What to say.
    """
    if max(image.shape[:2]) > LONGEST_SIDE:
        raise DataError(
            f"{where} has {described(image.shape)}, and at most {LONGEST_SIDE} a side are read", RESIZE
        )
