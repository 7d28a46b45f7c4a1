"""What makes two legs the same leg."""

from pathlib import Path

import pytest

from seqcli.errors import UsageError
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.legs import PlannedLeg, contender, plan_leg, resolve_device, torch_version
from seqcli.models.architecture import ARCHITECTURES
from seqcli.models.cell import CELLS
from seqcli.models.spec import parse_spec
from seqcli.training.identity import LegConfig


@pytest.fixture
def leg(reviews):
    def plan(model="gru", *, label="x", seed=0, **settings):
        config = CompareConfig(models=("gru",), data=str(reviews), **settings)
        prepared = prepare_data(config)
        result = contender(config, parse_spec(model), label=label, prepared=prepared)
        return plan_leg(config, result, seed=seed, prepared=prepared, device="cpu")

    return plan


def test_a_leg_keeps_its_folder_whatever_it_is_called_and_whoever_it_is_compared_with(leg):
    assert leg(label="a").folder_name == leg(label="b", jobs=3, cost=False, margin=2.0).folder_name


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"lr": 0.5},
        {"hidden": 9},
        {"epochs": 3},
        {"threads": 2},
        {"max_len": 5},
        {"split_seed": 4},
        {"model": "lstm"},
    ],
)
def test_a_leg_with_anything_else_that_decides_its_result_is_another_leg(leg, change):
    assert leg(**change).folder_name != leg().folder_name


WHOLE = {
    "task": "reviews",
    "prepared_sha256": "0" * 64,
    "model": {"model": "gru"},
    "training": {},
    "seed": 3,
    "device": "cpu",
    "threads": 1,
    "torch": "2.10.0",
    "cpu": "AVX2",
    "seqcli": "0.1.0",
}


DIGESTED = {
    "defaults": {},
    "two layers": {"model": {"layers": 2, "dropout": 0.25}},
    "both ways": {"model": {"bidirectional": True}},
    "wide": {"model": {"hidden": 256, "embedding": 64}},
    "another rate": {"training": {"lr": 0.01, "clip": None}},
    "longer": {"training": {"epochs": 40, "patience": 9, "batch_size": 64}},
    "by the step": {"training": {"max_steps": 1000}},
    "seed and threads": {"seed": 9, "threads": 4},
}


def test_digests_of_legs_are_those_under_which_caches_hold_them(golden):
    """A line for each model and some settings; a changed line loses everybody's finished legs.

    The first of `gru` and of `seq2seq` are as old as version 0.1.0.
    """
    lines = []
    for model in (*CELLS.names(), *ARCHITECTURES.names()):
        for name, settings in DIGESTED.items():
            values = {**WHOLE, **settings, "model": {"model": model, **settings.get("model", {})}}
            digest = PlannedLeg("x", LegConfig.model_validate(values), {}, Path()).folder_name
            lines.append(f"{name}: {digest}")
    golden("legs.txt", "\n".join(lines) + "\n")


def test_a_models_own_settings_outrank_those_of_all_models(leg):
    planned = leg("gru:hidden=7,dropout=0.25", hidden=9, layers=2)
    model = planned.leg.model
    assert (model.hidden, model.dropout, model.layers) == (7, 0.25, 2)
    assert (planned.config["hidden"], planned.config["model"]) == (7, "gru")


def test_the_torch_that_is_named_is_the_torch_that_runs():
    import torch

    assert torch_version() == torch.__version__


def test_a_device_that_is_not_there_is_refused_with_those_that_are():
    import torch

    assert resolve_device("cpu") == "cpu"
    if not torch.cuda.is_available():
        with pytest.raises(UsageError, match="cuda") as caught:
            resolve_device("cuda")
        assert "cpu" in caught.value.hint
