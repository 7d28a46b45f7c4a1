"""The promises that no other test names: signals, processes, numbers, secrets, the order of checks."""

import json
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from seqcli.cli.main import execute

TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--batch-size", "16")

STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)  # as a shell starts `command &`
from seqcli.cli.signals import StopSignals
stop = StopSignals()
print("ready", flush=True)
while True:
    time.sleep(0.01)
    if stop():
        print("asked", flush=True)
        time.sleep(1000)
"""

WATCHED = """
import sys
from seqcli.__main__ import run

def hook(event, arguments):
    if event in {"socket.bind", "socket.connect", "socket.getaddrinfo", "os.system", "subprocess.Popen"}:
        if event != "subprocess.Popen" or not isinstance(arguments[0], str) or " " in arguments[0]:
            sys.__stderr__.write(f"WATCHED {event} {arguments}\\n")

sys.addaudithook(hook)
sys.argv = ["seqcli", *sys.argv[1:]]
run()
"""


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
def test_14_the_first_signal_asks_and_the_second_ends_at_once(name, code):
    program = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE, text=True)
    assert program.stdout.readline() == "ready\n"
    program.send_signal(getattr(signal, name))
    assert program.stdout.readline() == "asked\n"
    program.send_signal(getattr(signal, name))
    assert program.wait(timeout=60) == code
    program.stdout.close()


def test_15_a_killed_comparison_leaves_no_process_and_the_next_start_no_temporary(reviews, tmp_path):
    """The workers of a parent that was killed without a word save their state and end."""
    line = [sys.executable, "-m", "seqcli", "compare", "gru", "lstm", "--data", str(reviews), *TINY,
            "--epochs", "2000", "--patience", "2000", "--seeds", "1", "--no-cost", "--jobs", "1",
            "--out", str(tmp_path / "cmp")]  # fmt: skip
    with (tmp_path / "log").open("w") as log:
        parent = psutil.Popen(line, stdout=log, stderr=log)
    while not any(path.stat().st_size for path in tmp_path.glob("cmp/legs/*/metrics.jsonl")):
        assert parent.poll() is None, (tmp_path / "log").read_text()
        time.sleep(0.05)
    workers = parent.children(recursive=True)
    assert workers
    parent.kill()
    parent.wait()
    _, alive = psutil.wait_procs(workers, timeout=60)
    assert not alive
    (leg,) = (tmp_path / "cmp/legs").iterdir()
    assert list(leg.glob("checkpoints/step-*")), "what it had done is saved"
    assert not list(tmp_path.rglob("*.tmp*"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("--lr", "0.5"), "lr: 0.002 in the run, 0.5 now"),
        (("--hidden", "5"), "hidden: 4 in the run, 5 now"),
        (("--seed", "7"), "seed: 0 in the run, 7 now"),
        (("--threads", "2"), "threads: 1 in the run, 2 now"),
    ],
)
def test_19_a_changed_setting_is_refused_and_told_once(seqcli, reviews, tmp_path, change, says, made):
    ran = seqcli("train", "gru", "--data", reviews, *TINY, *change, "--out", made)
    assert ran.code == 4
    assert ran.err.count(says.partition(":")[0] + ":") == 1
    assert says in ran.err
    assert "--overwrite" in ran.err


def test_19_changed_data_is_refused_and_resume_is_what_happens_anyway(seqcli, reviews, tmp_path, made):
    other = tmp_path / reviews.name
    other.write_bytes(reviews.read_bytes().replace(b"plot", b"tale"))
    ran = seqcli("train", "gru", "--data", other, *TINY, "--out", made)
    assert ran.code == 4
    assert "prepared_sha256" in ran.err
    again = seqcli("train", "gru", "--data", reviews, *TINY, "--resume", "--out", made)
    assert again.code == 0, again.err
    assert "epoch 1" not in again.err, "it is done already"
    anew = seqcli("train", "gru", "--data", reviews, *TINY, "--lr", "0.01", "--overwrite", "--out", made)
    assert anew.code == 0, anew.err
    assert "epoch 1" in anew.err


@pytest.fixture
def made(seqcli, reviews, tmp_path):
    folder = tmp_path / "made"
    assert seqcli("train", "gru", "--data", reviews, *TINY, "--out", folder).code == 0
    return folder


SECRET = "xyzzy-plugh-secret"  # noqa: S105 - made up


@pytest.fixture(scope="module")
def watched(reviews, tmp_path_factory):
    """A training whose every socket and shell is told, with secrets in its environment."""
    folder = tmp_path_factory.mktemp("watched")
    line = ["train", "gru", "--data", str(reviews), *TINY, "--format", "json", "--out", "run"]
    ran = subprocess.run(
        [sys.executable, "-c", WATCHED, *line],
        env={**os.environ, "HF_TOKEN": SECRET, "AWS_SECRET_ACCESS_KEY": SECRET},
        cwd=folder, capture_output=True, timeout=250, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran, folder / "run"


def test_23_no_socket_no_shell_and_no_secret_of_the_environment_in_any_file(watched):
    ran, folder = watched
    assert b"WATCHED" not in ran.stderr
    assert SECRET.encode() not in ran.stdout + ran.stderr
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 8
    assert not [path.name for path in files if SECRET.encode() in path.read_bytes()]


def test_26_only_the_result_is_on_stdout_and_off_a_terminal_nothing_moves_a_cursor(watched):
    ran, _ = watched
    assert json.loads(ran.stdout)["schema"] == "seqcli.train/1"
    assert not {b"\r", b"\x1b", b"\x08"} & {bytes([byte]) for byte in ran.stdout + ran.stderr}
    assert ran.stderr.count(b"epoch 1/1") == 1


def test_23_a_crash_report_holds_no_secret_and_no_local_variable(tmp_path, monkeypatch, capsys):
    import tempfile

    from seqcli.cli import main

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("HF_TOKEN", "xyzzy-plugh")

    def broken():
        password = "hunter" + "2"  # what a traceback with locals would tell
        raise ZeroDivisionError(len(password))

    monkeypatch.setattr(main, "build_app", lambda _: lambda **_: broken())
    assert main.execute(["tasks"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    (report,) = tmp_path.iterdir()
    text = report.read_text()
    assert "ZeroDivisionError" in text
    assert "hunter2" not in text
    assert "xyzzy-plugh" not in text
    assert report.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    "wrong",
    [
        ("--lr", "0"),
        ("--set", "hiden=3"),
        ("--data", "missing.csv"),
        ("--max-time", "soon"),
        ("--device", "cuda"),
    ],
)
def test_25_everything_is_checked_before_anything_is_made(seqcli, reviews, tmp_path, wrong):
    ran = seqcli("train", "gru", "--data", reviews, *TINY, *wrong, "--out", "run")
    if "cuda" in wrong and ran.code == 0:
        pytest.skip("there is a GPU here")
    assert ran.code in {2, 3}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [("train", "gru"), ("compare", "gru", "lstm")])
@pytest.mark.parametrize("place", ["a file", "theirs", "/"])
def test_25_a_place_that_is_not_for_a_run_is_refused_before_the_data_is_read(
    seqcli, tmp_path, command, place
):
    (tmp_path / "a file").touch()
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/thesis.txt").touch()
    ran = seqcli(*command, "--data", "missing.csv", *TINY, "--out", place, "--dry-run")
    assert ran.code == 4, ran.err


@pytest.mark.parametrize("swallowed", [True, False])
def test_15_a_signal_that_a_library_swallows_or_turns_into_an_error_of_its_own_still_counts(swallowed):
    program = f"""
