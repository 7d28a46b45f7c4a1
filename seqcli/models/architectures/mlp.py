"""The plain network over one step of numbers: the multilayer perceptron, the guide's one-to-one."""

from seqcli.models.architecture import Architecture
from seqcli.models.config import MLPConfig
from seqcli.registry import later

ARCHITECTURE = Architecture(
    config=MLPConfig,
    kinds=("row",),
    build=later("seqcli.models.feed_forward", "build"),
    instead="It reads one step: bag is the same network over the mean of many.",
    summary="a plain network over rows of numbers, without any recurrence",
    compared=lambda: ("mlp",),
    trained="mlp",
    recurrent=False,
)
