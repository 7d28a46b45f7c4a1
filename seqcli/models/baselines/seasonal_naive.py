"""The value of a season before, repeated: the method that a model of a seasonal series must beat."""

from collections.abc import Sequence
from typing import Any, Self

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BaselineMethod


class SeasonalNaive(BaselineMethod[Past, Any]):
    """The last season repeated; where a series is younger than a season, its last value."""

    def fit(self, inputs: Sequence[Past], answers: Sequence[Any]) -> Self:  # noqa: ARG002 there is nothing to fit
        """Nothing is learnt."""
        return self

    def predict(self, inputs: Sequence[Past]) -> list[Any]:
        """The values one season, or as many as it takes, before each step ahead."""
        return [_repeated(past) for past in inputs]


def _repeated(past: Past) -> list[Any]:
    season = past.season if len(past.values) >= past.season else 1
    last = past.values[-season:].tolist()
    return [last[step % season] for step in range(past.horizon)]


BASELINE = SeasonalNaive
