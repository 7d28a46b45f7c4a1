"""The scan against torch.nn.GRU and finite differences, in float64; and where it is used."""

import pytest
import torch
from torch import Tensor, nn

from seqcli.ops.gru import gru_scan, scan_off, scan_takes
from seqcli.ops.recurrence import Weights, fused

I, H = 3, 5  # noqa: E741 the legend's letter


def drawn(*shape: int, seed: int) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def made() -> nn.GRU:
    layer = nn.GRU(I, H, batch_first=True).double()
    with torch.no_grad():
        for k, weight in enumerate(layer.parameters()):
            weight.copy_(drawn(*weight.shape, seed=k))
    return layer


def weights_of(layer: nn.GRU) -> Weights:
    w_ih, w_hh, b_ih, b_hh = layer.parameters()
    return w_ih, w_hh, b_ih, b_hh


def wanting(*shape: int, seed: int) -> Tensor:
    return drawn(*shape, seed=seed).requires_grad_()


def assert_same(some: tuple[Tensor, ...], others: tuple[Tensor, ...]) -> None:
    for item, other in zip(some, others, strict=True):
        assert item.shape == other.shape
        assert (item - other).abs().max() < 1e-10


@pytest.mark.parametrize(("batch", "steps"), [(1, 1), (4, 1), (1, 7), (4, 7), (2, 60)])
def test_values_and_all_gradients_are_torch_s(batch: int, steps: int) -> None:
    layer, inputs, first = made(), wanting(batch, steps, I, seed=8), wanting(batch, H, seed=9)
    learned = (inputs, first, *weights_of(layer))
    outputs, (last,) = fused("GRU", inputs, (first,), weights_of(layer))
    expected, expected_last = layer(inputs, first.unsqueeze(0))
    assert "GRUScan" in str(outputs.grad_fn)
    assert_same((outputs, last), (expected, expected_last[0]))
    by_outputs, by_last = drawn(batch, steps, H, seed=10), drawn(batch, H, seed=11)
    ours = torch.autograd.grad((outputs, last), learned, (by_outputs, by_last))
    theirs = torch.autograd.grad((expected, expected_last), learned, (by_outputs, by_last.unsqueeze(0)))
    assert_same(ours, theirs)


def test_gradients_are_finite_differences() -> None:
    learned = (wanting(2, 3, I, seed=8), wanting(2, H, seed=9), *weights_of(made()))
    assert torch.autograd.gradcheck(lambda x, h, *weights: gru_scan(x, h, weights), learned)


def test_the_way_back_twice_gives_the_same_bytes() -> None:
    learned = (wanting(4, 7, I, seed=8), wanting(4, H, seed=9), *weights_of(made()))
    total = gru_scan(learned[0], learned[1], learned[2:]).square().sum()
    once, again = (torch.autograd.grad(total, learned, retain_graph=True) for _ in range(2))
    assert all(torch.equal(item, other) for item, other in zip(once, again, strict=True))


def test_a_layer_that_is_used_twice_adds_its_gradients_up() -> None:
    layer, inputs = made(), wanting(4, 7, I, seed=8)
    last = torch.zeros(4, H, dtype=torch.float64)
    expected, expected_last = layer(inputs)
    expected = expected + layer(inputs.flip(1), expected_last)[0]
    outputs, state = fused("GRU", inputs, (last,), weights_of(layer))
    outputs = outputs + fused("GRU", inputs.flip(1), state, weights_of(layer))[0]
    learned = (inputs, *layer.parameters())
    by_outputs = drawn(4, 7, H, seed=10)
    assert_same(
        torch.autograd.grad(outputs, learned, by_outputs), torch.autograd.grad(expected, learned, by_outputs)
    )


@pytest.mark.parametrize("wanted", range(6))
def test_one_gradient_alone_is_the_same_as_among_all(wanted: int) -> None:
    values = [drawn(4, 7, I, seed=8), drawn(4, H, seed=9), *(w.detach() for w in weights_of(made()))]
    values[wanted].requires_grad_()
    (alone,) = torch.autograd.grad(gru_scan(values[0], values[1], tuple(values[2:])).sum(), values[wanted])
    learned = [value.detach().requires_grad_() for value in values]
    among = torch.autograd.grad(gru_scan(learned[0], learned[1], tuple(learned[2:])).sum(), learned)
    assert torch.equal(alone, among[wanted])


def test_a_gradient_of_a_gradient_is_refused_and_not_wrong() -> None:
    inputs = wanting(2, 3, I, seed=8)
    outputs = gru_scan(inputs, drawn(2, H, seed=9), weights_of(made()))
    with pytest.raises(RuntimeError, match="first order only"):
        torch.autograd.grad(outputs.sum(), inputs, create_graph=True)


def test_without_gradients_or_with_the_scan_off_it_is_torch_s_own_to_the_bit() -> None:
    layer, inputs = made(), drawn(4, 7, I, seed=8)
    first = torch.zeros(4, H, dtype=torch.float64)
    with torch.no_grad():
        assert torch.equal(fused("GRU", inputs, (first,), weights_of(layer))[0], layer(inputs)[0])
    with scan_off():
        assert not scan_takes("cpu", torch.float64)
        assert torch.equal(fused("GRU", inputs, (first,), weights_of(layer))[0], layer(inputs)[0])
    assert scan_takes("cpu", torch.float64)


@pytest.mark.parametrize(
    ("device", "dtype"), [("cuda", torch.float32), ("mps", torch.float32), ("cpu", torch.bfloat16)]
)
def test_other_devices_and_types_are_torch_s(device: str, dtype: torch.dtype) -> None:
    assert not scan_takes(device, dtype)
