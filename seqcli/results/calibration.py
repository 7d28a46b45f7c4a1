"""`seqcli.calibration/1`: how often verdicts were wrong where the truth was known."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record


class Rate(Record):
    """Events of so many trials, and the exact 95 % upper bound of their rate (Clopper & Pearson, 1934)."""

    count: int
    trials: int
    upper95: float


class SimulatedDesign(Record):
    """One design: each rate counts trials in which any pair of the family is wrong; coverage counts pairs.

    `not_covered` counts the first pair's 95 % intervals that do not hold the true difference.
    """

    seeds: int
    examples: int
    models: int
    false_better: Rate
    false_equivalent: Rate
    not_covered: Rate


class TrainedPairs(Record):
    """A/A pairs that were trained: one model against itself on other seeds, `seeds` a side."""

    task: str
    kind: str
    seeds: int
    examples: int
    false_better: Rate


class Calibration(Record):
    """`seqcli compare --calibration`; `margin` is a share, as are all rates."""

    schema_: Literal["seqcli.calibration/1"] = Field(default="seqcli.calibration/1", alias="schema")
    seqcli: str
    seed: int
    alpha: float
    margin: float
    designs: list[SimulatedDesign]
    trained: list[TrainedPairs] = Field(default_factory=list)
    trained_all: Rate | None = None
