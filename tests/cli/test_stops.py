"""Stopping on purpose: time limits and signals end in a saved state, a table of what there is, and a code."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from seqcli.cli.signals import StopSignals
from seqcli.runs.directory import RunDirectory

TINY = ("--hidden", "8", "--embedding", "8", "--batch-size", "16", "--epochs", "3", "--dropout", "0.3")
OF_TIME = {"timing.json", "DONE", "manifest.json"}
"""Files that tell of time, and those that hold the hashes of such files."""


def results(folder):
    """Every file of a finished run that must be the same however often it was stopped."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in OF_TIME
    }


@pytest.fixture
def clock(monkeypatch, _own_signals):
    """A time limit that passes after so many questions, whatever the machine's speed."""

    def limit(questions):
        left = itertools.chain(itertools.repeat(False, questions), itertools.repeat(True))
        monkeypatch.setattr(StopSignals, "out_of_time", property(lambda _self: next(left)))

    return limit


def test_a_train_out_of_time_is_saved_and_the_same_command_ends_in_the_same_bytes(
    seqcli, reviews, tmp_path, clock
):
    train = ("train", "gru", "--data", reviews, *TINY)
    clock(10**9)
    assert seqcli(*train, "--out", "whole").code == 0
    for questions in (0, 5, 9, 14):
        clock(questions)
        stopped = seqcli(*train, "--out", "parts", "--max-time", "1h")
        assert stopped.code == 75, stopped.err
        assert "the state is saved" in stopped.err
        assert "The same command continues" in stopped.err
        told_a_score = "stopped by the time budget" in stopped.out
        assert told_a_score == ("the best so far" in stopped.err)
        assert told_a_score or stopped.out == ""
    clock(10**9)
    assert seqcli(*train, "--out", "parts", "--checkpoint-every", "0.001s").code == 0
    assert results(tmp_path / "whole") == results(tmp_path / "parts")


def test_a_time_budget_ends_with_a_usable_model_its_test_score_and_75(seqcli, reviews, tmp_path, clock):
    train = ("train", "gru", "--data", reviews, *TINY, "--max-time", "1h")
    clock(0)
    nothing = seqcli(*train, "--out", "none")
    assert (nothing.code, nothing.out) == (75, "")
    assert seqcli("predict", "none", "a fine film").code == 4
    clock(16)  # one epoch of 12 steps, and some of the next
    early = seqcli(*train, "--out", "early", "--format", "json")
    assert early.code == 75, early.err
    result = json.loads(early.out)
    assert (result["stopped"], result["best_epoch"], result["test"]["examples"]) == ("time", 1, 24)
    ran = seqcli("predict", "early", "a fine film")
    assert ran.code == 0
    assert "not finished: epoch 1" in ran.err
    # the same weights give the same score as the run that was allowed one epoch only
    clock(10**9)
    whole = seqcli(*train[:-2], "--epochs", "1", "--out", "whole", "--format", "json")
    assert json.loads(whole.out)["test"] == result["test"]
    assert seqcli("predict", "whole", "a fine film").out == ran.out


@pytest.mark.usefixtures("_own_signals")
def test_time_limits_are_no_part_of_what_a_run_is(seqcli, reviews, tmp_path):
    train = ("train", "gru", "--data", reviews, *TINY)
    assert seqcli(*train, "--out", "a", "--max-time", "2h", "--checkpoint-every", "90s").code == 0
    assert seqcli(*train, "--out", "b").code == 0
    assert results(tmp_path / "a") == results(tmp_path / "b")
    for option in ("--max-time", "--checkpoint-every"):
        again = seqcli(*train, "--out", "a", option, "3m")
        assert again.code == 0, again.err


@pytest.mark.parametrize(
    "written", ["0s", "-1s", "soon", "nan", "inf", "0", "1e400s", "5 minutes", "12:30", "1h30"]
)
@pytest.mark.parametrize("option", ["--max-time", "--checkpoint-every"])
def test_what_is_no_duration_is_refused_with_what_is_allowed(seqcli, tmp_path, option, written):
    ran = seqcli("train", "gru", "--task", "spam", f"{option}={written}")
    assert ran.code == 2, ran.err
    assert option in ran.err
    assert "90s, 20m, 2h or 1h30m" in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90s", 90), ("20m", 1200), ("2h", 7200), ("1h30m", 5400), ("45", 45), ("0.5h", 1800)],
)
def test_durations_are_written_as_people_write_them(seqcli, written, seconds):
    ran = seqcli(
        "train", "gru", "--task", "spam", "--max-time", written, "--print-config", "--format", "json"
    )
    (actual,) = [row for row in json.loads(ran.out) if row["setting"] == "max_time"]
    assert actual["value"] == seconds


def comparison(reviews, folder, *more):
    return ["compare", "gru", "lstm", "--data", str(reviews), *TINY, "--seeds", "2", "--jobs", "1",
            "--no-cost", "--out", str(folder), *more]  # fmt: skip


