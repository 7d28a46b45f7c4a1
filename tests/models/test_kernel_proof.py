"""No number from an unproven kernel: one that does not compute the cell's equations is found and not used."""

import pytest
import torch

from seqcli.models import kernel_proof, recurrent
from seqcli.models.cell import CELLS
from seqcli.models.kernel_proof import TOLERANCE, deviation, prove_kernels
from seqcli.models.recurrent import Recurrent
from seqcli.training.construction import refused_kernels

FUSED = [name for name in CELLS.names() if CELLS.get(name).fused is not None]
TRUE = recurrent.fused


@pytest.fixture(autouse=True)
def _nothing_known(monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_proof, "DEVIATIONS", {})
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path))


def stack(name="gru", dtype=torch.float32, **settings):
    made = Recurrent(CELLS.get(name)(), 4, 6, **settings).to(dtype)
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in made.parameters():
            parameter.uniform_(-0.5, 0.5, generator=generator)
    return made


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("settings", [{}, {"num_layers": 2, "bidirectional": True}])
@pytest.mark.parametrize("name", FUSED)
def test_the_kernels_of_this_machine_compute_their_equations(name, settings, dtype):
    made = stack(name, dtype, **settings)
    assert 0 < deviation(made) < TOLERANCE[dtype]
    prove_kernels(made)
    assert (made.path, made.refused) == ("fused", None)


class DoubledGradient(torch.autograd.Function):
    """Right forwards and wrong backwards, as a Metal LSTM was."""

    @staticmethod
    def forward(_context, value):
        return value.clone()

    @staticmethod
    def backward(_context, gradient):
        return 2 * gradient


def wrong_value(outputs, state):
    return outputs * 1.01, state


def wrong_gradient(outputs, state):
    return DoubledGradient.apply(outputs), state


def wrong_state(outputs, state):
    return outputs, tuple(part + 0.01 for part in state)


def wrong_without_gradients(outputs, state):
    return (outputs if torch.is_grad_enabled() else outputs.flip(1)), state


def no_number(outputs, state):
    return outputs * float("nan"), state


WRONG = [wrong_value, wrong_gradient, wrong_without_gradients, no_number]


def plant(monkeypatch, fault):
    monkeypatch.setattr(recurrent, "fused", lambda *arguments: fault(*TRUE(*arguments)))


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_kernel_is_named_and_the_cells_own_steps_run(monkeypatch, fault):
    made, inputs, lengths = stack(), torch.randn(3, 5, 4), torch.tensor([5, 3, 1])
    right, _ = made(inputs, lengths)
    plant(monkeypatch, fault)
    prove_kernels(made)
    name, error = made.refused
    assert (name, made.path, made.kernel) == ("seqcli scan", "step", "seqcli step")
    assert error > 0.005
    torch.testing.assert_close(made(inputs, lengths)[0], right)
    (note,) = refused_kernels(made)
    assert note.values == {"cell": "gru", "kernel": "seqcli scan"}


def test_a_wrong_cell_state_is_found_too(monkeypatch):
    made = stack("lstm")
    plant(monkeypatch, wrong_state)
    prove_kernels(made)
    assert made.path == "step"


def test_proving_draws_no_random_number_and_changes_no_weight():
    made = stack()
    before, state = {n: p.clone() for n, p in made.named_parameters()}, torch.get_rng_state()
    prove_kernels(made)
    assert torch.equal(torch.get_rng_state(), state)
    assert all(torch.equal(before[name], parameter) for name, parameter in made.named_parameters())
    assert all(parameter.grad is None for parameter in made.parameters())


def test_features_dropped_between_layers_are_part_of_what_is_proved(monkeypatch):
    def fused(mode, inputs, *rest):
        outputs, state = TRUE(mode, inputs, *rest)
        dropped = bool((inputs == 0).all(dim=(0, 1)).any())
        return (outputs * 1.01 if dropped else outputs), state

    monkeypatch.setattr(recurrent, "fused", fused)
    alone, deep = stack(), stack(num_layers=2)
    prove_kernels(alone)
    prove_kernels(deep)
    assert (alone.path, deep.path) == ("fused", "step")


def test_a_proof_is_kept_for_the_next_process_of_the_same_build_and_device(monkeypatch):
    first = deviation(stack())
    monkeypatch.setattr(kernel_proof, "DEVIATIONS", {})
    monkeypatch.setattr(kernel_proof, "measured_deviation", None)
    assert deviation(stack()) == first
    monkeypatch.setattr("torch.__version__", "9.9")
    monkeypatch.setattr(kernel_proof, "DEVIATIONS", {})
    with pytest.raises(TypeError, match="not callable"):
        deviation(stack())


def test_a_kernel_that_was_wrong_is_tried_again_and_a_damaged_proof_is_none(monkeypatch, tmp_path):
    with monkeypatch.context() as planted:
        plant(planted, wrong_value)
        prove_kernels(stack())
    assert not (tmp_path / "kernels").exists()
    monkeypatch.setattr(kernel_proof, "DEVIATIONS", {})
    right = deviation(stack())
    (result,) = (tmp_path / "kernels").iterdir()
    result.write_text(result.read_text().replace("0", "1", 1))
    monkeypatch.setattr(kernel_proof, "DEVIATIONS", {})
    assert deviation(stack()) == right


def test_a_shape_is_proved_once(monkeypatch):
    prove_kernels(stack())
    plant(monkeypatch, wrong_value)
    prove_kernels(stack())
    other = Recurrent(CELLS.get("gru")(), 4, 7)
    prove_kernels(other)
    assert other.path == "step"
