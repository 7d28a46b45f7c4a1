"""The layers against torch.nn on packed sequences, against themselves row by row, and against bad input."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from seqcli.models.cell import CELLS, Cell
from seqcli.models.cells.lstm import LSTM
from seqcli.models.cells.rnn import RNN
from seqcli.models.initialisation import Initialisation, initialise
from seqcli.models.recurrent import Recurrent
from seqcli.ops.recurrence import State

IN, H, T = 4, 5, 8
LENGTHS = torch.tensor([8, 3, 1, 6])
TWINS = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}

every_path = pytest.mark.parametrize("path", ["fused", "step"])
both_directions = pytest.mark.parametrize("bidirectional", [False, True], ids=["forward", "both"])
every_depth = pytest.mark.parametrize("num_layers", [1, 2, 3])
every_name = pytest.mark.parametrize("name", CELLS.names())
every_fused_name = pytest.mark.parametrize(
    "name", [name for name in CELLS.names() if CELLS.get(name)().fused]
)


def drawn(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made(cell: Cell, path: str, *, num_layers: int = 1, bidirectional: bool = False) -> Recurrent:
    recurrent = Recurrent(cell, IN, H, num_layers=num_layers, bidirectional=bidirectional).double()
    initialise(recurrent, Initialisation("torch"), generator=torch.Generator().manual_seed(7))
    recurrent.path = path
    return recurrent


def score(outputs: Tensor, state: State) -> Tensor:
    """A scalar in which every output and final state has its own weight."""
    parts = (outputs, *state)
    return torch.stack([(part * drawn(*part.shape, seed=k)).sum() for k, part in enumerate(parts)]).sum()


def packed_run(
    twin: nn.RNNBase, inputs: Tensor, lengths: Tensor, initial: State | None
) -> tuple[Tensor, State]:
    packed = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    given = initial if initial is None or len(initial) > 1 else initial[0]
    outputs, last = twin(packed, given)
    padded, _ = pad_packed_sequence(outputs, batch_first=True, total_length=inputs.shape[1])
    return padded, last if isinstance(last, tuple) else (last,)


def assert_same(some: tuple[Tensor, ...], others: tuple[Tensor, ...]) -> None:
    for item, other in zip(some, others, strict=True):
        assert item.shape == other.shape
        assert (item - other).abs().max() < 1e-10


@every_fused_name
@every_path
@every_depth
@both_directions
@pytest.mark.parametrize("from_zero", [True, False], ids=["zeros", "given state"])
def test_values_states_and_all_gradients_are_those_of_torch_on_packed_rows(
    name: str, path: str, num_layers: int, bidirectional: bool, from_zero: bool
) -> None:
    recurrent = made(CELLS.get(name)(), path, num_layers=num_layers, bidirectional=bidirectional)
    shape = {"num_layers": num_layers, "bidirectional": bidirectional, "batch_first": True}
    twin = TWINS[name](IN, H, **shape).double()
    twin.load_state_dict(recurrent.state_dict())
    inputs = drawn(4, T, IN, seed=1).requires_grad_()
    rows = num_layers * recurrent.directions
    states = tuple(
        drawn(rows, 4, H, seed=2 + k).requires_grad_() for k in range(len(recurrent.cell.state_names))
    )
    initial = None if from_zero else states
    wanted = (inputs, *recurrent.parameters()), (inputs, *twin.parameters())
    if initial is not None:
        wanted = tuple((*each, *initial) for each in wanted)

    ours = recurrent(inputs, LENGTHS, initial)
    theirs = packed_run(twin, inputs, LENGTHS, initial)

    assert_same((ours[0], *ours[1]), (theirs[0], *theirs[1]))
    assert_same(torch.autograd.grad(score(*ours), wanted[0]), torch.autograd.grad(score(*theirs), wanted[1]))


@every_name
@both_directions
def test_weights_go_both_ways_between_torch_and_here(name: str, bidirectional: bool) -> None:
    twin = TWINS[name](IN, H, num_layers=2, bidirectional=bidirectional, batch_first=True).double()
    recurrent = Recurrent(CELLS.get(name)(), IN, H, num_layers=2, bidirectional=bidirectional).double()
    recurrent.load_state_dict(twin.state_dict())
    assert list(recurrent.state_dict()) == list(twin.state_dict())
    inputs = drawn(2, T, IN, seed=1)
    assert (recurrent(inputs)[0] - twin(inputs)[0]).abs().max() < 1e-12
    twin.load_state_dict(recurrent.state_dict())


@every_path
def test_a_relu_recurrence_is_torch_s(path: str) -> None:
    recurrent = made(RNN(activation="relu"), path, num_layers=2)
    twin = nn.RNN(IN, H, num_layers=2, nonlinearity="relu", batch_first=True).double()
    twin.load_state_dict(recurrent.state_dict())
    inputs = drawn(4, T, IN, seed=1)
    ours, theirs = recurrent(inputs, LENGTHS), packed_run(twin, inputs, LENGTHS, None)
    assert_same((ours[0], *ours[1]), (theirs[0], *theirs[1]))


def test_a_linear_recurrence_has_no_fused_kernel_and_steps() -> None:
    recurrent = made(RNN(activation="identity"), "fused")
    assert recurrent.kernel == "seqcli step"
    w_ih, w_hh, b_ih, b_hh = recurrent.weights("_l0")
    h = torch.zeros(1, H, dtype=torch.float64)
    inputs = drawn(1, 3, IN, seed=1)
    for t in range(3):
        h = inputs[:, t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh
    assert (recurrent(inputs)[0][:, -1] - h).abs().max() < 1e-12


@pytest.mark.parametrize("cell", [*(CELLS.get(n)() for n in CELLS.names()), RNN("identity")], ids=repr)
@every_path
@every_depth
@both_directions
def test_each_row_of_a_padded_batch_is_as_if_alone(
    cell: Cell, path: str, num_layers: int, bidirectional: bool
) -> None:
    recurrent = made(cell, path, num_layers=num_layers, bidirectional=bidirectional)
    rows = [drawn(int(length), IN, seed=20 + k).requires_grad_() for k, length in enumerate(LENGTHS)]
    padded = torch.stack([torch.cat([row, 1e3 * drawn(T + 2 - len(row), IN, seed=9)]) for row in rows])
    outputs, state = recurrent(padded, LENGTHS)
    alone = [recurrent(row.unsqueeze(0)) for row in rows]

    for b, (item, length) in enumerate(zip(alone, LENGTHS.tolist(), strict=True)):
        assert (outputs[b, :length] - item[0][0]).abs().max() < 1e-10
        assert not outputs[b, length:].any()
        assert_same(tuple(part[:, b] for part in state), tuple(part[:, 0] for part in item[1]))

    weights = drawn(*outputs.shape, seed=5)
    together = (outputs * weights).sum() + sum(part.sum() for part in state)
    one_by_one = sum(
        (first[0][0] * weights[b, : len(row)]).sum() + sum(part.sum() for part in first[1])
        for b, (first, row) in enumerate(zip(alone, rows, strict=True))
    )
    wanted = (*rows, *recurrent.parameters())
    assert_same(torch.autograd.grad(together, wanted), torch.autograd.grad(one_by_one, wanted))


@every_name
@every_path
@both_directions
def test_outputs_alone_are_forward_s_on_real_steps(name: str, path: str, bidirectional: bool) -> None:
    recurrent = made(CELLS.get(name)(), path, num_layers=2, bidirectional=bidirectional)
    inputs = drawn(4, T, IN, seed=1)
    full, alone = recurrent(inputs, LENGTHS)[0], recurrent.outputs(inputs, LENGTHS)
    for b, length in enumerate(LENGTHS.tolist()):
        assert (full[b, :length] - alone[b, :length]).abs().max() < 1e-12


def test_in_float32_the_fused_lstm_holds_its_cell_over_long_padding_as_the_steps_do() -> None:
    recurrent = Recurrent(LSTM(), IN, 64)
    initialise(recurrent, Initialisation("tuned"), generator=torch.Generator().manual_seed(0))
    inputs, lengths = drawn(2, 500, IN, seed=1).float(), torch.tensor([3, 500])
    assert recurrent.kernel == "oneDNN"
    _, (h, c) = recurrent(inputs, lengths)
    _, (h_alone, c_alone) = recurrent(inputs[:1, :3])
    assert (c[0, 0] - c_alone[0, 0]).abs().max() < 1e-6
    assert (h[0, 0] - h_alone[0, 0]).abs().max() < 1e-6


@every_name
def test_the_number_of_parameters_does_not_depend_on_the_length(name: str) -> None:
    recurrent = made(CELLS.get(name)(), "fused")
    chunks = recurrent.cell.chunks
    for steps in (1, 10, 100, 1000, 10_000):
        recurrent(drawn(1, steps, IN, seed=1))
        assert sum(p.numel() for p in recurrent.parameters()) == chunks * H * (IN + H + 2)


def test_dropout_acts_between_layers_in_training_and_is_replayed_from_the_seed() -> None:
    recurrent = Recurrent(LSTM(), IN, H, num_layers=2, dropout=0.5).double()
    initialise(recurrent, Initialisation("torch"), generator=torch.Generator().manual_seed(7))
    inputs = drawn(4, T, IN, seed=1)
    calm = recurrent.eval()(inputs)[0]
    assert torch.equal(calm, recurrent(inputs)[0])
    recurrent.train()
    first, again = (torch.manual_seed(3) and recurrent(inputs)[0] for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, calm)


def test_moving_keeps_values_and_says_which_kernel_runs() -> None:
    recurrent = made(LSTM(), "fused")
    before = {name: value.clone() for name, value in recurrent.state_dict().items()}
    recurrent.float().double()
    assert recurrent.kernel == "ATen loop"
    assert recurrent.float().kernel == "oneDNN"
    assert all((before[name] - value).abs().max() < 1e-6 for name, value in recurrent.state_dict().items())


@pytest.mark.parametrize(
    ("inputs", "lengths", "said"),
    [
        ((4, T, IN + 1), LENGTHS, r"inputs must be \(B, T, 4\)"),
        ((T, IN), None, r"inputs must be \(B, T, 4\)"),
        ((4, T, IN), LENGTHS[:3], r"lengths must be \(4,\), got \(3,\)"),
        ((4, T, IN), torch.tensor([8, 3, 0, 6]), "lengths must lie in 1 to 8"),
        ((4, T, IN), torch.tensor([8, 3, 9, 6]), "lengths must lie in 1 to 8"),
    ],
)
def test_wrong_shapes_and_lengths_are_refused(
    inputs: tuple[int, ...], lengths: Tensor | None, said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        made(LSTM(), "fused")(drawn(*inputs, seed=0), lengths)