def without_times(value):
    """A comparison's JSON without the seconds that its legs took."""
    if isinstance(value, dict):
        return {key: without_times(inner) for key, inner in value.items() if "seconds" not in key}
    return [without_times(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.usefixtures("_own_signals")
def test_a_comparison_stopped_again_and_again_shows_what_it_has_and_ends_in_the_same_bytes(
    seqcli, reviews, tmp_path, monkeypatch
):
    """First each leg's time is up, then the time of the whole while the third leg runs."""
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    assert seqcli(*comparison(reviews, whole, "--max-time", "2h")).code == 0

    stopped = seqcli(*comparison(reviews, parts, "--max-leg-time", "0.000001s"))
    assert stopped.code == 75, stopped.err
    assert "4 of 4 training runs to go" in stopped.err
    assert stopped.out == "", "there is nothing to show yet"
    assert [RunDirectory.open(leg).status().state for leg in (parts / "legs").iterdir()] == ["partial"] * 4

    with monkeypatch.context() as patch:
        two_done = property(lambda _self: len(list(parts.glob("legs/*/DONE"))) >= 2)
        patch.setattr(StopSignals, "out_of_time", two_done)
        stopped = seqcli(*comparison(reviews, parts))
    assert stopped.code == 75, stopped.err
    assert re.search("[12] of 4 training runs to go", stopped.err)
    assert "test accuracy" in stopped.out
    assert "partial" in stopped.out
    assert not (parts / "DONE").exists()

    assert seqcli(*comparison(reviews, parts)).code == 0
    ours, theirs = results(parts), results(whole)
    ended = [without_times(json.loads(item.pop("summary.json"))) for item in (ours, theirs)]
    assert ended[0] == ended[1]
    assert ours == theirs


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_before_anything_runs_ends_with_its_code_and_no_traceback(tmp_path, reviews, name, code):
    """Data is being made ready: the reading of a pipe that nobody writes is where it waits."""
    os.mkfifo(tmp_path / "waiting")
    script = (
        "import sys, seqcli.__main__ as program, seqcli.experiments.data as data\n"
        "def wait(options):\n    print('ready', flush=True)\n    open('waiting').read()\n"
        "import seqcli.experiments.train as train\ntrain.prepare_data = wait\nprogram.run()\n"
    )
    ignoring = {"preexec_fn": lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)}  # as `command &` does
    program = subprocess.Popen(
        [sys.executable, "-c", script, "train", "gru", "--data", str(reviews)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, **ignoring,
    )  # fmt: skip
    assert program.stdout.readline() == "ready\n"
    program.send_signal(getattr(signal, name))
    _, err = program.communicate(timeout=60)
    assert program.returncode == code, err
    assert "Traceback" not in err
    assert name in err
    assert [path.name for path in Path(tmp_path).iterdir()] == ["waiting"]


def test_moved_data_is_the_same_data_and_guessed_columns_may_be_named(seqcli, reviews, tmp_path):
    """What a run is, its data's content says; where the data is, is where to look."""
    moved = tmp_path / "elsewhere" / Path(reviews).name
    moved.parent.mkdir()
    moved.write_bytes(Path(reviews).read_bytes())
    assert seqcli(*comparison(reviews, tmp_path / "c", "--seeds", "1")).code == 0
    named = ("--text-column", "text", "--label-column", "label")
    result = sorted((tmp_path / "c" / "legs").iterdir())
    once_more = seqcli(*comparison(moved, tmp_path / "c", "--seeds", "1", *named))
    assert once_more.code == 0, once_more.err
    assert sorted((tmp_path / "c" / "legs").iterdir()) == result
    assert seqcli("train", "gru", "--data", reviews, *TINY, "--out", "t").code == 0
    again = seqcli("train", "gru", "--data", moved, *named, *TINY, "--out", "t")
    assert again.code == 0, again.err
    assert "finished" in again.err
    other = seqcli("train", "gru", "--data", reviews, *TINY, "--hidden", "9", "--out", "t")
    assert other.code == 4
    assert "hidden: 8 in the run, 9 now" in other.err
    assert "other settings" in other.err


def test_a_size_that_cannot_fit_is_refused_before_anything_runs(seqcli, reviews, tmp_path):
    ran = seqcli("train", "gru", "--data", reviews, "--hidden", "60000", "--layers", "8", "--out", "big")
    assert ran.code == 7, ran.err
    assert re.search(r"needs at least [\d,]+ GiB", ran.err)
    assert "--hidden" in ran.err
    assert not (tmp_path / "big").exists()


@pytest.mark.parametrize(
    "line", [("train", "gru"), ("compare", "gru"), ("gradprobe", "rnn"), ("translate", "x"), ("predict", "x")]
)
def test_more_threads_than_any_machine_has_are_refused(seqcli, line):
    ran = seqcli(*line, "--threads", "100000")
    assert ran.code == 2
    assert "from 1 to 1,024" in ran.err
