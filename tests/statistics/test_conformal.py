"""Split conformal correction: the coverage that theory promises, on values whose distribution is known."""

import numpy as np
import pytest

from seqcli.statistics.conformal import quantile_shifts

LEVELS = (0.1, 0.5, 0.9)


def test_the_shift_is_the_ranked_residual_by_hand():
    residuals = np.column_stack([np.arange(1, 10), np.arange(1, 10), np.arange(1, 10)]).astype(float)
    # n = 9: ⌊10 · 0.1⌋ = 1st smallest, ⌈10 · 0.9⌉ = 9th smallest; the median stays.
    assert quantile_shifts(residuals, LEVELS).tolist() == [1.0, 0.0, 9.0]
    assert quantile_shifts(residuals[:3], LEVELS).tolist() == [1.0, 0.0, 3.0]


def test_ranks_count_the_new_value_with_those_held_out():
    """n = 20: ⌈21 · 0.9⌉ = 19th; n = 19: ⌊20 · 0.1⌋ = 2nd; of n alone it would be the 18th and the 1st."""
    twenty = np.arange(1.0, 21.0)[:, None] + np.zeros(3)
    assert quantile_shifts(twenty, LEVELS).tolist() == [2.0, 0.0, 19.0]
    assert quantile_shifts(twenty[:19], LEVELS).tolist() == [2.0, 0.0, 18.0]


@pytest.mark.parametrize("spread", [0.3, 3.0])
def test_a_band_that_is_too_narrow_or_too_wide_covers_what_it_says_after_the_correction(spread):
    """A new value is as likely in any gap between n held-out ones: 80 of 100 gaps lie inside here."""
    draw = np.random.default_rng(0)
    result = np.array([-spread, 0.0, spread])
    covered = []
    for _ in range(2000):
        low, _, high = result + quantile_shifts(draw.normal(size=(99, 1)) - result, LEVELS)
        covered.append(np.mean((low < (new := draw.normal(size=50))) & (new < high)))
    assert np.mean(covered) == pytest.approx(0.8, abs=0.006)
    before = np.mean(np.abs(draw.normal(size=10_000)) < spread)
    assert abs(before - 0.8) > 0.1
