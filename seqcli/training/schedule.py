"""The decay of the learning rate over training, as a share of its first value."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

SCHEDULES: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "constant": lambda done: 1.0,  # noqa: ARG005
        "linear": lambda done: max(1 - done, 0.0),
        "cosine": lambda done: (1 + math.cos(math.pi * min(done, 1.0))) / 2,
    }
)
"""Each takes how much of training is behind, from 0 to 1."""
