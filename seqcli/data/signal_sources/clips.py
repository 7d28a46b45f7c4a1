"""Films as folders of frames: `DIR/CLASS/CLIP/frame_0001.png`, each frame an image."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seqcli.data.columns import refuse_columns
from seqcli.data.config import DataConfig
from seqcli.data.facts import FilmFacts
from seqcli.data.images import (
    RESIZE,
    SUFFIXES,
    check_side,
    colour,
    decode_image,
    described,
    image_bytes,
)
from seqcli.data.labels import as_label
from seqcli.data.signal_tables import Scope, Signal, SignalTable, check_size, every_file, numbered
from seqcli.errors import DataError, UsageError

LAYOUT = "FOLDER/CLASS/CLIP/frame_0001.png"

_TABLES = frozenset({".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".parquet", ".pq"})
_DIGITS = re.compile(r"(\d+)")


class Clips:
    """A folder of classes, in it a folder for each clip, and in that an image for each frame."""

    ending = "folders of frames"
    of_signals = True
    of_sound = False

    def reads(self, location: str) -> bool:
        """Return whether it is a folder of images, in folders or not; with a table these are of captions."""
        if not Path(location).is_dir():
            return False
        names = [name for _, _, files in os.walk(location) for name in files if not name.startswith(".")]
        return any(map(_is_image, names)) and not any(Path(name).suffix.lower() in _TABLES for name in names)

    def per_step(self, location: str, config: DataConfig) -> bool:  # noqa: ARG002 the layout has no room for it
        """Return False: a clip has one class."""
        return False

    def read(self, location: str, config: DataConfig, scope: Scope) -> SignalTable:
        """The clips in the order of their folders, frames in the order of the numbers in their names.

        Raises:
            DataError: A file is no image, has another size, or lies in no clip of a class.
            UsageError: A column is named, or a class for each frame is asked for.
        """
        _refuse_columns(location, config, scope)
        clips = _clips(location, labels=scope.labels)
        frames = {name: _Frames(name, paths, config.image_size) for name, paths in clips.items()}
        first: tuple[int, int] | None = None
        numbers = resized = 0
        films: dict[str, list[NDArray[np.uint8]]] = {}
        for name, each in frames.items():
            films[name] = each.read(first)
            first = films[name][0].shape[:2]
            numbers += sum(image.size for image in films[name])
            resized += each.resized
            check_size(location, numbers)
        channels = max(image.shape[2] for images in films.values() for image in images)
        height, width = next(iter(films.values()))[0].shape[:2]
        facts = FilmFacts(
            height=height,
            width=width,
            channels=channels,
            resized=resized,
            image_size=config.image_size or "",
        )
        signals = [
            Signal(
                name,
                np.stack([colour(image, channels).reshape(-1) for image in images]).astype(np.float64),
                as_label(name.split("/")[0]) if scope.labels else None,
                str(Path(location) / name),
            )
            for name, images in films.items()
        ]
        return SignalTable(
            location,
            numbered(height * width * channels),
            signals,
            named=False,
            film=facts,
        )


class _Frames:
    """The frames of a clip.

    Args:
        name: The clip.
        paths: Its images.
        size: What they are brought to; None leaves their own size.
    """

    def __init__(self, name: str, paths: Sequence[Path], size: str | None) -> None:
        self.name = name
        self.paths = sorted(paths, key=lambda path: in_order(path.name))
        self.size = size
        self.resized = 0

    def read(self, expected: tuple[int, int] | None) -> list[NDArray[np.uint8]]:
        """The pixels of each frame (Y, X, 1 or 3).

        Args:
            expected: The height and width of those before; None of the first clip.

        Raises:
            DataError: One cannot be read, or has another size.
        """
        images: list[NDArray[np.uint8]] = []
        for path in self.paths:
            image = decode_image(image_bytes(str(path), ""), str(path), self.size)
            check_side(image.pixels, str(path))
            before = images[0].shape[:2] if images else expected
            if before is not None and image.pixels.shape[:2] != before:
                own = described(image.pixels.shape)
                raise DataError(f"{path} has {own}, and the frames before it {described(before)}", RESIZE)
            images.append(image.pixels)
            self.resized += image.resized
        return images


def in_order(name: str) -> list[tuple[int, str]]:
    """The key by which names are sorted as people count: frame_2 comes before frame_10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in _DIGITS.split(name)]


def _is_image(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _refuse_columns(location: str, config: DataConfig, scope: Scope) -> None:
    """Refuse columns, which folders have none of, and a class for each frame.

    Raises:
        UsageError: One is named or asked for.
    """
    if scope.per_step:
        raise UsageError(
            f"{location}: a folder of frames has one class for each clip, none for a frame",
            "Leave --kind signal-tag out, or write the frames to an .npz file: x (N, T, Y, X), y (N, T).",
        )
    if scope.guess:
        refuse_columns(config, ": in a folder of frames each clip's class is its folder's name")


def _clips(location: str, *, labels: bool) -> dict[str, list[Path]]:
    """The images of each clip, by the clip's path within the folder.

    Raises:
        DataError: A file is no image, or stands where no frame does.
        UsageError: It is a folder of images, and none of clips.
    """
    clips: dict[str, list[Path]] = {}
    root = Path(location)
    depths: set[int] = set()
    for path in every_file(location):
        if not _is_image(path.name):
            raise DataError(
                f"{path} is no image of a frame: its name ends in none of {', '.join(SUFFIXES)}",
                "Move it elsewhere, or hide it by a dot before its name.",
            )
        within = path.relative_to(root)
        depths.add(len(within.parts))
        clips.setdefault(within.parent.as_posix() if len(within.parts) > 1 else root.name, []).append(path)
    allowed = {3} if labels else {1, 2, 3}
    if not depths <= allowed or len(depths) != 1:
        raise _misplaced(location, depths, labels=labels)
    return clips


def _misplaced(location: str, depths: set[int], *, labels: bool) -> DataError | UsageError:
    """The error for images that do not stand where frames do."""
    if labels and depths <= {1, 2}:
        return UsageError(
            f"{location} is a folder of images, and no folder of clips by class",
            f"Frames of films lie in {LAYOUT}; of predict, in folders of clips. For a sentence below each"
            " image: a table of images' names and captions beside them.",
        )
    return DataError(
        f"{location} holds images at {' and '.join(map(str, sorted(depths)))} folders' depth",
        f"All frames lie in {LAYOUT}.",
    )


SOURCE = Clips()
