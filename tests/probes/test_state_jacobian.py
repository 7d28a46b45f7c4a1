import math

import pytest
import torch
from torch.func import jacrev

from seqcli.errors import DivergedError
from seqcli.models.cell import CELLS
from seqcli.models.cells.rnn import RNN
from seqcli.models.initialisation import Initialisation
from seqcli.ops.gru import scan_off
from seqcli.probes.horizon import measured_lags
from seqcli.probes.inputs import AddingInputs
from seqcli.probes.probe import Passage, ProbeSettings
from seqcli.probes.state_jacobian import spectral_norm
from seqcli.probes.trajectory import Trajectory
from seqcli.results.events import drive

T = 30


def probed(made, system, steps, **outlook):
    settings = {"all_probes": False, **outlook}
    journey = Passage(system, AddingInputs(steps, 1, seed=0), ProbeSettings(measured_lags(steps), **settings))
    return drive(journey.go())


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS.names())
def test_norms_are_those_of_the_end_to_end_jacobian_at_every_lag(made, cell, layers):
    system = made.system(made.recurrent(cell, layers=layers))
    inputs = AddingInputs(T, 1, seed=0).stretch(0, T)
    states = system.run(inputs, system.first_state(1))
    result = probed(made, system, T)

    def from_lag(lag):
        def run(wide):
            first = [part[:, 0] for part in system.split(wide[None, None])]
            ends = [item[-1] for item in system.run(inputs[:, T - lag :], first)]
            return torch.cat([part.flatten() for part in ends])

        with scan_off():  # torch's own function transforms go through torch's own kernels
            return jacrev(run)(torch.cat([state[T - lag].flatten() for state in states]))

    for place, lag in enumerate(result.lags[1:], start=1):
        full = from_lag(lag)
        norm = torch.linalg.matrix_norm(full, 2).log10().item()
        assert result.state_jacobian[place] == pytest.approx(norm, abs=1e-9)
        blocks = full.view(-1, layers, system.parts, system.hidden_size)
        for part, name in enumerate(system.cell.state_names):
            columns = torch.linalg.matrix_norm(blocks[:, :, part].flatten(1), 2).log10().item()
            assert result.by_state[name][place] == pytest.approx(columns, abs=1e-9)


@pytest.mark.parametrize("gain", [0.5, 1.0, 1.7])
def test_a_scaled_rotation_without_squashing_scales_by_its_gain_each_step(made, gain):
    actual = probed(made, made.rotation(gain), 100)
    expected = [lag * math.log10(gain) for lag in actual.lags]
    assert actual.state_jacobian == pytest.approx(expected, abs=1e-10)


def test_ten_thousand_steps_hold_no_zero_no_inf_and_no_nan(made):
    system = made.system(made.recurrent("rnn", hidden=8, how=Initialisation("torch")))
    result = probed(made, system, 10_000)
    assert all(map(math.isfinite, result.state_jacobian))
    assert result.state_jacobian[-1] < -1000
    slopes = [result.state_jacobian[place] / lag for place, lag in enumerate(result.lags) if lag >= 1000]
    assert max(slopes) - min(slopes) < 0.02


def test_a_way_in_many_stretches_gives_the_same_figures_as_in_one(made):
    system = made.system(made.recurrent("lstm", layers=2))
    whole, pieces = (probed(made, system, 60, all_probes=True, memory=memory) for memory in (2**30, 40_000))
    assert Trajectory(system, AddingInputs(60, 1, seed=0), memory=40_000).count > 3
    for name in ("state_jacobian", "direct_path", "exponents"):
        assert getattr(pieces, name) == pytest.approx(getattr(whole, name), abs=1e-9)
    for name, gate in whole.gates.items():
        assert pieces.gates[name].mean == pytest.approx(gate.mean, abs=1e-12)
        assert pieces.gates[name].deciles == [pytest.approx(levels, abs=1e-12) for levels in gate.deciles]


def test_only_the_first_state_of_each_stretch_is_kept(made):
    system = made.system(made.recurrent("rnn"))
    trajectory = Trajectory(system, AddingInputs(1000, 1, seed=0), memory=10_000)
    forwards = [(stretch.start, stretch.stop) for stretch in trajectory.forwards()]
    assert forwards[0][0] == 0
    assert forwards[-1][1] == 1000
    backwards = [(stretch.start, stretch.stop) for stretch in trajectory.backwards()]
    assert backwards == forwards[::-1]
    assert sum(part.numel() for start in trajectory.starts for part in start) <= (len(forwards) + 1) * 6


@pytest.mark.parametrize("policy", ["torch", "tuned", "gaussian"])
@pytest.mark.parametrize("cell", CELLS.names())
def test_probe_vectors_are_never_above_the_true_norm_and_hardly_below(made, cell, policy):
    gain = 3.0 if policy == "gaussian" else 1.0
    system = made.system(made.recurrent(cell, hidden=48, how=Initialisation(policy, gain=gain)))
    exact, few = (probed(made, system, 100, widest=widest) for widest in (10_000, 1))
    assert exact.probe_vectors is None
    assert few.probe_vectors == 32
    differences = [b - a for a, b in zip(exact.state_jacobian, few.state_jacobian, strict=True)]
    assert max(differences) < 1e-9
    assert min(differences) > -0.02


def test_a_dead_path_is_minus_infinity_and_not_a_number_near_it(made):
    cell = RNN(activation="relu")
    recurrent = made.recurrent(cell)
    with torch.no_grad():
        recurrent.weight_ih_l0.zero_()
        recurrent.bias_ih_l0.fill_(-1.0)
        recurrent.bias_hh_l0.zero_()
    result = probed(made, made.system(recurrent), 20)
    assert result.state_jacobian == [0.0] + [-math.inf] * (len(result.lags) - 1)


def test_a_state_that_overflows_is_named_with_its_step(made):
    cell = RNN(activation="identity")
    system = made.system(made.recurrent(cell, how=Initialisation("orthogonal", gain=10.0)))
    with pytest.raises(DivergedError, match="overflows float64 at step 3") as caught:
        probed(made, system, 1000)
    assert caught.value.exit_code == 8
    assert "--len" in caught.value.hint


def test_weights_too_large_for_a_product_are_named(made):
    recurrent = made.recurrent("rnn")
    with torch.no_grad():
        recurrent.weight_hh_l0.copy_(1e200 * torch.eye(6, dtype=torch.float64))
        recurrent.weight_ih_l0.zero_()
        recurrent.bias_ih_l0.zero_()
        recurrent.bias_hh_l0.zero_()
    with pytest.raises(DivergedError, match="between two rescalings"):
        probed(made, made.system(recurrent), 10)


@pytest.mark.parametrize("shape", [(5, 5), (3, 9), (9, 3)])
def test_the_spectral_norm_is_torch_s(shape):
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64) * 1e-30
    expected = torch.linalg.matrix_norm(matrix, 2)
    assert abs(spectral_norm(matrix) / expected - 1) < 1e-13
