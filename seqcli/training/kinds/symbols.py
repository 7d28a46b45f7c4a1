"""A symbol for every step."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_steps import EncodedSteps
from seqcli.data.prepared import Prepared
from seqcli.runs import strict_json


class Recalled:
    """How many steps are right, and which is the first that is not."""

    use = ""

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """Steps, right ones and the first wrong one (null where there is none) of each test example."""
        split = prepared.splits["test"]
        if not isinstance(split, EncodedSteps):
            raise TypeError(f"kind {prepared.kind} answers at every step, not in {type(split).__name__}")
        lines = []
        for number, (row, steps) in enumerate(zip(split.right(outputs), split.lengths.tolist(), strict=True)):
            wrong = (~row[:steps]).nonzero()[0].tolist()
            first = wrong[0] if wrong else None
            told = {"example": number, "steps": steps, "right": steps - len(wrong), "first_wrong": first}
            lines.append(strict_json.line(told))
        return b"".join(lines)


KIND = Recalled()
