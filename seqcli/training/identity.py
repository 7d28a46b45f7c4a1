"""What decides a leg's result; imports no torch, so that finished legs are recognised at once."""

import json
from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, SerializeAsAny

from seqcli import __version__
from seqcli.config.numbers import NonNegativeInt, PositiveInt
from seqcli.config.settings import Settings
from seqcli.models.architecture import architecture
from seqcli.models.config import ModelConfig
from seqcli.training.config import TrainingConfig


def _of_its_architecture(value: object) -> object:
    """A model's settings as the record of its own architecture."""
    if not isinstance(value, Mapping) or "model" not in value:
        return value
    return architecture(str(value["model"])).config.model_validate_json(json.dumps(value))


AnyModel = Annotated[SerializeAsAny[ModelConfig], BeforeValidator(_of_its_architecture)]
"""The settings of a model of any architecture."""


FORMAT = 2
"""What a leg's files mean; raised when it changes. 2: BLEU and chrF are from 0 to 100."""


class LegConfig(Settings):
    """All that decides a leg's result, and nothing that does not.

    Attributes:
        format: Of the leg's files.
        task: The task's name.
        data_sha256: Names the prepared data by content.
        model: The model's settings.
        training: How it is trained.
        seed: Decides initialisation, order and dropout.
        device: 'cpu', 'cuda' or 'mps'.
        threads: Threads of the process: sums in another order are other numbers.
        torch: torch's version.
        seqcli: seqcli's version.
    """

    format: PositiveInt = FORMAT
    task: str
    data_sha256: str
    model: AnyModel
    training: TrainingConfig
    seed: NonNegativeInt
    device: str
    threads: PositiveInt
    torch: str
    seqcli: str = __version__

    def signature(self, source_sha256: str) -> str:
        """One line that names what was run, on the data file of that SHA-256."""
        shape = f"{self.model.model} h{self.model.hidden}"
        return (
            f"seqcli {self.seqcli} · {self.task}@{source_sha256[:8]} · {shape} · seed {self.seed}"
            f" · torch {self.torch} {self.device}"
        )
