"""The season that a series itself shows, and how like itself it is a lag before."""

import numpy as np
from numpy.typing import NDArray

CLEAR = 0.3
"""The least autocorrelation of a season: below it, repeating the last season says little."""

LONGEST_LOOKED = 20_000
"""Values that are looked at, the newest: a season shows in them or is none that a context could hold."""


def autocorrelation(values: NDArray[np.float64], lag: int) -> float | None:
    """The correlation of values with those a lag before, about their common mean (Box & Jenkins, 1970).

    Missing values are left out of the sums. None where nothing varies, or there are too few values.
    """
    centred = values - np.nanmean(values) if np.isfinite(values).any() else values
    centred = np.where(np.isfinite(centred), centred, 0.0)
    total = float((centred**2).sum())
    if total == 0.0 or len(values) <= 2 * lag:
        return None
    return float((centred[lag:] * centred[:-lag]).sum() / total)


def found_period(values: NDArray[np.float64]) -> int:
    """The steps of the season that values show: the highest peak of their autocorrelation; 1 for none.

    Peaks count from where the autocorrelation first falls below 0, up to a third of the series, of values
    less their straight line: neighbours are alike in any smooth series, and far ones in any that rises.
    """
    known = values[np.isfinite(values)][-LONGEST_LOOKED:]
    count = len(known)
    # A third of fewer than twelve values is too short a lag for a season to come back in.
    if count < 12 or not known.std() > 0:
        return 1
    steps = np.arange(count)
    flat = known - np.polyval(np.polyfit(steps, known, 1), steps)
    spectrum = np.abs(np.fft.rfft(flat, 2 * count)) ** 2
    correlations = np.fft.irfft(spectrum)[: count // 3]
    if not correlations[0] > 0:
        return 1
    correlations /= correlations[0]
    below = np.flatnonzero(correlations < 0)
    if not len(below):
        return 1
    inner = correlations[1:-1]
    peaks = np.flatnonzero((inner > correlations[:-2]) & (inner >= correlations[2:])) + 1
    peaks = peaks[(peaks > below[0]) & (correlations[peaks] >= CLEAR)]
    return int(peaks[correlations[peaks].argmax()]) if len(peaks) else 1
