"""The reasons for recommending a model, or none, as facts.

Models go by their labels, scores are in the metric's own unit.
"""

from typing import Annotated, Literal

from pydantic import Field

from seqcli.results.common import ClaimVerdict, Verdict
from seqcli.results.record import Record

MAJORITY = "majority"
"""The baseline that has learnt nothing but which class, or which caption, is most frequent."""

RecurrenceVerdict = Literal["pays", "equivalent", "costs", "undecided"]
"""What recurrence is shown to do beside the best method without it."""


class Lack(Record):
    """The data that an undecided quality would take.

    'seeds' are `count` fresh ones from `first_seed` on at the observed spread, 'like these' as many if they
    go on as these did; 'examples' are `count` test examples. Of 'spread' one seed tells nothing, 'finished'
    says that a model has no finished seed, 'budget' that no number of seeds worth naming would do, and 'rows'
    that folds overlap, which only more data changes. `plausible` are the fewest and the most seeds that the
    unknown spread leaves, the most None where there is no bound.
    """

    what: Literal["seeds", "like these", "examples", "spread", "finished", "budget", "rows"]
    count: int | None = None
    first_seed: int | None = None
    plausible: tuple[int, int | None] | None = None


class QualityFact(Record):
    """The ranks of the models in quality.

    'better' than all others is `model`; where all are 'equivalent', `model` is the smallest, if one is.
    `solved` says that seeds that solve the task are counted, and not the score.
    """

    fact: Literal["quality"] = "quality"
    metric: str
    solved: bool
    verdict: Verdict
    model: str | None
    lack: Lack | None = None


class CostFact(Record):
    """The model shown to be the smallest, and the fastest to train on this machine."""

    fact: Literal["cost"] = "cost"
    smallest: str | None
    fastest: str | None


class RealTime(Record):
    """The guide's rule that GRU is for real time: milliseconds an answer, and what they say of it."""

    gru_ms: float
    lstm_ms: float
    verdict: ClaimVerdict


class RuleFact(Record):
    """The guide's rules for data of this length and size, by the mean steps and the training examples.

    `by_length` and `by_size` are the models that the two rules name; where they name the same one, `verdict`
    is that model's against the other in quality.
    """

    fact: Literal["rule"] = "rule"
    length_mean: float
    length_limit: int
    train: int
    train_limit: int
    by_length: str
    by_size: str
    verdict: Verdict | None
    real_time: RealTime | None = None


class ContradictionFact(Record):
    """The verdicts of the protocols on a against b, where they contradict one another."""

    fact: Literal["protocols"] = "protocols"
    a: str
    b: str
    verdicts: dict[str, Verdict]


class RecurrenceFact(Record):
    """The best method without recurrence reaches `level`, the best model `reached`; of `metric`.

    `majority` is what the majority class reaches where no model is shown to be better than it.
    """

    fact: Literal["recurrence"] = "recurrence"
    baseline: str
    label: str
    level: float
    reached: float
    metric: str
    verdict: RecurrenceVerdict
    majority: float | None = None


class EverywhereFact(Record):
    """The model that is recommended at every value of a setting."""

    fact: Literal["everywhere"] = "everywhere"
    setting: str
    model: str


class TrendFact(Record):
    """The effect of a growing setting on a against b: 'better' says that a gains.

    `crossing` is the value at which they meet; the last three count the runs over all values that each
    solves, of a task that is solved or not.
    """

    fact: Literal["trend"] = "trend"
    setting: str
    a: str
    b: str
    verdict: Verdict
    crossing: float | None = None
    solved_a: int | None = None
    solved_b: int | None = None
    runs: int | None = None


RecommendationFact = Annotated[
    QualityFact | CostFact | RuleFact | ContradictionFact | RecurrenceFact | EverywhereFact | TrendFact,
    Field(discriminator="fact"),
]


class Recommendation(Record):
    """The model to use, if the evidence allows one.

    `because` are the facts in plain sentences, filled in where a result is shown or kept; results of earlier
    versions have the sentences alone.
    """

    model: str | None
    because: list[str] = Field(default_factory=list)
    facts: list[RecommendationFact] = Field(default_factory=list)
