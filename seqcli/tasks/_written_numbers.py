"""Numbers written by hand, digit beside digit, and in words: English or Korean."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from seqcli.data.caption_columns import CaptionColumns
from seqcli.data.caption_task import CaptionCorpus
from seqcli.data.captions import CaptionRow
from seqcli.data.facts import CellFacts
from seqcli.data.images import DecodedImage
from seqcli.data.number_words import NUMBER_WORDS
from seqcli.data.prepared import SPLITS
from seqcli.data.randomness import Draws, Key, permutation
from seqcli.data.tables import NumberedRow, Table
from seqcli.tasks.rows import LICENCE, SHA256, SIDE, SOURCE, digit_table

MOST_DIGITS = 4
"""Digits of the longest number: 32 pixels, and names of up to seven words."""
SHARES = {"test": 0.2, "valid": 0.1}
"""Of each digit's images, those that testing and validation draw from; the rest is training's."""
SIZES = {"test": 2000, "valid": 1000, "train": 13_159}
"""Pictures of each split, in the order in which they are drawn; none is drawn twice."""
KNOWN_BELOW = 100
"""Numbers below it are in every split: there are too few of them to share out."""


@dataclass(frozen=True, eq=False)
class WrittenNumber:
    """A number, and the images of its digits.

    Args:
        number: From 0 to 9,999.
        digits: Which images they are, from the left.
    """

    number: int
    digits: tuple[int, ...]

    @property
    def name(self) -> str:
        """The images by their numbers in the file, from 1."""
        return "+".join(str(digit + 1) for digit in self.digits)


def drawn_numbers(labels: NDArray[np.int64], seed: int) -> dict[str, list[WrittenNumber]]:
    """The numbers of each split: no image of a digit is in two, and no number of 100 or more.

    Numbers have one to four digits, as many of each; the first is not 0 but of 0 itself.

    Args:
        labels: The digit on each image (N).
        seed: Decides which.
    """
    images = _shared_out(labels, seed)
    split_numbers: dict[str, list[WrittenNumber]] = {}
    taken: set[int] = set()
    for stream, (split, size) in enumerate(SIZES.items()):
        draws = Draws(Key.sequences(seed, stream))
        own: dict[tuple[int, ...], WrittenNumber] = {}
        while len(own) < size:
            drawn = _drawn(draws, images[split])
            if drawn.number not in taken:
                own.setdefault(drawn.digits, drawn)
        split_numbers[split] = list(own.values())
        taken |= {each.number for each in own.values() if each.number >= KNOWN_BELOW}
    return {split: split_numbers[split] for split in SPLITS}


def _shared_out(labels: NDArray[np.int64], seed: int) -> dict[str, list[list[int]]]:
    """The images of each digit that each split draws from."""
    shares: dict[str, list[list[int]]] = {split: [] for split in SPLITS}
    for digit in range(10):
        own = np.flatnonzero(labels == digit)
        own = own[permutation(len(own), Key.split(seed, digit))]
        test, valid = (round(SHARES[split] * len(own)) for split in ("test", "valid"))
        cut = {"test": own[:test], "valid": own[test : test + valid], "train": own[test + valid :]}
        for split in SPLITS:
            shares[split].append(cut[split].tolist())
    return shares


def _drawn(draws: Draws, images: list[list[int]]) -> WrittenNumber:
    count = 1 + draws.integer(MOST_DIGITS)
    digits = [draws.integer(10) if place or count == 1 else 1 + draws.integer(9) for place in range(count)]
    number = int("".join(map(str, digits)))
    return WrittenNumber(number, tuple(images[digit][draws.integer(len(images[digit]))] for digit in digits))


def picture(number: WrittenNumber, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The digits side by side from the left, (8, 32, 1); what is left over is empty."""
    canvas = np.zeros((SIDE, SIDE * MOST_DIGITS, 1), np.uint8)
    for place, digit in enumerate(number.digits):
        canvas[:, place * SIDE : (place + 1) * SIDE, 0] = images[digit]
    return canvas


@cache
def digit_images() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """The images (N, 8, 8), ink from 0 to 255, and the digit on each (N).

    Raises:
        DataError: The package's file is not the one expected.
    """
    table = digit_table()
    ink = np.minimum(table[:, :-1] * 16, 255).astype(np.uint8)  # the file's values go from 0 to 16
    return ink.reshape(-1, SIDE, SIDE), table[:, -1]


def written_numbers(name: str, language: str, seed: int) -> CaptionCorpus:
    """The three splits of a task.

    Args:
        name: The task.
        language: In which numbers are spelt, of `NUMBER_WORDS`.
        seed: Decides the numbers and their digits.
    """
    words = NUMBER_WORDS[language]

    @cache
    def splits() -> dict[str, list[WrittenNumber]]:
        return drawn_numbers(digit_images()[1], seed)

    def rows(split: str) -> Iterator[CaptionRow]:
        images, _ = digit_images()
        for place, each in enumerate(splits()[split], start=1):
            pixels = picture(each, images)
            yield CaptionRow(
                f"{name}, {split} {place}",
                each.name,
                words(each.number),
                lambda pixels=pixels: DecodedImage(pixels),  # type: ignore[misc]
            )

    def digest() -> str:
        spelt = "".join(f"{row.image}\t{row.caption}\n" for split in SPLITS for row in rows(split))
        return hashlib.sha256(f"{SHA256}\n{spelt}".encode()).hexdigest()

    def no_rows(columns: tuple[str, ...]) -> Iterator[NumberedRow]:  # noqa: ARG001 a table's contract
        yield from ()

    table = Table(name=name, columns=("image", "caption"), read=no_rows, sha256=digest)
    return CaptionCorpus(
        name=name,
        tables=dict.fromkeys(SPLITS, table),
        rows={split: lambda split=split: rows(split) for split in SPLITS},  # type: ignore[misc]
        columns=CaptionColumns("", ""),
        source=SOURCE,
        licence=LICENCE,
        sha256=digest(),
        metric="exact_match",
        cells=CellFacts(width=SIDE, numbers_in=language),
    )
