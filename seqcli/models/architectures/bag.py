"""The plain network over the mean of the steps: the control that knows no order."""

from seqcli.models.architecture import Architecture
from seqcli.models.config import FeedForwardConfig
from seqcli.registry import later

ARCHITECTURE = Architecture(
    config=FeedForwardConfig,
    kinds=("classify", "regress", "symbols", "tag", "signal", "signal-tag", "forecast"),
    build=later("seqcli.models.feed_forward", "build"),
    instead="It throws the order of steps away: nothing is left where that is the answer, or of one step.",
    summary="a plain network over the mean of the steps, their order thrown away",
    recurrent=False,
)
