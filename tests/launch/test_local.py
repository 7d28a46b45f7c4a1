"""Worker processes: results and events come back; a crash, a hang or a fault costs only its own job."""

import json
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from seqcli.errors import StoppedError
from seqcli.launch.job import Failed, Finished, Job, Told
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


def never():
    return False


def outcomes(jobs, count=1, should_stop=never, **settings):
    return list(LocalWorkers(count, command=ODD, **settings).run(jobs, should_stop))


def echo(number):
    return Job("echo", f"echo {number}", {"number": number})


def test_a_job_tells_its_events_and_then_its_result():
    told, finished = outcomes([echo(3)], threads=2)
    assert told == Told(echo(3), Note(text="hello"))
    assert isinstance(finished, Finished)
    assert finished.result["number"] == 3
    assert finished.result["threads"] == "2"


def test_a_worker_takes_job_after_job_and_fresh_workers_take_one_each():
    for fresh, processes in ((False, 1), (True, 4)):
        done = [
            one for one in outcomes([echo(n) for n in range(4)], fresh=fresh) if isinstance(one, Finished)
        ]
        assert [one.result["number"] for one in done] == [0, 1, 2, 3]
        assert len({one.result["pid"] for one in done}) == processes


def test_jobs_run_side_by_side(tmp_path):
    waits = [Job("wait", f"wait {n}", {"started": str(tmp_path / str(n))}) for n in range(2)]

    def both_run():
        return all((tmp_path / str(n)).exists() for n in range(2))

    with pytest.raises(StoppedError):
        outcomes(waits, count=2, should_stop=both_run)


def test_a_killed_worker_fails_its_job_by_name_and_the_others_go_on():
    done = outcomes([echo(0), Job("die", "die", {}), echo(1), echo(2)], count=2, retries=0)
    (failed,) = [one for one in done if isinstance(one, Failed)]
    assert failed.job.name == "die"
    assert failed.exit_code == 10
    assert "SIGKILL" in failed.message
    assert sorted(one.result["number"] for one in done if isinstance(one, Finished)) == [0, 1, 2]


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


def test_a_stop_reaches_running_jobs_and_leaves_no_process_behind(tmp_path):
    started = tmp_path / "on"
    before = set(psutil.Process().children(recursive=True))
    with pytest.raises(StoppedError) as caught:
        outcomes([Job("wait", "wait", {"started": str(started)})], should_stop=started.exists)
    assert caught.value.exit_code == 75
    assert started.with_suffix(".stopped").exists(), "the job was asked, not killed"
    assert set(psutil.Process().children(recursive=True)) <= before


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
