"""`seqcli.compare/1`: which model is better here, by how much, and how sure that is.

The pairs in it, a against b, are `compared_pairs.py`.
"""

from functools import cached_property
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from seqcli.results.claims import Claim
from seqcli.results.common import Expectation
from seqcli.results.compared_pairs import Agreement, BaselinePair, Pair
from seqcli.results.definition import Definition
from seqcli.results.earlier import EarlierComparison
from seqcli.results.measurements import (
    Latency,
    Memory,
    Parameters,
    Quality,
    Sitting,
    Speed,
    Throughput,
    check_scale,
)
from seqcli.results.recommendation import Recommendation, RecurrenceVerdict
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord
from seqcli.results.steps_ahead import StepScores


class TaskFacts(Record):
    """The data that every model saw; `train`, `valid` and `test` count examples, lengths are in steps.

    `scale_max` is the score of perfect answers, None where there is none. `cautions` are the notes that
    change what to believe of a score.
    """

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
    length_mean: float | None = None
    definition: Definition | None = None
    scale_max: float | None = None
    cautions: list[str] = Field(default_factory=list)

    @model_validator(mode="after")
    def _on_this_scale(self) -> Self:
        check_scale(self.metric, self.scale_max)
        return self


class TunedModel(Record):
    """The learning rate chosen for a model; `scores` are mean validation scores, None where a leg failed."""

    label: str
    lr: float
    scores: list[float | None]
    at_edge: bool


class Tuning(Record):
    """The choice of learning rates: the same grid for all, on seeds that the evaluation never sees."""

    rates: list[float]
    seeds: list[int]
    models: list[TunedModel]


class EarlierLook(Record):
    """A verdict on the same models that was drawn before."""

    seeds: list[int]
    alpha: float


class CrossValidation(Record):
    """The test sets of a cross-validation: run number i was tested on `fold_per_seed[i]`.

    `resampled` says which rows are divided into `folds` parts, each of them tested on once; validation is
    the same in all. Runs of one fold are averaged, and every interval over the folds is that of Nadeau and
    Bengio's corrected resampled t-test (2003): the variance of the mean is (1 / folds + `test_to_train`)
    times that of the folds, since their training data overlap.
    """

    folds: int
    fold_per_seed: list[int]
    test_to_train: float
    resampled: str = "train and test"
    interval: str = "corrected resampled t"


class Protocol(Record):
    """The quantity held equal, and the rule of conclusions.

    `looks_before` are those that share a seed with this one: they have spent some of the 5 % already, so that
    `alpha` is smaller. `looks_apart` share none: each is an experiment with 5 % of its own. The sum of all
    levels bounds the chance of a false verdict in any of them.
    """

    match: str
    seeds: list[int]
    look: int
    alpha: float
    margin: float
    init: str
    device: str
    threads: int
    torch: str
    tuning: Tuning | None = None
    target: float | None = None
    power: float = 0.8
    looks_before: list[EarlierLook] = Field(default_factory=list)
    looks_apart: list[EarlierLook] = Field(default_factory=list)
    folds: CrossValidation | None = None

    @property
    def earlier_looks(self) -> list[EarlierLook]:
        """All verdicts on these models that were drawn before."""
        return [*self.looks_before, *self.looks_apart]

    @property
    def fresh_seed(self) -> int:
        """The first of the seeds that neither this look nor an earlier one has used."""
        return 1 + max([*self.seeds, *(seed for look in self.looks_before for seed in look.seeds)])

    @property
    def overall_alpha(self) -> float:
        """The most that the chance of a false verdict can be over all looks (Bonferroni)."""
        return min(1.0, self.alpha + sum(look.alpha for look in self.earlier_looks))


class ToTarget(Record):
    """The time to the quality asked for on the validation split, seed by seed.

    The epoch is the first that is validated at `target` or beyond; None where no epoch was, or the leg
    failed. `seconds_per_seed` is the time from the leg's start to the end of that epoch, validation included
    (None for legs of versions that did not tell it). `epochs` and `seconds` are medians over all seeds,
    those that never reached it counted as longer than any other: None where they are half or more.
    """

    target: float
    reached: int
    seeds: int
    epochs_per_seed: list[int | None]
    seconds_per_seed: list[float | None]
    epochs: float | None
    seconds: float | None


BAG = "bag"
"""The model that throws the order of steps away."""


class ModelResult(Record):
    """One model: what it is, how good it is, what it costs.

    `beside` holds other scores of the test split, by the metric's name; no verdict goes by them.
    `ahead` tells the scores of each step ahead, where there are such steps.
    `learning` is the validation metric after each epoch, a list a seed; None where the leg failed.
    """

    name: str
    label: str
    settings: dict[str, object]
    training: dict[str, object] = Field(default_factory=dict)
    gates: int
    gate_names: list[str]
    kernel: str | None
    parameters: Parameters
    flops_per_step: int
    quality: Quality
    beside: dict[str, Quality] = Field(default_factory=dict)
    ahead: StepScores | None = None
    train_speed: Speed | None
    same_path_speed: Speed | None
    latency: Latency | None
    memory: Memory | None
    epochs_to_best: list[int | None]
    seconds_to_best: list[float | None]
    learning: list[list[float] | None] = Field(default_factory=list)
    to_target: ToTarget | None = None
    throughput: Throughput | None = None
    same_path_latency: Latency | None = None
    same_path_memory: Memory | None = None

    @property
    def shuffled(self) -> bool:
        """Return whether its steps were permuted: it shows what order is worth, and is nothing to take."""
        return self.settings.get("control") == "shuffle"

    @property
    def blank(self) -> bool:
        """Return whether it saw no image: it shows what the image is worth, and is nothing to take."""
        return self.settings.get("control") == "blank"

    @property
    def is_control(self) -> bool:
        """Return whether it only shows what something is worth that was taken from it."""
        return self.shuffled or self.blank

    @property
    def without_order(self) -> bool:
        """Return whether it knows nothing of the order of steps."""
        return self.shuffled or self.name == BAG


