import errno
import fcntl
import itertools
import os
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from seqcli.errors import OutOfMemoryError, StorageError
from seqcli.runs import atomic, temporary

FULL = [errno.ENOSPC, errno.EDQUOT, errno.EFBIG]
BROKEN = [
    errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE, errno.EBUSY, errno.EUCLEAN, errno.EREMOTEIO,
    errno.EXDEV,
    errno.EMLINK, errno.EINVAL, errno.ENOLCK, errno.ELOOP, errno.EAGAIN, errno.ENAMETOOLONG, errno.ENOTEMPTY,
    errno.ESTALE, errno.ENXIO, errno.ENODEV, errno.ETIMEDOUT, errno.EACCES, errno.EPERM, errno.ENOENT,
]  # fmt: skip
STORAGE_FAULTS = [*FULL, *BROKEN]


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_written_file_is_there_alone(tmp_path):
    atomic.write_bytes(tmp_path / "a", b"one")
    atomic.write_text(tmp_path / "a", "둘")
    atomic.write_json(tmp_path / "b", {"x": 1})
    assert (tmp_path / "a").read_text() == "둘"
    assert (tmp_path / "b").read_text() == '{\n  "x": 1\n}\n'
    assert names(tmp_path) == {"a", "b"}


def test_a_name_of_255_bytes_can_be_written(tmp_path):
    atomic.write_bytes(tmp_path / ("n" * 255), b"")
    assert names(tmp_path) == {"n" * 255}


def test_a_value_that_is_not_json_leaves_the_old_file(tmp_path):
    atomic.write_json(tmp_path / "a", 1)
    with pytest.raises(ValueError, match="JSON"):
        atomic.write_json(tmp_path / "a", float("nan"))
    assert (tmp_path / "a").read_text() == "1\n"


def test_a_link_at_the_place_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "outside").write_bytes(b"theirs")
    (tmp_path / "a").symlink_to(tmp_path / "outside")
    atomic.write_bytes(tmp_path / "a", b"ours")
    assert (tmp_path / "outside").read_bytes() == b"theirs"
    assert not (tmp_path / "a").is_symlink()


@pytest.mark.parametrize(("umask", "file", "folder"), [(0o077, 0o600, 0o700), (0o022, 0o644, 0o755)])
def test_permissions_follow_the_umask(tmp_path, umask, file, folder):
    before = os.umask(umask)
    try:
        atomic.write_bytes(tmp_path / "a", b"")
        atomic.write_once(tmp_path / "b", b"")
        atomic.write_folder(tmp_path / "c", {"d": b""})
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {"a": file, "b": file, "c": folder, "d": file}


def test_short_and_interrupted_writes_are_carried_on(tmp_path, monkeypatch):
    real, calls = os.write, itertools.count()

    def stingy(descriptor, content):
        if next(calls) % 3 == 0:
            raise InterruptedError(errno.EINTR, "a signal came")
        return real(descriptor, content[:7])

    monkeypatch.setattr(os, "write", stingy)
    content = bytes(range(256)) * 3
    atomic.write_bytes(tmp_path / "a", content)
    assert (tmp_path / "a").read_bytes() == content


def test_a_disk_that_takes_nothing_is_broken_and_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "write", lambda _descriptor, _content: 0)
    with pytest.raises(StorageError, match="took no bytes"):
        atomic.write_bytes(tmp_path / "a", b"x")


@pytest.mark.parametrize("code", STORAGE_FAULTS, ids=errno.errorcode.get)
def test_a_failing_disk_leaves_the_old_file_and_nothing_else(tmp_path, faulty_disk, code, monkeypatch):
    target = tmp_path / "weights"
    target.write_bytes(b"old")
    for at in range(1, 4):  # the write, the sync of the file, the rename
        with monkeypatch.context():
            faulty_disk(at, code)
            with pytest.raises(StorageError) as caught:
                atomic.write_bytes(target, b"x" * 1234)
        assert str(target) in caught.value.message
        assert "1,234 bytes needed" in caught.value.message
        assert os.strerror(code) in caught.value.message
        assert caught.value.exit_code == 6
        assert target.read_bytes() == b"old"
        assert names(tmp_path) == {"weights"}
        monkeypatch.undo()


@pytest.mark.parametrize("code", FULL, ids=errno.errorcode.get)
def test_a_full_disk_says_to_make_room(tmp_path, faulty_disk, code):
    faulty_disk(1, code)
    with pytest.raises(StorageError) as caught:
        atomic.write_bytes(tmp_path / "a", b"x")
    assert "free on the disk" in caught.value.message
    assert "Make room" in caught.value.hint


