"""Where data lies, in each way that a person may say it."""

import pytest

from seqcli.config.locations import files, hub_folder, relocated


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
    assert files(location) == names


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
    assert len(files(location)) == location.count("::") + 1
