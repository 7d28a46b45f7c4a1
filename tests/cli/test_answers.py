"""`predict`: what goes in and what comes out, line by line, whatever stdout is."""

import csv
import gzip
import json
import os
import subprocess
import sys

import pytest
import torch
from making import forked
from making.forked import ForkedProcess

from seqcli.cli.main import execute

LABELS = {"good": "ok\u200bay", "bad": "::stop-commands::x"}
EXACT = {"ok\u200bay", "::stop-commands::x"}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """A run whose labels hold a zero-width blank, and what a CI log would obey."""
    folder = tmp_path_factory.mktemp("odd")
    words = ["one", "two", "three", "four", "five"]
    rows = [
        {"text": f"{word} {other} {third} {key}", "label": LABELS[key]}
        for key in LABELS
        for word in words
        for other in words
        for third in words
    ]
    data = folder / "odd.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    line = ["train", "rnn", "--data", str(data), "--hidden", "8", "--embedding", "8", "--epochs", "2"]
    forked.output(*line, "--batch-size", "16", "-q", "--out", folder / "run")
    return folder / "run"


def predict(run, *more, stdin=b"one two three good\none two three bad\n", **environ):
    clean = {name: value for name, value in os.environ.items() if name not in ("GITHUB_ACTIONS", "TF_BUILD")}
    return forked.run("predict", run, *more, stdin=stdin, environment={**clean, **environ})


def labels_of(content):
    return {row.split("\t")[0] for row in content.decode().split("\n")[:-1]}


def test_a_pipe_and_a_file_get_labels_unchanged(odd, tmp_path):
    piped = predict(odd)
    assert labels_of(piped.stdout) <= EXACT
    assert predict(odd, "-o", tmp_path / "out").stdout == b""
    assert (tmp_path / "out").read_bytes() == piped.stdout
    rows = predict(odd, "--format", "jsonl").stdout.decode().splitlines()
    assert {json.loads(row)["label"] for row in rows} <= EXACT
    assert len(rows) == 2


ASCII_PIPES = {"PYTHONIOENCODING": "ascii"}
ASCII_FILES = {"LC_ALL": "C", "PYTHONUTF8": "0"}


@pytest.mark.parametrize(
    "environ",
    [
        {**ASCII_PIPES, **ASCII_FILES},
        *(pytest.param(part, marks=pytest.mark.torture) for part in (ASCII_PIPES, ASCII_FILES)),
    ],
)
def test_a_pipe_gets_utf_8_whatever_the_locale_is(odd, environ):
    """A process of its own: Python chooses an encoding when it starts."""
    line = [sys.executable, "-m", "seqcli", "predict", str(odd)]
    texts = b"one two three good\none two three bad\n"
    result = subprocess.run(
        line, input=texts, capture_output=True, check=False, env={**os.environ, **environ}
    )
    assert (result.returncode, result.stderr) == (0, b"")
    assert result.stdout == predict(odd).stdout


def test_a_ci_log_obeys_no_label_and_the_person_is_told(odd):
    texts = b"".join(b"one two %s bad\n" % word for word in (b"one", b"two", b"three", b"four"))
    predictions = predict(odd, stdin=texts, GITHUB_ACTIONS="true")
    assert not any(row.lstrip().startswith("::") for row in predictions.stdout.decode().splitlines())
    assert predict(odd, stdin=texts).stdout.count(b"::stop") == predictions.stdout.count(b"\\x3a:stop")


def test_an_out_that_is_stdout_by_another_name_is_written_as_stdout_is(odd):
    texts = b"".join(b"one two %s bad\n" % word for word in (b"one", b"two", b"three", b"four"))
    predictions = predict(odd, stdin=texts, GITHUB_ACTIONS="true")
    assert b"\\x3a:stop" in predictions.stdout
    named = predict(odd, "-o", "/proc/self/fd/1", stdin=texts, GITHUB_ACTIONS="true")
    assert (named.stdout, named.returncode) == (predictions.stdout, 0)


LIMITED = """
import resource, signal, sys
from seqcli.cli.main import execute
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))
sys.exit(execute(sys.argv[1:]))
"""


def check_that_storage_is_at_fault(program, line, content, stdout):
    streams = (subprocess.PIPE, stdout.fileno(), subprocess.PIPE)
    process = ForkedProcess(line, forked.Start(code=program), streams=streams)
    _, complained = process.communicate(content)
    assert process.returncode == 6, complained
    assert b"defect" not in complained
    assert b"Exception ignored" not in complained


def test_a_file_that_is_full_is_a_storage_fault(odd, tmp_path):
    program = LIMITED.format(most=8192)
    lines = b"one two good\n" * 3000
    for more in ((), ("-o", str(tmp_path / "named"))):
        (tmp_path / "named").write_bytes(b"old")
        with (tmp_path / "stdout").open("wb") as stdout:
            check_that_storage_is_at_fault(program, ["predict", odd, *more], lines, stdout)
        assert (tmp_path / "named").read_bytes() == b"old"


@pytest.mark.parametrize("line", [["--help"], ["predict", "--help"]])
def test_help_into_a_file_that_is_full_is_a_storage_fault(tmp_path, line):
    with (tmp_path / "stdout").open("wb") as stdout:
        check_that_storage_is_at_fault(LIMITED.format(most=64), line, b"", stdout)


