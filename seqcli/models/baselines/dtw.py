"""The nearest training sequence by dynamic time warping: what likeness of shape alone tells.

No library that aligns sequences fits the versions pinned here, so that the recursion is written out; it is
tested against the minimum over all warping paths.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.models.baseline import BaselineMethod

TOGETHER = 2**18
"""Cells of alignments that are computed at once: they stay in the processor's cache, and sequences of like
lengths stand together, so that little of them is padding."""


class NearestByWarping(BaselineMethod[NDArray[Any], str]):
    """One nearest neighbour by dynamic time warping of all channels together (Sakoe & Chiba, 1978).

    The cost of a path is the sum of squared Euclidean distances between the steps that it pairs, its window
    is the whole sequence: 'DTW_D' of the UEA archive (Shokoohi-Yekta et al., 2017).
    """

    together: ClassVar[int | None] = 16

    def __init__(self) -> None:
        self.known: list[NDArray[np.float64]] = []
        self.labels: list[str] = []

    def fit(self, inputs: Sequence[NDArray[Any]], answers: Sequence[str]) -> Self:
        """Keep the sequences, the shortest first."""
        order = sorted(range(len(inputs)), key=lambda place: len(inputs[place]))
        self.known = [np.asarray(inputs[place], np.float64) for place in order]
        self.labels = [answers[place] for place in order]
        return self

    def predict(self, inputs: Sequence[NDArray[Any]]) -> list[str]:
        """The label of each sequence's nearest one; of equally near ones, the shortest."""
        return [
            self.labels[int(self._costs(np.asarray(sequence, np.float64)).argmin())] for sequence in inputs
        ]

    def shares(self, inputs: Sequence[NDArray[Any]]) -> list[dict[str, float]]:
        """All of it for the class that is said."""
        names = sorted(set(self.labels))
        return [{name: float(name == label) for name in names} for label in self.predict(inputs)]

    def _costs(self, sequence: NDArray[np.float64]) -> NDArray[np.float64]:
        """The cost of aligning one sequence with each that is known (N), some of them at a time."""
        costs: list[NDArray[np.float64]] = []
        place = 0
        while place < len(self.known):
            room = max(1, TOGETHER // (len(sequence) * len(self.known[place])))
            group = self.known[place : place + room]
            # Later ones are longer: as many as fit by the longest of those taken.
            group = group[: max(1, TOGETHER // (len(sequence) * len(group[-1])))]
            costs.append(warping_costs(sequence, group))
            place += len(group)
        return np.concatenate(costs)


def warping_costs(
    sequence: NDArray[np.float64], others: Sequence[NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Return the least cost of a warping path between one sequence (S, I) and each other one (T, I): (N).

    D(s, t) = d(s, t) + min(D(s - 1, t), D(s, t - 1), D(s - 1, t - 1)), along anti-diagonals, on which no cell
    depends on another; all sequences side by side.
    """
    lengths = np.array([len(other) for other in others])
    steps, longest = len(sequence), int(lengths.max())
    padded = np.zeros((longest, sequence.shape[1], len(others)))
    for place, other in enumerate(others):
        padded[: len(other), :, place] = other
    flat = padded.transpose(1, 0, 2).reshape(sequence.shape[1], -1)  # (I, T · N)
    squares = (sequence**2).sum(axis=1)[:, None] + (flat**2).sum(axis=0)
    # Side by side in memory stand the sequences, so that each cell of the recursion is one stretch of it.
    cells = np.maximum(squares - 2 * (sequence @ flat), 0.0).reshape(steps, longest, -1)
    # Of each diagonal the cell of step s stands at s + 1; beyond the edges nothing is ever nearest.
    before = np.full((steps + 1, len(others)), np.inf)
    corner = before.copy()
    corner[0] = 0.0  # the start of every path, for the first diagonal's only cell
    ends = np.full(len(others), np.inf)
    for diagonal in range(steps + longest - 1):
        first, last = max(0, diagonal - longest + 1), min(steps, diagonal + 1)
        best = np.minimum(before[first + 1 : last + 1], before[first:last])  # from (s, t - 1), (s - 1, t)
        np.minimum(best, corner[first:last], out=best)  # from (s - 1, t - 1)
        rows = np.arange(first, last)
        now = np.full_like(before, np.inf)
        np.add(best, cells[rows, diagonal - rows], out=now[first + 1 : last + 1])
        done = lengths + steps - 2 == diagonal
        ends[done] = now[steps, done]
        corner, before = before, now
    return ends


BASELINE = NearestByWarping
