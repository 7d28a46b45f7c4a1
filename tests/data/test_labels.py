import math

import pytest

from seqcli.data.labels import (
    as_label,
    check_classes,
    class_order,
    label_warnings,
    most_frequent,
    one_spelling,
)
from seqcli.data.tables import CellValue
from seqcli.errors import DataError


@pytest.mark.parametrize(
    ("cell", "label"),
    [
        ("pos", "pos"),
        (" pos\t", "pos"),
        ("", None),
        ("  ", None),
        (None, None),
        (math.nan, None),
        ("None", "None"),
        ("NA", "NA"),
        ("nan", "nan"),
        (1, "1"),
        (1.0, "1.0"),
        (True, "true"),
        ("e\u0301", "é"),
    ],
)
def test_a_cell_names_a_class(cell: CellValue, label: str | None) -> None:
    assert as_label(cell) == label


def test_spellings_of_one_whole_number_are_one_class_and_said() -> None:
    mapping = one_spelling(["1", "1.0", "01", "+1", "-1", "0.5", "pos"])
    assert mapping == {
        "1": "1", "1.0": "1", "01": "1", "+1": "1", "-1": "-1", "0.5": "0.5", "pos": "pos"
    }  # fmt: skip
    assert label_warnings(mapping) == ("the labels '+1', '01', '1', '1.0' are read as one class, '1'",)


def test_a_number_in_one_spelling_keeps_it() -> None:
    assert one_spelling(["1.0", "0.0", "007"]) == {"1.0": "1.0", "0.0": "0.0", "007": "007"}
    assert one_spelling(["-0", "0"]) == {"-0": "0", "0": "0"}


def test_classes_that_differ_in_letter_case_are_told() -> None:
    assert label_warnings(one_spelling(["Spam", "spam", "ham"])) == (
        "the classes 'Spam', 'spam' differ only in letter case",
    )


def test_classes_are_in_order_of_their_numbers_or_characters() -> None:
    assert class_order(["10", "9", "-1", "9"]) == ("-1", "9", "10")
    assert class_order(["b", "10", "9"]) == ("10", "9", "b")


def _place(index: int) -> str:
    return f"reviews.csv, row {index + 2}"


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["a"], "reviews.csv has one row of data"),
        (["a", "a", "a"], "reviews.csv: all 3 rows have the label 'a'"),
        (["a", "a", "b"], "reviews.csv, row 4: the class 'b' has only this row"),
        ([str(i) for i in range(30)], "reviews.csv: 30 of 30 classes have one row each"),
    ],
)
def test_too_little_to_tell_apart_is_refused(labels: list[str], message: str) -> None:
    with pytest.raises(DataError) as caught:
        check_classes(labels, "reviews.csv", _place)
    assert caught.value.message == message


def test_two_classes_with_two_rows_each_are_enough() -> None:
    check_classes(["a", "b", "b", "a"], "reviews.csv", _place)


def test_the_most_frequent_label_is_the_first_in_the_alphabet_of_equals() -> None:
    assert most_frequent({"c": 1, "b": 2, "a": 2}) == "a"
    assert most_frequent({"a": 1, "b": 3, "c": 2}) == "b"
