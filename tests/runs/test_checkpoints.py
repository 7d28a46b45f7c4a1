import errno
import itertools
import os
import shutil
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from seqcli.errors import StorageError, UsageError
from seqcli.runs.checkpoints import Checkpoints
from seqcli.runs.manifest import Manifest

WEIGHTS = b"weights of step "
FILES = pytest.mark.parametrize("file", ["model.safetensors", "state.json", "manifest.json"])


@pytest.fixture
def checkpoints(tmp_path):
    return Checkpoints(tmp_path / "checkpoints")


def commit(checkpoints, step):
    checkpoints.commit(step, state={"step": step}, files={"model.safetensors": WEIGHTS + b"%d" % step})


def second_of_two(checkpoints, faulty_disk):
    """The folder of the newer of two checkpoints, on a disk whose faults can be told."""
    faulty_disk()
    commit(checkpoints, 1)
    commit(checkpoints, 2)
    return checkpoints.folder / "step-2"


def names(checkpoints):
    return {path.name for path in checkpoints.folder.iterdir()}


def test_a_run_without_checkpoints_has_none(checkpoints):
    assert checkpoints.latest_verified() is None
    assert checkpoints.steps() == []
    assert checkpoints.warnings == []
    checkpoints.sweep()
    checkpoints.clear()


def test_what_is_committed_comes_back(checkpoints):
    state = {"epoch": 3, "best": 0.75, "mark": {"sha256": "…"}}
    checkpoints.commit(12, state=state, files={"a": b"\0\1", "b": b""})
    checkpoint = checkpoints.latest_verified()
    assert (checkpoint.step, checkpoint.state, checkpoint.files) == (12, state, {"a": b"\0\1", "b": b""})


def test_the_newest_is_the_highest_step_and_never_the_latest_time(checkpoints):
    for step in (9, 10):
        commit(checkpoints, step)
    os.utime(checkpoints.folder / "step-9", (2e9, 2e9))
    assert checkpoints.latest_verified().step == 10


def test_the_newest_two_are_kept(checkpoints):
    for step in range(1, 12):
        commit(checkpoints, step)
        assert checkpoints.steps() == [step - 1, step][-min(step, 2) :]
    assert names(checkpoints) == {"step-10", "step-11"}


def test_the_older_ones_go_only_after_the_new_one_has_been_read_back(checkpoints, monkeypatch):
    commit(checkpoints, 1)
    commit(checkpoints, 2)
    real, spoiled = os.fsync, []

    def spoil(descriptor):
        real(descriptor)
        temporary = checkpoints.folder.glob("step-3.tmp-*/model.safetensors")
        spoiled.extend(path.write_bytes(b"not what was written") for path in temporary)

    monkeypatch.setattr(os, "fsync", spoil)
    with pytest.raises(StorageError, match="the checkpoint of step 3"):
        commit(checkpoints, 3)
    assert spoiled
    assert names(checkpoints) == {"step-1", "step-2", "step-3.bad-1"}
    assert checkpoints.latest_verified().step == 2


def test_a_second_checkpoint_of_one_step_takes_the_place_of_the_first(checkpoints):
    commit(checkpoints, 4)
    checkpoints.commit(5, state={"evaluated": False}, files={})
    for _ in range(12):
        checkpoints.commit(5, state={"evaluated": True}, files={})
    assert checkpoints.latest_verified().state == {"evaluated": True}
    assert names(checkpoints) == {"step-5.11", "step-5.12"}


def check_flips(checkpoints, path, flips):
    content = path.read_bytes()
    for place, bit in flips(len(content)):
        path.write_bytes(content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :])
        checkpoints.warnings.clear()
        assert checkpoints.latest_verified().step == 1, (place, bit)
        assert len(checkpoints.warnings) == 1
        assert checkpoints.warnings[0].startswith("checkpoint step-2 is not used: ")
        assert "(kept as step-2.bad-1)" in checkpoints.warnings[0]
        (checkpoints.folder / "step-2.bad-1").rename(checkpoints.folder / "step-2")


@FILES
def test_every_changed_byte_is_found_named_and_passed_over(checkpoints, faulty_disk, file):
    path = second_of_two(checkpoints, faulty_disk) / file
    check_flips(checkpoints, path, lambda size: ((place, place % 8) for place in range(size)))


@pytest.mark.torture
@FILES
def test_every_flipped_bit_is_found_named_and_passed_over(checkpoints, faulty_disk, file):
    path = second_of_two(checkpoints, faulty_disk) / file
    check_flips(checkpoints, path, lambda size: itertools.product(range(size), range(8)))


