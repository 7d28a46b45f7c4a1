from collections.abc import Iterator

import pytest

from seqcli.data.columns import Columns, check_columns, choose_columns, choose_text_column
from seqcli.data.config import DataConfig
from seqcli.data.tables import NumberedRow, Table
from seqcli.errors import DataError


def _table(*columns: str, rows: list[tuple[str, ...]] | None = None) -> Table:
    def read(wanted: tuple[str, ...]) -> Iterator[NumberedRow]:
        for number, row in enumerate(rows or [], start=2):
            yield number, tuple(row[columns.index(name)] for name in wanted)

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
    data_config = DataConfig(text_column="b", label_column="a")
    assert choose_columns(_table("a", "b", "text"), data_config) == Columns("b", "a")
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
        text = f"{error.message} {error.hint}"
        assert "c0019" in text
        assert "c0020" not in text
        assert "and 4,980 more" in text


def test_of_many_labels_twenty_are_named_and_the_others_counted():
    from seqcli.errors import first_names, unknown_name

    assert first_names(["a", "b"]) == "a, b"
    assert first_names(MANY).endswith("c0018, c0019 and 4,980 more")
    assert "and 4,980 more" in str(unknown_name("model", "x", MANY).hint)


SENTENCES = [f"이 영화는 {number}번 봐도 정말 재미있고 좋았다" for number in range(40)]
MOODS = ["좋음", "나쁨"] * 20
STARS = [str(number % 5 + 1) for number in range(40)]
DAYS = [f"2024-02-{number % 28 + 1:02}" for number in range(40)]
PLACES = [f"A-{number:04}" for number in range(40)]
WEIGHTS = [f"{number * 1.37:.2f}" for number in range(40)]


def _filled(**columns: list[str]) -> Table:
    return _table(*columns, rows=list(zip(*columns.values(), strict=True)))


@pytest.mark.parametrize(
    ("columns", "text", "label"),
    [
        ({"문장": SENTENCES, "감정": MOODS}, "문장", "감정"),
        ({"감정": MOODS, "문장": SENTENCES}, "문장", "감정"),
        ({"번호": PLACES, "문장": SENTENCES, "감정": MOODS, "날짜": DAYS}, "문장", "감정"),
        ({"id": [*PLACES[:39], PLACES[0]], "文": SENTENCES, "点": STARS}, "文", "点"),
        ({"id": PLACES, "文": SENTENCES, "点": STARS, "weight": WEIGHTS}, "文", "点"),
        ({"text": PLACES, "review": SENTENCES, "label": MOODS}, "review", "label"),
        (
            {
                "제목": ["짧은 제목 " + s[5:9] for s in SENTENCES],
                "본문": [s * 5 for s in SENTENCES],
                "c": MOODS,
            },
            "본문",
            "c",
        ),
    ],
)
def test_where_names_leave_it_open_long_text_and_few_repeated_values_tell(columns, text, label) -> None:
    assert choose_columns(_filled(**columns), DataConfig()) == Columns(text, label, BOTH)


def test_two_columns_of_few_values_are_asked_for_with_the_options_to_type() -> None:
    table = _filled(문장=SENTENCES, 감정=MOODS, 별점=STARS)
    with pytest.raises(DataError, match="which column holds the labels") as caught:
        choose_columns(table, DataConfig(text_column="문장"))
    assert str(caught.value.hint).startswith("Say it with --label-column 감정 (or another: 별점)")
    with pytest.raises(DataError) as caught:
        choose_columns(table, DataConfig())
    assert "--text-column 문장 --label-column 감정" in str(caught.value.hint)


def test_a_column_whose_name_holds_a_blank_is_offered_as_a_shell_reads_it() -> None:
    table = _filled(**{"고객 의견": SENTENCES, "a": MOODS, "b": STARS})
    with pytest.raises(DataError) as caught:
        choose_columns(table, DataConfig())
    assert "--text-column '고객 의견' --label-column a" in str(caught.value.hint)


def test_a_column_of_times_of_measurements_or_of_one_value_is_never_the_label() -> None:
    for values in (DAYS, WEIGHTS, PLACES, ["x"] * 40):
        with pytest.raises(DataError, match="cannot tell"):
            choose_columns(_filled(문장=SENTENCES, other=values, more=values), DataConfig())


def test_fifty_classes_are_labels_and_fifty_one_are_not() -> None:
    def labelled(classes: int) -> Table:
        rows = 40 * classes
        texts = [f"문장 {number} 이다" for number in range(rows)]
        return _filled(문장=texts, 감정=[f"c{number % classes}" for number in range(rows)])

    assert choose_columns(labelled(50), DataConfig()).label == "감정"
    with pytest.raises(DataError, match="cannot tell"):
        choose_columns(labelled(51), DataConfig())


def test_a_file_sorted_by_class_shows_its_second_class_late_and_is_understood() -> None:
    rows = 30_000
    texts = [f"문장 {number} 이다" for number in range(rows)]
    table = _filled(문장=texts, 감정=["좋음"] * 25_000 + ["나쁨"] * 5_000)
    assert choose_columns(table, DataConfig()) == Columns("문장", "감정", BOTH)


def test_a_first_row_that_looks_like_data_is_not_guessed_over() -> None:
    from dataclasses import replace

    doubtful = replace(_filled(문장=SENTENCES, 감정=MOODS), doubt="its first row looks like data.")
    with pytest.raises(DataError, match="cannot tell") as caught:
        choose_columns(doubtful, DataConfig())
    assert "--no-header" in str(caught.value.hint)


def test_texts_without_labels_are_found_by_their_length_too() -> None:
    assert choose_text_column(_filled(번호=PLACES, 문장=SENTENCES, 날짜=DAYS), DataConfig()) == "문장"
    with pytest.raises(DataError, match="holds the texts") as caught:
        choose_text_column(_filled(하나=SENTENCES, 둘=SENTENCES), DataConfig())
    assert "--text-column 하나 (or another: 둘)" in str(caught.value.hint)
