"""A folder of plain texts, which are one text to continue: one after the other, in the order of paths."""

import os
from collections.abc import Iterator
from pathlib import Path

from seqcli.data.files import PACKED, ending
from seqcli.errors import DataError

TEXTS = (".txt", ".text", ".md")
"""Endings of plain texts, packed by gzip or not."""

MOST_FILES = 100_000
"""Files of a folder, beyond which it is taken for a mistake: a home folder, say."""


def texts_inside(folder: str) -> tuple[list[Path], int]:
    """The plain texts in a folder and in those below it, by their paths, and how many other files lie there.

    Hidden files are passed over, and links to folders, which may lead in a circle.

    Raises:
        DataError: It holds no plain text, too many files, or cannot be listed.
    """
    files = sorted(_walked(folder), key=lambda path: path.relative_to(folder).as_posix())
    texts = [path for path in files if ending(path.name) in TEXTS]
    if not texts:
        raise DataError(
            f"{folder} holds no plain text",
            f"A folder to learn from holds files that end in {', '.join(TEXTS)}, packed ({PACKED}) or not.",
        )
    return texts, len(files) - len(texts)


def is_folder_of_texts(location: str) -> bool:
    """Return whether all that a folder holds are plain texts, and no folders, which could name classes."""
    if not os.path.isdir(location):  # noqa: PTH112 - a location may be no path at all
        return False
    names = [path for path in Path(location).iterdir() if not path.name.startswith(".")]
    return bool(names) and all(path.is_file() and ending(path.name) in TEXTS for path in names)


def _walked(folder: str) -> Iterator[Path]:
    """The files in a folder and below it.

    Raises:
        DataError: One of the folders cannot be listed, or there are too many files.
    """

    def refused(error: OSError) -> None:
        raise DataError(f"{error.filename} cannot be listed: {error.strerror}", "May you read it?") from error

    count = 0
    for place, folders, names in os.walk(folder, onerror=refused):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in names:
            count += 1
            if count > MOST_FILES:
                raise DataError(
                    f"{folder} holds more than {MOST_FILES:,} files", "Name the folder of the texts alone."
                )
            if not name.startswith("."):
                yield Path(place, name)
