import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from seqcli.errors import BusyError, RunError, StorageError
from seqcli.runs.lock import Holder, RunLock, find_holder
from seqcli.runs.run_layout import LOCK_FILE

HOLD = (
    "import sys, time; from pathlib import Path; from seqcli.runs.lock import RunLock\n"
    "lock = RunLock.acquire(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
)
START_AT_ONCE = (
    "import sys; from pathlib import Path; from seqcli.errors import BusyError; "
    "from seqcli.runs.lock import RunLock\n"
    "print('ready', flush=True); sys.stdin.readline()\n"
    "try: lock = RunLock.acquire(Path(sys.argv[1]), patience=0.2)\n"
    "except BusyError as error: print(error.message, flush=True); raise SystemExit(error.exit_code)\n"
    "print('mine', flush=True); sys.stdin.readline()"
)


def start(program, folder):
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    return process


@pytest.fixture
def holder(tmp_path):
    with start(HOLD, tmp_path) as process:
        yield process
        process.kill()


def test_a_lock_is_given_back_and_leaves_nothing(tmp_path):
    with RunLock.acquire(tmp_path) as lock:
        assert lock.held
    assert not lock.held
    lock.release()
    assert list(tmp_path.iterdir()) == []
    RunLock.acquire(tmp_path).release()


def test_the_second_starter_learns_who_holds_it(tmp_path, holder, monkeypatch):
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    monkeypatch.setattr(time, "sleep", lambda seconds: setattr(clock, "now", clock.now + seconds))
    with pytest.raises(BusyError) as caught:
        RunLock.acquire(tmp_path)
    assert 0 < clock.now < 2
    assert caught.value.exit_code == 5
    assert f"process {holder.pid} on {socket.gethostname()}, started 20" in caught.value.message


def test_two_starters_at_one_barrier_are_never_both_in(tmp_path):
    for _ in range(5):
        with start(START_AT_ONCE, tmp_path) as result, start(START_AT_ONCE, tmp_path) as two:
            for process in (result, two):
                process.stdin.write("\n")
                process.stdin.flush()
            values = [process.stdout.readline() for process in (result, two)]
            winner, loser = (result, two) if values[0] == "mine\n" else (two, result)
            assert values.count("mine\n") == 1
            assert any(f"process {winner.pid} on" in line for line in values)
            assert loser.wait() == 5
            winner.kill()


def test_a_killed_holder_frees_the_lock_at_once(tmp_path, holder):
    holder.kill()
    holder.wait()
    assert find_holder(tmp_path) is None
    RunLock.acquire(tmp_path, patience=0).release()


def test_the_next_holder_learns_of_one_that_was_killed_and_of_none_that_gave_the_lock_back(tmp_path, holder):
    holder.kill()
    holder.wait()
    with RunLock.acquire(tmp_path) as lock:
        assert lock.killed.pid == holder.pid
        lock.tell_memory(10**9, 4 * 10**9)
        lock.tell_memory(2 * 10**9, 5)  # a shorter record leaves no end of the longer one
        record = json.loads((tmp_path / LOCK_FILE).read_text())
        assert (record["memory"], record["memory_limit"], record["pid"]) == (2 * 10**9, 5, os.getpid())
    with RunLock.acquire(tmp_path) as lock:
        assert lock.killed is None


def test_a_disk_that_does_not_take_the_figure_of_memory_is_no_fault_of_the_run(tmp_path, monkeypatch):
    with RunLock.acquire(tmp_path) as lock:
        monkeypatch.setattr(os, "pwrite", lambda *_args: (_ for _ in ()).throw(OSError(errno.EIO, "bad")))
        lock.tell_memory(1, 2)
        assert find_holder(tmp_path).pid == os.getpid()


def test_a_stopped_holder_still_holds(tmp_path, holder):
    holder.send_signal(signal.SIGSTOP)
    with pytest.raises(BusyError, match=f"process {holder.pid}"):
        RunLock.acquire(tmp_path, patience=0.1)


