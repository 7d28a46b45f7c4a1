"""A comparison concluded from planted accuracies, without training anything."""

import pytest

from seqcli.experiments.conclude import Evidence, ModelEvidence, conclude
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import model_config
from seqcli.experiments.store import LegOutcome
from seqcli.models.spec import parse_spec
from seqcli.results.measurements import Parameters
from seqcli.results.train import Score, Timing, TrainMemory, TrainSpeed, TrainSummary


def planted_leg(value: float) -> LegOutcome:
    score = Score(metric="accuracy", value=value, loss=0.5, examples=24)
    summary = TrainSummary(
        model="x",
        task="reviews",
        seed=0,
        parameters=Parameters(total=500, embedding=90, recurrent=400, head=10),
        epochs=5,
        best_epoch=3,
        stopped="early",
        valid=score,
        test=score,
        signature="s",
    )
    speed = TrainSpeed(mean=1.0, tokens_per_second=1.0)
    return LegOutcome(
        summary,
        Timing(train_speed=speed, memory=TrainMemory(peak=1), seconds=2.0, seconds_to_best=1.0),
    )


@pytest.fixture
def planted(reviews):
    """The comparison of models with these accuracies, one a seed; None is a failed leg."""

    def compare(match="hidden", **accuracies):
        seeds = len(next(iter(accuracies.values())))
        config = CompareConfig(
            models=tuple(accuracies), data=str(reviews), seeds=tuple(range(seeds)), match=(match,)
        )
        models = tuple(
            ModelEvidence(
                label=name,
                model=model_config(config, parse_spec(name)),
                outcomes=tuple(None if value is None else planted_leg(value) for value in values),
                blocks=(),
            )
            for name, values in accuracies.items()
        )
        return conclude(
            Evidence(
                config=config,
                prepared=prepare_data(config),
                device="cpu",
                seeds=config.seeds,
                alpha=0.05,
                models=models,
                baselines={},
                failures=(),
            )
        )

    return compare
