"""The symbols that may follow, at every step of a string of a formal language."""

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from seqcli.data.encoded_steps import CountedStrings
from seqcli.data.kind import Kind, ReadyData, split_of
from seqcli.data.metric import Metric
from seqcli.runs import strict_json


def prediction_lines(prepared: ReadyData, outputs: NDArray[Any]) -> Iterator[bytes]:
    """Each test string's n and whether every step of it is right."""
    split = split_of(prepared, "test", CountedStrings)
    pairs = zip(split.numbers.tolist(), split.accepted(outputs).tolist(), strict=True)
    return (
        strict_json.line({"example": number, "n": n, "accepted": accepted})
        for number, (n, accepted) in enumerate(pairs)
    )


KIND = Kind(
    architecture="many-to-many",
    metrics=(Metric("largest_n", higher_is_better=True, margin=1.0, step=1.0, counting=True),),
    one_way=True,
    open_split=CountedStrings.open,
    prediction_lines=prediction_lines,
)
