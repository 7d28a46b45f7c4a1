"""Contracts that every registered cell keeps, and each cell's known values."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian
from torch.utils.flop_counter import FlopCounterMode

from seqcli.models.cell import CELLS, Cell
from seqcli.models.cells.gru import GRU
from seqcli.models.cells.lstm import LSTM
from seqcli.models.cells.rnn import RNN
from seqcli.ops.recurrence import State

B, IN, H = 3, 4, 5
CELLS_AND_SETTINGS: list[Cell] = [
    *(CELLS.get(name)() for name in CELLS.names()),
    RNN(activation="relu"),
    RNN(activation="identity"),
]
every_cell = pytest.mark.parametrize("cell", CELLS_AND_SETTINGS, ids=repr)


def drawn(cell: Cell, seed: int = 0, scale: float = 1.0) -> tuple[Tensor, State, Tensor, Tensor]:
    """Projected input, state, weight_hh and bias_hh, all random."""
    generator = torch.Generator().manual_seed(seed)
    rows = cell.chunks * H
    shapes = [(B, rows), *[(B, H) for _ in cell.state_names], (rows, H), (rows,)]
    x, *state, weight_hh, bias_hh = (
        scale * torch.randn(shape, generator=generator, dtype=torch.float64) for shape in shapes
    )
    return x, tuple(state), weight_hh, bias_hh


@every_cell
def test_a_cell_is_named_as_its_file_and_carries_h_first(cell: Cell) -> None:
    assert type(cell) is CELLS.get(cell.name)
    assert cell.state_names[0] == "h"
    assert len(set(cell.chunk_names)) == cell.chunks
    assert {cell.keeps, cell.writes} - {None} <= set(cell.gates)


@every_cell
def test_a_step_keeps_the_state_s_shape_and_type(cell: Cell) -> None:
    x, state, weight_hh, bias_hh = drawn(cell)
    following = cell.step(x, state, weight_hh, bias_hh)
    assert [(part.shape, part.dtype) for part in following] == [(part.shape, part.dtype) for part in state]


@every_cell
def test_the_initial_state_is_zeros_like_the_input(cell: Cell) -> None:
    state = cell.initial_state(B, H, like=torch.ones(1, dtype=torch.float64))
    assert len(state) == len(cell.state_names)
    assert all(torch.equal(part, torch.zeros(B, H, dtype=torch.float64)) for part in state)


@every_cell
def test_gates_are_shown_by_name_and_lie_between_0_and_1(cell: Cell) -> None:
    shown = cell.activations(*drawn(cell))
    for gate in cell.gates:
        assert shown[gate].shape == (B, H)
        assert bool(((shown[gate] > 0) & (shown[gate] < 1)).all())


@every_cell
@pytest.mark.parametrize("seed", range(5))
def test_the_step_jacobian_is_autograd_s(cell: Cell, seed: int) -> None:
    x, state, weight_hh, bias_hh = drawn(cell, seed)

    def whole_step(side_by_side: Tensor) -> Tensor:
        parts = side_by_side.chunk(len(state), dim=1)
        return torch.cat(cell.step(x, parts, weight_hh, bias_hh), dim=1)

    full = jacobian(whole_step, torch.cat(state, dim=1))  # (B, S·H, B, S·H)
    expected = torch.stack([full[b, :, b] for b in range(B)])
    analytic = cell.step_jacobian(x, state, weight_hh, bias_hh)
    assert analytic.shape == (B, len(state) * H, len(state) * H)
    assert (analytic - expected).abs().max() < 1e-10


@every_cell
@pytest.mark.parametrize("seed", range(5))
def test_the_slopes_are_autograd_s_by_input_by_sum_and_by_the_old_state_itself(cell: Cell, seed: int) -> None:
    x, state, weight_hh, bias_hh = drawn(cell, seed)
    slopes = cell.slopes(x, state, weight_hh, bias_hh)
    no_weight = torch.zeros_like(weight_hh)
    sums = state[0] @ weight_hh.T + bias_hh  # (B, G·H), what W_hh h + b_hh was

    def of_units(function: Callable[[Tensor], State], given: Tensor) -> Tensor:
        """(B, S, parts of given, H): each unit's own derivative; a step mixes units in W_hh only."""
        full = jacobian(lambda flat: torch.stack(function(flat), dim=1), given)  # (B, S, H, B, ..)
        rows = torch.stack([full[b, :, :, b] for b in range(B)]).unflatten(3, (-1, H))
        return rows.diagonal(dim1=2, dim2=4)

    def step_from_rows(side_by_side: Tensor) -> State:
        return step_from_sums(sums, side_by_side.chunk(len(state), dim=1))

    def step_from_sums(given: Tensor, old: State = state) -> State:
        rows = [cell.step(x[b], tuple(part[b] for part in old), no_weight, given[b]) for b in range(B)]
        return tuple(torch.stack(parts) for parts in zip(*rows, strict=True))

    by_input = of_units(lambda given: cell.step(given, state, weight_hh, bias_hh), x)
    assert (slopes.by_input - by_input).abs().max() < 1e-10
    assert (slopes.by_sum - of_units(step_from_sums, sums)).abs().max() < 1e-10
    assert (slopes.by_state - of_units(step_from_rows, torch.cat(state, dim=1))).abs().max() < 1e-10


