"""Holm's correction against statsmodels."""

import gc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from seqcli.statistics.verdict_claims import Claims, conclude, holm, holm_levels, holm_or_all


@pytest.fixture(scope="module", autouse=True)
def _without_collecting():
    """statsmodels collects garbage at each call: half a second among all modules of the suite, 100 times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gc, "collect", lambda *_: 0)
        yield


proof = settings(deadline=None, max_examples=50, derandomize=True)
p_lists = st.lists(st.floats(0, 1), min_size=1, max_size=12)


@proof
@given(p_lists)
def test_adjusted_p_values_are_statsmodels(p_values: list[float]) -> None:
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1], abs=1e-9)


@proof
@given(p_lists)
def test_all_or_holm_rejects_between_holm_and_hochberg(p_values: list[float]) -> None:
    result = holm_or_all(p_values)
    assert (result <= holm(p_values)).all()
    assert (result >= multipletests(p_values, method="simes-hochberg")[1] - 1e-12).all()


def test_all_claims_together_need_no_correction() -> None:
    assert holm_or_all([0.04, 0.03, 0.045]).tolist() == [0.045, 0.045, 0.045]
    assert holm_or_all([0.001, 0.03, 0.2]) == pytest.approx([0.003, 0.06, 0.2])


def test_many_families_are_adjusted_row_by_row() -> None:
    rows = np.random.default_rng(0).uniform(size=(20, 6))
    assert holm(rows).tolist() == [holm(row).tolist() for row in rows]
    assert holm_or_all(rows).tolist() == [holm_or_all(row).tolist() for row in rows]


@pytest.mark.parametrize(
    "p_values", [[0.05], [0.025, 0.04], [0.04, 0.025], [0.05, 0.01, 0.025], [0.2, 0.016], [0.03, 0.2]]
)
def test_a_claim_holds_exactly_where_its_p_value_is_at_most_its_level(p_values: list[float]) -> None:
    """Values on a step of Holm's, .05 / (3 − k + 1), are rejected, as statsmodels rejects them."""
    rejected = multipletests(p_values, 0.05, method="holm")[0]
    assert (np.array(p_values) <= holm_levels(p_values, 0.05)).tolist() == rejected.tolist()


def test_a_p_value_of_just_the_level_is_enough_for_each_word() -> None:
    none = np.ones(3)
    at_most, gains = np.array([0.05, np.nextafter(0.05, 1.0), 0.05]), np.array([0.1, 0.1, -0.1])
    assert conclude(Claims(at_most, none, none), gains, 0.05).tolist() == ["better", "undecided", "worse"]
    assert conclude(Claims(none[:2], at_most[:2], none[:2]), gains[:2], 0.05).tolist() == [
        "equivalent",
        "undecided",
    ]
