"""The plain network over the mean of the steps: the control that knows no order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqcli.models.architecture import Architecture, DataShape
from seqcli.models.config import FeedForwardConfig

if TYPE_CHECKING:
    from torch import Generator

    from seqcli.models.feed_forward import FeedForward


def build(config: FeedForwardConfig, shape: DataShape, generator: Generator) -> FeedForward:
    """The network with its first weights."""
    from seqcli.models import feed_forward

    return feed_forward.build(config, shape, generator)


ARCHITECTURE = Architecture(
    config=FeedForwardConfig,
    kinds=("classify", "regress", "symbols", "tag", "signal", "signal-tag", "forecast"),
    build=build,
    instead="It throws the order of steps away: nothing is left where that is the answer, or of one step.",
    summary="a plain network over the mean of the steps, their order thrown away",
    recurrent=False,
)
