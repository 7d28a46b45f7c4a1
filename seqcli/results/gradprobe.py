"""`seqcli.gradprobe/1`: how far back in time a model's gradients reach, and what would change that.

Norms are decimal logarithms, None where a norm is exactly 0. Means run over seeds, with t-intervals: None for
one seed, whose spread is unknown.
"""

from typing import Literal

from pydantic import Field

from seqcli.results.claims import Claim
from seqcli.results.common import Expectation, Interval
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord

Fate = Literal["vanishes", "preserves", "explodes", "undecided"]
Reach = Literal["yes", "no", "undecided"]
Help = Literal["helps", "hurts", "no difference", "undecided"]


class LagCurve(Record):
    """A figure at each of the model's lags."""

    mean: list[float | None]
    ci95: list[Interval | None]


class ProbeFigure(Record):
    """A mean over seeds."""

    mean: float
    ci95: Interval | None
    per_seed: list[float]


class StepCount(Record):
    """A number of steps over seeds; an end of the interval is None where there is no bound.

    A half-life is that of the mean slope, ln 2 over the mean decay; a seed is None where it does not decay.
    """

    mean: float
    ci95: tuple[float, float | None] | None
    per_seed: list[float | None]


class Spectrum(Record):
    """Lyapunov exponents, natural logarithms a step, greatest first.

    `standard_error` is between seeds, or over time (block means) for one seed. None where a direction dies.
    """

    exponents: list[float | None]
    standard_error: list[float | None]
    per_seed: list[list[float | None]]


class GateFigures(Record):
    """One gate over all layers, units, steps, sequences and seeds; `shut` is below .05, `open` above .95.

    `deciles` are those over units, from the 1st to the 9th, at some of the `steps`.
    """

    mean: float
    shut: float
    open: float
    steps: list[int]
    deciles: list[list[float]]


class Clipping(Record):
    """The effect of clipping the whole gradient at a norm.

    `scale` is the mean factor over all steps, within each step the same at every lag, so that no half-life
    changes. `gradient_norm` is None where one overflows.
    """

    norm: float
    fraction_clipped: float
    steps: int
    gradient_norm: ProbeFigure | None
    scale: float


class Variant(Record):
    """The model with one thing changed; `change` says whether that brings its `rate` nearer to 0."""

    name: str
    model: str
    half_life: StepCount | None
    doubling_time: StepCount | None
    memory_length: StepCount | None
    verdict: Fate
    rate: ProbeFigure | None
    change: Help | None


class TaskLag(Record):
    """The reach to a lag: does it still count a thousandth of what lag 1 counts?"""

    lag: int
    log10_share: ProbeFigure | None
    reached: Reach


class ModelProbe(Record):
    """One model, or one layer and direction of a model that reads both ways.

    `rate` is the slope of log10 ‖∂s_T/∂s_(T−k)‖₂ in decades a step, by least squares over evenly spaced lags.
    `log10_by_state` has the norm for a change of one state tensor alone, `log10_direct_path` the largest
    product of the keeping gate (Σ log f). `verdict` is told from the interval of `rate`: a
    tenfold loss or gain within `horizon` steps, however many were probed; 'undecided' where the interval
    allows two of them, or the lags are too few to read a rate from: then `half_life` and `doubling_time` are
    None. `probe_vectors` is None where the product is exact.
    """

    name: str
    label: str
    settings: dict[str, object]
    lags: list[int]
    log10_state_jacobian: LagCurve
    log10_by_state: dict[str, LagCurve]
    log10_direct_path: LagCurve | None
    log10_loss_gradient: LagCurve | None
    rate: ProbeFigure | None
    half_life: StepCount | None
    doubling_time: StepCount | None
    memory_length: StepCount | None
    lyapunov: Spectrum
    float32_underflow_lag: int | None
    float32_overflow_lag: int | None = None
    gates: dict[str, GateFigures]
    spectral_radius: dict[str, ProbeFigure]
    probe_vectors: int | None
    clip: Clipping | None
    task_lag: TaskLag | None
    verdict: Fate
    horizon: int = 200
    sentence: str = ""
    cures: list[Variant]


class WhatIf(Record):
    """One model's table of changes."""

    label: str
    variants: list[Variant]


class DemoTraining(Record):
    """One training, step by step: the loss and the gradient's norm before clipping, None where no number.

    `diverged_at` is the step, from 1, at which one of them was no number, and `seen` says which; None where
    training went on to the last step.
    """

    loss: list[float | None]
    gradient_norm: list[float | None]
    diverged_at: int | None
    seen: str


class DemoSeed(Record):
    """The same start and the same batches without and with clipping."""

    seed: int
    without: DemoTraining
    clipped: DemoTraining


class Demo(Record):
    """A training run that explodes, and what clipping makes of it; `len` is that of its sequences."""

    name: Literal["explode"]
    label: str
    settings: dict[str, object]
    length: int = Field(alias="len")
    optimizer: str
    learning_rate: float
    batch_size: int
    steps: int
    clip: float
    seeds: list[DemoSeed]


class ProbedInputs(Record):
    """The inputs of the models: 'noise' (adding-problem inputs), a task's batches, or a run's own task."""

    kind: Literal["noise", "task", "run"]
    name: str
    sequences: int
    run: str | None = None


class Gradprobe(ShownRecord):
    """The whole result of `seqcli gradprobe`: every number on the screen is in it."""

    schema_: Literal["seqcli.gradprobe/1"] = Field(default="seqcli.gradprobe/1", alias="schema")
    signature: str
    length: int = Field(alias="len")
    seeds: list[int]
    settings: dict[str, object]
    inputs: ProbedInputs
    models: list[ModelProbe]
    what_if: list[WhatIf]
    demo: Demo | None = None
    guide: list[Claim]
    expectations: list[Expectation]
    notes: list[str] = Field(default_factory=list)


class ProbeProgress(Record):
    """The progress of probing: `share` of model and seed, and the number of such pairs that are done."""

    model: str
    seed: int
    what: str
    share: float
    done: int
    total: int