def test_a_read_only_disk_is_a_storage_error_before_anything_is_made(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError, match="Read-only file system; 1 bytes needed"):
        atomic.write_bytes(tmp_path / "a", b"x")


def test_a_folder_that_is_gone_is_a_storage_error(tmp_path):
    with pytest.raises(StorageError, match="No such file or directory"):
        atomic.write_bytes(tmp_path / "gone" / "a", b"x")


def test_a_mistake_of_ours_is_not_called_a_storage_error(tmp_path, faulty_disk):
    faulty_disk(1, errno.EBADF)
    with pytest.raises(OSError, match="Bad file descriptor"):
        atomic.write_bytes(tmp_path / "a", b"x")
    assert names(tmp_path) == set()


def test_a_folder_that_cannot_be_synced_is_no_fault(tmp_path, monkeypatch):
    real = os.fsync

    def sync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not on this system")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    atomic.write_bytes(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"


def test_the_systems_file_size_limit_is_a_storage_error_and_not_a_signal(tmp_path):
    program = (
        "from pathlib import Path; from seqcli.errors import StorageError; from seqcli.runs import atomic\n"
        "try: atomic.write_bytes(Path('big'), bytes(100_000))\n"
        "except StorageError as error: print(error.message); raise SystemExit(error.exit_code)"
    )
    limited = ["bash", "-c", 'ulimit -f 8; exec "$@"', "-", sys.executable, "-c", program]
    done = subprocess.run(limited, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 6
    assert "cannot write big: File too large; 100,000 bytes needed" in done.stdout
    assert names(tmp_path) == set()


def test_of_two_writers_once_the_first_wins(tmp_path):
    atomic.write_once(tmp_path / "a", b"first")
    with pytest.raises(FileExistsError):
        atomic.write_once(tmp_path / "a", b"second")
    assert (tmp_path / "a").read_bytes() == b"first"
    assert names(tmp_path) == {"a"}


def test_a_disk_without_hard_links_writes_once_too(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EPERM, "no hard links here")

    monkeypatch.setattr(os, "link", refuse)
    test_of_two_writers_once_the_first_wins(tmp_path)


def test_a_folder_appears_whole(tmp_path):
    atomic.write_folder(tmp_path / "f", {"a": b"1", "b": b"22"})
    assert {path.name: path.read_bytes() for path in (tmp_path / "f").iterdir()} == {"a": b"1", "b": b"22"}
    assert names(tmp_path) == {"f"}


@pytest.mark.parametrize("code", [errno.ENOTEMPTY, errno.EEXIST], ids=errno.errorcode.get)
def test_a_folder_that_is_there_is_one_fault_on_every_system(tmp_path, monkeypatch, code):
    def refuse(*_args):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "rename", refuse)
    with pytest.raises(FileExistsError):
        atomic.write_folder(tmp_path / "f", {"a": b"1"})


def test_a_folder_that_is_there_is_not_touched(tmp_path):
    atomic.write_folder(tmp_path / "f", {"a": b"1"})
    with pytest.raises(FileExistsError):
        atomic.write_folder(tmp_path / "f", {"a": b"2"})
    assert (tmp_path / "f" / "a").read_bytes() == b"1"
    assert names(tmp_path) == {"f"}


def test_a_disk_that_is_full_at_any_call_leaves_no_part_of_a_folder(tmp_path, faulty_disk, monkeypatch):
    for at in itertools.count(1):
        faulty_disk(at)
        with suppress(StorageError):
            atomic.write_folder(tmp_path / "f", {"a": b"1", "b": b"22"})
        monkeypatch.undo()
        if names(tmp_path) == {"f"}:
            break
        assert names(tmp_path) == set()
    assert at == 8  # mkdir, two files with two calls each, sync of the folder, rename, sync of the parent


def test_sweeping_removes_what_the_dead_left_and_spares_the_living_and_others(tmp_path):
    dead, living = temporary.temporary_file(tmp_path), temporary.temporary_file(tmp_path)
    theirs = [tmp_path / "a.tmp", tmp_path / ".seqcli-notes.tmp", tmp_path / "seqcli.tmp"]
    for path in (dead, living, *theirs):
        path.touch()
    with living.open() as writer:
        fcntl.flock(writer, fcntl.LOCK_EX)
        assert temporary.sweep_files(tmp_path) == [dead]
    assert not dead.exists()
    assert all(path.exists() for path in (living, *theirs))
    assert temporary.sweep_files(tmp_path) == [living]


