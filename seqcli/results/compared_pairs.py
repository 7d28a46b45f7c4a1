"""Two models of a comparison against each other: quality, costs and sizes, under one protocol or several.

Throughout, difference = quality(a) - quality(b) and ratio = a / b.
"""

from typing import Literal

from pydantic import Field

from seqcli.results.common import Interval, JointVerdict, Verdict
from seqcli.results.record import Record


class ExamplePair(Record):
    """The same test examples answered by both, at each seed at which both finished.

    `only_a` and `only_b` count the examples that one of the two alone gets right: their mean over seeds, and
    each seed's. `p_values` are McNemar's, of the two networks of a seed; `seeds_apart` counts the seeds at
    which they are told apart, Holm-corrected over the seeds.
    """

    examples: int
    only_a: float
    only_b: float
    only_a_per_seed: list[int]
    only_b_per_seed: list[int]
    p_values: list[float]
    seeds_apart: int


class StepsPair(Record):
    """Steps until the task was solved, seed by seed; an unsolved run is slower than any that solved.

    They are those of the first epoch that is validated as solved. Medians are None where fewer than half of
    the seeds solve; in the means (restricted ones) an unsolved run counts as `budget`, the most steps that
    any leg took. The p-value is the exact sign test's; 'better' says that a solves sooner.
    `sooner_per_seed` is 1 where a does, −1 where b does, 0 for a tie, at the seeds at which both finished.
    """

    sooner_a: int
    sooner_b: int
    ties: int
    median_a: float | None
    median_b: float | None
    mean_a: float
    mean_b: float
    budget: int
    p_value: float
    verdict: Verdict
    sooner_per_seed: list[int] = Field(default_factory=list)


class SolvedPair(Record):
    """Of the seeds at which both models finished, how many each solves; the exact paired test's p-value.

    They are equivalent where their shares of seeds solved differ by less than `margin`.
    """

    a: int
    b: int
    seeds: int
    p_value: float
    margin: float | None = None


class QualityPair(Record):
    """The paired difference in quality over seeds.

    `interval` is the one that decided, and the one to show: its `level` is .95 for one pair at one look,
    higher at each of several looks and at the steps of Holm's correction over several pairs; under
    'equivalent' it is the narrower interval that lies within the margin (.90). `ci95` and `ci90` are of this
    pair alone, whatever the looks and the other pairs.

    Where both models answered the same test examples, every interval is the wider of the one over seeds
    (`seeds_ci95`) and the one over seeds × examples (`examples_ci95`), and the verdict needs both.
    `meaningful` says that the difference is shown to be beyond the margin, `detectable` is the smallest true
    difference that these seeds would show with 80 % chance. What an undecided pair lacks is `limit`: either
    `seeds_needed`, the seeds of a *fresh* run that decides with that chance (0 when decided), with the range
    that the unknown spread leaves (its upper end None beyond what is worth naming), or `examples_needed`,
    the test examples that would do; 'rows' says that folds overlap, which only more data changes.
    `solved` is there for tasks that a published criterion calls solved: the
    verdict is then on it, and `steps` says who solves sooner. `unseen_rate` is the greatest chance a run of
    a collapse that none of these seeds showed and that they cannot exclude (one-sided 95 %).
    """

    difference: float | None
    ci95: Interval | None
    ci90: Interval | None
    verdict: Verdict
    seeds_needed: int | None
    detectable: float | None = None
    solved: SolvedPair | None = None
    meaningful: bool = False
    seeds_ci95: Interval | None = None
    examples_ci95: Interval | None = None
    examples_needed: int | None = None
    interval: Interval | None = None
    level: float | None = None
    limit: Literal["seeds", "examples", "rows"] | None = None
    seeds_needed_range: tuple[int, int | None] | None = None
    examples: ExamplePair | None = None
    steps: StepsPair | None = None
    unseen_rate: float | None = None

    @property
    def shown(self) -> Interval | None:
        """The interval to print: the one that decided; results of earlier versions tell the 95 % one."""
        return self.ci95 if self.interval is None else self.interval


class BaselinePair(Record):
    """A model (`a`, its label) against a baseline (`b`, its name): difference = quality(a) - quality(b)."""

    a: str
    b: str
    quality: QualityPair


class RatioPair(Record):
    """The ratio of a cost, with its interval over processes (from three sittings on over those) where timed.

    `interval` is the one that decided, and the one to show, of this `level`: .95 for one pair, .90 where it
    lies within ±5 % and the two are equivalent, that of Holm's step among several pairs. Where the two ran on
    different kernels, `same_path_…` is the same on torch's own loop, which both have. Results of earlier
    versions tell the 95 % intervals alone.
    """

    ratio: float
    ci95: Interval | None
    verdict: Verdict
    same_path_ratio: float | None = None
    same_path_ci95: Interval | None = None
    same_path_verdict: Verdict | None = None
    interval: Interval | None = None
    level: float | None = None
    same_path_interval: Interval | None = None
    same_path_level: float | None = None

    @property
    def shown(self) -> Interval | None:
        """The interval to print."""
        return self.ci95 if self.interval is None else self.interval

    @property
    def same_path_shown(self) -> Interval | None:
        """That of the common path."""
        return self.same_path_ci95 if self.same_path_interval is None else self.same_path_interval


class ParameterPair(Record):
    """Exact ratios of sizes: the whole model's and the recurrent layers' alone."""

    ratio: float
    recurrent_ratio: float | None


class Pair(Record):
    """Two models against each other, by their labels."""

    a: str
    b: str
    quality: QualityPair
    train_speed: RatioPair | None
    latency: RatioPair | None
    memory: RatioPair | None
    parameters: ParameterPair


class Contrast(Record):
    """a − b under protocol `match` less a − b under protocol `other`, paired by seed.

    'better' says that a gains on b under `match`; the p-value is of no difference, Holm-corrected over all
    pairs of models and of protocols. `interval` decided, at its `level`; where the answers are kept it counts
    seeds and test examples.
    """

    match: str
    other: str
    difference: float
    ci95: Interval | None
    p_value: float
    verdict: Verdict
    interval: Interval | None = None
    level: float | None = None


class Agreement(Record):
    """The verdicts of the protocols on one pair's quality.

    'depends' where one says better and another worse, or where a contrast is decided and the protocols do not
    all decide alike. 'better' under one and 'equivalent' under another contradict nothing: the first
    protocol's verdict stands.
    """

    a: str
    b: str
    verdicts: dict[str, Verdict]
    verdict: JointVerdict
    contrasts: list[Contrast] = Field(default_factory=list)
