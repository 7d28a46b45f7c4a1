"""The caption of the nearest training image, pixel by pixel: what likeness alone tells."""

from collections.abc import Sequence
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import pairwise_distances_argmin

from seqcli.models.baseline import BaselineMethod


class NearestImage(BaselineMethod[NDArray[Any], str]):
    """One nearest neighbour by the Euclidean distance of pixels; of equally near ones, the first."""

    together: ClassVar[int | None] = 256

    def __init__(self) -> None:
        self.known = np.zeros((0, 0), np.float32)
        self.captions: list[str] = []

    def fit(self, inputs: Sequence[NDArray[Any]], answers: Sequence[str]) -> Self:
        """Keep the images."""
        self.known = np.stack([np.asarray(image, np.float32) for image in inputs])
        self.captions = list(answers)
        return self

    def predict(self, inputs: Sequence[NDArray[Any]]) -> list[str]:
        """The caption of each image's nearest one."""
        if not len(inputs):
            return []
        new = np.stack([np.asarray(image, np.float32) for image in inputs])
        return [self.captions[place] for place in pairwise_distances_argmin(new, self.known).tolist()]


BASELINE = NearestImage
