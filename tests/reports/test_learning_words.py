"""The caution of a score that is no better than always saying the most frequent class."""

import pytest

from seqcli.reports.numbers import PERCENT
from seqcli.reports.parts.class_grids import MOST_IN_MATRIX, class_grids
from seqcli.reports.words.learning_words import nothing_learnt
from seqcli.statistics.classification import class_table


def test_a_score_below_the_majority_class_has_learnt_nothing():
    result = nothing_learnt(0.5, (0.45, 0.55), 0.517, PERCENT)
    assert result == "Nothing learnt: 50.0 % against 51.7 % for the majority class."
    assert nothing_learnt(0.517, None, 0.517, PERCENT).startswith("Nothing learnt")


def test_a_score_whose_interval_holds_the_majority_class_is_not_shown_to_beat_it():
    result = nothing_learnt(0.53, (0.45, 0.61), 0.517, PERCENT)
    assert result.startswith("Not shown to beat the majority class: 53.0 [45.0, 61.0] % against 51.7 %.")


@pytest.mark.parametrize("majority", [None, 0.449])
def test_a_score_clear_of_the_majority_class_needs_no_caution(majority):
    assert nothing_learnt(0.5, (0.45, 0.55), majority, PERCENT) == ""


def test_a_matrix_is_drawn_as_long_as_it_can_be_read():
    def grids(count):
        labels = [f"class {number:02}" for number in range(count)]
        return [
            class_grid.heading
            for class_grid in class_grids(class_table(zip(labels, labels, strict=True), labels))
        ]

    assert len(grids(MOST_IN_MATRIX)) == 2
    assert len(grids(MOST_IN_MATRIX + 1)) == 1
    assert class_grids(None) == ()


def test_only_a_share_of_what_is_right_is_held_against_the_share_of_a_class():
    table = class_table([("a", "a"), ("a", "b"), ("b", "b")], ("a", "b"))
    assert table.is_share_right(2 / 3)
    assert not table.is_share_right(0.5)
