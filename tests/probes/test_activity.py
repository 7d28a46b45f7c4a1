import math

import numpy as np
import pytest
import torch

from seqcli.probes.activity import Activity, DirectPath
from seqcli.probes.inputs import AddingInputs
from seqcli.probes.probe import spectral_radii
from seqcli.probes.trajectory import Trajectory

T, H = 12, 6


def watched(system, *, first=0, memory=2**26):
    activity = Activity(system, first=first, steps=T)
    for stretch in Trajectory(system, AddingInputs(T, 3, seed=0), memory=memory).forwards():
        activity.forward(stretch)
    return activity.findings()


def gates_by_hand(recurrent):
    """f of every step, sequence and unit, from the LSTM's equations."""
    w_ih, w_hh, b_ih, b_hh = (weight.detach() for weight in recurrent.weights("_l0"))
    state = recurrent.cell.initial_state(3, H, like=w_hh)
    opened = []
    for x in AddingInputs(T, 3, seed=0).stretch(0, T).unbind(1):
        sums = x @ w_ih.T + b_ih + state[0] @ w_hh.T + b_hh
        opened.append(torch.sigmoid(sums[:, H : 2 * H]))
        state = recurrent.cell.step(x @ w_ih.T + b_ih, state, w_hh, b_hh)
    return torch.stack(opened)  # (T, B, H)


@torch.no_grad()
@pytest.mark.parametrize("memory", [2**26, 20_000])
@pytest.mark.parametrize("first", [0, 5])
def test_gate_figures_are_those_of_the_equations(made, first, memory):
    recurrent = made.recurrent("lstm")
    f = gates_by_hand(recurrent)[first:]
    value = watched(made.system(recurrent), first=first, memory=memory)["f"]
    assert value.mean == pytest.approx(f.mean().item(), abs=1e-12)
    levels = torch.arange(1, 10, dtype=torch.float64) / 10
    assert value.steps == list(range(T - first))
    for step, deciles in zip(value.steps, value.deciles, strict=True):
        assert deciles == pytest.approx(torch.quantile(f[step], levels).tolist(), abs=1e-12)


@torch.no_grad()
@pytest.mark.parametrize(("bias", "shut", "open_"), [(-20.0, 1.0, 0.0), (20.0, 0.0, 1.0), (0.0, 0.0, 0.0)])
def test_saturation_counts_gates_near_their_ends(made, bias, shut, open_):
    recurrent = made.recurrent("lstm")
    for weight in recurrent.parameters():
        weight.zero_()
    recurrent.bias_ih_l0[H : 2 * H] = bias
    result = watched(made.system(recurrent))
    assert (result["f"].shut, result["f"].open) == (shut, open_)
    assert (result["i"].shut, result["i"].open, result["i"].mean) == (0.0, 0.0, 0.5)


@torch.no_grad()
def test_the_direct_path_is_the_most_open_unit_s_product_of_forget_gates(made):
    recurrent = made.recurrent("lstm")
    f = gates_by_hand(recurrent)[:, 0]
    system = made.system(recurrent)
    path = DirectPath(system, {1, 4, T})
    trajectory = Trajectory(system, AddingInputs(T, 3, seed=0), memory=20_000)
    list(trajectory.forwards())
    for stretch in trajectory.backwards():
        path.backward(stretch)
    for lag in (1, 4, T):
        assert path.curve[lag] == pytest.approx(
            f[T - lag :].log().sum(0).max().item() / math.log(10), abs=1e-12
        )


def test_a_cell_without_gates_has_no_activity_and_no_direct_path(made):
    system = made.system(made.recurrent("rnn"))
    assert watched(system) == {}
    with pytest.raises(ValueError, match="no gate"):
        DirectPath(system, {1})


def test_spectral_radii_are_those_of_each_block(made):
    recurrent = made.recurrent("gru")
    radii = spectral_radii(made.system(recurrent))
    for name, block in zip("rzn", recurrent.weight_hh_l0.detach().chunk(3), strict=True):
        assert radii[name] == pytest.approx(torch.linalg.eigvals(block).abs().max().item())


@pytest.mark.parametrize("larger", [0, 1])
def test_the_spectral_radius_of_a_stack_is_that_of_whichever_layer_has_the_larger(made, larger):
    recurrent = made.recurrent("gru", layers=2)
    weights = [recurrent.weight_hh_l0, recurrent.weight_hh_l1]
    with torch.no_grad():
        weights[larger].mul_(10)
    radii = spectral_radii(made.system(recurrent))
    for name, block in zip("rzn", weights[larger].detach().chunk(3), strict=True):
        assert radii[name] == pytest.approx(np.abs(np.linalg.eigvals(block.numpy())).max())
