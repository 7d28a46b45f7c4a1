"""Names, paths and locations: what each takes, and where a location lies."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from seqcli.config.names import FilePath, Known, Name, OneLine, files_of, hub_folder, relocated
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


@pytest.mark.parametrize(
    ("location", "names"),
    [
        ("x.csv", ("x.csv",)),
        ("d/x.de::e/x.en", ("d/x.de", "e/x.en")),
        ("d/x.de::x.en", ("d/x.de", "d/x.en")),
        ("d/x.de::./x.en", ("d/x.de", "./x.en")),
        ("d/x.de::there.en", ("d/x.de", "there.en")),
    ],
)
def test_a_target_without_a_folder_lies_beside_its_source_unless_it_is_there(
    location, names, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.en").touch()
    assert files_of(location) == names


@pytest.mark.parametrize(
    ("location", "moved"),
    [
        ("x.csv", "in/x.csv"),
        ("x.de::x.en", "in/x.de::in/x.en"),
        ("d/x.de::x.en", "in/d/x.de::in/d/x.en"),
        ("d/x.de::e/x.en", "in/d/x.de::in/e/x.en"),
        ("d/x.de::there.en", "in/d/x.de::in/there.en"),
        ("t.de:x", "in/t.de:x"),
        ("hf:imdb", "hf:imdb"),
        ("hf:glue:sst2", "hf:glue:sst2"),
        ("hf:./saved", "hf:./in/./saved"),
        ("::x.en", "::in/x.en"),
        ("x.de::", "in/x.de::"),
        ("a::b::c", "in/a::in/b::in/c"),
    ],
)
def test_each_path_of_a_location_moves_and_no_name_of_the_hub(location, moved, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in").mkdir()
    (tmp_path / "in/there.en").touch()
    assert relocated(location, lambda path: f"in/{path}") == moved


def test_a_folder_of_the_hub_s_library_stays_one_wherever_it_moves(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert relocated("hf:./saved", lambda path: f"/d/{path}") == "hf:/d/./saved"
    assert relocated("hf:~/saved", str) == "hf:/home/ada/saved"
    assert hub_folder(relocated("hf:../saved", lambda path: f"in/{path}")) == "./in/../saved"
    assert hub_folder("hf:~nobody-of-that-name/saved") == "~nobody-of-that-name/saved"


@pytest.mark.parametrize("location", ["x" * 5000 + "::" + "y" * 5000, "a\0::b\0", ""])
def test_what_no_disk_can_hold_is_left_to_who_reads_it(location):
    assert len(files_of(location)) == location.count("::") + 1
