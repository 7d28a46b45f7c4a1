"""Equivalence: evidence that a difference is too small to matter, which no large p-value gives."""

import math
from dataclasses import dataclass

import numpy as np

from seqcli.statistics import student
from seqcli.statistics.intervals import Estimate
from seqcli.statistics.student import Floats, Numbers

ACCURACY_MARGIN = 0.01
"""Default margin of a difference in accuracy: 1.0 point."""
BLEU_MARGIN = 0.5
"""Default margin of a difference in BLEU, on its scale of 0 to 100."""
LOSS_MARGIN = math.log1p(0.02)
"""Default margin of the log ratio of two losses: 2 % relative."""
COST_MARGIN = math.log1p(0.05)
"""Default margin of the log ratio of two times, speeds or sizes: 5 %."""


@dataclass(frozen=True)
class Tost:
    """Two one-sided tests against ±margin.

    Args:
        p_lower: P-value of 'the difference is at or below −margin'.
        p_upper: P-value of 'the difference is at or above +margin'.
    """

    p_lower: float
    p_upper: float

    @property
    def p_value(self) -> float:
        """The greater of the two: equivalence at α means that both tests reject at α."""
        return max(self.p_lower, self.p_upper)


def tost(estimate: Estimate, margin: float) -> Tost:
    """Paired TOST (Schuirmann, 1987; Lakens, 2017); both p-values are 1 for one value of unknown spread.

    `p_value <= .05` says the same as 'the 90 % interval lies inside ±margin'.

    Raises:
        ValueError: The margin is not finite and above 0.
    """
    check_margin(margin)
    if estimate.sd is None:
        return Tost(1.0, 1.0)
    lower, upper = tost_p(estimate.mean, estimate.sd, estimate.n, margin)
    return Tost(float(lower), float(upper))


def tost_p(mean: Numbers, sd: Numbers, n: int, margin: float) -> tuple[Floats, Floats]:
    """The two one-sided p-values, element by element: (against −margin, against +margin)."""
    lower = student.upper_p(student.statistic(mean, sd, n, null=-margin), n)
    upper = student.upper_p(-student.statistic(mean, sd, n, null=margin), n)
    return lower, upper


def relative_margin(share: float) -> float:
    """The margin of a log ratio that stands for a relative one: ln(1 + share), .05 for 5 %.

    On the log scale it is as wide downwards as upwards: 5 % is 1/1.05 to 1.05.

    Raises:
        ValueError: The share is not finite and above 0.
    """
    check_margin(share)
    return math.log1p(share)


def check_margin(margin: float) -> None:
    """Refuse a margin within which nothing, or everything, is equivalent.

    Raises:
        ValueError: The margin is not finite and above 0.
    """
    if not (np.isfinite(margin) and margin > 0.0):
        raise ValueError(f"expected a finite margin above 0, got {margin}")
