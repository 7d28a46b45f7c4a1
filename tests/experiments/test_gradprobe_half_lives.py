"""The half-lives that GUIDE's claim 9 rests on: H = 64, T = 200, adding-problem inputs, float64.

The definition that gives them: the least-squares slope of log10 ‖∂s_T/∂s_(T-k)‖₂ over evenly spaced lags up
to T, s being the whole state, averaged over seeds; the half-life is that of the mean slope.
"""

import pytest

from seqcli.config.layers import Setting, validate
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.probe_plan import plan
from seqcli.experiments.gradprobe.summary import doubling_time, fate, half_life, rates
from seqcli.probes.horizon import measured_lags
from seqcli.probes.probe import Findings, ProbeSettings
from seqcli.probes.subjects import probe_subject
from seqcli.results.events import drive

SEEDS = (0, 1, 2, 3)


def slopes(model):
    settings = {"models": (model,), "hidden": 64, "init": "torch", "len": 200}
    planned = plan(validate(GradprobeConfig, {key: Setting(value, key) for key, value in settings.items()}))
    (model,) = planned.models
    values = []
    for seed in SEEDS:
        subject = model.source.subject(model.config, seed).without_loss()
        values.append(drive(probe_subject(subject, ProbeSettings(planned.lags, all_probes=False)))[""])
    return rates(values)


@pytest.mark.parametrize(
    ("model", "low", "high"),
    [
        ("rnn", 1.2, 1.4),
        ("lstm", 1.5, 1.7),
        ("gru", 1.5, 1.6),
        ("lstm:forget_bias=1", 4.4, 5.7),
        ("rnn:init=orthogonal", 23, 33),
        ("lstm:init=chrono", 164, 171),
    ],
)
def test_the_guide_s_half_lives_are_found_again_within_a_quarter(model, low, high):
    assert 0.75 * low < half_life(slopes(model)).mean < 1.25 * high


def test_gaussian_weights_of_gain_3_double_a_gradient_every_2_4_steps():
    result = slopes("rnn:init=gaussian,gain=3")
    assert half_life(result) is None
    assert doubling_time(result).mean == pytest.approx(2.4, rel=0.25)


@pytest.mark.parametrize("sign", [1, -1])
def test_a_jump_at_the_first_state_against_the_slope_makes_no_fate(sign):
    lags = measured_lags(200)
    slow = [sign * 0.004 * lag for lag in lags]
    jumped = [*slow[:-1], slow[-1] - sign * 2.5]
    values = [Findings(lags=lags, state_jacobian=jumped, by_state={"h": jumped})]
    assert (half_life(rates(values)) is None) == (sign > 0)
    assert fate(values) == "preserves"