@pytest.mark.torture
def test_ten_thousand_random_flipped_bits_of_large_weights_are_found(checkpoints, faulty_disk):
    faulty_disk()
    random = Random(0)
    commit(checkpoints, 1)
    checkpoints.commit(2, state={}, files={"model.safetensors": random.randbytes(200_000)})
    path = checkpoints.folder / "step-2" / "model.safetensors"
    check_flips(
        checkpoints, path, lambda size: ((random.randrange(size), random.randrange(8)) for _ in range(10_000))
    )


@FILES
def test_every_cut_and_a_missing_file_are_passed_over(checkpoints, faulty_disk, file):
    path = second_of_two(checkpoints, faulty_disk) / file
    content = path.read_bytes()
    for damage in [*(content[:size] for size in range(len(content))), content + b"\n", None]:
        path.unlink() if damage is None else path.write_bytes(damage)
        assert checkpoints.latest_verified().step == 1
        (checkpoints.folder / "step-2.bad-1").rename(checkpoints.folder / "step-2")


def test_when_all_are_bad_there_is_none_and_each_is_named(checkpoints):
    for step in (1, 2):
        commit(checkpoints, step)
        (checkpoints.folder / f"step-{step}" / "model.safetensors").write_bytes(b"")
    assert checkpoints.latest_verified() is None
    assert [warning.split()[1] for warning in checkpoints.warnings] == ["step-2", "step-1"]
    assert names(checkpoints) == {"step-1.bad-1", "step-2.bad-1"}


def test_bad_ones_of_the_same_step_are_all_kept_for_who_wants_to_look(checkpoints):
    for _ in range(3):
        commit(checkpoints, 1)
        (checkpoints.folder / "step-1" / "state.json").unlink()
        checkpoints.latest_verified()
    assert names(checkpoints) == {"step-1.bad-1", "step-1.bad-2", "step-1.bad-3"}


def test_looking_for_problems_names_them_and_moves_nothing(checkpoints):
    for step in (1, 2):
        commit(checkpoints, step)
    assert list(checkpoints.problems()) == []
    (checkpoints.folder / "step-2" / "model.safetensors").unlink()
    (problem,) = checkpoints.problems()
    assert problem.endswith("step-2/model.safetensors is missing")
    assert names(checkpoints) == {"step-1", "step-2"}


def test_the_manifest_of_another_step_is_not_believed(checkpoints):
    commit(checkpoints, 1)
    shutil.copytree(checkpoints.folder / "step-1", checkpoints.folder / "step-9")
    assert checkpoints.latest_verified().step == 1


def test_a_manifest_that_names_a_file_elsewhere_is_not_believed(checkpoints, tmp_path):
    (tmp_path / "secret").write_bytes(b"secret")
    commit(checkpoints, 1)
    hostile = Manifest.of(
        "seqcli.checkpoint/1", {"../../secret": b"secret", "state.json": b"{}"}, {"step": 1}
    )
    (checkpoints.folder / "step-1" / "manifest.json").write_bytes(hostile.encode())
    assert checkpoints.latest_verified() is None
    assert "file name" in checkpoints.warnings[0]


@pytest.mark.parametrize("state", [b"[]", b'{"a": NaN}'])
def test_a_state_that_is_not_a_strict_object_is_not_believed(checkpoints, state):
    commit(checkpoints, 1)
    folder = checkpoints.folder / "step-1"
    (folder / "state.json").write_bytes(state)
    manifest = Manifest.of("seqcli.checkpoint/1", {"state.json": state}, {"step": 1})
    (folder / "manifest.json").write_bytes(manifest.encode())
    assert checkpoints.latest_verified() is None
    assert "state.json is damaged" in checkpoints.warnings[0]


@pytest.mark.parametrize("place", ["step-2", "step-2/model.safetensors"])
def test_a_link_is_not_followed(checkpoints, tmp_path, place):
    commit(checkpoints, 1)
    commit(checkpoints, 2)
    path = checkpoints.folder / place
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert checkpoints.latest_verified().step == 1
    assert "symbolic link" in checkpoints.warnings[0]
    assert (tmp_path / "elsewhere").exists()


def test_a_pipe_in_the_place_of_a_file_does_not_hang(checkpoints):
    commit(checkpoints, 1)
    path = checkpoints.folder / "step-1" / "model.safetensors"
    path.unlink()
    os.mkfifo(path)
    assert checkpoints.latest_verified() is None
    assert "not a regular file" in checkpoints.warnings[0]


def test_planted_files_are_not_looked_at(checkpoints):
    commit(checkpoints, 1)
    for planted in ("step-1/model.pt", "step-1/x.pkl", "step-99.pt", "last.ckpt", "step-x", "step--3"):
        (checkpoints.folder / planted).write_bytes(b"cos\nsystem\n(S'exit 1'\ntR.")
    checkpoint = checkpoints.latest_verified()
    assert (checkpoint.step, set(checkpoint.files)) == (1, {"model.safetensors"})
    assert checkpoints.warnings == []


