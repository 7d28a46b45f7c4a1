"""A store that several machines share: every run is done once, whoever dies, sleeps, fails or is broken."""

import json
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from launch.small_store import SILENCE, ended, leg, never, worker_at, workers_at
from making.forked import REAL_WORKER

from seqcli.errors import OtherVersionError, RunError, StorageError, WorkerLostError
from seqcli.launch import shared, shared_store
from seqcli.launch.job import Failed, Finished, Progress
from seqcli.launch.shared import state_of
from seqcli.launch.shared_store import SharedStore
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun


@pytest.fixture(autouse=True)
def _real_workers(monkeypatch):
    """A forked worker would know no odd jobs."""
    monkeypatch.setattr("seqcli.launch.local.start_worker", REAL_WORKER)


def pass_silence(watcher, *beating):
    """The watcher lives on for as long as a worker may be silent, while these others beat."""
    for _ in range(3):
        watcher.awake += SILENCE / 2
        for other in beating:
            other.beat()
            watcher.is_gone(other.me.id)


def finish_by_hand(lease):
    with RunDirectory.create(lease.folder, {"seed": 0}) as run:
        run.commit_result({}, {"seed": 0})


def test_of_many_that_want_a_run_at_once_one_gets_it(folder):
    worker_at(folder).publish(leg(folder, 0))
    got, start = [], threading.Barrier(8)

    def want():
        store = worker_at(folder)
        store.beat()
        start.wait()
        got.append(store.lease("leg-0", store.leases()))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([lease for lease in got if lease is not None]) == 1


def test_what_a_silent_worker_held_is_taken_over_and_what_a_living_one_holds_is_not(folder):
    silent, living, watcher = (worker_at(folder) for _ in range(3))
    for store, seed in ((silent, 0), (living, 1)):
        store.beat()
        store.publish(leg(folder, seed))
        assert store.lease(f"leg-{seed}", {}) is not None
    assert watcher.lease("leg-0", watcher.leases()) is None, "it may only be slow"
    pass_silence(watcher, living)
    leases = watcher.leases()
    assert watcher.lease("leg-1", leases) is None
    assert watcher.lease("leg-0", leases).number == 2
    states = {record.id: record.state for record in watcher.workers()}
    assert states == {silent.me.id: "lost", living.me.id: "working"}


def test_a_watcher_that_was_stopped_itself_takes_nobody_for_silent(folder, monkeypatch):
    """Its own clock counts what it lived, not how late it is."""
    now = [1000.0]
    monkeypatch.setattr(shared.time, "monotonic", lambda: now[0])
    workers = workers_at(folder)
    other = worker_at(folder)
    other.beat()
    other.publish(leg(folder, 0))
    other.lease("leg-0", {})
    workers.store.is_gone(other.me.id)
    now[0] += 3600.0  # Ctrl-Z for an hour
    workers.count_time()
    assert not workers.store.is_gone(other.me.id)


def test_what_a_worker_that_ended_held_is_free_at_once(folder):
    ending, next_one = worker_at(folder), worker_at(folder)
    ending.beat()
    ending.publish(leg(folder, 0))
    ending.lease("leg-0", {})
    ending.leave()
    assert next_one.lease("leg-0", next_one.leases()).number == 2


def test_a_run_that_is_taken_over_goes_on_from_what_was_saved(folder):
    first, second = worker_at(folder), worker_at(folder)
    first.beat()
    first.publish(leg(folder, 0, steps=5))
    lease = first.lease("leg-0", {})
    with RunDirectory.create(lease.folder, {"seed": 0}) as run:
        run.checkpoints.commit(3, state={"step": 3}, files={})
    first.leave()
    assert second.lease("leg-0", second.leases()).number == 2
    second.leave()
    values = [
        item.event.text for item in workers_at(folder).serve(never, idle=0.1) if isinstance(item, Progress)
    ]
    assert values == ["from step 3"]


def test_a_worker_that_wakes_up_after_it_was_replaced_throws_its_work_away(folder):
    slow, quick = worker_at(folder), worker_at(folder)
    slow.beat()
    slow.publish(leg(folder, 0))
    late = slow.lease("leg-0", {})
    pass_silence(quick)
    quick.is_gone(slow.me.id)
    pass_silence(quick)
    lease = quick.lease("leg-0", quick.leases())
    assert slow.is_lost(late)
    for own in (lease, late):
        finish_by_hand(own)
    before = (folder / "legs" / "leg-0").exists()
    assert (before, quick.finish(lease), slow.finish(late)) == (False, True, False)
    assert sorted(path.name for path in (folder / "legs").iterdir()) == ["leg-0"]
    assert [*(folder / "attempts").iterdir()] == []


