"""Linear autoregression: every step ahead a weighted sum of the window that the networks read."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BaselineMethod

RIDGE = 1.0
"""The penalty on squared weights: light beside thousands of windows of standardised values."""

TOGETHER = 1024
"""Windows that are in memory at once."""


class LinearAutoregression(BaselineMethod[Past, Any]):
    """Ridge regression (Hoerl & Kennard, 1970) of standardised values ahead on the context, in closed form.

    (XᵀX + λ I) W = Xᵀ Y, the constant's weight without penalty. All channels and series share the weights
    and each is answered from its own past, as in Zeng et al. (2023); what is read beside them, of the context
    and of the steps ahead as far as it is known, stands in every row.
    """

    def __init__(self) -> None:
        self.weights: NDArray[np.float64] = np.zeros((0, 0))
        """(context + K + 1, horizon)."""

    def fit(self, inputs: Sequence[Past], answers: Sequence[Any]) -> Self:
        """Solve for the weights, windows by the thousand."""
        size, horizon = inputs[0].context + len(inputs[0].beside) + 1, inputs[0].horizon
        inner, outer = np.zeros((size, size)), np.zeros((size, horizon))
        for start in range(0, len(inputs), TOGETHER):
            batch = inputs[start : start + TOGETHER]
            rows = _contexts(batch)
            ahead = np.concatenate(
                [
                    ((np.asarray(answer["target"]) - past.means) / past.deviations).T
                    for past, answer in zip(batch, answers[start : start + TOGETHER], strict=True)
                ]
            )
            inner += rows.T @ rows
            outer += rows.T @ ahead
        penalty = RIDGE * np.eye(size)
        penalty[-1, -1] = 0.0
        self.weights = np.asarray(np.linalg.solve(inner + penalty, outer), np.float64)
        return self

    def predict(self, inputs: Sequence[Past]) -> list[Any]:
        """The values ahead of each window, in own units."""
        return [
            ((_contexts([past]) @ self.weights).T * past.deviations + past.means).tolist() for past in inputs
        ]


def _contexts(pasts: Sequence[Past]) -> NDArray[np.float64]:
    """Standardised contexts, what is read beside them, and a constant, (N · C, context + K + 1)."""
    scaled = np.concatenate(
        [((past.values[-past.context :] - past.means) / past.deviations).T for past in pasts]
    )
    covariates = np.concatenate([np.tile(past.beside, (past.values.shape[1], 1)) for past in pasts])
    return np.hstack([scaled, covariates, np.ones((len(scaled), 1))])


BASELINE = LinearAutoregression
