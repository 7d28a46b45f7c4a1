"""Logistic regression on each step and those around it: what a view of a few steps tells."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from seqcli.models.baseline import BaselineMethod

MOST_NUMBERS = 10_000_000
"""Numbers that a regression is fitted to, steps by features: a minute or so; more steps are thinned out."""

WIDEST = 1024
"""Features of a step at most: a window is narrower where steps are wide."""


def stride_to_fit(labels: Sequence[str], numbers: int) -> int:
    """Return every how many-th step is fitted to, so that a regression takes a minute or so.

    Args:
        labels: The label of each step.
        numbers: Numbers that all of them would be fitted to.

    Returns:
        1 also where fewer would have a single class: a regression needs two, whatever it costs.
    """
    stride = max(1, -(-numbers // MOST_NUMBERS))
    return stride if len(set(labels[::stride])) > 1 else 1


class StepRegression(BaselineMethod[NDArray[Any], list[str]]):
    """The class of each step from the `window` steps around it, beyond a sequence's ends zeros.

    Attributes:
        window: Steps that are seen, an odd number.
    """

    window: ClassVar[int]

    def __init__(self) -> None:
        self.classifier: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=300))

    def fit(self, inputs: Sequence[NDArray[Any]], answers: Sequence[list[str]]) -> Self:
        """Learn the features' scales and the regression from steps that have a label; '' is none."""
        labels = [label for row in answers for label in row]
        known = np.flatnonzero(np.array([bool(label) for label in labels]))
        rows = np.concatenate([self._features(sequence) for sequence in inputs])
        stride = stride_to_fit([labels[place] for place in known], len(known) * rows.shape[1])
        taken = known[::stride]
        self.classifier.fit(rows[taken], [labels[place] for place in taken])
        return self

    def predict(self, inputs: Sequence[NDArray[Any]]) -> list[list[str]]:
        """The likeliest label of each step of each sequence."""
        return [
            [str(label) for label in self.classifier.predict(self._features(sequence))] for sequence in inputs
        ]

    def _features(self, sequence: NDArray[Any]) -> NDArray[np.float32]:
        """The steps around each one side by side, (T, window I)."""
        steps = np.asarray(sequence, np.float32)
        around = min(self.window // 2, max(WIDEST // steps.shape[1] - 1, 0) // 2)
        padded = np.pad(steps, ((around, around), (0, 0)))
        views = sliding_window_view(padded, 2 * around + 1, axis=0)  # (T, I, window)
        return views.reshape(len(steps), -1)
