"""The demonstration of an explosion: a real training, held against one written by hand with torch."""

import math

import pytest
import torch
from torch.nn.functional import mse_loss
from torch.nn.utils import clip_grad_norm_

from seqcli.config.layers import Setting, validate
from seqcli.errors import UsageError
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.demo import LEARNING_RATE, demo_batch, first_network
from seqcli.experiments.gradprobe.probe_models import probe_models
from seqcli.experiments.gradprobe.probe_plan import plan
from seqcli.experiments.guide.parts import p6_gradients
from seqcli.reports.draw.page import Page
from seqcli.reports.draw.panel import panels_of
from seqcli.reports.report import render
from seqcli.results.events import drive
from seqcli.results.gradprobe import Gradprobe

SMALL = {"models": ("rnn",), "demo": "explode", "hidden": 32, "seeds": 2}


def planned(**settings):
    chosen = {**SMALL, **settings}
    return plan(validate(GradprobeConfig, {key: Setting(value, key) for key, value in chosen.items()}))


@pytest.fixture(scope="module")
def result():
    return drive(probe_models(planned()))


class HandRegressor(torch.nn.Module):
    """The same regression as anybody would write it."""

    def __init__(self, network):
        super().__init__()
        self.layer = torch.nn.RNN(2, 32, nonlinearity="relu", batch_first=True)
        self.linear = torch.nn.Linear(32, 1)
        self.layer.load_state_dict(network.recurrent.state_dict())
        self.linear.load_state_dict(network.head.linear.state_dict())

    def forward(self, inputs):
        return self.linear(self.layer(inputs)[1][0]).squeeze(1)


def by_hand(model, seed, clip):
    """Losses and norms of torch's own layers, SGD and clipping until one is no number."""
    network = HandRegressor(first_network(model, seed))
    optimiser = torch.optim.SGD(network.parameters(), lr=LEARNING_RATE)
    losses, norms = [], []
    for step in range(8):
        inputs, _, targets = demo_batch(seed, step)
        loss = mse_loss(network(inputs), targets)
        optimiser.zero_grad()
        loss.backward()
        norms.append(clip_grad_norm_(network.parameters(), math.inf if clip is None else clip).item())
        losses.append(loss.item())
        if not (math.isfinite(losses[-1]) and math.isfinite(norms[-1])):
            break
        optimiser.step()
    return losses, norms


@pytest.mark.parametrize("clip", [None, 1.0])
def test_each_step_is_that_of_torch_s_own_layers_descent_and_clipping(result, clip):
    _, model = planned().demo
    ours = result.demo.seeds[0].without if clip is None else result.demo.seeds[0].clipped
    losses, norms = by_hand(model, 0, clip)
    for mine, theirs in ((ours.loss, losses), (ours.gradient_norm, norms)):
        finite = [value for value in theirs if math.isfinite(value)]
        assert mine[: len(finite)] == pytest.approx(finite, rel=1e-2)
        assert clip is not None or mine[len(finite) :] == [None] * (len(theirs) - len(finite))
    if clip is None:
        assert ours.diverged_at == len(losses)


def test_without_clipping_it_ends_in_no_number_and_with_clipping_it_runs_to_the_end(result):
    for seed in result.demo.seeds:
        assert seed.without.diverged_at is not None
        assert seed.without.seen.startswith("the ")
        assert seed.clipped.diverged_at is None
        assert len(seed.clipped.loss) == result.demo.steps
        assert seed.clipped.loss[-1] < 10
    (rnn,) = result.models
    assert rnn.doubling_time.mean < 10


def test_that_cure_and_nothing_less_supports_the_claim(result):
    assert {element.number: element.verdict for element in result.guide}[10] == "supported"
    tame = drive(probe_models(planned(models=("rnn:gain=0.5",))))
    assert [seed.without.diverged_at for seed in tame.demo.seeds] == [None, None]
    assert {item.number: item.verdict for item in tame.guide}[10] == "undecided"


def test_it_is_in_the_document_on_the_screen_and_in_pictures(result):
    assert Gradprobe.from_json(result.to_json()) == result
    shown = " ".join(render(result, "table", Page(120, detailed=True)).split())
    end = result.demo.seeds[0].without
    assert f"without clipping: {end.seen} at step {end.diverged_at}" in shown
    assert "log10 gradient norm, step" in shown
    titles = [panel.title for panel in panels_of(result)]
    assert titles[-2:] == [
        "A training run that explodes: loss",
        "A training run that explodes: gradient norm",
    ]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"models": ("lstm",)}, "none is named"),
        ({"demo": "implode"}, "explode"),
    ],
)
def test_what_cannot_be_demonstrated_is_a_mistake_of_usage(settings, told):
    with pytest.raises(UsageError, match=told):
        planned(**settings)


def test_beside_rnns_whose_initialisation_has_no_gain_the_first_that_takes_one_is_trained():
    named, model = planned(models=("rnn:init=torch", "lstm:init=torch", "rnn:init=tuned", "rnn")).demo
    assert (named, model.init, model.gain) == ("rnn:init=tuned", "tuned", 1.8)
    with pytest.raises(UsageError, match="torch has no gain"):
        planned(models=("rnn:init=torch",))


def test_the_guide_s_own_probe_of_gradients_has_an_rnn_to_explode():
    assert plan(p6_gradients.probe_config(p6_gradients.MODELS, None)).demo is not None


def test_a_run_brings_its_own_training():
    with pytest.raises(UsageError, match="model of its own"):
        validate(GradprobeConfig, {"run": Setting("x", "--run"), "demo": Setting("explode", "--demo")})
