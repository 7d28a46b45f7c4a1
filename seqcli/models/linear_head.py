"""The base of heads that map states to the answer's numbers by one linear layer."""

import math

from torch import Generator, nn
from torch.nn.utils import skip_init

from seqcli.models.config import ModelConfig
from seqcli.models.dropout import ValueDropout
from seqcli.models.head import Head


class LinearHead(Head):
    """A dropout and a linear layer, its weights 0 until `initialise` fills them.

    Args:
        config: The model's settings.
        output_size: C, the number of classes, or of values.
    """

    def __init__(self, config: ModelConfig, output_size: int) -> None:
        super().__init__(config, output_size)
        width = config.hidden * (2 if config.bidirectional else 1)
        self.dropout = ValueDropout(config.dropout)
        self.linear: nn.Linear = skip_init(nn.Linear, width, output_size)  # type: ignore[no-untyped-call]
        nn.init.zeros_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def initialise(self, *, generator: Generator) -> None:
        """Weights uniform within ±1/√(D·H), as torch.nn.Linear's; biases 0."""
        bound = 1 / math.sqrt(self.linear.in_features)
        nn.init.uniform_(self.linear.weight, -bound, bound, generator=generator)
        nn.init.zeros_(self.linear.bias)
