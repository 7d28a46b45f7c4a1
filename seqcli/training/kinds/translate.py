"""A sequence for a sequence."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_pairs import EncodedPairs
from seqcli.data.prepared import Prepared
from seqcli.runs import strict_json


class Translated:
    """Sources, references and translations."""

    use = 'seqcli translate . "a text"'

    def prediction_lines(self, prepared: Prepared, outputs: NDArray[Any]) -> bytes:
        """Source, reference and greedy translation of each test example."""
        split = prepared.splits["test"]
        if not isinstance(split, EncodedPairs):
            raise TypeError(f"the splits of kind {prepared.kind} are pairs, not {type(split).__name__}")
        rows = zip(prepared.texts("test"), split.references, split.written(outputs), strict=True)
        return b"".join(
            strict_json.line(
                {"example": number, "source": source, "reference": reference, "predicted": predicted}
            )
            for number, (source, reference, predicted) in enumerate(rows)
        )


KIND = Translated()
