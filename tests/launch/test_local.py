"""Worker processes: results and events come back; a crash, a hang or a fault costs only its own job."""

import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from making.forked import REAL_WORKER

from seqcli.errors import StoppedError, WorkerLostError
from seqcli.launch.job import Failed, Finished, Job, Progress
from seqcli.launch.local import LocalWorkers
from seqcli.results.events import Note

ODD = (sys.executable, str(Path(__file__).parent / "odd_worker.py"))


PARENT = """
import sys
from seqcli.launch.job import Job
from seqcli.launch.local import LocalWorkers
job = Job(sys.argv[1], "job", {"started": sys.argv[2]})
list(LocalWorkers(1, command=sys.argv[3:]).run([job], lambda: False))
"""


@pytest.fixture(autouse=True)
def _real_workers(monkeypatch):
    """Here the start of a worker is what is tested."""
    monkeypatch.setattr("seqcli.launch.local.start_worker", REAL_WORKER)


def never():
    return False


def outcomes(jobs, count=1, should_stop=never, **settings):
    return list(LocalWorkers(count, command=ODD, **settings).run(jobs, should_stop))


def echo(number):
    return Job("echo", f"echo {number}", {"number": number})


def test_a_job_tells_its_events_and_then_its_result():
    result, finished = outcomes([echo(3)], threads=2)
    assert result == Progress(echo(3), Note(text="hello"))
    assert isinstance(finished, Finished)
    assert finished.result["number"] == 3
    assert finished.result["threads"] == "2"


def test_a_worker_takes_job_after_job_and_fresh_workers_take_one_each():
    for fresh, processes in ((False, 1), (True, 4)):
        done = [
            outcome
            for outcome in outcomes([echo(n) for n in range(4)], fresh=fresh)
            if isinstance(outcome, Finished)
        ]
        assert [element.result["number"] for element in done] == [0, 1, 2, 3]
        assert len({item.result["pid"] for item in done}) == processes


def test_jobs_run_side_by_side(tmp_path):
    waits = [Job("wait", f"wait {n}", {"started": str(tmp_path / str(n))}) for n in range(2)]

    def both_run():
        return all((tmp_path / str(n)).exists() for n in range(2))

    with pytest.raises(StoppedError):
        outcomes(waits, count=2, should_stop=both_run)


def test_a_killed_worker_fails_its_job_by_name_and_the_others_go_on():
    done = outcomes([echo(0), Job("die", "die", {}), echo(1), echo(2)], count=2, retries=0)
    (failed,) = [element for element in done if isinstance(element, Failed)]
    assert failed.job.name == "die"
    assert failed.exit_code == 10
    assert "SIGKILL" in failed.message
    assert sorted(item.result["number"] for item in done if isinstance(item, Finished)) == [0, 1, 2]


def test_a_job_whose_worker_was_lost_is_tried_once_more(tmp_path):
    (finished,) = outcomes([Job("die", "die once", {"until": str(tmp_path / "marker")})])
    assert finished.result == {"survived": True}


def test_a_job_that_always_kills_its_worker_is_tried_twice_and_then_has_failed():
    (failed,) = outcomes([Job("die", "die", {})])
    assert failed.exit_code == 10


@pytest.mark.parametrize(
    ("fault", "code", "says"),
    [
        ("diverged", 8, "it diverged"),
        ("memory", 7, "out of memory"),
        ("torch memory", 7, "out of memory"),
        ("defect", 1, "ZeroDivisionError: ours"),
    ],
)
def test_a_fault_of_a_job_is_told_with_its_code_and_is_not_tried_again(fault, code, says):
    failed, _, finished = outcomes([Job("fail", "fail", {"fault": fault}), echo(1)])
    assert (failed.exit_code, failed.message) == (code, says)
    assert isinstance(finished, Finished), "the same worker went on"
    assert (failed.crash is not None) == (code == 1)


def test_a_silent_worker_is_ended_by_the_watchdog(tmp_path):
    job = Job("wait", "silent", {"started": str(tmp_path / "on")})
    (failed,) = outcomes([job], watchdog=0.2, retries=0)
    assert failed.exit_code == 10
    assert "watchdog" in failed.message


