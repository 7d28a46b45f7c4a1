import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from seqcli.ops.padding import last_real, mask, reverse_by_length

LENGTHS = torch.tensor([3, 1, 4])


def counted(batch: int, steps: int) -> Tensor:
    """(B, T, 1) values 10 b + t, so that each tells where it stood."""
    return (10 * torch.arange(batch).unsqueeze(1) + torch.arange(steps)).unsqueeze(-1).double()


def test_mask_is_true_on_real_steps_only() -> None:
    assert mask(LENGTHS, 4).tolist() == [
        [True, True, True, False],
        [True, False, False, False],
        [True, True, True, True],
    ]


def test_last_real_takes_the_value_at_each_length_minus_one() -> None:
    assert last_real(counted(3, 4), LENGTHS).flatten().tolist() == [2, 10, 23]


def test_reversal_turns_real_steps_and_leaves_padding() -> None:
    turned = reverse_by_length(counted(3, 4), LENGTHS)
    assert turned.squeeze(-1).tolist() == [[2, 1, 0, 3], [10, 11, 12, 13], [23, 22, 21, 20]]


def test_reversal_without_lengths_turns_every_step() -> None:
    assert reverse_by_length(counted(1, 3), None).flatten().tolist() == [2, 1, 0]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6), st.integers(0, 3))
def test_reversal_agrees_with_python_and_twice_is_the_identity(lengths: list[int], padding: int) -> None:
    values = counted(len(lengths), max(lengths) + padding)
    turned = reverse_by_length(values, torch.tensor(lengths))
    for row, before, length in zip(turned, values, lengths, strict=True):
        assert row.tolist() == before.tolist()[:length][::-1] + before.tolist()[length:]
    assert torch.equal(reverse_by_length(turned, torch.tensor(lengths)), values)


def test_reversal_has_the_gradient_of_a_permutation_twice_over() -> None:
    values = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    reverse = lambda given: reverse_by_length(given, LENGTHS)  # noqa: E731
    assert torch.autograd.gradcheck(reverse, (values,))
    assert torch.autograd.gradgradcheck(reverse, (values,))
