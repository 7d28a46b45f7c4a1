"""What the literature found on generated tasks, found again: first in short, then as published (torture)."""

import pytest

from seqcli.data.task import TASKS
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training, train
from seqcli.results.events import drive

SEEDS = range(5)


def result(folder, model, name, *, seed, settings=None, **options):
    """One leg with the task's own defaults; `settings` are the task's, keywords any other option."""
    task = type(TASKS.get(name)).model_validate({"name": name, **(settings or {})})
    plan = plan_training(TrainConfig(model=model, task=task, seed=seed, **{**task.defaults, **options}))
    place = folder / f"{model.replace(':', ' ')} {seed}"
    return drive(train(plan, place, overwrite=False, should_stop=lambda: False))


def solved(folder, model, name, *, seeds, **options) -> int:
    """How many seeds the model solves."""
    return sum(result(folder, model, name, seed=seed, **options).solved.solved for seed in seeds)


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_gated_cells_add_over_20_steps(tmp_path, model):
    settings = {"length": 20, "held_out": 500, "examples": 4000}
    assert result(tmp_path, model, "adding", seed=0, settings=settings, epochs=3).solved.solved


def test_lstm_counts_beyond_what_it_learnt_and_gru_does_not_up_to_10(tmp_path):
    """Weiss et al. 2018: an LSTM's cell counts, a GRU's bounded state cannot."""
    short = {"seeds": (0, 1), "settings": {"length": 10}, "epochs": 8}
    assert solved(tmp_path, "lstm", "anbn", **short) > solved(tmp_path, "gru", "anbn", **short)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_lstm_and_gru_add_over_100_steps_and_tanh_rnn_at_torch_s_init_does_not(tmp_path):
    """Adding, T = 100: Hochreiter & Schmidhuber 1997, Arjovsky et al. 2016, Bai et al. 2018."""
    for model in ("lstm", "gru"):
        assert solved(tmp_path, model, "adding", seeds=SEEDS) >= 4
    for seed in SEEDS:
        outcome = result(tmp_path, "rnn:init=torch", "adding", seed=seed)
        assert not outcome.solved.solved
        assert outcome.test.value == pytest.approx(1 / 6, abs=0.02)


@pytest.mark.torture
@pytest.mark.timeout(3600)
def test_lstm_counts_beyond_50_in_more_seeds_than_gru(tmp_path):
    counted = {model: solved(tmp_path, model, "anbn", seeds=SEEDS) for model in ("lstm", "gru")}
    assert counted["lstm"] > counted["gru"]
