"""What was before each window and what came after, as methods without recurrence take them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_windows import EncodedWindows


@dataclass(frozen=True, eq=False)
class Past:
    """A series up to the first value to answer.

    Args:
        values: Its last steps in own units (P, C): the context, or a season where that is longer.
        means: Of the training part, each channel's mean (C).
        deviations: Of the same, each channel's standard deviation (C).
        context: How many of these steps a network reads.
        horizon: How many steps are to be answered.
        season: Steps of a season; 1 for none.
    """

    values: NDArray[np.float64]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    context: int
    horizon: int
    season: int


class PastWindows(Sequence[Past]):
    """The pasts of a split's windows, in order."""

    def __init__(self, windows: EncodedWindows) -> None:
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    @overload
    def __getitem__(self, index: int) -> Past: ...
    @overload
    def __getitem__(self, index: slice) -> list[Past]: ...
    def __getitem__(self, index: int | slice) -> Past | list[Past]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        shape, number = self.windows.shape, self.windows.numbers[place]
        means, deviations, _ = shape.scales
        return Past(
            values=self.windows.past(place, max(shape.context, shape.season)),
            means=means[number],
            deviations=deviations[number],
            context=shape.context,
            horizon=shape.horizon,
            season=shape.season,
        )

    def __iter__(self) -> Iterator[Past]:
        return (self[place] for place in range(len(self)))


Ahead = dict[str, Any]
"""The values that follow a window under 'target' (H, C), and MASE's scale under 'scale' (C)."""


class WindowAnswers(Sequence[Ahead]):
    """What follows each of a split's windows, in order."""

    def __init__(self, windows: EncodedWindows) -> None:
        self.windows = windows

    def __len__(self) -> int:
        return len(self.windows)

    @overload
    def __getitem__(self, index: int) -> Ahead: ...
    @overload
    def __getitem__(self, index: slice) -> list[Ahead]: ...
    def __getitem__(self, index: int | slice) -> Ahead | list[Ahead]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        return {
            "target": self.windows.ahead(place).tolist(),
            "scale": self.windows.naive_errors(place).tolist(),
        }

    def __iter__(self) -> Iterator[Ahead]:
        return (self[place] for place in range(len(self)))
