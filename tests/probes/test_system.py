import pytest
import torch
from torch.autograd.functional import jacobian

from seqcli.models.cell import CELLS
from seqcli.models.cells.rnn import RNN
from seqcli.probes.system import MANY_ROWS, passed_down, pull_back, push_forward

KINDS = [*CELLS.names(), RNN(activation="relu"), RNN(activation="identity")]
every_cell = pytest.mark.parametrize("cell", KINDS, ids=str)
every_system = pytest.mark.parametrize(
    ("layers", "normalised"), [(1, False), (2, False), (3, False), (1, True), (2, True)]
)
T, B, H = 7, 3, 6


def drawn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(1), dtype=torch.float64)


def side_by_side(stack):
    return torch.cat([part.flatten(1) for part in stack], dim=1)


@every_cell
@pytest.mark.parametrize("layers", [1, 2])
def test_unrolled_outputs_equal_the_fused_layer_s(made, cell, layers):
    recurrent = made.recurrent(cell, layers=layers)
    system = made.system(recurrent)
    inputs = drawn(B, T, 2)
    everything = torch.ones(B, T, dtype=torch.bool)
    states = system.run(inputs, system.first_state(B), everything)  # step by step
    for quick, slow in zip(system.run(inputs, system.first_state(B)), states, strict=True):
        assert (quick - slow).abs().max() < 1e-10
    expected, last = recurrent(inputs)
    assert (states[-1][1:, :, 0].transpose(0, 1) - expected).abs().max() < 1e-10
    for part, final in enumerate(last):
        ours = torch.stack([state[-1, :, part] for state in states])
        assert (ours - final).abs().max() < 1e-10


@every_cell
@every_system
def test_rows_and_columns_meet_the_jacobian_that_autograd_finds(made, cell, layers, normalised):
    system = made.system(made.recurrent(cell, layers=layers), normalised=normalised)
    inputs, size = drawn(1, T, 2), system.state_size
    states = system.run(inputs, system.first_state(1))
    t = 4
    before = [state[t] for state in states]

    def step(wide, x):
        first = [part[:, 0] for part in system.split(wide[None, None])]
        return side_by_side([item[1] for item in system.run(x, first)])[0]

    here = side_by_side(before)[0]
    by_state, by_input = jacobian(step, (here, inputs[:, t : t + 1]))
    derivative = system.linearise(inputs, states)[t]
    eye = system.identity()
    rows = pull_back(derivative, eye)
    at_inputs = derivative[0].pull_to_input(passed_down(derivative, eye)[0])
    assert (torch.cat([part.flatten(2) for part in rows], -1)[0] - by_state).abs().max() < 1e-10
    assert (at_inputs[0] - by_input[:, 0, 0]).abs().max() < 1e-10
    columns = push_forward(derivative, eye)
    assert (torch.cat([part.flatten(2) for part in columns], -1)[0].T - by_state).abs().max() < 1e-10
    assert size == layers * len(system.cell.state_names) * H


@every_cell
def test_many_rows_are_pulled_back_as_few_are(made, cell):
    system = made.system(made.recurrent(cell))
    inputs = drawn(1, T, 2)
    step = system.linearise(inputs, system.run(inputs, system.first_state(1)))[3]
    many = system.split(drawn(1, MANY_ROWS + 3, system.state_size))
    together = pull_back(step, many)[0]
    apart = torch.cat([pull_back(step, [many[0][:, row : row + 1]])[0] for row in range(MANY_ROWS + 3)], 1)
    assert (together - apart).abs().max() < 1e-12


def test_a_layer_normalised_sum_has_mean_0_and_variance_1_in_every_chunk(made):
    system = made.system(made.recurrent("lstm"), normalised=True)
    weights = system.layers[0]
    _, sums = system.recurrent_part(drawn(B, H), weights)
    chunks = (sums - weights[3]).view(B, 4, H)
    assert chunks.mean(-1).abs().max() < 1e-12
    assert (chunks.var(-1, unbiased=False) - 1).abs().max() < 1e-3


def test_a_row_that_has_not_begun_keeps_its_first_state(made):
    system = made.system(made.recurrent("gru"))
    inputs = drawn(2, T, 2)
    real = torch.ones(2, T, dtype=torch.bool)
    real[1, :3] = False
    (late,) = system.run(inputs, system.first_state(2), real)
    (alone,) = system.run(inputs[1:, 3:], system.first_state(1))
    assert not late[:4, 1].any()
    assert (late[3:, 1] - alone[:, 0]).abs().max() < 1e-14