class Answer(Record):
    """The right answer to a test example and the model's: a label, one a step, or values (H, C).

    `probabilities` are those of every class, where the score needs them. Right values stand under 'target'
    and what their errors are divided by under 'scale' (C). Of a stretch of text the one tells what it holds,
    and the other how many bits it takes.
    """

    label: str | list[str] | dict[str, list[list[float]] | list[float]] | dict[str, int]
    predicted: str | list[str] | list[list[float]] | float
    probabilities: dict[str, float] | None = None


class BaselineAnswers(Record):
    """The content of a baseline's file: its score on two splits, and its answer to each test example.

    `format` is raised when baselines read their texts otherwise or are fitted otherwise: files of another
    one are made anew. Files of format 1 have no such field, nor answers.
    """

    format: Literal[3] = 3
    valid: float
    test: float
    answers: list[Answer]

    @cached_property
    def predictions(self) -> bytes:
        """The answers as a leg's `predictions.jsonl` has them, a line a test example."""
        return b"".join(answer.model_dump_json(exclude_none=True).encode() + b"\n" for answer in self.answers)


class Baseline(Record):
    """The score of a method without recurrence on the same test split; its interval is over test examples.

    `against` holds every model's verdict against it, Holm-corrected over models × baselines, apart from the
    pairs of models. It is empty where a constant answer stands beside a task that is solved or not.
    """

    name: str
    label: str
    quality: Quality
    against: list[BaselinePair] = Field(default_factory=list)
    ahead: StepScores | None = None


class Recurrence(Record):
    """The gain of recurrence over the best method without it, from the verdicts against the baselines.

    `level` is what the best baseline reaches. It 'pays' where a model is better than every baseline (`better`
    names them), 'costs' where every model is worse than the best one, and is 'equivalent' where every model
    is equivalent to that or worse; all else is 'undecided'. `majority` is what the majority class reaches
    where no model is shown to be better than it: nothing is then shown to be learnt.
    """

    baseline: str
    label: str
    level: float
    better: list[str]
    verdict: RecurrenceVerdict
    majority: float | None = None

    @field_validator("verdict", mode="before")
    @classmethod
    def _untested(cls, verdict: object) -> object:
        """Results of earlier versions say 'nothing' where no test was made."""
        return "undecided" if verdict == "nothing" else verdict


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


class AnswerSpread(Record):
    """The spread of the models' scores over seeds and test examples: enough for any sum of them.

    Mean products between models, each divided by seeds × examples, in the order of `labels`;
    `examples_degrees` are the degrees of freedom of what the choice of examples adds.
    """

    labels: list[str]
    seeds: int
    examples: int
    examples_degrees: float
    by_seeds: list[list[float]]
    by_examples: list[list[float]]
    rest: list[list[float]]


class Comparison(ShownRecord):
    """The whole result of `seqcli compare`: every number on the screen is in it.

    `config` holds the settings that decide it, `sittings` when and on which machine cost was measured.
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
    recurrence: Recurrence | None = None
    pairs: list[Pair]
    guide: list[Claim]
    recommendation: Recommendation
    failures: list[Failure]
    alternatives: list[Alternative] = Field(default_factory=list)
    agreement: list[Agreement] = Field(default_factory=list)
    expectations: list[Expectation] = Field(default_factory=list)
    earlier: EarlierComparison | None = None
    config: dict[str, object] = Field(default_factory=dict)
    sittings: list[Sitting] = Field(default_factory=list)
    answers: AnswerSpread | None = None

    @property
    def order_pairs(self) -> list[Pair]:
        """The pairs of a model that knows the order of steps, first, and one that does not."""
        control = {model.label: model.without_order for model in self.models}
        return [pair for pair in self.pairs if control.get(pair.b) and not control.get(pair.a)]

    @property
    def image_pairs(self) -> list[Pair]:
        """The pairs of a model that sees the image, first, and one that does not."""
        control = {model.label: model.blank for model in self.models}
        return [pair for pair in self.pairs if control.get(pair.b) and not control.get(pair.a)]

    @property
    def legs(self) -> int:
        """Return how many legs there were to run, those for tuning aside."""
        return len(self.models) * len(self.protocol.seeds) * (1 + len(self.alternatives))

    @property
    def finished_legs(self) -> int:
        """Return how many legs were trained to their end, under every protocol."""
        models = (
            model for part in (self.models, *(each.models for each in self.alternatives)) for model in part
        )
        return sum(len(model.quality.per_seed) - model.quality.failed for model in models)

    @property
    def legs_to_go(self) -> int:
        """Return how many legs are neither finished nor failed."""
        return max(0, self.legs - self.finished_legs - len(self.failures))
