"""Files that a person names for a result: refused before the work, replaced only when whole."""

import errno
import os
import threading

import pytest

from seqcli.errors import StorageError, UsageError
from seqcli.runs.named_file import named_file


def test_an_old_file_stays_until_the_new_one_is_whole(tmp_path):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")
    path.chmod(0o640)
    with named_file(str(path), "--out").writing() as write:
        write(b"new ")
        assert path.read_bytes() == b"old"
        write(b"text")
    assert path.read_bytes() == b"new text"
    assert path.stat().st_mode & 0o777 == 0o640
    assert [item.name for item in tmp_path.iterdir()] == ["out.txt"]


def test_an_old_file_stays_where_the_work_ends_early(tmp_path):
    path = tmp_path / "out.txt"
    path.write_bytes(b"old")

    def stopped_halfway():
        with named_file(str(path), "--out").writing() as write:
            write(b"half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped_halfway()
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["out.txt"]


def test_a_link_stays_and_what_it_points_to_is_replaced(tmp_path):
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "real.txt", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to("there/real.txt")
    named_file(str(link), "--out").save(b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_link_to_a_file_that_is_not_there_yet_makes_it(tmp_path):
    (tmp_path / "link").symlink_to("real.txt")
    named_file(str(tmp_path / "link"), "--out").save(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real.txt").read_bytes() == b"new"


def test_a_named_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    named_file(str(pipe), "--out").save(b"through")
    reader.join(10)
    assert read == [b"through"]
    assert pipe.is_fifo()


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("folder", "is a folder"),
        ("nowhere/x.txt", "there is no folder .*nowhere"),
        ("out.txt/", "there is no folder"),
        ("out.txt/x", "Not a directory|there is no folder"),
        ("x" * 300, "File name too long"),
        ("round", "symbolic links"),
    ],
)
def test_what_cannot_be_written_is_refused_at_once(tmp_path, name, says):
    (tmp_path / "folder").mkdir()
    (tmp_path / "round").symlink_to("round")
    with pytest.raises(UsageError, match=f"--out .*: .*({says})"):
        named_file(f"{tmp_path}/{name}", "--out")


@pytest.mark.parametrize(
    "code", [errno.EIO, errno.ENOTCONN, errno.ESTALE, errno.EMFILE], ids=errno.errorcode.get
)
def test_a_disk_that_fails_under_a_good_name_is_the_disk_s_fault(tmp_path, monkeypatch, code):
    real = os.stat

    def failing(path, *arguments, **names):
        if str(path).endswith("out.txt"):
            raise OSError(code, os.strerror(code), str(path))
        return real(path, *arguments, **names)

    monkeypatch.setattr(os, "stat", failing)
    with pytest.raises(StorageError, match=os.strerror(code)):
        named_file(f"{tmp_path}/out.txt", "--out")
