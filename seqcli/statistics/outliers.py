"""Timed blocks that stand apart: flagged for the reader, never removed."""

from collections.abc import Sequence

import numpy as np

THRESHOLD = 3.5


def outliers(values: Sequence[float]) -> tuple[int, ...]:
    """Positions of the values far from the median, by the modified z-score (Iglewicz & Hoaglin, 1993).

    z = .6745 (x − median) / MAD, flagged beyond 3.5; where more than half of the values are equal and MAD is
    0, the mean absolute deviation times 1.2533 stands in for MAD / .6745. Fewer than three values flag none.

    Raises:
        ValueError: A value is not finite.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.isfinite(array).all():
        raise ValueError(f"expected finite values, got {list(values)}")
    if array.size < 3:
        return ()
    distance = np.abs(array - np.median(array))
    spread = float(np.median(distance)) / 0.6745 or float(distance.mean()) * 1.2533
    if spread == 0.0:
        return ()
    return tuple(int(position) for position in np.flatnonzero(distance / spread > THRESHOLD))
