import pytest
import torch

from seqcli.probes.inputs import BLOCK, AddingInputs, HeldInputs, ending_together, starting_together


@pytest.mark.parametrize("steps", [2, 3, 50, 201])
def test_one_marker_stands_in_each_half(steps):
    marks = AddingInputs(steps, 64, seed=0).stretch(0, steps)[:, :, 1]
    assert torch.equal(marks[:, : steps // 2].sum(1), torch.ones(64, dtype=torch.float64))
    assert torch.equal(marks[:, steps // 2 :].sum(1), torch.ones(64, dtype=torch.float64))


def test_values_fill_the_unit_interval_evenly():
    values = AddingInputs(BLOCK, 16, seed=3).stretch(0, BLOCK)[:, :, 0]
    assert 0 <= values.min() < 0.001
    assert 0.999 < values.max() < 1
    assert values.mean().item() == pytest.approx(0.5, abs=0.01)
    assert values.var().item() == pytest.approx(1 / 12, rel=0.02)


def test_any_stretch_is_the_same_whatever_was_drawn_before():
    inputs = AddingInputs(3 * BLOCK, 2, seed=5)
    whole = inputs.stretch(0, 3 * BLOCK)
    middle = AddingInputs(3 * BLOCK, 2, seed=5).stretch(BLOCK - 7, 2 * BLOCK + 9)
    assert torch.equal(middle, whole[:, BLOCK - 7 : 2 * BLOCK + 9])


def test_answers_are_the_sums_of_the_marked_values():
    inputs = AddingInputs(40, 8, seed=1)
    values, marks = inputs.stretch(0, 40).unbind(-1)
    assert torch.equal(inputs.answers(), (values * marks).sum(1))


def test_a_sequence_of_one_step_has_its_value_as_the_answer():
    inputs = AddingInputs(1, 4, seed=1)
    assert torch.equal(inputs.answers(), inputs.stretch(0, 1)[:, 0, 0])


def test_other_seeds_give_other_inputs():
    first, second = (AddingInputs(20, 1, seed=seed).stretch(0, 20) for seed in (0, 1))
    assert not torch.equal(first, second)


def test_rows_end_together_and_come_back():
    values = torch.arange(1.0, 13.0).view(3, 4, 1)
    lengths = torch.tensor([4, 1, 3])
    together = ending_together(values, lengths)
    assert together[:, :, 0].tolist() == [[1, 2, 3, 4], [0, 0, 0, 5], [0, 9, 10, 11]]
    assert starting_together(together, lengths)[:, :, 0].tolist() == [
        [1, 2, 3, 4],
        [5, 0, 0, 0],
        [9, 10, 11, 0],
    ]


def test_held_rows_say_when_they_begin():
    inputs = HeldInputs(torch.zeros(2, 5, 1), torch.tensor([5, 2]))
    assert inputs.real(0, 5).tolist() == [[True] * 5, [False] * 3 + [True] * 2]
    assert inputs.real(3, 5) is None
