"""Precision, recall and F1 by class, against scikit-learn and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import (
    balanced_accuracy_score,
    confusion_matrix,
    f1_score,
    precision_recall_fscore_support,
)

from seqcli.statistics.classification import calibration_error, class_table, reliability

LABELS = ("a", "b", "c", "d")
PAIRS = st.lists(st.tuples(st.sampled_from(LABELS), st.sampled_from(LABELS)), min_size=1, max_size=40)


@pytest.mark.filterwarnings("ignore:y_pred contains classes not in y_true")
@pytest.mark.filterwarnings("ignore:A single label was found")
@settings(deadline=None)
@given(PAIRS)
def test_every_figure_is_scikit_learns(pairs):
    right, result = zip(*pairs, strict=True)
    table = class_table(pairs, LABELS)
    known = [element.label for element in table.classes]
    assert known == sorted({*right, *result})
    assert table.confusion == confusion_matrix(right, result, labels=known).tolist()
    theirs = precision_recall_fscore_support(right, result, labels=known, zero_division=0.0)
    ours = [(item.precision or 0.0, item.recall or 0.0, item.F1, item.examples) for item in table.classes]
    np.testing.assert_allclose(np.array(ours).T, theirs)
    assert table.macro_F1 == pytest.approx(f1_score(right, result, average="macro", zero_division=0.0))
    assert table.balanced_accuracy == pytest.approx(balanced_accuracy_score(right, result))


def test_a_class_is_told_with_what_it_is_most_often_mistaken_for():
    pairs = [("a", "a")] * 6 + [("a", "b")] * 1 + [("a", "c")] * 3 + [("b", "b")] * 2
    a, b, c = class_table(pairs, LABELS).classes
    assert (a.mistaken_for, a.mistaken, a.examples, a.answered, a.right) == ("c", 3, 10, 6, 6)
    assert (b.mistaken_for, b.mistaken) == (None, 0)
    # Precision 6/6, recall 6/10: F1 is 2 · 1 · 0.6 / 1.6.
    assert (a.precision, a.recall, a.F1) == (1.0, 0.6, pytest.approx(0.75))
    assert (c.precision, c.recall, c.F1) == (0.0, None, 0.0)


def test_a_class_that_neither_occurs_nor_is_said_counts_for_no_mean():
    table = class_table([("b", "b"), ("a", "a")], LABELS)
    assert [item.label for item in table.classes] == ["a", "b"]
    assert (table.macro_F1, table.balanced_accuracy) == (1.0, 1.0)


def test_classes_stand_in_the_order_of_their_numbers_and_not_of_the_alphabet():
    table = class_table([("2", "10"), ("10", "2")], ("2", "10"))
    assert [item.label for item in table.classes] == ["2", "10"]
    assert table.confusion == [[0, 1], [1, 0]]


def test_nothing_answered_has_no_table():
    assert class_table([], LABELS) is None


def test_the_error_is_the_mean_distance_of_confidence_and_share_right_over_answers() -> None:
    """.55 and .58 lie in one bin, one of them right: |.565 − .5|; .95 and 1 in the last, both right: .025."""
    bins = reliability(np.array([0.55, 0.58, 0.95, 1.0]), np.array([True, False, True, True]))
    assert [(part.low, part.high, part.examples) for part in bins] == [(0.5, 0.6, 2), (0.9, 1.0, 2)]
    assert [part.confidence for part in bins] == pytest.approx([0.565, 0.975])
    assert [part.accuracy for part in bins] == [0.5, 1.0]
    assert calibration_error(bins) == pytest.approx((2 * 0.065 + 2 * 0.025) / 4)


def test_a_model_that_is_right_as_often_as_it_says_has_no_error() -> None:
    bins = reliability(np.full(4, 0.75), np.array([True, True, True, False]))
    assert calibration_error(bins) == 0
