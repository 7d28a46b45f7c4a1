"""Images with captions: each row read, each image decoded and stored once."""

import hashlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import ArrayWriter, read_array
from seqcli.data.caption_columns import OPTIONS, CaptionColumns
from seqcli.data.cells import MAX_TEXT, Beginning, as_text, digest
from seqcli.data.encoded_captions import ImageStore
from seqcli.data.files import changed_error
from seqcli.data.images import (
    RESIZE,
    DecodedImage,
    check_side,
    decode_image,
    described,
    image_bytes,
    pixel_digest,
)
from seqcli.data.pairs import Pairs, one_line
from seqcli.data.scratch_texts import ScratchTexts
from seqcli.data.tables import Table
from seqcli.errors import DataError


@dataclass(frozen=True)
class CaptionRow:
    """An image and what is to be said of it.

    Args:
        where: Its place for messages.
        image: The image's name: rows of one name show the same image.
        caption: The caption as it is written.
        load: Decodes the image.
    """

    where: str
    image: str
    caption: str
    load: Callable[[], DecodedImage]

    def __str__(self) -> str:
        return self.image


class ImageFiles:
    """The images that a table names, known by the hash of their bytes.

    Args:
        table: The table.
        columns: Its columns.
        size: What they are brought to; None leaves their own size.
    """

    def __init__(self, table: Table, columns: CaptionColumns, size: str | None = None) -> None:
        self.table = table
        self.columns = columns
        self.size = size
        self._known: dict[str, bytes] = {}

    def path(self, name: str) -> str:
        """The file of an image: relative to the table."""
        return str(Path(self.table.location or self.table.name).parent / name.strip())

    def texts(self) -> Iterator[tuple[int, tuple[str, str]]]:
        """Each row's number, its image's name and its caption, in NFC.

        Raises:
            DataError: A row cannot be read, or a cell is no text.
        """
        columns = (self.columns.image, self.columns.caption)
        for row, cells in self.table.read(columns):
            if not isinstance(cells[0], str) or not cells[0].strip():
                raise DataError(
                    f"{self.table.where(row)} names no image",
                    f"Name one, or leave the row out. {OPTIONS[0]}.",
                )
            caption = as_text(cells[1], self.table, row, columns[1], option=OPTIONS[1])
            yield row, (cells[0].strip(), caption)

    def digests(self) -> Iterator[bytes]:
        """The name and hash of each image, once, in the table's order.

        Raises:
            DataError: A row cannot be read, or an image is not there.
        """
        for row, (name, _) in self.texts():
            if name not in self._known:
                content = image_bytes(self.path(name), self.table.where(row))
                self._known[name] = digest_of(content)
                yield name.encode() + b"\0" + self._known[name]

    def rows(self) -> Iterator[CaptionRow]:
        """All rows.

        Raises:
            DataError: A row cannot be read.
        """
        for row, (name, caption) in self.texts():
            where = self.table.where(row)
            yield CaptionRow(where, name, caption, lambda name=name, where=where: self.load(name, where))  # type: ignore[misc]

    def load(self, name: str, where: str) -> DecodedImage:
        """One image, decoded.

        Raises:
            DataError: It cannot be read, or is not what it was when its hash was taken.
        """
        content = image_bytes(self.path(name), where)
        if self._known.get(name, digest_of(content)) != digest_of(content):
            raise changed_error(self.path(name))
        return decode_image(content, f"{where}: {self.path(name)}", self.size)


def digest_of(content: bytes) -> bytes:
    """The BLAKE2b hash of an image file's bytes, 128 bits."""
    return hashlib.blake2b(content, digest_size=16).digest()


@dataclass
class StoredImages:
    """Images of one size in a scratch file, each once, as they came.

    Args:
        path: The file of all their pixels.
        shapes: Height, width and numbers a pixel of each.
        digests: The hash of each one's pixels.
        places: Where each begins in the file.
        resized: How many had another size.
    """

    path: Path
    shapes: list[tuple[int, int, int]] = field(default_factory=list)
    digests: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=lambda: [0])
    resized: int = 0

    def add(self, image: DecodedImage, writer: ArrayWriter, where: str) -> int:
        """Keep one more, and return its number.

        Raises:
            DataError: It has another size than the first, or is too large.
        """
        height, width, channels = image.pixels.shape
        check_side(image.pixels, where)
        if self.shapes and self.shapes[0][:2] != (height, width):
            raise DataError(
                f"{where} has {described((height, width))}, and those before it {described(self.shapes[0])}",
                RESIZE,
            )
        writer.append(np.ascontiguousarray(image.pixels).tobytes())
        self.shapes.append((height, width, channels))
        self.digests.append(pixel_digest(image.pixels))
        self.places.append(len(writer))
        self.resized += image.resized
        return len(self.shapes) - 1

    def store(self) -> ImageStore:
        """All images, mapped; grey ones among those in colour have three numbers a pixel too."""
        channels = max(shape[2] for shape in self.shapes)
        return ImageStore(read_array(self.path, np.uint8, mapped=True), self.places, self.shapes, channels)


@dataclass(frozen=True, eq=False)
class ReadCaptions:
    """A split's captions, and the image of each.

    Args:
        pairs: Captions as targets, images' names as sources; equal images are equal sources.
        image: The number of each row's image (N).
    """

    pairs: Pairs
    image: NDArray[np.int64]


class CaptionReader:
    """Reads the rows of several splits; images that occur in more than one are stored once.

    Args:
        scratch: An empty folder.
        images: Where pixels are kept.
        writer: Appends to its file.
    """

    def __init__(self, scratch: Path, images: StoredImages, writer: ArrayWriter) -> None:
        self._scratch = scratch
        self._images = images
        self._writer = writer

    def read(self, table: Table, columns: CaptionColumns, rows: Iterator[CaptionRow]) -> ReadCaptions:
        """The rows of one split.

        Raises:
            DataError: A row or an image cannot be read, or no row has a caption.
            OSError: The folder cannot be written.
        """
        numbers: dict[str, int] = {}
        images, boths = array("q"), array("Q")
        empty = shortened = 0
        beginning = Beginning((columns.image, columns.caption))
        sources, targets = ScratchTexts(self._scratch), ScratchTexts(self._scratch)
        for row in rows:
            beginning.see((row.image, row.caption))
            caption = one_line(row.caption[:MAX_TEXT])
            if not caption:
                empty += 1
                continue
            if row.image not in numbers:
                where = f"{row.where}: {row.image}"
                numbers[row.image] = self._images.add(row.load(), self._writer, where)
            shortened += len(row.caption) > MAX_TEXT
            images.append(numbers[row.image])
            sources.append(row.image)
            targets.append(caption)
            boths.append(digest(f"{self._images.digests[images[-1]]}\0{caption}"))
        if not images:
            raise DataError(f"{table.name} has no row with a caption", "Add rows with both.")
        shown = np.frombuffer(images, np.int64)
        pairs = Pairs(
            table=table,
            sources=sources.done(),
            targets=targets.done(),
            source_digests=np.array(self._images.digests, np.uint64)[shown],
            pair_digests=np.frombuffer(boths, np.uint64),
            empty=empty,
            shortened=shortened,
            head=beginning.rows,
            indices=np.arange(len(shown)),
            called="images",
        )
        return ReadCaptions(pairs, shown)


def with_indices(read: Mapping[str, ReadCaptions], splits: Mapping[str, Pairs]) -> dict[str, ReadCaptions]:
    """Each split's rows after a division, with the images of the table that they come from."""
    return {name: replace(read.get(name, read["train"]), pairs=pairs) for name, pairs in splits.items()}
