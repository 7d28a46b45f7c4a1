"""How a leg is trained; imports no torch, so that a configuration is checked before anything heavy loads."""

from pydantic import Field

from seqcli.config.numbers import PositiveFloat, PositiveInt
from seqcli.config.settings import Settings


class TrainingConfig(Settings):
    """The optimisation of one leg; field names are the option names and YAML keys."""

    epochs: PositiveInt = Field(default=10, description="most passes over the training split")
    max_steps: PositiveInt | None = Field(default=None, description="most optimiser steps")
    max_time: PositiveFloat | None = Field(
        default=None, description="most seconds; the same command continues"
    )
    batch_size: PositiveInt = Field(default=32, description="sequences per step")
    lr: PositiveFloat = Field(default=1e-3, description="Adam's learning rate")
    clip: PositiveFloat | None = Field(
        default=1.0, description="largest gradient norm; null turns clipping off"
    )
    patience: PositiveInt = Field(
        default=3, description="epochs without a better validation score before stopping"
    )
