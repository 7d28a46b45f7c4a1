"""A run's evidence on a sentence of the guide, as facts: `reports/words/claims.py` puts them into words.

Models go by their labels; differences are in the metric's own unit, LSTM's or a's less GRU's or b's.
"""

from typing import Annotated, Literal

from pydantic import Field

from seqcli.results.common import ClaimVerdict, Interval, Verdict
from seqcli.results.record import Record


class ShownDifference(Record):
    """A difference of scores of this metric with the interval that decided, of this level."""

    metric: str
    value: float
    interval: Interval | None
    level: float | None = None


class UnmeasuredFact(Record):
    """Nothing was measured, and why, where that is known: 'part' did not finish, 'longer' was not scored."""

    fact: Literal["unmeasured"] = "unmeasured"
    why: Literal["", "part", "longer", "one initialisation"] = ""


class ConstantFact(Record):
    """Parameters counted after reading sequences of each of `lengths` steps, by cell of this width."""

    fact: Literal["constant"] = "constant"
    counts: dict[str, list[int]]
    lengths: list[int]
    hidden: int


class SizeFact(Record):
    """Gates of both, and GRU's change of size against LSTM: −0.25 is a quarter less."""

    fact: Literal["size"] = "size"
    gru_gates: int
    lstm_gates: int
    recurrent_change: float
    total_change: float


class CostRatioFact(Record):
    """A cost of GRU over LSTM's, and the same on torch's own loop, which both have."""

    fact: Literal["cost ratio"] = "cost ratio"
    ratio: float
    same_path_ratio: float | None


class SimilarFact(Record):
    """The difference of a and b; `solved` are the seeds of `seeds` that each solves, where that is counted.

    `small` says that a difference is shown, though not that it is beyond the margin.
    """

    fact: Literal["similar"] = "similar"
    a: str
    b: str
    difference: ShownDifference | None = None
    solved: tuple[int, int] | None = None
    seeds: int | None = None
    level: float | None = None
    small: bool = False


class CountedFact(Record):
    """In how many seeds each generalises to longer strings; the exact paired test's p-value."""

    fact: Literal["counted"] = "counted"
    lstm: int
    gru: int
    seeds: int
    p_value: float


class GrowthFact(Record):
    """LSTM's gain on GRU per doubling of a setting, and its verdicts at both ends."""

    fact: Literal["growth"] = "growth"
    change: ShownDifference | None
    least: Verdict
    greatest: Verdict


class SolvedGrowthFact(Record):
    """Runs over all values that each solves; who solves more of them by seed, and who in fewer steps.

    `votes` and `sooner` count seeds and runs for LSTM and for GRU.
    """

    fact: Literal["solved growth"] = "solved growth"
    lstm: int
    gru: int
    runs: int
    votes: tuple[int, int] | None = None
    seeds: int
    p_value: float | None = None
    sooner: tuple[int, int] | None = None


class BottleneckFact(Record):
    """The gain per doubling of the source of a model without attention on one with it.

    The halves are the lengths at which each has half of its short score, None where it never falls so far,
    counted in `unit`; `against` names the model with attention where several are.
    """

    fact: Literal["bottleneck"] = "bottleneck"
    change: ShownDifference
    half: float | None
    half_with_attention: float | None
    unit: Literal["length", "tokens"]
    against: str = ""


class LongestFact(Record):
    """The lead of the model with attention on the longest sources, or at the greatest length."""

    fact: Literal["longest"] = "longest"
    ahead: ShownDifference
    of: Literal["length", "sources"]


class ParallelFact(Record):
    """The change of a step's Jacobian with the state, a share by cell; a linear RNN scanned in rounds."""

    fact: Literal["parallel"] = "parallel"
    changes: dict[str, float]
    steps: int
    rounds: int
    error: float


class CureFact(Record):
    """Of `trainings`, `broken` broke off without clipping, and `cured` of these ran to the end clipped."""

    fact: Literal["cure"] = "cure"
    trainings: int
    broken: int
    cured: int
    clip: float


class Pace(Record):
    """The course of a model's gradients: its verdict, with its half-life or doubling time in steps."""

    label: str
    verdict: str
    half_life: float | None = None
    doubling_time: float | None = None


class ClippedFact(Record):
    """Models whose gradients were clipped while being probed, and the share of steps that were."""

    fact: Literal["clipped"] = "clipped"
    models: list[Pace]
    shares: list[float]


class SharedStart(Record):
    """Models that began alike: the initialisation's name and gain."""

    init: str
    gain: float
    models: list[Pace]


class GatesFact(Record):
    """Gated and ungated cells under each initialisation that both have; `left` had no counterpart."""

    fact: Literal["gates"] = "gates"
    starts: list[SharedStart]
    left: list[str]


ClaimFact = Annotated[
    UnmeasuredFact
    | ConstantFact
    | SizeFact
    | CostRatioFact
    | SimilarFact
    | CountedFact
    | GrowthFact
    | SolvedGrowthFact
    | BottleneckFact
    | LongestFact
    | ParallelFact
    | CureFact
    | ClippedFact
    | GatesFact,
    Field(discriminator="fact"),
]


class Claim(Record):
    """One sentence of the guide, and what this run says about it; `number` is its place in the guide.

    `claim`, `prior` and `evidence`, which is `facts` in words, are filled in where a result is shown or kept;
    results of earlier versions have the words alone. Until then `of` is the model that the claim is about,
    where that is open. `improving` are runs that were still improving when training ended, of how many;
    `protocols_differ` says that other protocols say something else.
    """

    number: int | None = None
    claim: str
    kind: str
    verdict: ClaimVerdict
    evidence: str = ""
    prior: str
    facts: ClaimFact | None = None
    improving: tuple[int, int] | None = None
    protocols_differ: bool = False
    of: str = Field(default="", exclude=True)