@every_cell
def test_a_cell_with_a_hidden_part_of_state_can_hold_it_over_padding(cell: Cell) -> None:
    if cell.fused is not None and len(cell.state_names) > 1:
        assert cell.keeps is not None


@every_cell
@pytest.mark.parametrize("input_size", [1, 500])
def test_flops_are_the_counted_products_plus_less_than_30_a_unit(cell: Cell, input_size: int) -> None:
    size = 64
    rows = cell.chunks * size
    state = tuple(torch.zeros(B, size) for _ in cell.state_names)
    with FlopCounterMode(display=False) as counter:
        projected = torch.zeros(B, input_size) @ torch.zeros(input_size, rows)
        cell.step(projected, state, torch.zeros(rows, size), torch.zeros(rows))
    rest = cell.flops_per_step(input_size, size) - counter.get_total_flops() / B
    assert 0 < rest < 30 * size


def test_weights_are_4_to_3_to_1() -> None:
    assert (LSTM().chunks, GRU().chunks, RNN().chunks) == (4, 3, 1)


@pytest.mark.parametrize(
    ("cell", "twin"),
    [
        (LSTM(), nn.LSTMCell(IN, H)),
        (GRU(), nn.GRUCell(IN, H)),
        (RNN(), nn.RNNCell(IN, H)),
        (RNN(activation="relu"), nn.RNNCell(IN, H, nonlinearity="relu")),
    ],
    ids=repr,
)
def test_one_step_is_torch_s_cell(cell: Cell, twin: nn.RNNCellBase) -> None:
    twin = twin.double()
    _, state, _, _ = drawn(cell)
    inputs = torch.randn(B, IN, dtype=torch.float64)
    expected = twin(inputs, state if len(state) > 1 else state[0])
    projected = inputs @ twin.weight_ih.T + twin.bias_ih
    following = cell.step(projected, state, twin.weight_hh, twin.bias_hh)
    for part, other in zip(following, expected if len(state) > 1 else (expected,), strict=True):
        assert (part - other).abs().max() < 1e-12


def at_rest(cell: Cell) -> Tensor:
    """The step Jacobian at zero input, state and bias, for identical rows: one of them."""
    x, state, weight_hh, bias_hh = drawn(cell)
    zeros = tuple(torch.zeros_like(part) for part in state)
    jacobians = cell.step_jacobian(torch.zeros_like(x), zeros, weight_hh, torch.zeros_like(bias_hh))
    return jacobians[0]


def test_at_rest_the_rnn_s_jacobian_is_its_recurrent_matrix() -> None:
    assert torch.equal(at_rest(RNN()), drawn(RNN())[2])


def test_at_rest_the_gru_s_jacobian_is_half_the_identity_and_a_quarter_of_w_n() -> None:
    w_n = drawn(GRU())[2][2 * H :]
    expected = torch.eye(H, dtype=torch.float64) / 2 + w_n / 4
    assert (at_rest(GRU()) - expected).abs().max() < 1e-15


def test_at_rest_the_lstm_halves_c_and_passes_h_through_w_g() -> None:
    w_g = drawn(LSTM())[2][2 * H : 3 * H]
    half = torch.eye(H, dtype=torch.float64) / 2
    expected = torch.cat([torch.cat([w_g / 4, half / 2], 1), torch.cat([w_g / 2, half], 1)])
    assert (at_rest(LSTM()) - expected).abs().max() < 1e-15
