import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqcli.errors import RunError, UsageError
from seqcli.runs.manifest import FileRecord, Manifest, check_name, check_out, decode


@pytest.mark.parametrize("name", ["gru", "gru hidden=148,layers=2", "model.safetensors", "감정", "a" * 200])
def test_a_name_that_can_be_a_file_is_taken_as_it_is(name):
    assert check_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../x", "'../x'"),
        ("..", "'..'"),
        ("", "''"),
        (".hidden", "'.hidden'"),
        ("-rf", "'-rf'"),
        ("a/b", "'a/b'"),
        ("a\\b", "cannot be a file name"),
        ("a\nb", "'a\\\\nb'"),
        ("a\x1b[31mb", r"\\x1b"),
        ("a\x9bb", r"\\x9b"),
        ("a\u202eb", r"\\u202e"),
        ("a\0b", r"\\x00"),
        ("x" * 300, "300 bytes"),
        ("감" * 100, "300 bytes"),
    ],
)
def test_a_name_that_could_lead_elsewhere_or_upset_a_terminal_is_refused(name, shown):
    with pytest.raises(UsageError, match=shown) as caught:
        check_name(name)
    assert caught.value.message.isprintable()
    assert caught.value.hint
    assert len(caught.value.message) < 200


@given(st.text(max_size=300))
def test_every_name_is_refused_or_stays_in_its_folder(name):
    try:
        check_name(name)
    except UsageError as error:
        assert error.message.isprintable()  # noqa: PT017 - both outcomes are right
    else:
        assert Path(os.path.normpath(Path("/run") / name)).parent == Path("/run")
        assert name.isprintable()


def test_out_is_made_absolute_with_links_resolved_and_nothing_is_made(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to("disk")
    assert check_out(Path("link/runs/../x")) == tmp_path / "disk" / "x"
    assert {path.name for path in tmp_path.iterdir()} == {"disk", "link"}


def test_out_may_be_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert check_out(Path()) == tmp_path


@pytest.mark.parametrize("path", ["/", "//", "/..", "/usr/../"])
def test_the_root_is_no_run_directory(path):
    with pytest.raises(RunError, match="root of the disk"):
        check_out(Path(path))


def test_the_home_folder_is_no_run_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "link"))
    (tmp_path / "home").mkdir()
    (tmp_path / "link").symlink_to("home")
    with pytest.raises(RunError, match="home folder"):
        check_out(tmp_path / "home")
    assert check_out(tmp_path / "home" / "run")


@pytest.mark.parametrize("below", ["", "x", "x/y"])
def test_a_file_is_no_run_directory_and_nothing_can_be_below_it(tmp_path, below):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="a file, not a folder"):
        check_out(tmp_path / "file" / below)


def test_a_loop_of_links_is_no_run_directory(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(RunError, match="cannot be followed"):
        check_out(tmp_path / "a")


@pytest.mark.parametrize("part", ["a\nb", "a\x1b]52;c;x\x07", "x" * 300, "a\0b", "\u2028"])
def test_a_path_that_cannot_be_shown_or_is_too_long_is_a_usage_error(tmp_path, part):
    for path in (tmp_path / part, tmp_path / part / "x"):
        with pytest.raises(UsageError) as caught:
            check_out(path)
        assert caught.value.message.isprintable()


def test_a_path_that_is_too_long_as_a_whole_is_a_usage_error():
    with pytest.raises(UsageError, match="at most 3,000"):
        check_out(Path("/".join(["x" * 100] * 40)))


def test_a_folder_named_in_an_old_encoding_is_fine(tmp_path):
    assert check_out(tmp_path / os.fsdecode(b"caf\xe9"))


def test_without_a_home_a_run_directory_can_still_be_named(tmp_path, monkeypatch):
    def no_home():
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", no_home)
    assert check_out(tmp_path / "x") == tmp_path / "x"


def manifest(size=0):
    record = FileRecord(size, hashlib.sha256(b"").hexdigest())
    return Manifest("seqcli.run/1", {"empty.txt": record}, {"seed": 3})


def test_a_manifest_is_read_back_as_it_was_written_with_a_file_of_no_bytes():
    assert decode(manifest().encode(), Path("manifest.json")) == manifest()


@pytest.mark.parametrize(
    "content",
    [manifest().encode() + b" ", manifest().encode().replace(b"3", b"3.0"), manifest(size=-1).encode()],
    ids=["a space more", "the same number spelt otherwise", "fewer bytes than none"],
)
def test_a_manifest_that_is_not_spelt_as_it_is_written_is_damaged(content):
    with pytest.raises(RunError, match="is damaged"):
        decode(content, Path("manifest.json"))
