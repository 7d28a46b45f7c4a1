"""Split conformal correction: what must be added to quantiles for them to hold as often as they say."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

MIDDLE = 0.5
"""The median is the forecast itself, and stays."""


def quantile_shifts(residuals: ArrayLike, levels: Sequence[float]) -> NDArray[np.float64]:
    """The shift of each quantile, (Q), by what was held out (Romano, Patterson & Candès, 2019, theorem 2).

    Above the median the ⌈(n + 1) τ⌉-th smallest residual, below it the ⌊(n + 1) τ⌋-th, each tail for itself:
    of values that may be exchanged a new one then lies below the upper quantile with a chance of τ or more,
    and below the lower one of τ or less. Where n is too small for that, it is the outermost residual.

    Args:
        residuals: What came less the quantile, (n, Q), n at least 1.
        levels: τ of each quantile, ascending.
    """
    ordered = np.sort(np.asarray(residuals, np.float64), axis=0)
    count = len(ordered)
    shifts = []
    for place, level in enumerate(levels):
        if level == MIDDLE:
            shifts.append(0.0)
            continue
        # A hair, so that 100 · 0.9 is 90 and not a little more or less.
        rank = (
            math.ceil((count + 1) * level - 1e-9)
            if level > MIDDLE
            else math.floor((count + 1) * level + 1e-9)
        )
        shifts.append(float(ordered[min(max(rank, 1), count) - 1, place]))
    return np.array(shifts)
