"""A comparison concluded from planted accuracies, without training anything."""

import pytest
from making.outcomes import finished_leg

from seqcli.experiments.conclude import Evidence, ModelEvidence, conclude
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import model_config
from seqcli.models.spec import parse_spec


@pytest.fixture
def planted(reviews):
    """The comparison of models with these accuracies, one a seed; None is a failed leg."""

    def compare(match="hidden", margin=None, **accuracies):
        seeds = len(next(iter(accuracies.values())))
        config = CompareConfig(
            models=tuple(accuracies),
            data=str(reviews),
            seeds=tuple(range(seeds)),
            match=(match,),
            margin=margin,
        )
        models = tuple(
            ModelEvidence(
                label=name,
                model=model_config(config, parse_spec(name)),
                outcomes=tuple(None if value is None else finished_leg(value) for value in values),
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
                match=match,
            )
        )

    return compare
