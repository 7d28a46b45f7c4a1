"""The values before and after each window, as methods without recurrence take them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_windows import EncodedWindows
from seqcli.data.sequences import ViewsOf


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
        series: The number of the series.
        history: All of its values before the first to answer, in own units (n, C).
        beside: What is read beside the values, standardised: of the context, then of the steps ahead (K).
    """

    values: NDArray[np.float64]
    means: NDArray[np.float64]
    deviations: NDArray[np.float64]
    context: int
    horizon: int
    season: int
    series: int = 0
    history: NDArray[np.float64] = field(default_factory=lambda: np.zeros((0, 0)))
    beside: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))


Ahead = dict[str, Any]
"""What `EncodedWindows.right` gives: the values that follow a window under 'target' (H, C), and scales."""


class PastWindows(ViewsOf[EncodedWindows, Past]):
    """The pasts of a split's windows."""

    def _at(self, place: int) -> Past:
        shape, number = self.split.shape, self.split.numbers[place]
        means, deviations, _ = shape.scales
        return Past(
            values=self.split.past(place, max(shape.context, shape.season)),
            means=means[number],
            deviations=deviations[number],
            context=shape.context,
            horizon=shape.horizon,
            season=shape.season,
            series=int(number),
            history=self.split.past(place, int(self.split.origins[place])),
            beside=self.split.known_beside(place),
        )


class WindowAnswers(ViewsOf[EncodedWindows, Ahead]):
    """The values after each of a split's windows, in order."""

    def _at(self, place: int) -> Ahead:
        return self.split.right(place)
