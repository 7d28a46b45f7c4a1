"""One symbol for every step, judged by how likely the right ones were thought."""

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_steps import EncodedSteps
from seqcli.data.kind import Kind, ReadyData, split_of
from seqcli.data.metric import PART_OF_LOSS, Metric
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Steps, right ones and the first wrong one (null where there is none) of each test example."""
    split = split_of(prepared, "test", EncodedSteps)
    for number, (row, steps) in enumerate(zip(split.right(outputs), split.lengths.tolist(), strict=True)):
        wrong = (~row[:steps]).nonzero()[0].tolist()
        first = wrong[0] if wrong else None
        line = {"example": number, "steps": steps, "right": steps - len(wrong), "first_wrong": first}
        yield strict_json.line(line)


KIND = Kind(
    architecture="many-to-many",
    metrics=(Metric("cross_entropy", higher_is_better=False, margin=PART_OF_LOSS),),
    open_split=EncodedSteps.open,
    prediction_lines=prediction_lines,
)
