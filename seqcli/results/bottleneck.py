"""`seqcli.bottleneck/1`: how quality falls with the length of the source, and what that says of the guide."""

from typing import Literal

from pydantic import Field

from seqcli.results.claims import Claim
from seqcli.results.common import Interval, Verdict
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class LengthCurve(Record):
    """One model's quality over source lengths; `scores` are seeds × lengths.

    `l50` is the length at which a logistic curve over single lengths (`by_length`, the mean over seeds at
    each of the result's `single_lengths`) has fallen to half of `first`, the score of the shortest ones.
    Where it is None, `l50_below` is the shortest length if the curve was below half from there on,
    `l50_beyond` the longest if it never fell to half, and neither where the model never learnt.
    `by_length_ci95` are intervals over the test sentences, of a score that is a share of them; empty for
    others.
    `still_improving` says, seed by seed, that training ended while the validation score was rising; None
    where the run does not tell.
    """

    label: str
    attention: str
    width: int
    seeds: list[int]
    scores: list[list[float]]
    mean: list[float]
    l50: float | None
    l50_per_seed: list[float | None]
    l50_ci95: Interval | None = None
    l50_below: float | None = None
    l50_beyond: float | None = None
    first: float | None = None
    steepness: float | None = None
    by_length: list[float] = Field(default_factory=list)
    by_length_ci95: list[Interval | None] = Field(default_factory=list)
    still_improving: list[bool | None] = Field(default_factory=list)


class SlopePair(Record):
    """The change in score per doubling of length, of a minus that of b, over seeds and test sentences.

    `interval` decided and is the one to print, at its `level`: that of its Holm step among all pairs; `ci95`
    is of this pair alone. `longest` is the same of a − b on the longest sources. Results of earlier versions
    tell the 95 % intervals alone, over seeds.
    """

    a: str
    b: str
    slope_a: float
    slope_b: float
    difference: float
    ci95: Interval | None
    verdict: Verdict
    longest: float
    longest_ci95: Interval | None
    longest_verdict: Verdict
    interval: Interval | None = None
    level: float | None = None
    longest_interval: Interval | None = None
    longest_level: float | None = None


class Dose(Record):
    """The effect of a context vector's width, in a model that has nothing else."""

    label: str
    width: int
    l50: float | None
    l50_ci95: Interval | None = None
    l50_below: float | None = None
    l50_beyond: float | None = None


class DoseTrend(Record):
    """The change of log2 of L50 per doubling of the width: 'better' says that it grows.

    Seeds and test sentences count; `interval` decided, at its `level`.
    `widths` are those at which every common seed has an L50.
    Where any of these runs were still improving when their training ended (`still_improving` of `runs` that
    tell), the verdict is 'undecided': what is measured then is training as much as width.
    """

    widths: list[int]
    seeds: list[int]
    slope: float
    ci95: Interval | None
    verdict: Verdict
    interval: Interval | None = None
    level: float | None = None
    still_improving: int = 0
    runs: int = 0


class Bottleneck(ShownRecord):
    """The whole measurement; lengths are the mean source tokens of each bucket."""

    schema_: Literal["seqcli.bottleneck/1"] = Field(default="seqcli.bottleneck/1", alias="schema")
    task: str
    metric: str
    buckets: list[str]
    lengths: list[float]
    sentences: list[int]
    curves: list[LengthCurve]
    pairs: list[SlopePair]
    dose: list[Dose]
    dose_trend: DoseTrend | None = None
    single_lengths: list[int] = Field(default_factory=list)
    single_sentences: list[int] = Field(default_factory=list)
    guide: list[Claim]
