"""Student's t over paired seeds, and equivalence by two one-sided tests (Schuirmann, 1987; Lakens, 2017).

`mean` and `sd` are numbers or arrays of one shape; every function works element by element, so that the
simulations that prove the verdicts run the very code that gives them. A spread of zero is exact knowledge:
the statistic is then infinite, or 0 where the mean lies exactly on the null value.
"""

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats: TypeAlias = NDArray[np.float64]
Numbers: TypeAlias = Floats | float


def statistic(mean: Numbers, sd: Numbers, n: int, *, null: float = 0.0) -> Floats:
    """Student's t = (mean − null) / (sd / √n) (1908)."""
    return standardised(
        np.asarray(mean, dtype=np.float64) - null, np.asarray(sd, dtype=np.float64) / np.sqrt(n)
    )


def standardised(distance: Numbers, error: Numbers) -> Floats:
    """A distance in standard errors; without error it is 0 or infinite."""
    size, spread = np.asarray(distance, dtype=np.float64), np.asarray(error, dtype=np.float64)
    certain = np.where(size == 0.0, 0.0, np.copysign(np.inf, size))
    return np.where(spread > 0.0, size / np.where(spread > 0.0, spread, 1.0), certain)


def upper_p(t: Numbers, n: int) -> Floats:
    """The one-sided p-value P(T ≥ t) for n values (by the incomplete beta function)."""
    return np.asarray(special.stdtr(degrees(n), -np.asarray(t, dtype=np.float64)), dtype=np.float64)


def quantile(alpha: float, n: int) -> float:
    """The t that n values exceed with probability alpha when the true mean is the null value."""
    return -float(special.stdtrit(degrees(n), alpha))


def degrees(n: int) -> int:
    """Degrees of freedom of n values; an exact figure (one value without spread) counts as one."""
    return max(n - 1, 1)


COST_MARGIN = math.log1p(0.05)
"""Margin of the log ratio of two times, speeds or sizes: 5 %, 1/1.05 to 1.05."""


def tost_p(mean: Numbers, sd: Numbers, n: int, margin: float) -> tuple[Floats, Floats]:
    """Paired TOST (Schuirmann, 1987; Lakens, 2017), element by element.

    The greater of the two is at most .05 exactly where the 90 % interval lies inside ±margin.

    Returns:
        The p-values of 'the difference is at or below −margin' and of 'it is at or above +margin'.
    """
    lower = upper_p(statistic(mean, sd, n, null=-margin), n)
    upper = upper_p(-statistic(mean, sd, n, null=margin), n)
    return lower, upper


def check_margin(margin: float) -> None:
    """Refuse a margin within which nothing, or everything, is equivalent.

    Raises:
        ValueError: The margin is not finite and above 0.
    """
    if not (np.isfinite(margin) and margin > 0.0):
        raise ValueError(f"expected a finite margin above 0, got {margin}")
