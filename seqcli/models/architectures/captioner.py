"""An image encoder before the decoder of translations: a sentence for an image (Xu et al., 2015)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from seqcli.errors import either
from seqcli.models.architecture import Architecture, DataShape
from seqcli.models.captioning.config import CaptionerConfig
from seqcli.models.cell import CELLS

if TYPE_CHECKING:
    from torch import Generator

    from seqcli.models.captioning.captioner_network import CaptionerNetwork


def build(config: CaptionerConfig, shape: DataShape, generator: Generator) -> CaptionerNetwork:
    """The network with its first weights."""
    from seqcli.models.captioning import captioner_network

    return captioner_network.build(config, shape, generator)


ARCHITECTURE = Architecture(
    config=CaptionerConfig,
    kinds=("caption",),
    build=build,
    defaults=MappingProxyType(
        {**CaptionerConfig.other_shape(), "epochs": 8, "lr": 0.004, "schedule": "linear", "patience": 5}
    ),
    instead=f"This task has no images: try {either(CELLS.names())}.",
    summary="a small convolution that reads an image, a decoder that writes its caption, looking at patches",
    compared=lambda: ("captioner:cell=lstm", "captioner:cell=gru", "captioner:cell=gru,control=blank"),
    trained="captioner",
)
