"""The looks: which counts they are, and that their level is the one that keeps the whole at 5 %."""

import numpy as np
import pytest
from scipy import stats

from seqcli.statistics.looks import AUTO, POCOCK_ALPHA, Looks, TakenLook, after, fixed, next_look


def test_the_level_of_a_look_is_pococks_for_looks_at_5_10_and_20() -> None:
    """Brownian motion at information 1/4, 1/2, 1 leaves ±z at some look with probability 4.75 %."""
    counts = np.array(AUTO.counts)
    correlation = np.sqrt(np.minimum.outer(counts, counts) / np.maximum.outer(counts, counts))
    z = np.full(3, stats.norm.isf(POCOCK_ALPHA / 2))
    inside = stats.multivariate_normal(np.zeros(3), correlation).cdf(z, lower_limit=-z)
    assert 1 - inside == pytest.approx(0.0475, abs=0.0005)


def test_the_automatic_design_looks_at_5_10_and_20() -> None:
    assert [next_look(AUTO, seeds, decided=False) for seeds in (0, 4, 5, 7, 10, 19, 20, 30)] == [
        5, 5, 10, 10, 20, 20, None, None,
    ]  # fmt: skip
    assert (AUTO.alpha, AUTO.last) == (0.0197, 20)


def test_a_decided_comparison_has_no_next_look() -> None:
    assert next_look(AUTO, 5, decided=True) is None


def test_a_fixed_count_is_one_look_at_5_percent() -> None:
    assert fixed(7) == Looks(counts=(7,), alpha=0.05)
    assert next_look(fixed(7), 3, decided=False) == 7
    assert next_look(fixed(7), 7, decided=False) is None


@pytest.mark.parametrize("counts", [(), (0, 5), (5, 5), (10, 5)])
def test_looks_that_do_not_rise_are_refused(counts: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="rising"):
        Looks(counts=counts, alpha=0.05)


FIVE = TakenLook((0, 1, 2, 3, 4), 0.05)


def test_more_seeds_beside_those_judged_before_are_a_further_look_at_the_smaller_level() -> None:
    result = after([FIVE], range(10))
    assert result == (Looks((10,), POCOCK_ALPHA), (FIVE,), ())
    fewer = after([FIVE], range(3)).looks
    assert fewer.alpha == POCOCK_ALPHA, "choosing some of the seeds is a look as well"


def test_the_same_seeds_again_are_no_further_look_and_fresh_ones_have_their_own_5_percent() -> None:
    ten = TakenLook(tuple(range(10)), POCOCK_ALPHA)
    assert after([FIVE, ten], [4, 3, 2, 1, 0]) == (fixed(5), (), ())
    assert after([FIVE, ten], range(10)) == (Looks((10,), POCOCK_ALPHA), (FIVE,), ())
    assert after([FIVE, ten], range(10, 25)) == (fixed(15), (), (FIVE, ten))


def test_the_levels_of_a_look_and_a_further_one_add_up_to_a_bound_that_holds() -> None:
    """Equal models, judged at 5 seeds and again at 10: .05 + .0197 bounds what is wrong in either."""
    rows = np.random.default_rng(0).normal(size=(40_000, 10))
    wrong = np.zeros(len(rows), dtype=bool)
    for count, level in ((5, 0.05), (10, after([FIVE], range(10)).looks.alpha)):
        wrong |= stats.ttest_1samp(rows[:, :count], 0, axis=1).pvalue <= level
    assert 0.05 < wrong.mean() < 0.05 + POCOCK_ALPHA