def test_a_run_that_nobody_could_finish_is_told_with_its_reason_and_others_are_done(folder):
    jobs = [leg(folder, 0), leg(folder, 1, fault="diverged"), leg(folder, 2, fault="broken machine")]
    outcomes = ended(workers_at(folder, 2).run(jobs, never))
    assert isinstance(outcomes["GRU seed 0"], Finished)
    assert outcomes["GRU seed 1"].exit_code == 8
    assert outcomes["GRU seed 2"].exit_code == StorageError.exit_code


def test_what_would_fail_anywhere_is_tried_once_and_what_the_machine_may_be_to_blame_for_by_three(folder):
    publisher = worker_at(folder)
    publisher.publish(leg(folder, 1, fault="diverged"))
    publisher.publish(leg(folder, 2, fault="broken machine"))
    tried = [set(ended(workers_at(folder).serve(never, idle=0.1))) for _ in range(4)]
    assert tried == [{"GRU seed 1", "GRU seed 2"}, {"GRU seed 2"}, {"GRU seed 2"}, set()]
    assert state_of(publisher).failed == 2


def test_failures_are_read_of_runs_that_failed_and_not_at_every_word_of_every_worker(folder, monkeypatch):
    workers = workers_at(folder)
    failures, asked = workers.store.failures, []
    monkeypatch.setattr(workers.store, "failures", lambda key: asked.append(key) or failures(key))
    assert len(ended(workers.run([leg(folder, seed) for seed in range(6)], never))) == 6
    assert sorted(asked) == [f"leg-{seed}" for seed in range(6)], "once each, before it is begun"


def test_a_failure_that_another_planner_took_away_is_told_as_it_was_here(folder):
    workers = workers_at(folder)
    job = leg(folder, 1, fault="broken machine")
    (result,) = ended(workers.run([job], never)).values()
    for record in (folder / "failures").iterdir():
        record.unlink()
    again = workers.final_failure("leg-1", job)
    assert (again.exit_code, again.message) == (result.exit_code, result.message)


def test_a_failed_run_that_is_planned_again_is_tried_again(folder):
    job = leg(folder, 1, fault="diverged")
    for _ in range(2):
        assert isinstance(ended(workers_at(folder).run([job], never))["GRU seed 1"], Failed)


def test_a_machine_on_which_run_after_run_fails_takes_no_more(folder):
    publisher = worker_at(folder)
    for seed in range(6):
        publisher.publish(leg(folder, seed))
    (folder / "data" / "d" / "broken").touch()
    with pytest.raises(WorkerLostError, match="3 training runs in a row"):
        list(workers_at(folder).serve(never, idle=0.1))
    (folder / "data" / "d" / "broken").unlink()
    assert len(ended(workers_at(folder).serve(never, idle=0.1))) == 6, "another machine does them all"


def test_a_machine_with_other_numerics_leaves_a_run_to_others(folder):
    worker_at(folder).publish(leg(folder, 0, cpu="s390x IBM"))
    workers = workers_at(folder)
    assert list(workers.serve(never, idle=0.1)) == []
    assert workers.unfit == {"leg-0": "cpu s390x IBM"}
    assert worker_at(folder).open_keys() == {"leg-0"}


def test_a_worker_for_one_run_takes_no_other(folder):
    worker_at(folder).publish(leg(folder, 0))
    workers = workers_at(folder)
    workers.only = {"leg-1"}
    assert set(ended(workers.run([leg(folder, 1)], never))) == {"GRU seed 1"}
    assert worker_at(folder).open_keys() == {"leg-0"}


def test_a_caller_is_told_of_runs_that_others_finished(folder):
    jobs = [leg(folder, seed) for seed in range(2)]
    assert len(ended(workers_at(folder).run(jobs, never))) == 2
    others = workers_at(folder)
    assert set(ended(others.run(jobs, never))) == {"GRU seed 0", "GRU seed 1"}
    assert others.done == 0


def test_a_run_that_a_comparison_left_half_done_goes_on_and_a_damaged_one_gives_way(folder):
    half, damaged = folder / "legs" / "leg-0", folder / "legs" / "leg-1"
    with RunDirectory.create(half, {"seed": 0}) as run:
        run.checkpoints.commit(4, state={"step": 4}, files={})
    damaged.mkdir()
    (damaged / "manifest.json").write_text("{")
    jobs = [leg(folder, 0, steps=6), leg(folder, 1)]
    outcomes = list(workers_at(folder).run(jobs, never))
    values = [
        outcome.event.text
        for outcome in outcomes
        if isinstance(outcome, Progress) and outcome.job.name == "GRU seed 0"
    ]
    assert values[0] == "from step 4"
    assert len(ended(outcomes)) == 2
    assert (folder / "legs" / "leg-1.bad-1").is_dir()


