"""The identity of a leg; imports no torch, so that finished legs are recognised at once."""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    SerializeAsAny,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from seqcli import __version__
from seqcli.config.hardware import numerics
from seqcli.config.settings import NonNegativeInt, PositiveInt, Settings
from seqcli.models.architecture import architecture
from seqcli.models.config import ModelConfig
from seqcli.training.config import Precision, TrainingConfig


def _of_its_architecture(value: object) -> object:
    """A model's settings as the record of its own architecture."""
    if not isinstance(value, Mapping) or "model" not in value:
        return value
    return architecture(str(value["model"])).config.model_validate_json(json.dumps(value))


AnyModel = Annotated[SerializeAsAny[ModelConfig], BeforeValidator(_of_its_architecture)]
"""The settings of a model of any architecture."""

Purpose = Literal["compare", "tune"]
"""What a leg is for: one that tunes a setting is scored by validation alone and never sees the test split."""


FORMAT = 2
"""What a leg's files mean; raised when it changes. 2: BLEU and chrF are from 0 to 100."""


class LegConfig(Settings):
    """All that decides a leg's result, and nothing that does not.

    Attributes:
        format: Of the leg's files.
        task: The task's name.
        prepared_sha256: Of the data as training sees it: ids, splits and vocabulary, not the file's bytes.
        model: The model's settings.
        training: How it is trained.
        seed: Decides initialisation, order and dropout.
        purpose: Whether the test split is scored in the end.
        device: 'cpu', 'cuda' or 'mps'.
        threads: Threads of the process: sums in another order are other numbers.
        torch: torch's version.
        cpu: The processor's vector instructions: sums in another order are other numbers.
        seqcli: seqcli's version.
        processes: Those that share each batch: sums in another order are other numbers.
        precision: Of the products in a training step; weights and scores are float32 in any case.
        batched: The seeds that are trained as one batch of recurrences, this one among them; none by itself.
    """

    format: PositiveInt = FORMAT
    task: str
    prepared_sha256: str
    model: AnyModel
    training: TrainingConfig
    seed: NonNegativeInt
    purpose: Purpose = "compare"
    device: str
    threads: PositiveInt
    torch: str
    cpu: str = Field(default_factory=numerics)
    seqcli: str = __version__
    processes: PositiveInt = 1
    precision: Precision = "float32"
    batched: tuple[NonNegativeInt, ...] = ()

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """The settings without one that came later and was not set: kept training runs keep their names."""
        values: dict[str, Any] = handler(self)
        for name, unset in (("processes", 1), ("precision", "float32"), ("batched", ())):
            if name in values and values[name] in (unset, []):
                del values[name]
        return values

    def signature(self, source_sha256: str) -> str:
        """One line that names what was run, on the data file of that SHA-256."""
        shape = f"{self.model.model} h{self.model.hidden}"
        shared = f" · {self.processes} processes" if self.processes > 1 else ""
        shared += "" if self.precision == "float32" else f" · {self.precision}"
        shared += f" · {len(self.batched)} seeds batched" if self.batched else ""
        return (
            f"seqcli {self.seqcli} · {self.task}@{source_sha256[:8]} · {shape} · seed {self.seed}"
            f" · torch {self.torch} {self.device}{shared}"
        )
