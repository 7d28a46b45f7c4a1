from collections.abc import Iterator

import pytest

from seqcli.data.columns import Columns, check_columns, choose_columns
from seqcli.data.config import DataConfig
from seqcli.data.tables import NumberedRow, Table
from seqcli.errors import DataError


def _table(*columns: str) -> Table:
    def read(wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
        yield from ()

    return Table("reviews.csv", columns, read, lambda: "")


BOTH = ("--text-column", "--label-column")


@pytest.mark.parametrize(
    ("columns", "text", "label"),
    [
        (("text", "label"), "text", "label"),
        (("id", "Label", "Review"), "Review", "Label"),
        (("sentences", "date", "stars"), "sentences", "stars"),
        (("message", "x"), "message", "x"),
        (("x", "category"), "x", "category"),
    ],
)
def test_columns_are_guessed_where_only_one_can_be_meant(
    columns: tuple[str, ...], text: str, label: str
) -> None:
    assert choose_columns(_table(*columns), DataConfig()) == Columns(text, label, BOTH)


@pytest.mark.parametrize(
    ("columns", "what"),
    [
        (("a", "b"), "holds the texts and which the labels"),
        (("text", "review", "label"), "holds the texts."),
        (("text", "label", "category"), "holds the labels."),
        (("text", "a", "b"), "holds the labels."),
        (("a", "b", "label"), "holds the texts."),
    ],
)
def test_what_cannot_be_told_is_asked_for(columns: tuple[str, ...], what: str) -> None:
    with pytest.raises(DataError, match="cannot tell which column") as caught:
        choose_columns(_table(*columns), DataConfig())
    assert what in caught.value.message
    assert f"Its columns: {', '.join(columns)}" in caught.value.message
    assert ("--text-column" in str(caught.value.hint)) == ("texts" in what)
    assert ("--label-column" in str(caught.value.hint)) == ("labels" in what)


def test_what_is_said_is_taken_and_the_other_of_two_columns_guessed() -> None:
    said = DataConfig(text_column="b", label_column="a")
    assert choose_columns(_table("a", "b", "text"), said) == Columns("b", "a")
    half = DataConfig(text_column="label")
    assert choose_columns(_table("label", "text"), half) == Columns("label", "text", ("--label-column",))


@pytest.mark.parametrize(
    ("option", "name", "hint"),
    [
        ("text_column", "txt", "Did you mean --text-column text?"),
        ("text_column", "TEXT", "Did you mean --text-column text?"),
        ("label_column", "start", "Did you mean --label-column stars?"),
        ("label_column", "quality", "Name one of them with --label-column."),
    ],
)
def test_a_missing_column_lists_those_there_are(option: str, name: str, hint: str) -> None:
    with pytest.raises(DataError) as caught:
        choose_columns(_table("text", "stars", "date"), DataConfig.model_validate({option: name}))
    assert caught.value.message == f"reviews.csv has no column '{name}'. Its columns: text, stars, date."
    assert caught.value.hint == hint


def test_one_column_is_too_few() -> None:
    with pytest.raises(DataError, match=r"reviews\.csv has one column, text") as caught:
        choose_columns(_table("text"), DataConfig())
    assert "--sep" in str(caught.value.hint)


def test_further_splits_need_the_same_columns() -> None:
    check_columns(_table("text", "stars"), {"--text-column": "text", "--label-column": None})
    with pytest.raises(DataError, match="no column 'label'"):
        check_columns(_table("text", "stars"), {"--text-column": "text", "--label-column": "label"})


MANY = tuple(f"c{number:04}" for number in range(5000))


def test_of_five_thousand_columns_twenty_are_named_and_the_others_counted():
    from seqcli.data.cells import as_text
    from seqcli.data.tables import ABSENT

    with pytest.raises(DataError) as missing:
        choose_columns(_table(*MANY), DataConfig(text_column="text", label_column="c0001"))
    with pytest.raises(DataError) as absent:
        as_text(ABSENT, _table(*MANY), 1, "text", option="--text-column")
    for error in (missing.value, absent.value):
        told = f"{error.message} {error.hint}"
        assert "c0019" in told
        assert "c0020" not in told
        assert "and 4,980 more" in told


def test_of_many_labels_twenty_are_named_and_the_others_counted():
    from seqcli.errors import first_names, unknown_name

    assert first_names(["a", "b"]) == "a, b"
    assert first_names(MANY).endswith("c0018, c0019 and 4,980 more")
    assert "and 4,980 more" in str(unknown_name("model", "x", MANY).hint)
