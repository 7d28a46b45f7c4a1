"""A number read digit by digit: what is told where somebody has said where each digit stands."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from seqcli.data.facts import CellFacts, DataFacts
from seqcli.data.number_words import NUMBER_WORDS
from seqcli.models.baseline import BaselineMethod

BEYOND = "-"
"""The class of an empty cell: one to the right of a number's last digit."""

WHITE = 255.0
"""The greatest value of a pixel."""


class CutCells(BaselineMethod[NDArray[Any], str]):
    """Logistic regression on each cell's pixels; the digits that it reads are spelt as captions are.

    It learns each image of a digit once, however many numbers show it: more of the same teaches it nothing.

    Args:
        cells: How wide a cell is, and in which language captions spell numbers.
        height: Pixels of an image's column, Y.
        channels: Numbers of a pixel, I.
    """

    together: ClassVar[int | None] = 256

    def __init__(self, cells: CellFacts, height: int, channels: int) -> None:
        self.shape = (height, cells.width, channels)
        self.spell = NUMBER_WORDS[cells.numbers_in]
        self.classifier = LogisticRegression(max_iter=300)

    @classmethod
    def of(cls, facts: DataFacts) -> Self:
        """The method for images of known cells.

        Raises:
            TypeError: Nobody knows of any: a bug, since the kind then offers other baselines alone.
        """
        if facts.images is None or facts.images.cells is None:
            raise TypeError("images of unknown cells cannot be cut")
        return cls(facts.images.cells, facts.images.height, facts.images.channels)

    def fit(self, inputs: Sequence[NDArray[Any]], answers: Sequence[str]) -> Self:
        """Learn what each digit looks like; captions that spell no number teach nothing."""
        numbers = {self.spell(number): str(number) for number in range(10_000)}
        digits: dict[bytes, str] = {}
        for image, caption in zip(inputs, answers, strict=True):
            if caption in numbers:
                cells = self._cells(image)
                for cell, digit in zip(cells, numbers[caption].ljust(len(cells), BEYOND), strict=True):
                    digits[cell.tobytes()] = digit
        ordered = sorted(digits)  # the same data in another order is the same regression
        known = np.stack([np.frombuffer(cell, np.float64) for cell in ordered])
        self.classifier.fit(known, [digits[cell] for cell in ordered])
        return self

    def predict(self, inputs: Sequence[NDArray[Any]]) -> list[str]:
        """The number that stands before the first empty cell, in words."""
        if not len(inputs):
            return []
        cells = np.stack([self._cells(image) for image in inputs])  # (N, cells, Y · width · I)
        read = self.classifier.predict(cells.reshape(-1, cells.shape[-1])).reshape(cells.shape[:2])
        return [self._spelt("".join(row)) for row in read]

    def _spelt(self, digits: str) -> str:
        return self.spell(int(digits.partition(BEYOND)[0] or "0"))

    def _cells(self, image: NDArray[Any]) -> NDArray[np.float64]:
        """The pixels of each cell from the left, from 0 to 1, (cells, Y · width · I)."""
        height, width, channels = self.shape
        rows = np.asarray(image, np.float64).reshape(height, -1, width, channels) / WHITE
        return rows.transpose(1, 0, 2, 3).reshape(rows.shape[1], -1)


BASELINE = CutCells
