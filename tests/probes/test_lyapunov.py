import math

import numpy as np
import pytest
import torch
from scipy import stats

from seqcli.models.cell import CELLS
from seqcli.models.cells.rnn import RNN
from seqcli.models.initialisation import Initialisation
from seqcli.probes.inputs import AddingInputs, HeldInputs, ending_together
from seqcli.probes.lyapunov import Lyapunov, averaged
from seqcli.probes.trajectory import Trajectory


def exponents(system, steps, count, *, memory=2**26):
    lyapunov = Lyapunov(system, count=count, steps=steps)
    with torch.no_grad():
        for stretch in Trajectory(system, AddingInputs(steps, 1, seed=0), memory=memory).forwards():
            lyapunov.forward(stretch)
    return lyapunov.exponents()


@pytest.mark.parametrize("gain", [0.6, 1.0, 1.5])
def test_a_scaled_rotation_has_the_logarithm_of_its_gain_as_every_exponent(made, gain):
    result, errors = exponents(made.rotation(gain), 200, 6)
    assert result == pytest.approx([math.log(gain)] * 6, abs=1e-10)
    assert errors == pytest.approx([0.0] * 6, abs=1e-10)


@pytest.mark.parametrize("count", [6, 2])
def test_without_squashing_the_exponents_are_the_eigenvalues_logarithms(made, count):
    recurrent = made.recurrent(RNN(activation="identity"))
    rates = [1.1, 0.9, 0.5, 0.3, 0.1, 0.01]
    with torch.no_grad():
        basis = torch.randn(6, 6, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
        recurrent.weight_hh_l0.copy_(
            basis @ torch.diag(torch.tensor(rates, dtype=torch.float64)) @ basis.inverse()
        )
    result, _ = exponents(made.system(recurrent), 400, count)
    assert result == pytest.approx([math.log(rate) for rate in rates[:count]], abs=0.01)


@pytest.mark.parametrize("cell", CELLS.names())
def test_all_exponents_sum_to_the_mean_log_determinant(made, cell):
    recurrent = made.recurrent(cell)
    system = made.system(recurrent)
    result, _ = exponents(system, 400, system.state_size)
    inputs = AddingInputs(400, 1, seed=0).stretch(0, 400)
    (states,) = system.run(inputs, system.first_state(1))
    x, state = system.flat(inputs, system.layers[0], states)
    dense = recurrent.cell.step_jacobian(x, state, *system.layers[0][1::2])
    settled = torch.linalg.slogdet(dense).logabsdet[100:]
    assert sum(result) == pytest.approx(settled.mean().item(), rel=1e-6)


def test_few_exponents_are_the_first_of_all(made):
    system = made.system(made.recurrent("lstm", how=Initialisation("torch")))
    few, all_of_them = (exponents(system, 2000, count)[0] for count in (3, 12))
    assert few == pytest.approx(all_of_them[:3], abs=0.01)


def test_the_standard_error_covers_how_far_halves_of_a_way_differ(made):
    system = made.system(made.recurrent("rnn", hidden=12, how=Initialisation("gaussian", gain=3.0)))
    short, errors = exponents(system, 800, 1)
    long, _ = exponents(system, 4000, 1)
    assert errors[0] > 0
    assert abs(short[0] - long[0]) < 5 * errors[0]


def test_an_exponent_is_the_mean_after_the_first_quarter_and_its_error_scipys_over_twenty_blocks():
    """Rates that are made up: 100 that count after 33 in which the directions settle."""
    generator = np.random.default_rng(0)
    rates = generator.normal([[-0.5, 0.2]], 0.1, (133, 2))
    rates[:33] += 5
    result, errors = averaged(torch.tensor(rates))
    blocks = rates[33:].reshape(20, 5, 2).mean(axis=1)
    assert result == pytest.approx(rates[33:].mean(axis=0)[::-1])
    assert errors == pytest.approx(stats.sem(blocks)[::-1])


def test_a_direction_that_dies_has_the_exponent_minus_infinity(made):
    recurrent = made.recurrent(RNN(activation="relu"))
    with torch.no_grad():
        recurrent.weight_ih_l0.zero_()
        recurrent.bias_ih_l0.fill_(-1.0)
        recurrent.bias_hh_l0.zero_()
    result, errors = exponents(made.system(recurrent), 30, 6)
    assert result == [-math.inf] * 6
    assert errors == [0.0] * 6


def test_only_the_last_steps_of_a_long_way_count(made, monkeypatch):
    monkeypatch.setattr("seqcli.probes.lyapunov.WINDOW", 40)
    system = made.rotation(0.9)
    lyapunov = Lyapunov(system, count=6, steps=100)
    assert lyapunov.first == 60
    with torch.no_grad():
        for stretch in Trajectory(system, AddingInputs(100, 1, seed=0), memory=2000).forwards():
            lyapunov.forward(stretch)
    assert len(lyapunov.rates) == 40


@pytest.mark.parametrize("memory", [2**26, 2000])
def test_the_wait_of_a_shorter_sequence_beside_a_longer_one_does_not_count(made, memory):
    system = made.system(made.recurrent(RNN(activation="relu"), how=Initialisation("tuned")))
    values = torch.randn(2, 60, 2, generator=torch.Generator().manual_seed(1), dtype=torch.float64)

    def found(rows, lengths):
        together = HeldInputs(ending_together(values[:rows], lengths), lengths)
        lyapunov = Lyapunov(system, count=6, steps=60)
        with torch.no_grad():
            for stretch in Trajectory(system, together, memory=memory).forwards():
                lyapunov.forward(stretch)
        return lyapunov.exponents()

    beside, errors = found(2, torch.tensor([25, 60]))
    values = values[:, :25]
    alone, own_errors = found(1, torch.tensor([25]))
    assert math.isfinite(alone[0])
    assert beside == pytest.approx(alone, abs=1e-12)
    assert errors == pytest.approx(own_errors, abs=1e-12)