def test_a_finished_run_of_a_worker_that_died_before_clearing_away_is_not_done_again(folder):
    first, second = worker_at(folder), worker_at(folder)
    first.publish(leg(folder, 0))
    lease = first.lease("leg-0", {})
    finish_by_hand(lease)
    lease.folder.rename(folder / "legs" / "leg-0")
    assert second.lease("leg-0", second.leases()) is None
    assert second.open_keys() == set()


class Death(BaseException):
    """The end of a worker between two calls of the system."""


@pytest.mark.parametrize("survived", range(4))
def test_a_worker_that_dies_while_it_clears_away_leaves_that_to_the_next(folder, monkeypatch, survived):
    """Its copies, its leases and its job are gone in the end, wherever in between it died."""
    first, late = worker_at(folder), worker_at(folder)
    first.publish(leg(folder, 0))
    slow = late.lease("leg-0", {})
    late.leave()
    lease = first.lease("leg-0", first.leases())
    for own in (slow, lease):
        finish_by_hand(own)
    (folder / "attempts" / "leg-0.2.tmp-0123456789abcdef").mkdir()
    acts = iter(range(9))

    def dying(act):
        def call(*arguments, **named):
            if next(acts) >= survived:
                raise Death
            return act(*arguments, **named)

        return call

    with monkeypatch.context() as patched:
        patched.setattr(shared_store, "drop_tree", dying(shared_store.drop_tree))
        patched.setattr(type(folder), "unlink", dying(type(folder).unlink))
        with pytest.raises(Death):
            first.finish(lease)
    assert list(workers_at(folder).serve(never, idle=0.1)) == []
    assert [path for name in ("jobs", "attempts", "leases") for path in (folder / name).iterdir()] == []


def test_a_run_whose_folder_another_took_away_is_no_failure(folder, monkeypatch):
    """Who took over and was faster clears away what the slow one writes in."""
    workers = workers_at(folder)
    lease_it = workers.store.lease

    def lease(key, leases):
        got = lease_it(key, leases)
        finish_by_hand(replace(got, folder=folder / "legs" / key))
        return got

    monkeypatch.setattr(workers.store, "lease", lease)
    job = leg(folder, 0, fault="broken machine")
    assert isinstance(ended(workers.run([job], never))["GRU seed 0"], Finished)
    assert [*(folder / "failures").iterdir()] == []
    assert (folder / "logs" / "leg-0.jsonl").read_text().endswith('"what": "thrown away"}\n')


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (str, RunError, "there is no store"),
        (lambda place: place.mkdir(), RunError, "is no store: it has no store.json"),
        (lambda place: marked(place, "{"), RunError, "store.json is damaged"),
        (lambda place: marked(place, '{"schema": "seqcli.store/9"}'), OtherVersionError, "seqcli.store/9"),
    ],
)
def test_a_worker_is_told_what_is_wrong_with_its_store(tmp_path, make, error, says):
    make(tmp_path / "store")
    with pytest.raises(error, match=says):
        SharedStore.open(tmp_path / "store", lost_after=1.0, make=False)


def marked(place, text):
    place.mkdir()
    (place / "store.json").write_text(text)


def test_a_folder_of_other_things_is_made_no_store(tmp_path):
    (tmp_path / "thesis.tex").write_text("x")
    with pytest.raises(RunError, match=r"holds other files \(thesis.tex\)"):
        SharedStore.open(tmp_path, lost_after=1.0, make=True)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_foreign_or_damaged_record_keeps_no_worker_and_a_damaged_job_is_written_anew(folder):
    planner = worker_at(folder)
    planner.publish(leg(folder, 0))
    for place in (
        "jobs/notes.json",
        "jobs/leg-0.json",
        "leases/notes",
        "workers/notes.json",
        "failures/notes",
    ):
        (folder / place).write_text("{")
    assert list(workers_at(folder).serve(never, idle=0.1)) == []
    assert state_of(worker_at(folder)).waiting == 0
    assert isinstance(ended(workers_at(folder).run([leg(folder, 0)], never))["GRU seed 0"], Finished)
    assert (folder / "jobs" / "notes.json").exists(), "what is not ours to remove stays"


def test_a_run_whose_record_was_removed_while_it_was_waited_for_is_done_all_the_same(folder, monkeypatch):
    workers, published = workers_at(folder), []

    def publish(job):
        published.append(SharedStore.publish(workers.store, job))
        if len(published) == 1:
            (folder / "jobs" / "leg-0.json").unlink()
        return published[-1]

    monkeypatch.setattr(workers.store, "publish", publish)
    assert isinstance(ended(workers.run([leg(folder, 0)], never))["GRU seed 0"], Finished)
    assert (folder / "legs" / "leg-0").is_dir()


