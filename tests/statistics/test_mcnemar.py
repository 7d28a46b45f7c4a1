"""McNemar's exact test against statsmodels and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as reference

from seqcli.statistics.mcnemar import mcnemar, sign_test

proof = settings(deadline=None, max_examples=50, derandomize=True)


@proof
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_the_p_value_is_statsmodels(answers: list[tuple[bool, bool]]) -> None:
    a, b = np.array(answers).T
    found = mcnemar(a, b)
    table = [[np.sum(a & b), np.sum(a & ~b)], [np.sum(~a & b), np.sum(~a & ~b)]]
    if found.only_a + found.only_b:
        assert found.p_value == pytest.approx(reference(table, exact=True).pvalue, abs=1e-9)
    assert found.difference == pytest.approx(a.mean() - b.mean(), abs=1e-12)


def test_seven_heads_of_eight_have_the_p_value_of_the_binomial() -> None:
    assert sign_test(7, 1) == pytest.approx(2 * (1 + 8) / 2**8)
    assert sign_test(1, 7) == sign_test(7, 1)
    assert sign_test(5, 0) == pytest.approx(2 / 2**5)


def test_models_that_never_disagree_are_not_told_apart() -> None:
    found = mcnemar([True, False, True], [True, False, True])
    assert (found.only_a, found.only_b, found.pairs, found.p_value) == (0, 0, 3, 1.0)


def test_only_the_examples_that_one_gets_right_are_counted() -> None:
    found = mcnemar([True, True, True, False], [True, False, False, True])
    assert (found.only_a, found.only_b, found.pairs) == (2, 1, 4)


@pytest.mark.parametrize(("a", "b"), [([True], [True, False]), ([], []), ([[True]], [[True]])])
def test_rows_that_do_not_pair_are_refused(a: list[bool], b: list[bool]) -> None:
    with pytest.raises(ValueError, match="two rows of equal length"):
        mcnemar(a, b)
