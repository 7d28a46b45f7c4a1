"""One symbol for every step, judged by how likely the right ones were thought."""

from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_steps import EncodedSteps
from seqcli.data.kind import Kind, ReadyData, split_of
from seqcli.data.metric import PART_OF_LOSS, Metric
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> bytes:
    """Steps, right ones and the first wrong one (null where there is none) of each test example."""
    split = split_of(prepared, "test", EncodedSteps)
    lines = []
    for number, (row, steps) in enumerate(zip(split.right(outputs), split.lengths.tolist(), strict=True)):
        wrong = (~row[:steps]).nonzero()[0].tolist()
        first = wrong[0] if wrong else None
        line = {"example": number, "steps": steps, "right": steps - len(wrong), "first_wrong": first}
        lines.append(strict_json.line(line))
    return b"".join(lines)


KIND = Kind(
    architecture="many-to-many",
    metrics=(Metric("cross_entropy", higher_is_better=False, margin=PART_OF_LOSS),),
    open_split=EncodedSteps.open,
    prediction_lines=prediction_lines,
)
