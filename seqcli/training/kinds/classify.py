"""One class for a whole text."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.prepared import Prepared
from seqcli.training.predictions import prediction_lines


class Classified:
    """Labels with their probabilities."""

    use = 'seqcli predict . "a text"'

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """Label, likeliest label and its probability of each test example."""
        return prediction_lines(prepared, outputs)


KIND = Classified()
