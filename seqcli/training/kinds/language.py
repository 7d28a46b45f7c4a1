"""Which symbols may follow, at every step of a string."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.counted import CountedStrings
from seqcli.data.prepared import Prepared
from seqcli.runs import strict_json


class Accepted:
    """Which strings are accepted."""

    use = ""

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """Each test string's n and whether every step of it is right."""
        split = prepared.splits["test"]
        if not isinstance(split, CountedStrings):
            raise TypeError(f"kind {prepared.kind} counts, not in {type(split).__name__}")
        pairs = zip(split.numbers.tolist(), split.accepted(outputs).tolist(), strict=True)
        return b"".join(
            strict_json.line({"example": number, "n": n, "accepted": accepted})
            for number, (n, accepted) in enumerate(pairs)
        )


KIND = Accepted()
