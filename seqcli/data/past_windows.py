"""The values before and after each window, as methods without recurrence take them."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload

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


Ahead = dict[str, Any]
"""The values that follow a window under 'target' (H, C), and MASE's scale under 'scale' (C)."""

V = TypeVar("V")


class _OfEach(Sequence[V]):
    """One view of each of a split's windows, in order, made when it is asked for."""

    def __init__(self, windows: EncodedWindows) -> None:
        self.windows = windows

    @abstractmethod
    def _at(self, place: int) -> V:
        """That of the window at a place from 0."""

    def __len__(self) -> int:
        return len(self.windows)

    @overload
    def __getitem__(self, index: int) -> V: ...
    @overload
    def __getitem__(self, index: slice) -> list[V]: ...
    def __getitem__(self, index: int | slice) -> V | list[V]:
        places = range(len(self))[index]
        return self._at(places) if isinstance(places, int) else [self._at(place) for place in places]


class PastWindows(_OfEach[Past]):
    """The pasts of a split's windows."""

    def _at(self, place: int) -> Past:
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


class WindowAnswers(_OfEach[Ahead]):
    """The values after each of a split's windows, in order."""

    def _at(self, place: int) -> Ahead:
        return {
            "target": self.windows.ahead(place).tolist(),
            "scale": self.windows.naive_errors(place).tolist(),
        }