def test_what_is_read_is_not_changed_by_what_happens_on_the_disk_later(checkpoints):
    commit(checkpoints, 1)
    checkpoint = checkpoints.latest_verified()
    with (checkpoints.folder / "step-1" / "model.safetensors").open("r+b") as file:
        file.write(b"WEIGHTS")
    assert checkpoint.files["model.safetensors"] == WEIGHTS + b"1"


def test_a_disk_full_at_any_call_leaves_the_checkpoint_before_and_the_next_try_works(
    checkpoints, faulty_disk, monkeypatch
):
    commit(checkpoints, 1)
    commit(checkpoints, 2)
    for call in itertools.count(1):
        disk = faulty_disk(call)
        with suppress(StorageError):
            commit(checkpoints, 3)
        monkeypatch.undo()
        assert checkpoints.latest_verified().step in {2, 3}
        assert checkpoints.warnings == []
        commit(checkpoints, 3)
        assert checkpoints.latest_verified().step == 3
        if len(disk.calls) < call:
            break
        shutil.rmtree(checkpoints.folder)
        commit(checkpoints, 1)
        commit(checkpoints, 2)
    assert call > 15


def test_a_disk_that_cannot_read_a_checkpoint_back_falls_to_the_one_before(checkpoints, monkeypatch):
    commit(checkpoints, 1)
    commit(checkpoints, 2)
    real = os.read

    def read(descriptor, size):
        if "step-2" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(5, "Input/output error")
        return real(descriptor, size)

    monkeypatch.setattr(os, "read", read)
    assert checkpoints.latest_verified().step == 1
    assert "Input/output error" in checkpoints.warnings[0]


def test_clearing_removes_all_but_the_bad_ones(checkpoints):
    for step in (1, 2):
        commit(checkpoints, step)
    (checkpoints.folder / "step-2" / "state.json").unlink()
    checkpoints.latest_verified()
    checkpoints.clear()
    assert names(checkpoints) == {"step-2.bad-1"}
    shutil.rmtree(checkpoints.folder / "step-2.bad-1")
    checkpoints.clear()
    assert not checkpoints.folder.exists()


@pytest.mark.parametrize(
    ("step", "state", "files", "error"),
    [
        (-1, {}, {}, ValueError),
        (1, {"loss": float("nan")}, {}, ValueError),
        (1, {}, {"state.json": b""}, ValueError),
        (1, {}, {"manifest.json": b""}, ValueError),
        (1, {}, {"../a": b""}, UsageError),
        (1, {}, {"/a": b""}, UsageError),
    ],
)
def test_what_cannot_be_committed_leaves_nothing(checkpoints, step, state, files, error):
    with pytest.raises(error):
        checkpoints.commit(step, state=state, files=files)
    assert not checkpoints.folder.exists() or names(checkpoints) == set()


def in_an_image(monkeypatch, *folders):
    """These folders lie in a lower layer of an overlay: the kernel does not rename them."""
    lower, real = {path.stat().st_ino for path in folders}, os.rename

    def rename(source, target, **places):
        if os.lstat(source).st_ino in lower:
            raise OSError(errno.EXDEV, os.strerror(errno.EXDEV), str(source))
        real(source, target, **places)

    monkeypatch.setattr(os, "rename", rename)


def test_checkpoints_that_came_with_a_container_s_image_are_replaced_and_set_aside(tmp_path, monkeypatch):
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    for step in (1, 2):
        checkpoints.commit(step, state={"n": step}, files={"w": b"x" * step})
    (tmp_path / "checkpoints/step-2/w").write_bytes(b"yy")
    in_an_image(monkeypatch, *(tmp_path / "checkpoints").iterdir())
    assert checkpoints.latest_verified().step == 1
    assert (tmp_path / "checkpoints/step-2.bad-1/w").read_bytes() == b"yy"
    for step in (3, 4):
        checkpoints.commit(step, state={"n": step}, files={"w": b"x" * step})
    assert checkpoints.steps() == [3, 4]
    assert checkpoints.latest_verified().step == 4
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "step-2.bad-1", "step-3", "step-4"
    ]  # fmt: skip


@pytest.mark.parametrize("code", [errno.EMFILE, errno.EIO], ids=errno.errorcode.get)
def test_a_disk_that_does_not_give_a_checkpoint_now_is_no_damage(tmp_path, monkeypatch, code):
    checkpoints = Checkpoints(tmp_path / "checkpoints")
    checkpoints.commit(1, state={}, files={"w": b"x"})
    before = sorted(tmp_path.rglob("*"))
    real = os.open

    def refuse(path, *arguments, **places):
        if "step-" in str(path):
            raise OSError(code, os.strerror(code))
        return real(path, *arguments, **places)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        with pytest.raises(StorageError):
            checkpoints.latest_verified()
    assert sorted(tmp_path.rglob("*")) == before
    assert checkpoints.latest_verified().step == 1
