"""A comparison concluded from planted accuracies, without training anything."""

import pytest
from making.outcomes import concluded_from, finished_leg

from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data


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
        outcomes = {
            name: [None if value is None else finished_leg(value) for value in values]
            for name, values in accuracies.items()
        }
        return concluded_from(config, prepare_data(config), outcomes, match=match)

    return compare