@pytest.mark.parametrize("asks", [True, False])
def test_a_worker_that_says_nothing_for_long_is_heard_alive_where_its_job_asks_and_ended_where_it_hangs(asks):
    """A long evaluation asks between its batches; what asks nothing for that long is hung."""
    job = Job("ask", "silent", {"seconds": 5.0 if asks else 600.0, "asks": asks})
    workers = LocalWorkers(1, command=(*ODD, "--beat"), retries=0)
    with closing(workers.run([job], never)) as result:
        assert isinstance(next(result), Progress)
        workers.watchdog = 2.0  # from here on it needs no time to start
        (outcome,) = result
    if asks:
        assert outcome == Finished(job, {"ended": True})
    else:
        assert outcome.exit_code == 10
        assert "by the watchdog, silent for" in outcome.message


def test_a_silent_worker_is_ended_though_another_never_stops_talking(tmp_path):
    silent, talking = (Job(kind, kind, {"started": str(tmp_path / kind)}) for kind in ("wait", "talk"))
    workers = LocalWorkers(2, command=ODD, retries=0)
    with closing(workers.run([silent, talking], never)) as result:
        for outcome in result:
            if not isinstance(outcome, Progress):
                break
            if (tmp_path / "wait").exists():
                workers.watchdog = 4  # from here on neither needs time to start
    assert outcome.exit_code == 10
    assert outcome.job == silent


def test_a_time_in_which_nobody_listened_is_no_silence_of_a_worker(tmp_path, monkeypatch):
    """Stopped by Ctrl-Z and taken up again hours later."""
    asked = itertools.count()
    real = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: real() + 10_000 * next(asked))
    job = Job("wait", "wait", {"started": str(tmp_path / "on")})
    with pytest.raises(StoppedError):
        outcomes([job], watchdog=1000, should_stop=(tmp_path / "on").exists)


@pytest.mark.parametrize("said", ['{"result": {"number', '{"result": {}}'])
def test_half_a_line_of_a_worker_that_was_killed_is_not_heard(said):
    """The system ends a process in the middle of a word: no line's end was told."""
    killed = f"import os, sys; sys.stdin.readline(); os.write(1, {said.encode()!r}); os.kill(os.getpid(), 9)"
    (failed,) = LocalWorkers(1, command=(sys.executable, "-c", killed), retries=0).run([echo(1)], never)
    assert failed.exit_code == 10
    assert "SIGKILL" in failed.message


def test_last_words_in_another_encoding_are_told_as_far_as_they_can_be_read():
    dying = "import os, sys; sys.stdin.readline(); os.write(2, b'pas de m\\xe9moire\\n'); sys.exit(3)"
    (failed,) = LocalWorkers(1, command=(sys.executable, "-c", dying), retries=0).run([echo(1)], never)
    assert "pas de m\ufffdmoire" in failed.message


