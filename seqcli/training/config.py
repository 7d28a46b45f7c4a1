"""The settings of training; imports no torch, so that they are checked before anything heavy loads."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from seqcli.config.settings import Allowed, PartOfAll, PositiveFloat, PositiveInt, Settings

CHECKPOINT_SECONDS = 30.0
"""Seconds between two checkpoints, unless told otherwise: what a killed leg loses at most."""

Precision = Literal["float32", "bf16"]
"""The numbers of a training step's products: float32, or bfloat16 with weights kept in float32."""

BatchSize = Annotated[PositiveInt, Field(le=65_536), Allowed("a whole number from 1 to 65,536")]


class TrainingConfig(Settings):
    """The optimisation of one leg; field names are the option names and YAML keys."""

    train_size: PartOfAll = 1.0
    """The share of the training split that is learnt from, drawn by seed."""
    epochs: PositiveInt = 10
    """Most passes over the training split."""
    max_steps: PositiveInt | None = None
    """Most optimiser steps."""
    batch_size: BatchSize = 64
    """Sequences a step."""
    optimizer: Literal["adam", "sgd"] = "adam"
    """What turns gradients into steps: Adam, or plain gradient descent without momentum."""
    lr: PositiveFloat = 2e-3
    """The optimiser's learning rate."""
    schedule: Literal["constant", "linear", "cosine"] = "constant"
    """How the learning rate falls from there to 0 at the end of the last epoch."""
    clip: PositiveFloat | None = 1.0
    """The largest gradient norm; None turns clipping off."""
    patience: PositiveInt = 3
    """Epochs without a better validation score before training stops."""
    keep_epochs: bool = False
    """Keep the weights after every epoch beside the best ones', to look at how they came about."""
    choose_by: Literal["metric", "loss"] = "metric"
    """What makes an epoch the best: its score or its loss on the validation split."""
    class_weights: Literal["none", "balanced"] = "none"
    """Whether the errors of rare classes count more in training: N / (C · n_c) each, or all alike."""

    threshold: Literal["half", "valid"] = "half"
    """From which probability on the rarer of two classes is said: one half, or what is best on validation."""

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The settings without one that came later and was not set: kept training runs keep their names."""
        values: dict[str, Any] = handler(self)
        for name, unset in (("class_weights", "none"), ("threshold", "half")):
            if values.get(name) == unset:
                del values[name]
        return values
