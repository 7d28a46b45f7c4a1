"""Equivalence: evidence that a difference is too small to matter, which no large p-value gives."""

import math

import numpy as np

from seqcli.statistics import student
from seqcli.statistics.student import Floats, Numbers

COST_MARGIN = math.log1p(0.05)
"""Margin of the log ratio of two times, speeds or sizes: 5 %, 1/1.05 to 1.05."""


def tost_p(mean: Numbers, sd: Numbers, n: int, margin: float) -> tuple[Floats, Floats]:
    """Paired TOST (Schuirmann, 1987; Lakens, 2017), element by element.

    The greater of the two is at most .05 exactly where the 90 % interval lies inside ±margin.

    Returns:
        The p-values of 'the difference is at or below −margin' and of 'it is at or above +margin'.
    """
    lower = student.upper_p(student.statistic(mean, sd, n, null=-margin), n)
    upper = student.upper_p(-student.statistic(mean, sd, n, null=margin), n)
    return lower, upper


def check_margin(margin: float) -> None:
    """Refuse a margin within which nothing, or everything, is equivalent.

    Raises:
        ValueError: The margin is not finite and above 0.
    """
    if not (np.isfinite(margin) and margin > 0.0):
        raise ValueError(f"expected a finite margin above 0, got {margin}")
