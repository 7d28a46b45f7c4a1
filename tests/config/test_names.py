from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from seqcli.config.names import FilePath, Known, Name, OneLine
from seqcli.config.settings import Settings

NAMES = ["adding", "sentiment"]


def refused(kind, value):
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    return caught.value.errors()[0]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "..",
        ".",
        "../x",
        "a/b",
        "a\\b",
        " a",
        "a\n",
        "a\x1b[31m",
        "\x00",
        "x" * 300,
        "a\u2028b",
        "\ud800",
        3,
        None,
        True,
    ],
)
def test_a_name_that_leads_elsewhere_or_moves_the_cursor_is_refused(value):
    assert "a name of 1 to 100 characters" in refused(Name, value)["msg"]


@pytest.mark.parametrize("value", ["gru", "영화 평점", "电影", "🎬-1", "a.b", "..a", "x" * 100])
def test_a_name_may_be_in_any_script(value):
    assert TypeAdapter(Name).validate_python(value) == value


@pytest.mark.parametrize("value", ["", "a\nb", "\t", "x" * 201, "\x9b31m", 1, None])
def test_a_line_of_text_holds_no_break_and_no_control_character(value):
    assert "on one line" in refused(OneLine, value)["msg"]


@pytest.mark.parametrize("value", ["a/b", " text ", "label (1/2)", "라벨"])
def test_a_line_of_text_may_hold_spaces_and_slashes(value):
    assert TypeAdapter(OneLine).validate_python(value) == value


@pytest.mark.parametrize(
    "value", ["", "a\nb", "a\x00b", "a\x1b", "x" * 300, "d/" + "한" * 100, "a/" * 3000, 1, None, True]
)
def test_a_path_that_no_file_system_takes_is_refused(value):
    assert "a path" in refused(FilePath, value)["msg"]


@pytest.mark.parametrize("value", ["x.csv", "/data/한국어.csv", "../up", Path("y")])
def test_a_path_comes_from_text_or_a_path(value):
    assert TypeAdapter(FilePath).validate_python(value) == Path(value)


def test_a_number_where_a_name_is_wanted_is_to_be_quoted():
    assert refused(Name, 2020)["ctx"]["advice"] == 'for text put it in quotes: "2020"'
    assert refused(Name, False)["ctx"]["advice"] == 'for text put it in quotes: "false"'


def test_an_unknown_name_lists_the_known_ones_and_the_nearest():
    fault = refused(Annotated[str, Known("task", lambda: NAMES)], "sentimant")
    assert fault["msg"] == "must be a known task (adding, sentiment)"
    assert fault["ctx"]["advice"] == "did you mean sentiment?"


@pytest.mark.parametrize("value", [1, None, True, "", "SENTIMENT"])
def test_what_is_not_a_known_name_is_refused_whatever_it_is(value):
    assert "a known task" in refused(Annotated[str, Known("task", lambda: NAMES)], value)["msg"]


def test_the_known_names_are_read_when_a_value_is_checked_and_not_at_import():
    asked = []

    class Config(Settings):
        task: Annotated[str, Known("task", lambda: asked.append("asked") or NAMES)] = Field()

    assert asked == []
    assert Config(task="adding").task == "adding"
    assert asked == ["asked"]