def test_a_starter_waits_a_little_for_a_holder_that_ends(tmp_path, holder):
    holder.stdin.close()  # it ends by itself soon
    with RunLock.acquire(tmp_path, patience=30) as lock:
        assert lock.held


def test_a_child_that_outlives_the_holder_does_not_keep_the_lock(tmp_path):
    program = HOLD.replace("print('held'", "import os; os.fork() or time.sleep(60); print('held'")
    with start(program, tmp_path) as parent:
        children = subprocess.run(
            ["pgrep", "-P", str(parent.pid)], capture_output=True, text=True, check=True
        )
        parent.kill()
        parent.wait()
        RunLock.acquire(tmp_path, patience=30).release()  # the child may need a moment to let go
        os.kill(int(children.stdout), signal.SIGKILL)


def test_a_forked_child_cannot_give_its_parents_lock_back(tmp_path, in_child):
    with RunLock.acquire(tmp_path) as lock:

        def child():
            assert not lock.held
            lock.release()
            assert find_holder(tmp_path).pid == os.getppid()
            with pytest.raises(BusyError):
                RunLock.acquire(tmp_path, patience=0)

        assert in_child(child) == 0
        assert lock.held


def test_asking_for_the_holder_changes_nothing(tmp_path, holder):
    before = (tmp_path / LOCK_FILE).read_bytes()
    result = find_holder(tmp_path)
    assert isinstance(result, Holder)
    assert result.pid == holder.pid
    assert (tmp_path / LOCK_FILE).read_bytes() == before


def test_a_run_that_nobody_works_in_has_no_holder(tmp_path):
    assert find_holder(tmp_path) is None
    (tmp_path / LOCK_FILE).write_text("left by a dead process")
    assert find_holder(tmp_path) is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', "\0" * 99])
def test_a_garbled_lock_file_still_locks(tmp_path, content):
    with (tmp_path / LOCK_FILE).open("w+") as file:
        file.write(content)
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BusyError, match="in use by another process"):
            RunLock.acquire(tmp_path, patience=0)
    RunLock.acquire(tmp_path, patience=0).release()


@pytest.mark.parametrize("make", ["link", "folder"])
def test_what_is_no_lock_file_is_refused_and_stays(tmp_path, make):
    folder = tmp_path / "run"
    folder.mkdir()
    if make == "link":
        (tmp_path / "theirs").write_text("theirs")
        (folder / LOCK_FILE).symlink_to(tmp_path / "theirs")
    else:
        (folder / LOCK_FILE).mkdir()
    with pytest.raises(RunError, match="is not a lock file"):
        RunLock.acquire(folder)
    assert make == "folder" or (tmp_path / "theirs").read_text() == "theirs"


def test_a_lock_in_a_folder_that_took_the_place_of_ours_is_not_removed(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    ours = RunLock.acquire(folder)
    folder.rename(tmp_path / "moved")
    folder.mkdir()
    theirs = RunLock.acquire(folder)
    ours.release()
    assert (folder / LOCK_FILE).exists()
    theirs.release()


def test_the_lock_of_a_file_that_its_holder_has_just_removed_is_none(tmp_path, monkeypatch):
    """A waiter opened the old file, a third process made a new one: only the new one counts."""
    real, others = fcntl.flock, []

    def overtaken(descriptor, how):
        if not others:
            (tmp_path / LOCK_FILE).unlink()
            others.append((tmp_path / LOCK_FILE).open("w"))
            real(others[0], fcntl.LOCK_EX)
        return real(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", overtaken)
    with pytest.raises(BusyError):
        RunLock.acquire(tmp_path, patience=0.1)
    others[0].close()
    RunLock.acquire(tmp_path, patience=0).release()


def test_a_disk_without_locks_is_a_storage_error(tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StorageError, match="has no locks"):
        RunLock.acquire(tmp_path)


def test_a_full_disk_leaves_the_lock_free(tmp_path, faulty_disk, monkeypatch):
    with monkeypatch.context():
        faulty_disk(2)
        with pytest.raises(StorageError, match="No space left"):
            RunLock.acquire(tmp_path)
        monkeypatch.undo()
    RunLock.acquire(tmp_path, patience=0).release()
