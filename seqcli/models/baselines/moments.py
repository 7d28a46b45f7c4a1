"""Mean, deviation and range of each channel: what happens in a sequence, not in which order."""

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from seqcli.models.baseline import BaselineMethod


class Moments(BaselineMethod[NDArray[Any], str]):
    """Logistic regression on each channel's mean, standard deviation, least, greatest and last value.

    The number of steps is a feature too: a network can count them.
    """

    def __init__(self) -> None:
        self.classifier: Pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))

    def fit(self, inputs: Sequence[NDArray[Any]], answers: Sequence[str]) -> Self:
        """Learn the features' scales and the regression."""
        self.classifier.fit(features(inputs), list(answers))
        return self

    def predict(self, inputs: Sequence[NDArray[Any]]) -> list[str]:
        """The likelier label of each sequence."""
        return [str(label) for label in self.classifier.predict(features(inputs))] if len(inputs) else []

    def shares(self, inputs: Sequence[NDArray[Any]]) -> list[dict[str, float]]:
        """The regression's probabilities."""
        if not len(inputs):
            return []
        names = [str(label) for label in self.classifier.classes_]
        table = self.classifier.predict_proba(features(inputs)).tolist()
        return [dict(zip(names, row, strict=True)) for row in table]


def features(inputs: Sequence[NDArray[Any]]) -> NDArray[np.float64]:
    """One row a sequence (N, 5 I + 1), from its inputs (T, I)."""
    return np.array(
        [
            [
                *sequence.mean(axis=0),
                *sequence.std(axis=0),
                *sequence.min(axis=0),
                *sequence.max(axis=0),
                *sequence[-1],
                len(sequence),
            ]
            for sequence in (np.asarray(value, np.float64) for value in inputs)
        ]
    )


BASELINE = Moments
