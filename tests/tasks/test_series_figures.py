"""The built-in series one step ahead, the last fifth held out: figures measured with other programs.

RMSE of the last value, of a linear autoregression and of one small network: sunspots 33.3, 20.0, 18.4
(RNN); sea temperature 1.16, .501, .499 (LSTM); CO2 .513, .407, .487 (LSTM).
"""

import json

import pytest
from making.forked import output as seqcli

pytestmark = pytest.mark.torture


@pytest.mark.parametrize(
    ("series", "model", "naive", "linear", "reached"),
    [
        ("sunspots", "rnn", 33.3, 20.0, 18.4),
        ("elnino", "lstm", 1.16, 0.501, 0.53),
        ("co2", "lstm", 0.513, 0.407, 0.407),
    ],
)
def test_baselines_and_a_network_s_mean_over_three_seeds_reach_the_figures(
    series, model, naive, linear, reached
):
    task = ["--task", "forecast", "--set", f"task.series={series}", "--horizon", "1", "--split", "70,10,20"]
    options = ["--metric", "RMSE", "--seeds", "3", "--no-cost", "--jobs", "1", "--format", "json"]
    document = json.loads(seqcli("compare", model, *task, *options))
    scores = {baseline["name"]: baseline["quality"]["mean"] for baseline in document["baselines"]}
    assert scores["last-value"] == pytest.approx(naive, rel=0.02)
    assert scores["linear-ar"] == pytest.approx(linear, rel=0.05)
    assert document["models"][0]["quality"]["mean"] < reached
