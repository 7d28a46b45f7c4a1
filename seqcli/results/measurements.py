"""The measurements of one model: its size, its quality, and its cost."""

from collections.abc import Mapping

from pydantic import Field, model_validator

from seqcli.results.common import Interval
from seqcli.results.record import Record

ONCE_SHARES = frozenset({"BLEU", "chrF"})
"""Scores that earlier versions counted from 0 to 1, and said no scale of; they are from 0 to 100 now."""


def check_scale(metric: str, scale_max: float | None) -> None:
    """Refuse a corpus score that does not say its scale: earlier versions counted BLEU and chrF from 0 to 1.

    Raises:
        ValueError: It is of another scale than this version's.
    """
    if metric in ONCE_SHARES and scale_max != 100.0:
        raise ValueError(f"{metric} is from 0 to 100 now; these scores are of an earlier version")


class Parameters(Record):
    """Trainable numbers, by part of the model."""

    total: int
    embedding: int
    recurrent: int
    head: int


class Quality(Record):
    """The task's metric on the test split, one value a seed (in the metric's own unit, accuracy as a share).

    `ci95` counts seeds and, where the answers are kept, test examples; it stays inside the metric's range
    and is None from fewer than three seeds, whose values say more.
    `per_seed`, `valid_per_seed` and `solved_per_seed` follow the protocol's seeds; a failed leg is None in
    all. Where a published criterion says when the task is solved, `solved` counts those seeds and there is
    no interval: such scores have two humps, of which a t-interval says nothing.
    """

    metric: str
    mean: float | None
    ci95: Interval | None
    per_seed: list[float | None]
    valid_per_seed: list[float | None]
    failed: int = 0
    solved: int | None = None
    solved_per_seed: list[bool | None] | None = None


ENOUGH_SITTINGS = 3
"""From so many sittings on, a figure has a spread over sittings, and absolute speed a verdict."""


ALL_PROCESSES = 5
"""Fresh processes of each model in a whole sitting."""


class Machine(Record):
    """The conditions of speed beside the program: the computer and the numerics on it."""

    host: str
    cpu: str
    instruction_set: str
    torch: str
    device: str
    threads: int


class Sitting(Record):
    """One measuring of cost: when, on which machine, in how many fresh processes a model.

    `repeated` counts the processes that timed steps or predictions again since load disturbed them (wall time
    more than 5 % above CPU time), `disturbed` those that stayed so after all their tries. `seconds` is the
    time that it took, `training_seconds` that of the training before it, `share` the part of both together
    that is the first; results of earlier versions do not tell them.
    """

    date: str
    machine: Machine
    processes: int
    repeated: int = 0
    disturbed: int = 0
    seconds: float | None = None
    training_seconds: float | None = None
    share: float | None = None


class Timed(Record):
    """A figure timed in fresh processes.

    `samples` are the processes' own figures, sitting after sitting, `per_sitting` their geometric mean in
    each. `ci95` is over sittings, the highest level that varies: None below three.
    """

    samples: list[float] = Field(default_factory=list)
    per_sitting: list[float] = Field(default_factory=list)
    ci95: Interval | None = None

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_no_more(cls, values: object) -> object:
        """Results of earlier versions flagged blocks that stood apart: one clean sample in five had one."""
        if not isinstance(values, Mapping):
            return values
        return {key: value for key, value in values.items() if key != "outliers"}


class Speed(Timed):
    """Training speed: the geometric mean over processes, each of which is the median of its timed steps.

    The ratio of two models' means is therefore the ratio that stands beside them. `per_cpu_second` goes by
    the processes' CPU time instead of the clock on the wall. Results of earlier versions have no `mean`.
    """

    unit: str = "sequences/s"
    median: float
    mean: float | None = None
    tokens_per_second: float
    per_cpu_second: float | None = None

    @property
    def typical(self) -> float:
        """The typical speed."""
        return self.median if self.mean is None else self.mean


class Throughput(Record):
    """Floating-point operations of the recurrence a second in training, beside the peak of matrix products.

    Forward by formula over real steps, times three for the backward pass; embedding, head, optimiser and
    padding do not count, though they take time. `counted` says so in words, filled in where a result is shown
    or kept.
    """

    unit: str = "FLOP/s"
    counted: str = ""
    achieved: float
    peak: float | None
    share: float | None


class Latency(Timed):
    """Time for one prediction of one sequence, in milliseconds.

    `p50` and `p95` are geometric means over processes of each one's quantile; `samples` are the processes'
    medians.
    """

    unit: str = "ms"
    batch: int = 1
    p50: float
    p95: float


class Memory(Record):
    """Exact bytes by kind, and the least and greatest peak of the fresh processes that trained."""

    unit: str = "bytes"
    parameters: int
    optimizer: int
    activations: int
    peak: tuple[int, int]

    @property
    def step(self) -> int:
        """Bytes that a training step needs: parameters, as many gradients, optimiser state, activations."""
        return 2 * self.parameters + self.optimizer + self.activations
