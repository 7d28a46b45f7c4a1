"""The plain architecture: one recurrence over the input, a head on top; named by its cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqcli.models.architecture import Architecture, DataShape
from seqcli.models.config import ModelConfig
from seqcli.registry import Registry

if TYPE_CHECKING:
    from torch import Generator

    from seqcli.models.network import Network


def build(config: ModelConfig, shape: DataShape, generator: Generator) -> Network:
    """The network that a cell and the task's kind of answer make."""
    from seqcli.models import network

    return network.build(
        config,
        vocab_size=shape.vocab_size,
        output_size=shape.output_size,
        generator=generator,
        head=shape.kind,
        input_size=shape.input_size,
    )


SINGLE = Architecture(
    config=ModelConfig,
    kinds=Registry("head", "seqcli.models.heads", "HEAD").names(),
    build=build,
    instead="This task takes sequences to sequences: try seq2seq:cell={model}.",
    summary="layers of {model} cells over the input, and a head on top that answers",
)
