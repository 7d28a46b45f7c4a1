"""`seqcli.train/1`: what one leg reached, and the events it tells while it runs."""

from typing import Literal

from pydantic import Field

from seqcli.results.measurements import Parameters
from seqcli.results.record import Record


class EpochRecord(Record):
    """One line of `metrics.jsonl`; losses in nats, seconds of training and evaluation together."""

    epoch: int
    step: int
    train_loss: float
    valid_loss: float
    valid_metric: float
    gradient_norm: float
    clipped_share: float
    sequences_per_second: float | None = None
    seconds: float | None = None


class StepProgress(Record):
    """Where a leg is inside an epoch; told a few times a second."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    sequences_per_second: float


class Score(Record):
    """A metric and the mean loss on one split."""

    metric: str
    value: float
    loss: float
    examples: int


class TrainSpeed(Record):
    """Sequences and real tokens a second over the whole of training, evaluation left out."""

    unit: str = "sequences/s"
    mean: float
    tokens_per_second: float


class TrainMemory(Record):
    """The greatest resident size of the training process, in bytes."""

    unit: str = "bytes"
    peak: int


class TrainResult(Record):
    """The summary of one leg."""

    schema_: Literal["seqcli.train/1"] = Field(default="seqcli.train/1", alias="schema")
    run: str | None
    model: str
    task: str
    seed: int
    parameters: Parameters
    epochs: int
    best_epoch: int
    stopped: Literal["epochs", "early", "steps", "time"]
    valid: Score
    test: Score
    baselines: dict[str, float] = {}
    train_speed: TrainSpeed | None
    memory: TrainMemory | None
    seconds: float | None
    seconds_to_best: float | None
    signature: str
