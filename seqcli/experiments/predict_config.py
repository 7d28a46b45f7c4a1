"""The settings of `seqcli predict`: how it computes; imports no torch."""

from pydantic import Field

from seqcli.config.numbers import PositiveInt
from seqcli.config.settings import Settings


class PredictConfig(Settings):
    """What decides how fast a run labels; the texts and files themselves belong to the command line."""

    threads: PositiveInt = Field(default=1, description="threads to compute with")
    batch_size: PositiveInt = Field(default=256, description="texts that are labelled together")
