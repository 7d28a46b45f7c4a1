"""`seqcli.compare/1`: which model is better here, by how much, and how sure that is.

Throughout, difference = quality(a) - quality(b) and ratio = a / b.
"""

from typing import Literal

from pydantic import Field

from seqcli.results.definition import Definition
from seqcli.results.expectations import Expectation
from seqcli.results.measurements import Interval, Latency, Memory, Parameters, Quality, Speed
from seqcli.results.record import Record

Verdict = Literal["better", "worse", "equivalent", "undecided"]
ClaimVerdict = Literal["supported", "refuted", "equivalent", "undecided", "depends"]


class TaskFacts(Record):
    """The data that every model saw; `train`, `valid` and `test` count examples."""

    name: str
    kind: str
    train: int
    valid: int
    test: int
    classes: int | None
    metric: str
    higher_is_better: bool
    majority: float | None
    data_sha256: str
    source: str
    notes: list[str]
    definition: Definition | None = None


class Protocol(Record):
    """What was held equal, and how a conclusion is drawn."""

    match: str
    seeds: list[int]
    look: int
    alpha: float
    margin: float
    init: str
    device: str
    threads: int
    torch: str


class ModelResult(Record):
    """One model: what it is, how good it is, what it costs.

    `learning` is the validation metric after each epoch, a list a seed; None where the leg failed.
    """

    name: str
    label: str
    settings: dict[str, object]
    gates: int
    gate_names: list[str]
    kernel: str | None
    parameters: Parameters
    flops_per_step: int
    quality: Quality
    train_speed: Speed | None
    same_path_speed: Speed | None
    latency: Latency | None
    memory: Memory | None
    epochs_to_best: list[int | None]
    seconds_to_best: list[float | None]
    learning: list[list[float] | None] = Field(default_factory=list)


class Baseline(Record):
    """What a method without recurrence reaches on the same test split."""

    name: str
    label: str
    quality: Quality


class SolvedPair(Record):
    """Of the seeds at which both models finished, how many each solves; the exact paired test's p-value."""

    a: int
    b: int
    seeds: int
    p_value: float


class QualityPair(Record):
    """The paired difference in quality over seeds.

    `solved` is there for tasks that a published criterion calls solved: the verdict is then on it.
    """

    difference: float | None
    ci95: Interval | None
    ci90: Interval | None
    verdict: Verdict
    seeds_needed: int | None
    detectable: float | None = None
    solved: SolvedPair | None = None


class RatioPair(Record):
    """The ratio of a cost, with its interval over blocks where it was timed."""

    ratio: float
    ci95: Interval | None
    verdict: Verdict
    same_path_ratio: float | None = None
    same_path_ci95: Interval | None = None


class ParameterPair(Record):
    """Exact ratios of sizes: the whole model's and the recurrent layers' alone."""

    ratio: float
    recurrent_ratio: float


class Pair(Record):
    """Two models against each other, by their labels."""

    a: str
    b: str
    quality: QualityPair
    train_speed: RatioPair | None
    latency: RatioPair | None
    memory: RatioPair | None
    parameters: ParameterPair


class Claim(Record):
    """One sentence of the guide, and what this run says about it."""

    claim: str
    kind: str
    verdict: ClaimVerdict
    evidence: str
    prior: str


class Recommendation(Record):
    """Which model to use, if the evidence allows one, in plain sentences."""

    model: str | None
    because: list[str]


class Failure(Record):
    """A leg that did not finish, and why."""

    model: str
    seed: int
    exit_code: int
    reason: str


class Alternative(Record):
    """The same models with something else held equal."""

    match: str
    models: list[ModelResult]
    pairs: list[Pair]


class Agreement(Record):
    """What the protocols say of one pair's quality; 'depends' where they contradict each other."""

    a: str
    b: str
    verdicts: dict[str, Verdict]
    verdict: Literal["better", "worse", "equivalent", "undecided", "depends"]


class Comparison(Record):
    """The whole result of `seqcli compare`: every number on the screen is in it.

    `models` and `pairs` are those of the first protocol; `alternatives` hold the others, if several were
    asked for, and `agreement` what they say together.
    """

    schema_: Literal["seqcli.compare/1"] = Field(default="seqcli.compare/1", alias="schema")
    signature: str
    status: Literal["complete", "partial"]
    task: TaskFacts
    protocol: Protocol
    models: list[ModelResult]
    baselines: list[Baseline]
    pairs: list[Pair]
    guide: list[Claim]
    recommendation: Recommendation
    failures: list[Failure]
    alternatives: list[Alternative] = Field(default_factory=list)
    agreement: list[Agreement] = Field(default_factory=list)
    expectations: list[Expectation] = Field(default_factory=list)
