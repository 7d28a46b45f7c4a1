"""McNemar's test and the comparison of runs that solve a task, against statsmodels, scipy and by hand."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as reference

from seqcli.statistics.exact_tests import (
    Solved,
    compare_steps,
    judge_solved_family,
    mcnemar,
    sign_test,
    sign_test_power,
    unseen_rate,
)

proof = settings(deadline=None, max_examples=50, derandomize=True)


@proof
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_p_value_is_statsmodels(answers: list[tuple[bool, bool]]) -> None:
    a, b = np.array(answers).T
    counts = mcnemar(a, b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    if counts.only_a + counts.only_b:
        assert counts.p_value == pytest.approx(reference(table, exact=True).pvalue, abs=1e-9)
    assert counts.difference == pytest.approx(a.mean() - b.mean(), abs=1e-12)


def test_seven_heads_of_eight_have_the_p_value_of_the_binomial() -> None:
    assert sign_test(7, 1) == pytest.approx(2 * (1 + 8) / 2**8)
    assert sign_test(1, 7) == sign_test(7, 1)
    assert sign_test(5, 0) == pytest.approx(2 / 2**5)


def test_models_that_never_disagree_are_not_told_apart() -> None:
    counts = mcnemar([True, False, True], [True, False, True])
    assert (counts.only_a, counts.only_b, counts.pairs, counts.p_value) == (0, 0, 3, 1.0)


def test_only_the_examples_that_one_gets_right_are_counted() -> None:
    counts = mcnemar([True, True, True, False], [True, False, False, True])
    assert (counts.only_a, counts.only_b, counts.pairs) == (2, 1, 4)


@pytest.mark.parametrize(("a", "b"), [([True], [True, False]), ([], []), ([[True]], [[True]])])
def test_rows_that_do_not_pair_are_refused(a: list[bool], b: list[bool]) -> None:
    with pytest.raises(ValueError, match="two rows of equal length"):
        mcnemar(a, b)


def outcomes(
    both: int = 0, only_a: int = 0, only_b: int = 0, neither: int = 0
) -> tuple[list[bool], list[bool]]:
    """Two rows of seeds with these counts."""
    a = [True] * both + [True] * only_a + [False] * only_b + [False] * neither
    b = [True] * both + [False] * only_a + [True] * only_b + [False] * neither
    return a, b


def judge_solved(a: list[bool], b: list[bool], margin: float | None = None) -> Solved:
    """The verdict on one pair alone."""
    return judge_solved_family([(a, b)], margin=margin)[0]


@pytest.mark.parametrize(
    ("only_a", "only_b", "verdict"),
    [(6, 0, "better"), (0, 6, "worse"), (5, 0, "undecided"), (9, 1, "better"), (8, 2, "undecided")],
)
def test_seeds_that_one_model_alone_solves_decide(only_a: int, only_b: int, verdict: str) -> None:
    result = judge_solved(*outcomes(both=3, only_a=only_a, only_b=only_b, neither=2))
    assert result.verdict == verdict
    assert result.p_different == pytest.approx(stats.binomtest(only_a, only_a + only_b).pvalue)
    assert (result.solved_a, result.solved_b) == (3 + only_a, 3 + only_b)


def test_five_against_none_is_undecided_and_six_fresh_seeds_would_settle_it() -> None:
    verdict = judge_solved(*outcomes(only_a=5))
    assert (verdict.verdict, verdict.seeds_needed) == ("undecided", 6)
    assert verdict.p_different == pytest.approx(0.0625)


def test_without_a_margin_models_that_always_solve_are_undecided_and_no_seeds_would_help() -> None:
    verdict = judge_solved(*outcomes(both=20))
    assert (verdict.verdict, verdict.seeds_needed, verdict.p_equivalent) == ("undecided", None, 1.0)


def test_with_a_margin_twenty_seeds_without_a_disagreement_are_equivalent() -> None:
    verdict = judge_solved(*outcomes(both=20), margin=0.2)
    assert verdict.verdict == "equivalent"
    assert verdict.p_equivalent == pytest.approx(0.8**20)


def test_the_seeds_for_equivalence_are_those_after_which_agreement_would_show_it() -> None:
    verdict = judge_solved(*outcomes(neither=10), margin=0.2)
    assert verdict.verdict == "undecided"
    assert verdict.seeds_needed == 14, "of a fresh run, whatever was seen"
    assert 0.8**14 <= 0.05 < 0.8**13


@pytest.mark.parametrize(("share_a", "share_b"), [(0.3, 0.0), (0.4, 0.1), (0.6, 0.3)])
def test_solve_rates_a_margin_apart_are_called_equivalent_in_at_most_5_percent(
    share_a: float, share_b: float
) -> None:
    """Exactly, over every outcome of 12 seeds."""
    shares, false = [share_a, share_b, 1 - share_a - share_b], 0.0
    for x, y in product(range(3), repeat=2):
        if judge_solved(*outcomes(0, x, y, 12 - x - y), margin=0.3).p_equivalent <= 0.05:
            false += stats.multinomial.pmf([x, y, 12 - x - y], 12, shares)
    assert 0.0 < false <= 0.05


def test_several_pairs_pay_for_being_several() -> None:
    pair = outcomes(only_a=6)
    assert judge_solved(*pair).verdict == "better"
    together = judge_solved_family([pair, pair])
    assert [element.verdict for element in together] == ["undecided", "undecided"]
    assert [item.p_different for item in together] == pytest.approx([0.0625, 0.0625])
    assert judge_solved_family([]) == ()


@pytest.mark.parametrize("alpha", [0.05, 0.0197, 0.0625])
def test_the_power_of_the_exact_test_is_that_of_counting_all_outcomes(alpha: float) -> None:
    share_a, share_b, seeds = 0.5, 0.1, 9
    expected = sum(
        stats.multinomial.pmf([x, y, seeds - x - y], seeds, [share_a, share_b, 1 - share_a - share_b])
        for x, y in product(range(seeds + 1), repeat=2)
        if 0 < x + y <= seeds and stats.binomtest(x, x + y).pvalue <= alpha
    )
    assert sign_test_power(share_a, share_b, most=9, alpha=alpha)[9] == pytest.approx(expected, abs=1e-9)


def test_the_seeds_needed_have_that_power_and_one_less_has_not() -> None:
    verdict = judge_solved(*outcomes(both=4, only_a=4, only_b=1, neither=1))
    assert verdict.seeds_needed is not None
    power = sign_test_power(0.4, 0.1, most=verdict.seeds_needed)
    assert power[-1] >= 0.8
    assert (power[:-1] < 0.8).all()


def test_rates_that_hardly_differ_need_more_seeds_than_any() -> None:
    assert judge_solved(*outcomes(only_a=5, only_b=5)).seeds_needed is None


def test_an_unsolved_run_is_later_than_any_that_solved() -> None:
    steps = compare_steps([100, 200, 300, 50, 60, 70], [None, 900, None, 400, 500, None], budget=1000)
    assert (steps.sooner_a, steps.sooner_b, steps.ties, steps.verdict) == (6, 0, 0, "better")
    assert steps.p_value == pytest.approx(2 / 2**6)
    assert (steps.median_a, steps.median_b) == (85.0, None)
    assert steps.restricted_mean_a == pytest.approx(130)
    assert steps.restricted_mean_b == pytest.approx((3 * 1000 + 900 + 400 + 500) / 6)


def test_seeds_that_neither_solves_tell_nothing() -> None:
    steps = compare_steps([None, None, 5], [None, None, 5], budget=10)
    assert (steps.ties, steps.p_value, steps.verdict) == (3, 1.0, "undecided")
    assert (steps.median_a, steps.restricted_mean_a) == (None, pytest.approx(25 / 3))


def test_swapping_the_models_swaps_sooner_and_later() -> None:
    a, b = [10, 20, 30, 40, 50, None, 5], [None, None, None, None, None, None, 6]
    assert compare_steps(a, b, budget=100).verdict == "better"
    assert compare_steps(b, a, budget=100).verdict == "worse"


@proof
@given(st.lists(st.one_of(st.none(), st.floats(1, 100)), min_size=1, max_size=9))
def test_the_median_is_numpys_with_the_unsolved_beyond_all(steps: list[float | None]) -> None:
    times = np.sort([np.inf if step is None else step for step in steps])
    low, high = times[(len(times) - 1) // 2], times[len(times) // 2]
    expected = (low + high) / 2
    actual = compare_steps(steps, steps, budget=100).median_a
    assert actual == (pytest.approx(expected) if np.isfinite(expected) else None)


@pytest.mark.parametrize("steps", [[0], [-1], [101], [float("nan")], []])
def test_steps_that_cannot_be_are_refused(steps: list[float]) -> None:
    with pytest.raises(ValueError, match="at most 100"):
        compare_steps(steps, steps, budget=100)


def test_rows_that_do_not_pair_and_margins_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="equal length"):
        compare_steps([1], [1, 2], budget=100)
    with pytest.raises(ValueError, match="equal length"):
        judge_solved([True], [True, False])
    with pytest.raises(ValueError, match="margin above 0"):
        judge_solved([True], [True], margin=0.0)


def test_in_a_family_more_seeds_are_planned_for_its_stricter_level() -> None:
    """5 against 0 has p = .0625; 6 against 0 has .031, enough alone; for one of two it takes 7: .016."""
    five = ([True] * 5, [False] * 5)
    assert [element.seeds_needed for element in judge_solved_family([five])] == [6]
    assert [item.seeds_needed for item in judge_solved_family([five, five])] == [7, 7]


@pytest.mark.parametrize(("seeds", "percent"), [(1, 95), (5, 45), (10, 26), (20, 14)])
def test_what_no_seed_showed_is_excluded_only_beyond_a_rate(seeds: int, percent: int) -> None:
    rate = unseen_rate(seeds)
    assert round(100 * rate) == percent
    assert stats.binomtest(0, seeds).proportion_ci(0.90, method="exact").high == pytest.approx(rate, abs=1e-9)
