"""Which timed blocks are flagged."""

import pytest

from seqcli.statistics.outliers import outliers


def test_a_block_far_from_the_others_is_flagged_by_its_place() -> None:
    assert outliers([10.0, 10.1, 9.9, 10.2, 30.0]) == (4,)


def test_ordinary_scatter_is_not_flagged() -> None:
    assert outliers([10.0, 10.5, 9.4, 10.2, 9.8]) == ()


def test_the_threshold_is_three_and_a_half_modified_z() -> None:
    """Median 0, MAD 1: a value at 3.5 / .6745 = 5.19 is the last that is not flagged."""
    assert outliers([-1.0, -1.0, 0.0, 1.0, 5.18]) == ()
    assert outliers([-1.0, -1.0, 0.0, 1.0, 5.20]) == (4,)


def test_among_equal_values_the_odd_one_is_flagged() -> None:
    assert outliers([1.0] * 8 + [2.0]) == (8,)
    assert outliers([1.0] * 5) == ()


@pytest.mark.parametrize("values", [[], [1.0], [1.0, 9.0]])
def test_fewer_than_three_blocks_flag_none(values: list[float]) -> None:
    assert outliers(values) == ()


def test_a_value_that_is_not_finite_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        outliers([1.0, float("inf"), 2.0])
