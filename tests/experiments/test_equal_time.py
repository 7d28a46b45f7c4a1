"""Equal training time: how many steps, on how much data; and the seconds of a step that decide it."""

from types import SimpleNamespace

import pytest

from seqcli.experiments.compare import comparison
from seqcli.experiments.compare.cost_records import TimedSteps
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.results.events import drive


@pytest.fixture
def planned(reviews):
    def at(**settings):
        values = {"models": ("lstm", "gru"), "data": str(reviews), "match": "time", "batch_size": 32}
        return plan(CompareConfig(**{**values, **settings}))

    return at


@pytest.mark.parametrize(
    ("settings", "lstm", "gru"),
    [
        ({"epochs": 4}, 24, 60),
        ({"epochs": 4, "max_steps": 10}, 10, 25),
        ({"epochs": 4, "train_size": 0.5}, 12, 30),
        ({"epochs": 4, "reference": "gru"}, 10, 24),
    ],
)
def test_the_reference_s_steps_are_those_asked_for_and_the_others_fill_its_seconds(
    planned, settings, lstm, gru
):
    """192 examples by 32 are 6 steps an epoch; a step of the LSTM takes 2.5 times as long."""
    result = planned(**settings).equalised({"lstm": 0.010, "gru": 0.004})
    assert {contender.label: contender.training.max_steps for contender in result.contenders} == {
        "lstm": lstm,
        "gru": gru,
    }


def test_a_step_takes_the_median_of_the_blocks_medians(planned, monkeypatch, tmp_path):
    def block(*seconds):
        return SimpleNamespace(steps=TimedSteps(seconds=list(seconds), sequences=[1] * 3, tokens=[1] * 3))

    blocks = {
        "lstm": [block(1, 2, 90), block(3, 4, 5), block(8, 9, 10)],
        "gru": [block(1, 1, 1)] * 3,
    }

    def measured(*_, **__):
        yield from ()
        return SimpleNamespace(blocks=blocks)

    monkeypatch.setattr(comparison, "measure_costs", measured)
    assert drive(comparison.step_seconds(planned(), Store(tmp_path), bool)) == {"lstm": 4, "gru": 1}
