"""`seqcli.conclude/1`: the verdicts on scores that a person brought along; nothing was trained."""

from typing import Literal

from pydantic import Field

from seqcli.results.compared_pairs import QualityPair
from seqcli.results.measurements import Quality
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class ScoredModel(Record):
    """A model that was trained elsewhere, by its name, and what it reached."""

    label: str
    quality: Quality


class ScoredPair(Record):
    """Two such models against each other: difference = quality(a) - quality(b)."""

    a: str
    b: str
    quality: QualityPair


class Conclusion(ShownRecord):
    """The paired verdicts on a person's own scores, by the rules of `seqcli compare`.

    `margin` is the least difference that matters, in the score's own unit; `examples` counts the test
    examples whose answers were given, None where none were. `seeds` number the runs of each model in their
    order: the k-th of one is paired with the k-th of another.
    """

    schema_: Literal["seqcli.conclude/1"] = Field(default="seqcli.conclude/1", alias="schema")
    metric: str
    higher_is_better: bool
    margin: float
    alpha: float
    seeds: list[int]
    examples: int | None
    models: list[ScoredModel]
    pairs: list[ScoredPair]
