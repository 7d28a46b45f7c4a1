"""One real number for a whole sequence of real vectors."""

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded import EncodedVectors
from seqcli.data.kind import Kind, ReadyData
from seqcli.data.metric import PART_OF_LOSS, Metric
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Target and estimate of each test example."""
    pairs = zip(prepared.splits["test"].targets.tolist(), outputs[:, 0].tolist(), strict=True)
    return (
        strict_json.line({"example": number, "target": round(right, 6), "predicted": round(predicted, 6)})
        for number, (right, predicted) in enumerate(pairs)
    )


KIND = Kind(
    metrics=(Metric("MSE", higher_is_better=False, margin=PART_OF_LOSS),),
    open_split=EncodedVectors.open,
    prediction_lines=prediction_lines,
)
