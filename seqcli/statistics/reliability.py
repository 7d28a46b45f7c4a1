"""Calibration: how far a model's probabilities are from how often it is right (Guo et al., 2017)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from seqcli.statistics.student import Floats

BINS = 10
"""Of equal width, from 0 to 1, as in the paper's figures; an answer of 1 is in the last."""


class ReliabilityBin(NamedTuple):
    """The answers whose probability lies between two ends: how sure they were, and how often right."""

    low: float
    high: float
    examples: int
    confidence: float
    accuracy: float


def reliability(probabilities: Floats, right: NDArray[np.bool_]) -> list[ReliabilityBin]:
    """The bins that have answers, in order.

    Args:
        probabilities: That of the class that was answered, from 0 to 1 (N).
        right: Whether it was right (N).
    """
    number = np.minimum((probabilities * BINS).astype(np.int64), BINS - 1)
    return [
        ReliabilityBin(
            low=place / BINS,
            high=(place + 1) / BINS,
            examples=int(members.sum()),
            confidence=float(probabilities[members].mean()),
            accuracy=float(right[members].mean()),
        )
        for place in range(BINS)
        if (members := number == place).any()
    ]


def calibration_error(bins: list[ReliabilityBin]) -> float:
    """The expected calibration error: the mean distance of confidence and accuracy over examples."""
    total = sum(part.examples for part in bins)
    return sum(part.examples * abs(part.confidence - part.accuracy) for part in bins) / total
