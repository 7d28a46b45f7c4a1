import errno
import multiprocessing
import os
import tempfile
from pathlib import Path

import pytest

from seqcli.data.cache import Cache, DamagedError, default_cache
from seqcli.data.config import DataConfig
from seqcli.errors import StorageError


def _build(folder: Path) -> None:
    (folder / "a").write_text("content")


def _read(folder: Path) -> str:
    text = (folder / "a").read_text()
    if text != "content":
        raise DamagedError("damaged")
    return text


def _entries(cache: Cache) -> list[str]:
    return [path.name for path in cache.root.iterdir()]


def test_what_is_there_is_not_built_again(cache: Cache) -> None:
    assert cache.obtain({"x": 1}, build=_build, read=_read) == "content"

    def refuse(folder: Path) -> None:
        raise AssertionError(folder)

    assert cache.obtain({"x": 1}, build=refuse, read=_read) == "content"
    with pytest.raises(AssertionError):
        cache.obtain({"x": 2}, build=refuse, read=_read)
    assert len(_entries(cache)) == 1


def test_the_folder_of_a_key_stays_the_same_from_version_to_version(cache: Cache) -> None:
    """The first half of `printf '{"a": null, "b": [1, 2.5, "\\\\u00e9"]}' | sha256sum`."""
    assert cache.obtain({"b": [1, 2.5, "é"], "a": None}, build=_build, read=_read) == "content"
    assert _entries(cache) == ["b129e8b869243fd11bf91cf8baafac4e"]


def test_a_damaged_folder_is_built_again(cache: Cache) -> None:
    cache.obtain({}, build=_build, read=_read)
    (folder,) = cache.root.iterdir()
    (folder / "a").write_text("other")
    assert cache.obtain({}, build=_build, read=_read) == "content"


def test_a_build_that_fails_leaves_nothing(cache: Cache) -> None:
    def fail(folder: Path) -> None:
        _build(folder)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        cache.obtain({}, build=fail, read=_read)
    assert _entries(cache) == []


def test_a_full_disk_is_a_storage_error_and_leaves_nothing(cache: Cache) -> None:
    def full(folder: Path) -> None:
        _build(folder)
        raise OSError(28, os.strerror(28))

    with pytest.raises(StorageError, match=os.strerror(28)) as caught:
        cache.obtain({}, build=full, read=_read)
    assert "free on the disk" in caught.value.message
    assert "Make room" in caught.value.hint
    assert _entries(cache) == []


def test_what_a_dead_process_left_is_removed_and_a_living_ones_is_not(cache: Cache) -> None:
    (cache.root / "0123.tmp-dead").mkdir(parents=True)

    def build(folder: Path) -> None:
        _build(folder)
        inner = cache.obtain({"other": True}, build=_build, read=_read)
        assert inner == "content"
        assert (folder / "a").is_file()

    cache.obtain({}, build=build, read=_read)
    assert len(_entries(cache)) == 2
    assert not any(".tmp-" in name for name in _entries(cache))


def _obtain(root: Path, barrier: "multiprocessing.synchronize.Barrier") -> None:
    def build(folder: Path) -> None:
        barrier.wait(timeout=60)  # both build at once
        _build(folder)

    assert Cache(root).obtain({}, build=build, read=_read) == "content"


def test_two_processes_that_build_the_same_at_once_both_succeed(cache: Cache) -> None:
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(2)
    processes = [context.Process(target=_obtain, args=(cache.root, barrier)) for _ in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert len(_entries(cache)) == 1


def test_the_environment_names_the_folder(tmp_path: Path) -> None:
    cache = default_cache({"SEQCLI_CACHE_DIR": str(tmp_path / "here")})
    assert cache == Cache(tmp_path / "here" / "data")


def test_a_named_folder_that_cannot_be_used_is_told_and_temporary_files_serve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache = default_cache({"SEQCLI_CACHE_DIR": "/dev/null/x"})
    assert cache.root == tmp_path / f"seqcli-cache-{os.getuid()}" / "data"
    assert "SEQCLI_CACHE_DIR=/dev/null/x cannot be written" in str(cache.warning)


def test_where_no_folder_can_be_used_both_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/dev/null")
    with pytest.raises(StorageError, match="neither /dev/null/x nor /dev/null/seqcli-cache-"):
        default_cache({"SEQCLI_CACHE_DIR": "/dev/null/x"})


def test_a_disk_that_takes_empty_files_only_is_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk without room for data has often room for names."""
    real = os.write

    def full(descriptor: int, content: bytes) -> int:
        if "usual" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(descriptor, content)

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cache = default_cache({"SEQCLI_CACHE_DIR": str(tmp_path / "usual")})
    assert cache.root == tmp_path / f"seqcli-cache-{os.getuid()}" / "data"
    assert "or is full" in str(cache.warning)


@pytest.mark.parametrize("home", ["/dev/null", "/proc/nothing", None])
def test_without_a_home_that_can_be_written_temporary_files_serve_and_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str | None
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    if home is None:
        monkeypatch.delenv("HOME")
        monkeypatch.setattr("platformdirs.user_cache_path", lambda *_, **__: Path("~/.cache/seqcli"))
    else:
        monkeypatch.setenv("HOME", home)
    cache = default_cache({})
    assert cache.root == tmp_path / f"seqcli-cache-{os.getuid()}" / "data"
    assert "cannot be written" in str(cache.warning)
    assert default_cache({}) == cache


def test_a_planted_folder_among_temporary_files_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setenv("HOME", "/dev/null")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / f"seqcli-cache-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="no folder for prepared data"):
        default_cache({})


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO, errno.ENOMEM], ids=errno.errorcode.get)
def test_a_disk_that_does_not_give_an_entry_now_is_no_damage(code: int) -> None:
    from seqcli.data.prepared import unreadable

    result = unreadable(Path("entry"), OSError(code, "no"))
    assert not isinstance(result, DamagedError)
    assert result.exit_code == (7 if code == errno.ENOMEM else 6)
    assert isinstance(unreadable(Path("entry"), FileNotFoundError(errno.ENOENT, "gone")), DamagedError)


def test_data_is_prepared_among_temporary_files_where_the_cache_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seqcli.data import prepared

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    values = []

    class Task:
        def prepare(self, _config: object, cache: Cache) -> object:
            values.append(cache.root)
            if cache.root == tmp_path / "full":
                raise StorageError(f"cannot write: {os.strerror(28)}")
            return self

        def warned(self, *warnings: str) -> object:
            return warnings

    result = prepared.prepare(Task(), DataConfig(), Cache(tmp_path / "full"))
    spare = tmp_path / f"seqcli-cache-{os.getuid()}" / "data"
    assert values == [tmp_path / "full", spare]
    assert "No space left" in result[0]
    assert str(spare) in result[0]