import os, signal, sys
from seqcli.cli.signals import StopSignals, end_at_signals
from seqcli.cli import main
def interrupted(**_):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except BaseException:
        if not {swallowed}:
            raise ImportError("initialization failed")
    return 5 if StopSignals()() else 9
end_at_signals()
main.build_app = lambda _: interrupted
sys.exit(main.execute([]))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert ran.returncode == (5 if swallowed else 143), ran.stderr
    assert "defect" not in ran.stderr


def test_where_no_memory_is_left_to_lay_a_message_out_it_is_told_without_layout(monkeypatch, capsys):
    def no_room(*_, **__):
        raise MemoryError

    monkeypatch.setattr("seqcli.reports.draw.complaint.complaint", no_room)
    assert execute(["train", "gru", "--task", "no\x1b[2Jwhere"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("seqcli: ")
    assert r"\x1b" in err
    assert "\x1b" not in err
    assert "Traceback" not in err


def test_a_path_in_the_working_folder_is_told_from_there_and_a_whole_one_whole(seqcli, reviews, tmp_path):
    line = ("train", "rnn", "--data", reviews, "--hidden", 4, "--embedding", 4, "--max-steps", 1, "-q")
    assert seqcli(*line, "--out", "mine").code == 0
    assert seqcli(*line, "--lr", 0.5, "--out", "mine").err.startswith("seqcli: mine was started with other")
    whole = seqcli(*line, "--lr", 0.5, "--out", tmp_path / "mine").err
    assert f"seqcli: {tmp_path / 'mine'} was started" in " ".join(whole.split())
