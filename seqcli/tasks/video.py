"""A handwritten digit that moves: each frame is named by the side that the digit came from."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from seqcli.config.names import Name
from seqcli.data.config import DataConfig
from seqcli.data.randomness import Draws, Key
from seqcli.data.signal_preparation import SignalCorpus
from seqcli.data.signal_task import SignalTask
from seqcli.data.task import TaskPage
from seqcli.tasks.rows import LICENCE, SHA256, SIDE, SOURCE, digit_table

FRAMES = 16
"""Frames of a film."""
CANVAS = 16
"""Rows and columns of a frame, on which a digit of 8 moves; its edges are joined."""
KEEPS = 3
"""Steps of four, on average, that go on as the one before."""

CAME_FROM = MappingProxyType(
    {
        "above": (1, 0),
        "above-left": (1, 1),
        "above-right": (1, -1),
        "below": (-1, 0),
        "below-left": (-1, 1),
        "below-right": (-1, -1),
        "left": (0, 1),
        "right": (0, -1),
    }
)
"""The side that a digit comes from, and the rows and columns that it moves by."""


class MovingDigits(SignalTask):
    """1,797 films of 16 frames of 16 × 16 pixels, each of another image of a digit."""

    name: Name = "video"
    kind: ClassVar[str] = "signal-tag"
    per_step: ClassVar[bool] = True
    defaults: ClassVar[Mapping[str, object]] = MappingProxyType(
        {
            "hidden": 64,
            "embedding": 64,
            "dropout": 0.0,
            "batch_size": 32,
            "lr": 0.003,
            "epochs": 20,
            "patience": 5,
        }
    )
    page: ClassVar[TaskPage] = TaskPage(
        summary="which side a moving digit came from, frame by frame of a film",
        source="Alpaydin & Kaynak 1998, Optical Recognition of Handwritten Digits; package scikit-learn",
        licence=LICENCE,
        size="1,797 films, each of another image of a digit",
        classes="the eight sides that it can come from, one for each frame but the first",
        lengths="16 frames of 16 by 16 pixels",
        baselines=(
            ("majority class", ".110"),
            ("one frame, logistic regression", ".119"),
            ("three frames, logistic regression", ".203"),
            ("GRU on the pixels as they are", ".847"),
            ("LSTM", ".994"),
            ("GRU", ".998"),
        ),
        note="The digit moves by a pixel a frame, turns every few frames, and enters on one side when it"
        " leaves on the other. One frame says nothing of its path; the figures are of one seed.",
    )

    def source_sha256(self, config: DataConfig) -> str:  # noqa: ARG002 the data is always the same
        """The SHA-256 of the file that the package ships."""
        return SHA256

    def parts(self, config: DataConfig) -> SignalCorpus:  # noqa: ARG002 the data is always the same
        """The films.

        Raises:
            DataError: The package's file is not the one expected.
        """
        from seqcli.data.facts import FilmFacts
        from seqcli.data.signal_tables import Signal, SignalTable, numbered

        images = digit_table()[:, :-1].reshape(-1, SIDE, SIDE)
        draws = Draws(Key.sequences(0, 0))
        films = []
        for number, image in enumerate(images, start=1):
            path = list(walk(draws))
            values = np.stack([frame(image, row, column) for row, column, _ in path])
            sides = (None, *(side for _, _, side in path[1:]))
            films.append(Signal(str(number), values, sides[1], f"image {number}", None, sides))
        size = FilmFacts(height=CANVAS, width=CANVAS, channels=1)
        table = SignalTable("digits.csv.gz", numbered(CANVAS**2), films, named=False, film=size)
        return SignalCorpus(
            name=self.name,
            parts={"train": table},
            source=SOURCE,
            licence=LICENCE,
            sha256=SHA256,
            gaps=True,
        )


def walk(draws: Draws) -> Iterator[tuple[int, int, str]]:
    """The row and column by which each frame's digit is shifted, and the side that it came from.

    The side of the first frame is the one that the film sets out with, which nothing in it shows.
    """
    sides = tuple(CAME_FROM)
    row, column = draws.integer(CANVAS), draws.integer(CANVAS)
    side = sides[draws.integer(len(sides))]
    yield row, column, side
    for _ in range(FRAMES - 1):
        if draws.integer(KEEPS + 1) == 0:
            side = sides[draws.integer(len(sides))]
        row, column = (row + CAME_FROM[side][0]) % CANVAS, (column + CAME_FROM[side][1]) % CANVAS
        yield row, column, side


def frame(image: NDArray[np.int64], row: int, column: int) -> NDArray[np.float64]:
    """The pixels of a frame row by row (256), ink from 0 to 16; the edges are joined."""
    canvas = np.zeros((CANVAS, CANVAS))
    canvas[:SIDE, :SIDE] = image
    return np.roll(canvas, (row, column), axis=(0, 1)).reshape(-1)


TASK = MovingDigits()
