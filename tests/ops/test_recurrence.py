import pytest
import torch
from torch import Tensor, nn

from seqcli.ops.recurrence import FusedMode, State, fused, unroll


def leak(x: Tensor, state: State) -> State:
    """A recurrence by hand: h' = x + h / 2, and k counts the steps."""
    h, k = state
    return x + h / 2, k + 1


def run(lengths: list[int] | None) -> tuple[Tensor, State]:
    inputs = torch.ones(2, 3, 1)
    state = (torch.zeros(2, 1), torch.zeros(2, 1))
    return unroll(leak, inputs, state, None if lengths is None else torch.tensor(lengths))


def test_unroll_gives_every_output_and_the_last_state() -> None:
    outputs, (h, k) = run(None)
    assert outputs.squeeze(-1).tolist() == [[1, 1.5, 1.75], [1, 1.5, 1.75]]
    assert h.flatten().tolist() == [1.75, 1.75]
    assert k.flatten().tolist() == [3, 3]


def test_a_row_that_has_ended_keeps_its_whole_state_and_gives_zeros() -> None:
    outputs, (h, k) = run([1, 3])
    assert outputs.squeeze(-1).tolist() == [[1, 0, 0], [1, 1.5, 1.75]]
    assert h.flatten().tolist() == [1, 1.75]
    assert k.flatten().tolist() == [1, 3]


def test_no_gradient_comes_from_beyond_a_row_s_end() -> None:
    inputs = torch.ones(2, 3, 1, requires_grad=True)
    outputs, (h, _) = unroll(leak, inputs, (torch.zeros(2, 1), torch.zeros(2, 1)), torch.tensor([1, 3]))
    (outputs.sum() + h.sum()).backward()
    assert inputs.grad is not None
    assert inputs.grad.squeeze(-1).tolist() == [[2, 0, 0], [2, 2, 2]]


@pytest.mark.parametrize(
    ("mode", "layer"),
    [
        ("LSTM", nn.LSTM(3, 4, batch_first=True)),
        ("GRU", nn.GRU(3, 4, batch_first=True).requires_grad_(False)),
        ("RNN_TANH", nn.RNN(3, 4, batch_first=True)),
        ("RNN_RELU", nn.RNN(3, 4, batch_first=True, nonlinearity="relu")),
    ],
)
def test_fused_is_the_layer_that_it_names(mode: FusedMode, layer: nn.RNNBase) -> None:
    inputs = torch.randn(2, 5, 3)
    first = tuple(torch.randn(2, 4) for _ in range(2 if mode == "LSTM" else 1))
    outputs, last = fused(mode, inputs, first, tuple(layer.parameters()))
    packed = tuple(part.unsqueeze(0) for part in first)
    expected, state = layer(inputs, packed if mode == "LSTM" else packed[0])
    assert torch.equal(outputs, expected)
    for part, other in zip(last, state if mode == "LSTM" else (state,), strict=True):
        assert torch.equal(part, other[0])
