"""`seqcli.bottleneck/1`: how quality falls with the length of the source, and what that says of the guide."""

from typing import Literal

from pydantic import Field

from seqcli.results.compare import Claim
from seqcli.results.measurements import Interval
from seqcli.results.record import Record


class Curve(Record):
    """One model's quality over source lengths; `scores` are seeds × lengths.

    `l50` is the length at which the mean curve has fallen to half of its first value; None: nowhere measured.
    """

    label: str
    attention: str
    width: int
    seeds: list[int]
    scores: list[list[float]]
    mean: list[float]
    l50: float | None
    l50_per_seed: list[float | None]


class SlopePair(Record):
    """The change in score per doubling of length, of a minus that of b, paired by seed."""

    a: str
    b: str
    slope_a: float
    slope_b: float
    difference: float
    ci95: Interval | None
    verdict: Literal["better", "worse", "equivalent", "undecided"]
    longest: float
    longest_ci95: Interval | None
    longest_verdict: Literal["better", "worse", "equivalent", "undecided"]


class Dose(Record):
    """What a context vector's width buys, in a model that has nothing else."""

    label: str
    width: int
    l50: float | None


class Bottleneck(Record):
    """The whole measurement; lengths are the mean source tokens of each bucket."""

    schema_: Literal["seqcli.bottleneck/1"] = Field(default="seqcli.bottleneck/1", alias="schema")
    task: str
    metric: str
    buckets: list[str]
    lengths: list[float]
    sentences: list[int]
    curves: list[Curve]
    pairs: list[SlopePair]
    dose: list[Dose]
    guide: list[Claim]
