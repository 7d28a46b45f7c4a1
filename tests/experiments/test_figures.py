"""A gate's figure is the one that the JSON document has under its name, and its interval is scipy's."""

import numpy as np
import pytest
from scipy import stats

from seqcli.experiments.compare.gate_figures import figures_of, judge_gates
from seqcli.experiments.gates.judging import parse_gate
from seqcli.results.measurements import Latency, Memory, Parameters, Speed

TESTED = [0.80, 0.82, 0.79, 0.81, 0.83]
VALIDATED = [0.70, 0.75, 0.71, 0.73, 0.72]
EPOCHS = [2, 3, 4, 5, 7]


@pytest.fixture
def judged(planted):
    """What a gate on an LSTM says whose figures all differ."""
    result = planted(lstm=TESTED, gru=TESTED)
    lstm, gru = result.models
    lstm = lstm.model_copy(
        update={
            "quality": lstm.quality.model_copy(update={"valid_per_seed": VALIDATED}),
            "parameters": Parameters(total=4000, embedding=2500, recurrent=1200, head=300),
            "memory": Memory(parameters=11, optimizer=22, activations=33, peak=(44, 66)),
            "train_speed": Speed(
                median=1000, ci95=(950, 1050), samples=[950, 1000, 1050], tokens_per_second=1
            ),
            "latency": Latency(p50=2.0, p95=9.0, samples=[1.9, 2.0, 2.1], ci95=(1.8, 2.2)),
            "epochs_to_best": EPOCHS,
            "flops_per_step": 77,
        }
    )
    result = result.model_copy(update={"models": [lstm, gru]})

    def judge(text):
        (outcome,) = judge_gates([parse_gate(text)], result)
        return outcome

    judge.document = lstm.to_json()
    return judge


def by_seed(values):
    return np.mean(values), stats.t.interval(0.95, len(values) - 1, np.mean(values), stats.sem(values))


SPREAD = {
    "accuracy": by_seed(TESTED),
    "quality": by_seed(TESTED),
    "quality.mean": by_seed(TESTED),
    "valid": by_seed(VALIDATED),
    "epochs_to_best": by_seed(EPOCHS),
    "train_speed": (1000, (950, 1050)),
    "latency": (2.0, (1.8, 2.2)),
    "memory.peak": (55, (44, 66)),
}
EXACT = sorted(set(figures_of("accuracy")) - set(SPREAD))


@pytest.mark.parametrize("name", SPREAD)
def test_a_figure_with_spread_is_told_with_its_own_interval(judged, name):
    middle, interval = SPREAD[name]
    result = judged(f"lstm.{name} > 0")
    assert result.difference == pytest.approx(middle)
    assert result.ci95 == pytest.approx(tuple(interval))


@pytest.mark.parametrize("name", EXACT)
def test_an_exact_figure_is_the_one_under_its_name(judged, name):
    value = judged.document
    for part in name.split("."):
        value = value[part]
    result = judged(f"lstm.{name} >= {value}")
    assert (result.verdict, result.difference, result.ci95) == ("holds", 0, (0, 0))