def test_a_slow_writer_gets_an_answer_to_each_line_while_its_pipe_is_open(odd):
    with ForkedProcess(["predict", odd, "-"], text=True) as process:
        for text in ("one good\n", "two bad\n"):
            process.stdin.write(text)
            process.stdin.flush()
            assert "\t" in process.stdout.readline()
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_hyphen_is_standard_input(odd):
    plain = predict(odd)
    assert predict(odd, "-").stdout == predict(odd, "--input", "-").stdout == plain.stdout
    assert plain.stdout.count(b"\n") == 2


def test_what_the_run_knows_nothing_of_is_told_with_its_line_even_quietly(odd):
    predictions = predict(odd, "-q", stdin=b"one good\n\nzebra yak\n")
    assert predictions.returncode == 0
    assert predictions.stdout.count(b"\n") == 3
    assert b"line 2 has no text" in predictions.stderr
    assert b"line 3 has no word that the run knows (of 2)" in predictions.stderr
    assert b"line 1" not in predictions.stderr


def test_a_table_is_read_by_its_column_and_not_as_lines(odd, tmp_path):
    table = tmp_path / "new.csv"
    table.write_text('id,text,label\n1,"one, two good",x\n2,three bad,y\n')
    refused = predict(odd, "--input", table)
    assert refused.returncode == 2
    assert b"--data" in refused.stderr
    read = predict(odd, "--data", table, "--text-column", "text")
    assert read.returncode == 0, read.stderr
    assert read.stdout == predict(odd, "one, two good", "three bad").stdout
    piped = predict(odd, stdin=table.read_bytes())
    assert b"line 1 looks like a table's" in piped.stderr
    braces = predict(odd, stdin=b'{"text": "one good"}\n')
    assert b"line 1 looks like a table's" in braces.stderr


def test_one_endless_line_is_refused_in_little_memory(odd):
    program = (
        "import resource, sys\nfrom seqcli.cli.main import execute\ncode = execute(sys.argv[1:])\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr); sys.exit(code)"
    )
    for content, code in ((b"word " * 20_000_000, 3), (b"word " * 3_000_000, 0)):
        done = forked.run("predict", odd, stdin=content, code=program)
        assert done.returncode == code, done.stderr[-500:]
        assert b"line 1" in done.stderr
        assert int(done.stderr.split()[-1]) < 1_200_000  # KiB, torch included


def test_a_place_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path):
    predictions = predict(tmp_path / "no-run", "-o", tmp_path / "nowhere" / "x")
    assert predictions.returncode == 2
    assert b"there is no folder" in predictions.stderr


def test_threads_and_batch_size_change_no_label_and_one_thread_is_the_default(
    odd, tmp_path, monkeypatch, capsys
):
    set_to = []
    monkeypatch.setattr(torch, "set_num_threads", set_to.append)
    (tmp_path / "in").write_text("one two three good\none two three bad\ntwo\n" * 20, encoding="utf-8")
    line = ["predict", str(odd), "--input", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    assert execute(line) == 0
    plain = (tmp_path / "out").read_bytes()
    for size in ("1", "7"):
        assert execute([*line, "--threads", "2", "--batch-size", size]) == 0
        assert (tmp_path / "out").read_bytes() == plain
    assert set_to == [1, 2, 2]


def test_every_class_is_told_where_it_is_asked_for_and_adds_up_to_one(odd):
    (row, _) = predict(odd, "--all-classes", "--format", "jsonl").stdout.decode().splitlines()
    document = json.loads(row)
    assert set(document["probabilities"]) == EXACT
    assert sum(document["probabilities"].values()) == pytest.approx(1, abs=1e-5)
    assert max(document["probabilities"].values()) == document["probability"]


def test_a_table_of_labels_has_a_header_once_and_a_row_a_text(odd):
    lines = b"".join(b"one two, three good\n" for _ in range(1500))
    result = predict(odd, "--format", "csv", stdin=lines).stdout.decode()
    rows = list(csv.reader(result.splitlines()))
    assert rows[0] == ["text", "label", "probability"]
    assert len(rows) == 1501
    assert {row[0] for row in rows[1:]} == {"one two, three good"}
    assert {row[1] for row in rows[1:]} <= EXACT


def test_lines_of_another_encoding_are_read_when_it_is_said(odd):
    spelt = "one two café good\n"
    plain = predict(odd, stdin=spelt.encode())
    assert predict(odd, "--encoding", "latin-1", stdin=spelt.encode("latin-1")).stdout == plain.stdout
    assert predict(odd, stdin=spelt.encode("latin-1")).returncode == 3
    wide = predict(odd, "--encoding", "utf-16", stdin=spelt.encode("utf-16"))
    assert (wide.returncode, wide.stdout) == (2, b"")
    assert b"iconv -f UTF-16 -t UTF-8" in wide.stderr


def test_a_packed_file_of_lines_is_read_as_its_lines(odd, tmp_path):
    lines = b"one two three good\none two three bad\n"
    (tmp_path / "in.txt").write_bytes(lines)
    (tmp_path / "in.txt.gz").write_bytes(gzip.compress(lines))
    plain = predict(odd, "--input", tmp_path / "in.txt", stdin=b"")
    packed = predict(odd, "--input", tmp_path / "in.txt.gz", stdin=b"")
    assert (packed.returncode, packed.stdout) == (0, plain.stdout)
    (tmp_path / "cut.txt.gz").write_bytes(gzip.compress(lines)[:-9])
    cut = predict(odd, "--input", tmp_path / "cut.txt.gz", stdin=b"")
    assert cut.returncode == 3
    assert b"is not a whole gzip file" in cut.stderr
