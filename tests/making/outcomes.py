"""Finished legs without training: what each test says of one, and harmless values for all the rest."""

from seqcli.experiments.store import LegOutcome
from seqcli.results.measurements import Parameters
from seqcli.results.train import EpochRecord, Score, Timing, TrainMemory, TrainSpeed, TrainSummary


def finished_leg(
    value: float,
    *,
    metric: str = "accuracy",
    epochs: tuple[EpochRecord, ...] = (),
    predictions: bytes = b"",
    epoch_seconds: tuple[float, ...] = (),
    **summary: object,
) -> LegOutcome:
    """A leg that scored `value` on validation and test; `summary` are fields of its `TrainSummary`."""
    score = Score(metric=metric, value=value, loss=0.5, examples=24)
    told = {
        "model": "x",
        "task": "reviews",
        "seed": 0,
        "parameters": Parameters(total=500, embedding=90, recurrent=400, head=10),
        "epochs": 5,
        "best_epoch": 3,
        "stopped": "early",
        "valid": score,
        "test": score,
        "signature": "s",
    }
    timing = Timing(
        train_speed=TrainSpeed(mean=1.0, tokens_per_second=1.0),
        memory=TrainMemory(peak=1),
        seconds=2.0,
        seconds_to_best=1.0,
        epoch_seconds=list(epoch_seconds),
    )
    return LegOutcome(TrainSummary(**{**told, **summary}), timing, epochs, predictions)
