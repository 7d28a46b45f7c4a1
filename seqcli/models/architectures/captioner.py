"""An image encoder before the decoder of translations: a sentence for an image (Xu et al., 2015)."""

from types import MappingProxyType

from seqcli.errors import either
from seqcli.models.architecture import Architecture
from seqcli.models.captioning.config import CaptionerConfig
from seqcli.models.cell import CELLS
from seqcli.registry import later

ARCHITECTURE = Architecture(
    config=CaptionerConfig,
    kinds=("caption",),
    build=later("seqcli.models.captioning.captioner_network", "build"),
    defaults=MappingProxyType(
        {**CaptionerConfig.other_shape(), "epochs": 8, "lr": 0.004, "schedule": "linear", "patience": 5}
    ),
    instead=f"This task has no images: try {either(CELLS.names())}.",
    summary="a small convolution that reads an image, a decoder that writes its caption, looking at patches",
    compared=lambda: ("captioner:cell=lstm", "captioner:cell=gru", "captioner:cell=gru,control=blank"),
    trained="captioner",
)
