"""The last value again and again: the best guess of a random walk."""

from collections.abc import Sequence
from typing import Any, Self

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BaselineMethod


class LastValue(BaselineMethod[Past, Any]):
    """The naive forecast; answers are values (H, C) as lists."""

    def fit(self, inputs: Sequence[Past], answers: Sequence[Any]) -> Self:  # noqa: ARG002 there is nothing to fit
        """Nothing is learnt."""
        return self

    def predict(self, inputs: Sequence[Past]) -> list[Any]:
        """Each series' last value at every step ahead."""
        return [[past.values[-1].tolist()] * past.horizon for past in inputs]


BASELINE = LastValue
