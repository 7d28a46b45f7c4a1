"""Promise 3 where the power goes: what was not synced may be lost, and what was synced is enough."""

import os
import stat
from pathlib import Path

import pytest

from seqcli.runs import atomic, result, temporary
from seqcli.runs.checkpoints import Checkpoints
from seqcli.runs.directory import RunDirectory

STEPS = 7


class ForgetfulDisk:
    """Keeps what must be there after the power went: a file's bytes and a folder's names when synced.

    Args:
        root: The folder under which everything happens; its own name is safe.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.safe: dict[int, bytes | dict[str, int]] = {}
        self.pinned: list[int] = []  # so that the number of a removed file is not given to a new one

    def install(self, monkeypatch: pytest.MonkeyPatch, before_each_call) -> None:
        real_open, real_mkdir = os.open, os.mkdir

        def sync(descriptor):
            before_each_call()
            outcome = os.fstat(descriptor)
            path = Path(f"/proc/self/fd/{descriptor}")
            self.safe[outcome.st_ino] = (
                {entry.name: entry.lstat().st_ino for entry in path.iterdir()}
                if stat.S_ISDIR(outcome.st_mode)
                else path.read_bytes()
            )

        def opened(path, flags, *args, **kwargs):
            descriptor = real_open(path, flags, *args, **kwargs)
            if flags & os.O_EXCL:
                self.pinned.append(real_open(path, os.O_RDONLY))
            return descriptor

        def mkdir(path, *args, **kwargs):
            before_each_call()
            real_mkdir(path, *args, **kwargs)
            self.pinned.append(real_open(path, os.O_RDONLY))
            self.safe[Path(path).stat().st_ino] = {}

        monkeypatch.setattr(os, "fsync", sync)
        monkeypatch.setattr(os, "open", opened)
        monkeypatch.setattr(os, "mkdir", mkdir)
        for name in ("write", "rename", "replace", "unlink", "link", "rmdir", "ftruncate"):
            monkeypatch.setattr(os, name, self._counted(getattr(os, name), before_each_call))

    @staticmethod
    def _counted(real, before_each_call):
        def call(*args, **kwargs):
            before_each_call()
            return real(*args, **kwargs)

        return call

    def let_go(self) -> None:
        for descriptor in self.pinned:
            os.close(descriptor)

    def names_kept(self) -> dict[str, bytes]:
        """All names as they are now, but only the bytes that were synced."""
        return {
            str(path.relative_to(self.root)): self.safe.get(path.stat().st_ino, b"")
            for path in self.root.rglob("*")
            if path.is_file()
        }

    def nothing_kept(self) -> dict[str, bytes]:
        """Only the names and the bytes that were synced."""
        return dict(self._synced(self.root.stat().st_ino, ""))

    def _synced(self, number: int, prefix: str):
        kind = self.safe.get(number, {})
        for name, inner in kind.items():
            content = self.safe.get(inner, b"")
            if isinstance(content, dict):
                yield from self._synced(inner, f"{prefix}{name}/")
            else:
                yield prefix + name, content


def lay_out(folder: Path, files: dict[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("write", [atomic.write_bytes, atomic.write_once])
def test_what_a_writer_has_returned_from_is_safe(tmp_path, monkeypatch, write):
    disk = ForgetfulDisk(tmp_path)
    with monkeypatch.context() as patch:
        disk.install(patch, lambda: None)
        write(tmp_path / "a", b"content")
    disk.let_go()
    assert disk.nothing_kept() == {"a": b"content"}


def test_a_folder_a_writer_has_returned_from_is_safe_and_its_removal_too(tmp_path, monkeypatch):
    disk = ForgetfulDisk(tmp_path)
    with monkeypatch.context() as patch:
        disk.install(patch, lambda: None)
        atomic.write_folder(tmp_path / "f", {"a": b"content", "b": b""})
        assert disk.nothing_kept() == {"f/a": b"content", "f/b": b""}
        temporary.remove_folder(tmp_path / "f")
    disk.let_go()
    assert not [name for name in disk.nothing_kept() if name.startswith("f/")]


@pytest.mark.parametrize("kept", ["names_kept", "nothing_kept"])
def test_a_leg_whose_power_goes_before_any_call_ends_in_the_same_bytes(
    tmp_path, tiny_leg, tree, faulty_disk, monkeypatch, kept
):
    live = tmp_path / "live"
    live.mkdir()
    disk, remains, committed = ForgetfulDisk(live), [], []
    with monkeypatch.context() as patch:
        real = Checkpoints.commit

        def commit(self, step, **contents):
            real(self, step, **contents)
            committed.append(step)

        patch.setattr(Checkpoints, "commit", commit)
        disk.install(patch, lambda: remains.append((getattr(disk, kept)(), len(committed))))
        tiny_leg.train(live / "run", STEPS)

    disk.let_go()
    faulty_disk()  # no more syncing: only speed
    uninterrupted = tree(live / "run")
    for number, (files, commits) in enumerate(remains):
        folder = tmp_path / str(number)
        lay_out(folder, files)
        if commits and not (folder / "run" / "DONE").exists():
            checkpoint = Checkpoints(folder / "run" / "checkpoints").latest_verified()
            assert checkpoint.step >= committed[commits - 1], number
        tiny_leg.train(folder / "run", STEPS)
        assert tree(folder / "run") == uninterrupted, number
        assert RunDirectory.open(folder / "run").verify() == []
    assert len(remains) > 100


def test_a_result_moves_so_that_the_order_in_which_names_reach_the_disk_does_not_matter(
    tmp_path, monkeypatch
):
    """Once the manifest says that the files have moved they have; the copy goes only after that is safe."""
    disk, answer = ForgetfulDisk(tmp_path), set()
    folder = tmp_path / "run"

    def check():
        if not (folder / "DONE").exists():
            return
        outcome = disk.nothing_kept()
        if result.is_finished(folder):
            answer.add("the manifest has moved")
            assert {"run/model.safetensors", "run/summary.json", "run/DONE"} <= set(outcome)
        if not list(folder.glob("result.tmp-*")):
            answer.add("the copy has gone")
            assert outcome["run/manifest.json"] == (folder / "manifest.json").read_bytes()

    with monkeypatch.context() as patch:
        disk.install(patch, check)
        with RunDirectory.create(folder, {}) as run:
            run.commit_result({"model.safetensors": b"weights"}, {"score": 1})
    disk.let_go()
    assert len(answer) == 2
