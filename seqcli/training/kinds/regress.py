"""One real number for a whole sequence."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.prepared import Prepared
from seqcli.runs import strict_json


class Estimated:
    """What is right beside what is said."""

    use = ""

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """Target and estimate of each test example."""
        pairs = zip(prepared.splits["test"].targets.tolist(), outputs[:, 0].tolist(), strict=True)
        return b"".join(
            strict_json.line({"example": number, "target": round(right, 6), "predicted": round(said, 6)})
            for number, (right, said) in enumerate(pairs)
        )


KIND = Estimated()
