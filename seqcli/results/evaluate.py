"""`seqcli.evaluate/1`: what a finished run reaches on its own test split, or on new data."""

from typing import Literal

from pydantic import Field

from seqcli.results.common import Interval
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord
from seqcli.results.steps_ahead import StepScores
from seqcli.results.train import CaptionExample, ClassTable, ClassThreshold


class EvaluatedScore(Record):
    """A metric on so many examples; `ci95` is this one network's, over its examples."""

    metric: str
    value: float
    examples: int
    ci95: Interval | None = None
    scale_max: float | None = None
    signature: str = ""


class Mistake(Record):
    """An example that was answered wrongly, and how sure the model was of it (0 to 1).

    `example` is its position from 0; `row` counts as its file does, None where that is not known, and `text`
    is None where it is not at hand or was not wanted.
    """

    example: int
    row: int | None
    text: str | None
    label: str
    predicted: str
    probability: float


class CalibrationBin(Record):
    """The answers whose probability lies from `low` to `high`: its mean, and the share right."""

    low: float
    high: float
    examples: int
    confidence: float
    accuracy: float


class AnswerCalibration(Record):
    """The distance of probabilities from being right as often: the expected calibration error, and its bins.

    `error` is the mean distance of confidence and accuracy over all answers (Guo et al., 2017); bins without
    an answer are left out.
    """

    error: float
    bins: list[CalibrationBin]


class EntityScore(Record):
    """The entities of one type: how many there are, are said, and are found whole; 0 of none is 0."""

    type: str
    actual: int
    predicted: int
    matched: int
    precision: float
    recall: float
    f1: float


class WordErrors(Record):
    """A word that got wrong labels: how often, of how often it occurs, and the label said most for it."""

    word: str
    wrong: int
    occurs: int
    label: str
    predicted: str


class EvaluatedRun(ShownRecord):
    """A run and what it answers to labelled data.

    `data` is the file that was read, None for the run's own test split; `unit` is what its rows are counted
    in. `majority` is what always saying `majority_label` reaches: of the run's own split the most frequent
    class of training, of new data the most frequent one there. `beside` holds other scores by their metric.
    `worst` are the wrong answers that the model was most sure of; `texts_missing` says why they have no text.
    `captions` are the first wrong captions and some right ones, of a run that writes below images.
    """

    schema_: Literal["seqcli.evaluate/1"] = Field(default="seqcli.evaluate/1", alias="schema")
    run: str
    model: str
    task: str
    kind: str
    data: str | None
    columns: dict[str, str] = Field(default_factory=dict)
    unit: str = "row"
    unlabelled: int = 0
    score: EvaluatedScore
    majority: float | None = None
    majority_label: str | None = None
    beside: dict[str, float] = Field(default_factory=dict)
    by_class: ClassTable | None = None
    ahead: StepScores | None = None
    threshold: ClassThreshold | None = None
    wrong: int | None = None
    calibration: AnswerCalibration | None = None
    worst: list[Mistake] = Field(default_factory=list)
    entities: list[EntityScore] = Field(default_factory=list)
    worst_words: list[WordErrors] = Field(default_factory=list)
    texts_missing: str = ""
    captions: list[CaptionExample] = Field(default_factory=list)
    signature: str = ""

    @property
    def wrong_captions(self) -> list[CaptionExample]:
        """The captions that are not what is right."""
        return [each for each in self.captions if each.predicted != each.reference]