def test_a_folder_of_the_same_name_on_another_machine_is_told_from_the_shared_one(tmp_path):
    ours = SharedStore.open(tmp_path / "here" / "store", lost_after=1.0, make=True)
    theirs = SharedStore.open(tmp_path / "there" / "store", lost_after=1.0, make=True)
    assert SharedStore.open(ours.folder, lost_after=1.0, make=False, same_as=ours.id).id == ours.id
    with pytest.raises(RunError, match=r"another folder than the store .* and not shared"):
        SharedStore.open(theirs.folder, lost_after=1.0, make=False, same_as=ours.id)
    with pytest.raises(RunError, match="there is no store") as missing:
        SharedStore.open(tmp_path / "nowhere", lost_after=1.0, make=False, same_as=ours.id)
    assert "all machines mount" in missing.value.hint


def test_a_run_that_the_disk_failed_is_tried_once_more_by_the_same_worker(folder):
    job = leg(folder, 0, fault="disk once")
    result = ended(workers_at(folder).run([job], never))
    assert isinstance(result["GRU seed 0"], Finished)
    assert [*(folder / "failures").iterdir()] == []


def test_each_run_has_a_log_that_its_failure_names(folder):
    jobs = [leg(folder, 0), leg(folder, 1, fault="diverged")]
    outcomes = ended(workers_at(folder).run(jobs, never))
    assert outcomes["GRU seed 1"].log == str(folder / "logs" / "leg-1.jsonl")
    for seed, expected in enumerate((["lease", "Note", "kept"], ["lease", "Note", "failed"])):
        lines = (folder / "logs" / f"leg-{seed}.jsonl").read_text().splitlines()
        records = [json.loads(line) for line in lines]
        assert [record["what"] for record in records] == expected
        assert all(record["host"] and record["at"] for record in records)
    assert records[-1]["exit_code"] == 8


def start_worker(folder, lost_after=SILENCE):
    script = str(Path(__file__).parent / "shared_worker.py")
    return subprocess.Popen([sys.executable, script, str(folder), str(lost_after)])


def wait_for(condition, seconds=60.0):
    ends = time.monotonic() + seconds
    while not condition() and time.monotonic() < ends:
        time.sleep(0.05)
    assert condition()


def test_killed_and_stopped_workers_cost_nothing_but_time(folder):
    publisher = worker_at(folder)
    for seed in range(12):
        publisher.publish(leg(folder, seed, steps=4, seconds=0.1))
    killed, stopped, whole = (start_worker(folder) for _ in range(3))
    wait_for(lambda: len([*(folder / "leases").iterdir()]) >= 3)
    killed.kill()
    stopped.send_signal(signal.SIGSTOP)
    whole.wait()
    assert publisher.finished_keys() == {f"leg-{seed}" for seed in range(12)}
    stopped.send_signal(signal.SIGCONT)
    stopped.wait()
    killed.wait()
    assert publisher.finished_keys() == {f"leg-{seed}" for seed in range(12)}
    assert [*(folder / "attempts").iterdir()] == []
    for seed in range(12):
        assert FinishedRun.open(folder / "legs" / f"leg-{seed}").result == {"seed": seed}


@pytest.mark.torture
def test_two_thousand_runs_on_sixteen_workers_of_which_some_die_sleep_and_are_broken(folder):
    """Zero lost, zero done twice, each byte as one worker alone writes it."""
    publisher, count = worker_at(folder), 2000
    for seed in range(count):
        publisher.publish(leg(folder, seed, steps=2, seconds=0.01))
    workers = [start_worker(folder, lost_after=10.0) for _ in range(16)]
    asleep = workers[0]
    asleep.send_signal(signal.SIGSTOP)
    turn = 0
    while publisher.open_keys():
        time.sleep(2.0)
        turn += 1
        victim = workers[1 + turn % 15]
        victim.kill()
        victim.wait()
        workers[1 + turn % 15] = start_worker(folder, lost_after=10.0)
        workers = [item if item.poll() is None else start_worker(folder, lost_after=10.0) for item in workers]
        if turn == 40:
            asleep.send_signal(signal.SIGCONT)
    asleep.send_signal(signal.SIGCONT)
    for worker in workers:
        worker.wait()
    assert publisher.finished_keys() == {f"leg-{seed}" for seed in range(count)}
    results = [FinishedRun.open(folder / "legs" / f"leg-{seed}").result for seed in range(count)]
    assert results == [{"seed": seed} for seed in range(count)]
    assert json.loads((folder / "store.json").read_text()) == {"schema": "seqcli.store/1"}
    assert [*(folder / "attempts").iterdir()] == []
