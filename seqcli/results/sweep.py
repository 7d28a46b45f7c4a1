"""`seqcli.sweep/1`: one comparison for each value of a setting, and how the models change along it."""

from typing import Literal

from pydantic import Field

from seqcli.results.claims import Claim
from seqcli.results.common import Expectation, Interval, Verdict
from seqcli.results.compare import Comparison, Failure
from seqcli.results.compared_pairs import SolvedPair
from seqcli.results.recommendation import Recommendation
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class SweepCurve(Record):
    """One model's quality at each value; `per_seed` is values × seeds, None where a leg failed.

    For tasks that a criterion calls solved, `solved` counts the seeds at each value and there are no
    intervals. `l50` is the value at which the mean curve has fallen to half of its first one, for scores
    that are better when higher; None: nowhere between the values tried.
    """

    label: str
    mean: list[float | None]
    ci95: list[Interval | None]
    per_seed: list[list[float | None]]
    solved: list[int] | None = None
    l50: float | None = None
    still_improving: list[list[bool | None]] = Field(default_factory=list)


class SoonerPair(Record):
    """In how many runs each model solved its task in fewer steps.

    `seeds_a`, `seeds_b` and the p-value (the exact sign test's) count one vote a seed: for the model that is
    sooner at more of the values. It is None where the runs do not tell their seeds.
    """

    a: int
    b: int
    ties: int
    p_value: float | None
    verdict: Verdict
    seeds_a: int = 0
    seeds_b: int = 0


class SeedVotes(Record):
    """In how many seeds each model solves more of the values; the exact sign test's p-value."""

    a: int
    b: int
    ties: int
    p_value: float


class SweepPair(Record):
    """The change of two models' difference along the setting: slope of a minus slope of b, by seed.

    Slopes are the metric's change per doubling of the setting (scale 'log2') or per unit ('linear');
    'better' is the verdict for a when a higher value of the setting favours it. `crossing` is where the
    mean lines meet, if they are shown to. For tasks that are solved or not there are no slopes: `solved`
    counts the runs that each model solved over all values and seeds, and `votes` in how many seeds each
    solves more of them. Runs of one seed are not independent, so the verdict and both p-values are of the
    votes. `sooner` says who needed fewer steps.

    `interval` is the one that decided, and the one to show, at its `level`; where the answers to the test
    examples are kept it counts seeds and examples.
    """

    a: str
    b: str
    seeds: int
    slope_a: float | None
    slope_b: float | None
    difference: float | None
    ci95: Interval | None
    verdict: Verdict
    crossing: float | None = None
    crossing_ci95: Interval | None = None
    solved: SolvedPair | None = None
    votes: SeedVotes | None = None
    sooner: SoonerPair | None = None
    interval: Interval | None = None
    level: float | None = None

    @property
    def shown(self) -> Interval | None:
        """The interval to print; results of earlier versions tell the 95 % one alone."""
        return self.ci95 if self.interval is None else self.interval


class Sweep(ShownRecord):
    """The whole result of `seqcli compare --vary`; `points` are complete comparisons, one a value."""

    schema_: Literal["seqcli.sweep/1"] = Field(default="seqcli.sweep/1", alias="schema")
    signature: str
    status: Literal["complete", "partial"]
    setting: str
    values: list[float]
    scale: Literal["linear", "log2"]
    metric: str
    higher_is_better: bool
    curves: list[SweepCurve]
    pairs: list[SweepPair]
    points: list[Comparison]
    guide: list[Claim]
    recommendation: Recommendation
    failures: list[Failure]
    expectations: list[Expectation] = Field(default_factory=list)
    config: dict[str, object] = Field(default_factory=dict)

    @property
    def legs(self) -> int:
        """Return how many legs there were to run."""
        return sum(point.legs for point in self.points)

    @property
    def finished_legs(self) -> int:
        """Return how many legs were trained to their end, at every value."""
        return sum(point.finished_legs for point in self.points)

    @property
    def legs_to_go(self) -> int:
        """Return how many legs are neither finished nor failed."""
        return max(0, self.legs - self.finished_legs - len(self.failures))
