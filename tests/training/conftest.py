"""A leg on small data, and a folder to run it in."""

import pytest

from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training


@pytest.fixture
def planned(reviews):
    """A function that plans a leg on the small reviews; keywords are settings."""

    def plan(model="gru", **settings):
        values = {
            "hidden": 8,
            "embedding": 8,
            "epochs": 3,
            "batch_size": 16,
            "data": str(reviews),
            **settings,
        }
        return plan_training(TrainConfig(model=model, **values))

    return plan
