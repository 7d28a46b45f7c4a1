"""The disk of a store may be a network's: what it fails for a moment costs no worker and no run."""

import errno
import os

import pytest
from launch.small_store import SILENCE, ended, leg, never, worker_at, workers_at
from making.forked import REAL_WORKER

from seqcli.errors import StorageError
from seqcli.experiments.work import shared_cache
from seqcli.launch import patience, shared_store, store_mark
from seqcli.launch.job import Finished
from seqcli.launch.patience import Patience, patiently
from seqcli.launch.store_mark import FOLDERS, check_room
from seqcli.runs.atomic import open_temporary
from seqcli.runs.directory import RunDirectory


@pytest.fixture(autouse=True)
def _prompt(monkeypatch):
    """A forked worker would know no odd jobs, and nobody waits for a disk that is played."""
    monkeypatch.setattr("seqcli.launch.local.start_worker", REAL_WORKER)
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)


def failing(act, *failures, first=False):
    """The act, of which the first calls end with these failures, before it acts or (`first`) after."""
    left = list(failures)

    def call(*arguments, **named):
        if left and not first:
            raise left.pop(0)
        answer = act(*arguments, **named)
        if left:
            raise left.pop(0)
        return answer

    return call


def storage_error():
    return StorageError("cannot write: Input/output error", "Check the disk.")


def test_a_disk_that_fails_now_and_then_costs_no_run(folder, monkeypatch):
    monkeypatch.setattr(patience, "PAUSE_SECONDS", 0.01)
    worker_at(folder).publish(leg(folder, 0))
    workers = workers_at(folder)
    finish, tries = workers.store.finish, []

    def hitch(lease):
        tries.append(lease)
        if len(tries) < patience.TRIES:
            raise StorageError("the disk failed", "try")
        return finish(lease)

    monkeypatch.setattr(workers.store, "finish", hitch)
    assert len(ended(workers.serve(never, idle=0.1))) == 1


def test_a_worker_whose_first_word_the_disk_swallows_works_all_the_same(folder, monkeypatch):
    """Of many workers that begin, one will meet the disk at such a moment."""
    worker_at(folder).publish(leg(folder, 0))
    workers = workers_at(folder)
    monkeypatch.setattr(workers.store, "beat", failing(workers.store.beat, storage_error()))
    assert len(ended(workers.serve(never, idle=0.1))) == 1


def test_a_look_into_the_store_that_fails_is_taken_again(folder, monkeypatch):
    worker_at(folder).publish(leg(folder, 0))
    workers = workers_at(folder)
    stale = OSError(errno.ESTALE, os.strerror(errno.ESTALE))
    for name in ("open_keys", "is_lost"):
        monkeypatch.setattr(workers.store, name, failing(getattr(workers.store, name), stale))
    assert len(ended(workers.serve(never, idle=0.1))) == 1


def test_a_fault_is_passed_over_until_others_have_taken_over_and_sleep_counts_for_nothing(tmp_path):
    now = [100.0]
    patient = Patience(tmp_path, 10.0, lambda: now[0])

    def fail():
        with patient.passing_over():
            raise OSError(errno.EIO, "Input/output error")

    fail()
    now[0] += 9.0
    fail()
    with patient.passing_over():
        pass
    now[0] += 9.0
    fail()
    now[0] += 1.0
    with pytest.raises(StorageError, match="Input/output error"):
        fail()


def test_a_disk_that_fails_again_and_again_is_told_and_a_defect_is_told_at_once():
    tries = []

    def act(error):
        tries.append(error)
        raise error

    for error, count in ((storage_error(), patience.TRIES), (OSError(errno.ESTALE, "s"), patience.TRIES)):
        tries.clear()
        with pytest.raises(type(error)):
            patiently(lambda error=error: act(error))
        assert len(tries) == count
    tries.clear()
    with pytest.raises(OSError, match="Bad file descriptor"):
        patiently(lambda: act(OSError(errno.EBADF, "Bad file descriptor")))
    assert len(tries) == 1


def test_a_lease_that_was_made_before_the_disk_failed_is_its_makers(folder, monkeypatch):
    """So it is with NFS too, which repeats a link whose answer was lost, and then says that it is there."""
    worker_at(folder).publish(leg(folder, 0))
    workers = workers_at(folder)
    late = failing(shared_store.write_once, storage_error(), first=True)
    monkeypatch.setattr(shared_store, "write_once", late)
    assert isinstance(ended(workers.serve(never, idle=0.1))["GRU seed 0"], Finished)
    lines = (folder / "logs" / "leg-0.jsonl").read_text()
    assert '"what": "lease", "number": 1' in lines


def test_a_lease_of_another_is_not_taken_for_ones_own(folder):
    first, second = worker_at(folder), worker_at(folder)
    first.publish(leg(folder, 0))
    assert first.lease("leg-0", {}) is not None
    assert second.lease("leg-0", {}) is None


def test_a_place_that_is_taken_and_not_yet_seen_throws_the_later_work_away(folder, monkeypatch):
    """NFS shows for seconds what was there before; the rename is refused at once."""
    worker = worker_at(folder)
    worker.publish(leg(folder, 0))
    lease = worker.lease("leg-0", {})
    for place in (lease.folder, folder / "legs" / "leg-0"):
        with RunDirectory.create(place, {"seed": 0}) as run:
            run.commit_result({}, {"seed": 0})
    monkeypatch.setattr(type(folder), "exists", lambda _: False)
    monkeypatch.setattr(type(folder), "is_dir", lambda _: False)
    assert worker.finish(lease) is False


def test_a_worker_whose_record_cannot_be_read_now_is_as_it_was(folder, monkeypatch):
    """Its record is replaced every few seconds, which NFS tells who reads it as ESTALE."""
    other, watcher = worker_at(folder), worker_at(folder)
    other.beat()
    assert not watcher.is_gone(other.me.id)
    stale = [storage_error() for _ in range(2)]
    monkeypatch.setattr(shared_store, "read_file", failing(shared_store.read_file, *stale))
    assert not watcher.is_gone(other.me.id)
    watcher.awake += SILENCE
    assert watcher.is_gone(other.me.id), "silence is silence, whatever the disk says"


def test_a_store_that_takes_no_more_is_refused_before_anything_is_prepared(folder, monkeypatch):
    check_room(folder)
    assert sorted(path.name for path in folder.iterdir()) == sorted((*FOLDERS, "data", "store.json"))

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store_mark, "write_all", full)
    with (
        pytest.raises(StorageError, match="1,048,576 bytes"),
        shared_cache(folder),
    ):
        raise AssertionError("nothing begins")


def test_data_that_the_store_did_not_take_are_the_disks_fault_and_no_defect(folder, tmp_path):
    """A cache has other places to go to where it is full; other machines do not see them."""
    job = leg(folder, 0)
    job.arguments["data"] = str(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="the prepared data") as refused:
        worker_at(folder).publish(job)
    assert "Make room" in refused.value.hint


def test_the_temporaries_of_the_killed_go_when_a_command_begins_and_those_of_the_living_stay(folder):
    stray = folder / "leases" / ".seqcli-0123456789abcdef.tmp"
    stray.touch()
    path, descriptor = open_temporary(folder / "leases")
    with shared_cache(folder):
        left = [each.name for each in (folder / "leases").iterdir()]
    os.close(descriptor)
    assert left == [path.name]
