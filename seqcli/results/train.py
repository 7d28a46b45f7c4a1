"""`seqcli.train/1`: what one leg reached."""

from typing import Literal, Self

from pydantic import Field, model_validator

from seqcli.results.common import Interval
from seqcli.results.measurements import Parameters, check_scale
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord
from seqcli.results.steps_ahead import StepScores

ROUNDING = 1e-6
"""Two ways to the same share differ by rounding alone."""


class ClassScore(Record):
    """One class of a split.

    `examples` are those whose right class it is, `answered` those that were said to be of it, `right` those
    of which both are true. `precision` is None where nothing was said to be of it, `recall` where there is no
    example. `mistaken_for` is the class that most of its other examples were said to be of, `mistaken` of
    them; of equals, the first by number.
    """

    label: str
    examples: int
    answered: int
    right: int
    precision: float | None
    recall: float | None
    F1: float
    mistaken_for: str | None = None
    mistaken: int = 0


class ClassTable(Record):
    """Every class that occurs in a split or its answers, in the order of their numbers.

    `macro_F1` is the mean of their F1, `balanced_accuracy` that of their recall. `confusion` has a row for
    each right class and a column for each that was said.
    """

    macro_F1: float  # noqa: N815 - the field writes F1 so
    balanced_accuracy: float
    classes: list[ClassScore]
    confusion: list[list[int]]

    def is_share_right(self, score: float) -> bool:
        """Return whether a score is the share of what is right, which a class's share can be held against."""
        right, examples = (
            sum(scored.right for scored in self.classes),
            sum(scored.examples for scored in self.classes),
        )
        return abs(score - right / examples) < ROUNDING


ThresholdMetric = Literal["F1", "macro_F1", "balanced_accuracy"]
"""The scores by which a threshold is chosen; F1 is that of the rarer class alone."""


class ClassThreshold(Record):
    """The least probability from which on the rarer of two classes is said, chosen on validation.

    `valid` is the score that it reaches there by `metric`, `valid_at_half` what the likelier class reaches.
    """

    label: str
    least: float
    metric: ThresholdMetric
    valid: float
    valid_at_half: float


class EpochRecord(Record):
    """One line of `metrics.jsonl`: losses in nats, the mean gradient norm before clipping.

    It holds no time, so that the same training writes the same bytes.
    """

    epoch: int
    step: int
    train_loss: float
    valid_loss: float
    valid_metric: float
    gradient_norm: float
    clipped_share: float


class Score(Record):
    """A metric and the mean loss on one split; `scale_max` is the score of perfect answers, if any.

    `ci95` is that of one run's score on the test split over its examples, for this one network; `signature`
    is sacrebleu's of a corpus score, by which others compute the same.
    """

    metric: str
    value: float
    loss: float
    examples: int
    scale_max: float | None = None
    ci95: Interval | None = None
    signature: str = ""

    @model_validator(mode="after")
    def _on_this_scale(self) -> Self:
        check_scale(self.metric, self.scale_max)
        return self


class TrainSpeed(Record):
    """Sequences and real tokens a second over the whole of training, evaluation left out."""

    unit: str = "sequences/s"
    mean: float
    tokens_per_second: float


class TrainMemory(Record):
    """The greatest resident size of the training process, in bytes."""

    unit: str = "bytes"
    peak: int


class Timing(Record):
    """The time and memory of a leg: apart from its summary, so that equal training gives equal summaries.

    `epoch_seconds` is the time from the leg's start to the end of each epoch, and `kernel` what ran its
    recurrence; runs of earlier versions do not tell them.
    """

    train_speed: TrainSpeed
    memory: TrainMemory
    seconds: float
    seconds_to_best: float
    epoch_seconds: list[float] = Field(default_factory=list)
    kernel: str | None = None


class SolvedCriterion(Record):
    """The outcome of a published criterion: 'MSE < 0.01' on the test split."""

    solved: bool
    criterion: str


class TrainSummary(Record):
    """The outcome of one leg: the same bytes for the same configuration, data and fingerprint.

    `solved` is None for tasks that nobody calls solved, `test` for a leg that only chose a setting.
    `largest_gradient_norm` is that of a single step before clipping; runs of earlier versions do not tell it.
    `threshold` is None where the likelier class is said; `test` is then scored with it, `valid` without.
    """

    model: str
    task: str
    seed: int
    parameters: Parameters
    epochs: int
    best_epoch: int
    stopped: Literal["epochs", "early", "steps", "time"]
    valid: Score
    test: Score | None
    solved: SolvedCriterion | None = None
    largest_gradient_norm: float | None = None
    threshold: ClassThreshold | None = None
    signature: str

    @property
    def tested(self) -> Score:
        """The score on the test split.

        Raises:
            ValueError: The leg only chose a setting, and never saw the test split.
        """
        if self.test is None:
            raise ValueError(f"{self.model} seed {self.seed} only tuned: it has no test score")
        return self.test


class ImagePixels(Record):
    """An image's size, and its pixels row by row in base64: a byte a number, `channels` numbers a pixel."""

    width: int
    height: int
    channels: int
    base64: str


class CaptionExample(Record):
    """A caption that was written, beside the right one.

    `example` is its position from 0; `row` counts as its file does, None where that is not known. `pixels` is
    None where the image is not at hand. `weights` are the shares of the image's patches for each of `pieces`
    (U, rows, columns), '⏎' being the caption's end; both are empty of a model without attention.
    """

    example: int
    row: int | None
    image: str
    reference: str
    predicted: str
    pixels: ImagePixels | None = None
    pieces: list[str] = Field(default_factory=list)
    weights: list[list[list[float]]] = Field(default_factory=list)


class TrainResult(ShownRecord):
    """The summary of one leg together with what it took.

    `stopped` is 'time' where a time budget ended it: the scores are the best epoch's so far, and the same
    command with more time goes on. `beside` holds other scores of the test split, by the metric's name;
    `by_class` is None where nothing is put into classes, `ahead` where there are no steps ahead. `kind` is
    the task's; '' where nobody kept it. `valid_per_epoch` is the validation score of each epoch, in order.
    `captions` are there where a picture or a page of a run that writes below images is drawn.
    """

    schema_: Literal["seqcli.train/1"] = Field(default="seqcli.train/1", alias="schema")
    run: str | None
    model: str
    task: str
    kind: str = ""
    seed: int
    parameters: Parameters
    epochs: int
    best_epoch: int
    stopped: Literal["epochs", "early", "steps", "time"]
    valid: Score
    test: Score
    solved: SolvedCriterion | None = None
    majority: float | None
    beside: dict[str, float] = Field(default_factory=dict)
    by_class: ClassTable | None = None
    ahead: StepScores | None = None
    train_speed: TrainSpeed
    memory: TrainMemory
    seconds: float
    seconds_to_best: float
    epoch_seconds: list[float] = Field(default_factory=list)
    valid_per_epoch: list[float] = Field(default_factory=list)
    kernel: str | None = None
    largest_gradient_norm: float | None = None
    threshold: ClassThreshold | None = None
    captions: list[CaptionExample] = Field(default_factory=list)
    signature: str