def test_a_writer_is_alive_from_its_first_byte_to_its_rename(tmp_path, monkeypatch):
    swept = []
    for name in ("write", "fsync"):
        real = getattr(os, name)

        def call(*args, real=real):
            swept.extend(temporary.sweep_files(tmp_path))
            return real(*args)

        monkeypatch.setattr(os, name, call)
    atomic.write_bytes(tmp_path / "a", b"x")
    assert swept == []
    assert (tmp_path / "a").read_bytes() == b"x"


def test_a_writer_whose_temporary_is_swept_before_it_is_locked_takes_another(tmp_path, monkeypatch):
    real, first = fcntl.flock, []

    def sweep_first(descriptor, how):
        if not first:
            first.append(True)
            temporary.sweep_files(tmp_path)
        return real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    atomic.write_bytes(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert names(tmp_path) == {"a"}


def test_sweeping_a_link_with_the_name_of_a_temporary_leaves_its_target(tmp_path):
    (tmp_path / "theirs").write_bytes(b"x")
    temporary.temporary_file(tmp_path).symlink_to(tmp_path / "theirs")
    assert temporary.sweep_files(tmp_path) == []
    assert (tmp_path / "theirs").read_bytes() == b"x"


def test_sweeping_folders_removes_only_the_left_behind_ones_of_that_name(tmp_path):
    mine = temporary.temporary_folder(tmp_path / "step-3")
    others = [
        tmp_path / "step-3",
        tmp_path / "step-3.tmp-notes",
        temporary.temporary_folder(tmp_path / "other"),
    ]
    for path in (mine, *others):
        path.mkdir()
        (path / "file").touch()
    assert temporary.sweep_folders(tmp_path, r"step-\d+") == [mine]
    assert names(tmp_path) == {path.name for path in others}


def test_removing_a_folder_hides_it_before_it_is_taken_apart(tmp_path, killed_at):
    folder = tmp_path / "f"
    for at in itertools.count(1):
        atomic.write_folder(folder, {"a": b"1", "b": b"2"})
        died = killed_at(lambda: temporary.remove_folder(folder), at)
        assert not folder.exists() or names(folder) == {"a", "b"}
        if not died:
            break
        if folder.exists():
            temporary.remove_folder(folder)
        temporary.sweep_folders(tmp_path, "f")
        assert names(tmp_path) == set()
    assert at > 4


@pytest.mark.parametrize("code", [errno.EIO, errno.EWOULDBLOCK], ids=["fails", "is always held by another"])
def test_a_lock_that_never_comes_ends_and_leaves_no_files(tmp_path, monkeypatch, code):
    def refuse(_descriptor, _operation):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    for write in (atomic.write_bytes, atomic.write_once):
        with pytest.raises(StorageError) as caught:
            write(tmp_path / "a", b"x")
        assert caught.value.exit_code == 6
        assert names(tmp_path) == set()


def test_memory_that_the_system_refuses_is_memory_and_not_the_disk(tmp_path, faulty_disk):
    faulty_disk(1, errno.ENOMEM)
    with pytest.raises(OutOfMemoryError) as caught:
        atomic.write_bytes(tmp_path / "a", b"x")
    assert caught.value.exit_code == 7


@pytest.mark.parametrize("code", STORAGE_FAULTS, ids=errno.errorcode.get)
def test_a_fault_of_closing_a_synced_file_is_no_fault(tmp_path, monkeypatch, code):
    real = os.close

    def close(descriptor):
        real(descriptor)
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", close)
        atomic.write_bytes(tmp_path / "a", b"x")
    assert (tmp_path / "a").read_bytes() == b"x"
    assert names(tmp_path) == {"a"}


def test_too_many_open_files_names_the_limit(tmp_path, monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorageError) as caught:
        atomic.write_bytes(tmp_path / "a", b"x")
    assert "ulimit -n" in caught.value.hint


@pytest.fixture
def closing_folder_fails(tmp_path, monkeypatch):
    """A folder that the disk fails to close while it is taken apart."""
    (tmp_path / "doomed").mkdir()
    real = os.close

    def close(descriptor):
        real(descriptor)
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(os, "close", close)
        yield tmp_path / "doomed"


def test_a_fault_of_closing_a_folder_that_is_taken_apart_is_told_as_the_disk_said_it(closing_folder_fails):
    with pytest.raises(OSError, match="Input/output error"):
        temporary.remove_tree(closing_folder_fails)


def test_a_fault_of_closing_a_folder_that_is_dropped_is_no_fault(closing_folder_fails):
    temporary.drop_tree(closing_folder_fails)