def test_a_worker_whose_parent_died_in_the_middle_of_a_word_ends():
    worker = subprocess.Popen(ODD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    worker.communicate('{"kind": "ech', timeout=60)
    assert worker.returncode == 0


def test_more_workers_than_the_limit_on_open_files_allows_are_fewer_workers():
    many = """
import resource, sys
from seqcli.launch.job import Finished, Job
from seqcli.launch.local import LocalWorkers
resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))
jobs = [Job("echo", str(number), {}) for number in range(12)]
done = [one for one in LocalWorkers(12, command=sys.argv[1:]).run(jobs, lambda: False)]
print(sum(isinstance(one, Finished) for one in done))
"""
    ran = subprocess.run([sys.executable, "-c", many, *ODD], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "12\n"), ran.stderr


def test_a_worker_that_the_system_does_not_let_start_is_told_with_what_to_do(tmp_path):
    with pytest.raises(WorkerLostError, match="no worker process") as caught:
        list(LocalWorkers(1, command=(str(tmp_path / "nothing"),)).run([echo(1)], never))
    assert "--jobs" in caught.value.hint


def test_a_stop_reaches_running_jobs_and_leaves_no_process_behind(tmp_path):
    started = tmp_path / "on"
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(StoppedError) as caught:
        outcomes([Job("wait", "wait", {"started": str(started)})], should_stop=started.exists)
    assert caught.value.exit_code == 75
    assert started.with_suffix(".stopped").exists(), "the job was asked, not killed"
    assert set(psutil.Process().children(recursive=True)) <= before


def test_a_worker_that_was_dismissed_already_is_not_asked_to_stop():
    local = LocalWorkers(1, command=ODD)
    running = local.run([echo(1)], never)
    assert isinstance(next(running), Progress)
    local.workers[0].dismiss()
    running.close()
    assert local.workers == []


@pytest.mark.parametrize("kind", ["wait", "talk"])
def test_no_worker_outlives_the_process_that_started_it(tmp_path, kind):
    """A worker that talks notices at its next word, one that does not at the end of its orders: both save."""
    started = tmp_path / "on"
    parent = psutil.Popen([sys.executable, "-c", PARENT, kind, str(started), *ODD])
    while not started.exists():
        time.sleep(0.02)
    (worker,) = parent.children()
    parent.kill()
    parent.wait()
    worker.wait(timeout=30)
    assert started.with_suffix(".stopped").exists()


def test_a_worker_that_nobody_hears_any_more_saves_and_ends(tmp_path):
    """Its parent lives on and sends nothing: only the closed stdout tells."""
    started = tmp_path / "on"
    worker = subprocess.Popen(ODD, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    worker.stdin.write(json.dumps({"kind": "talk", "arguments": {"started": str(started)}}) + "\n")
    worker.stdin.flush()
    assert worker.stdout.readline()
    worker.stdout.close()
    assert worker.wait(timeout=30) == 0
    assert started.with_suffix(".stopped").exists()
    worker.stdin.close()


def test_an_orphan_that_does_not_stop_is_ended_as_soon_when_it_met_the_closed_stdout_first(tmp_path):
    orphan = (
        "import runpy; from seqcli.launch import worker\n"
        "worker.ORPHAN_SECONDS, worker.STOP_SECONDS = 0.1, 1000.0\n"
        f"runpy.run_path({ODD[1]!r})"
    )
    started = tmp_path / "on"
    line = [sys.executable, "-c", orphan]
    worker = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    job = {"kind": "talk", "arguments": {"started": str(started), "deaf": True}}
    worker.stdin.write(json.dumps(job) + "\n")
    worker.stdin.flush()
    while not started.exists():
        time.sleep(0.02)
    worker.stdout.close()
    started.unlink()
    while not started.exists():  # it spoke once more, to nobody
        time.sleep(0.02)
    worker.stdin.close()
    assert worker.wait(timeout=60) == 1


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_to_the_whole_group_leaves_it_to_the_parent_to_stop_the_worker(tmp_path, name):
    """systemd and batch systems signal every process; the worker still saves when its parent asks."""
    started = tmp_path / "on"
    workers = LocalWorkers(1, command=ODD)

    def should_stop():
        if not started.exists():
            return False
        os.kill(workers.workers[0].process.pid, getattr(signal, name))
        return True

    with pytest.raises(StoppedError, match="what was running is saved"):
        list(workers.run([Job("wait", "wait", {"started": str(started)})], should_stop))
    assert started.with_suffix(".stopped").exists()


def test_a_job_that_could_not_save_in_time_is_not_said_to_be_saved(tmp_path, monkeypatch):
    monkeypatch.setattr("seqcli.launch.local.STOP_SECONDS", 0.2)
    started = tmp_path / "on"
    job = Job("wait", "gru seed 3", {"started": str(started), "deaf": True})
    with pytest.raises(StoppedError) as stopped:
        list(LocalWorkers(1, command=ODD).run([job], started.exists))
    assert "gru seed 3 did not end" in stopped.value.message
    assert "saved" not in stopped.value.message


def test_a_limit_on_threads_is_told_with_its_code_and_leaves_no_worker(monkeypatch):
    def refuse(_thread):
        raise RuntimeError("can't start new thread")

    workers = LocalWorkers(1)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(WorkerLostError) as caught:
        list(workers.run([Job("leg", "one", {})], lambda: False))
    assert caught.value.exit_code == 10
    assert "ulimit -u" in caught.value.hint
    assert workers.workers == []
