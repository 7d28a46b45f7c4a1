"""Promise 24: a mistake on the command line gets its documented code and one message; nothing is created."""

import os
import re

import pytest

TRAIN = ("train", "gru", "--task", "sentiment", "--out", "run")
COMPARE = ("compare", "lstm", "gru", "--task", "sentiment", "--out", "run")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--epochs", "0"), 2, "--epochs must be a whole number of at least 1, got 0"),
        (("--epochs", "-1"), 2, "--epochs must be a whole number of at least 1, got -1"),
        (("--epochs", "1.5"), 2, "--epochs must be a whole number of at least 1, got 1.5"),
        (("--lr", "0"), 2, "--lr must be a finite number greater than 0"),
        (("--lr", "-1"), 2, "--lr must be a finite number greater than 0"),
        (("--lr", "nan"), 2, "--lr must be a finite number greater than 0"),
        (("--lr", "inf"), 2, "--lr must be a finite number greater than 0"),
        (("--dropout", "1.0"), 2, "--dropout must be a number of at least 0 and below 1"),
        (("--hidden", "0"), 2, "--hidden must be a whole number"),
        (("--layers", "0"), 2, "--layers must be a whole number"),
        (("--batch-size", "0"), 2, "--batch-size must be a whole number"),
        (("--max-len", "0"), 2, "--max-len must be a whole number"),
        (("--seed", "-1"), 2, "--seed must be a whole number of at least 0"),
        (("--init", "xavier"), 2, "tuned"),
        (("--tokenizer", "words"), 2, "word"),
        (("--device", "gpu"), 2, "cpu"),
        (("--device", "cuda"), 2, "sees none here"),
        (("--hiden", "3"), 2, "--hidden"),
        (("--set", "hiden=3"), 2, "did you mean hidden?"),
        (("--set", "hidden"), 2, "key=value"),
        (("--resume", "--overwrite"), 2, "exclude each other"),
        (("--format", "tabel"), 2, "Did you mean table?"),
        (("--color", "blue"), 2, "auto"),
        (("-c", "nowhere.yaml"), 2, "nowhere.yaml"),
        (("--data", "nowhere.csv"), 2, "exclude each other"),
    ],
)
def test_a_wrong_option_is_named_with_what_is_allowed(seqcli, tmp_path, arguments, code, says):
    ran = seqcli(*TRAIN, *arguments)
    assert ran.code == code, ran.err
    assert says in ran.err
    assert ran.err.startswith("seqcli: ")
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert list(tmp_path.iterdir()) == [], "something was created"


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("train", "gruu", "--task", "sentiment"), 2, "Known models: bag, captioner, gru"),
        (("train", "gru", "--task", "sentimnt"), 2, "Did you mean sentiment?"),
        (("train", "gru:hiden=3", "--task", "sentiment"), 2, "did you mean hidden?"),
        (("train", "gru:hidden=0", "--task", "sentiment"), 2, "hidden"),
        (("train", "gru:hidden", "--task", "sentiment"), 2, "setting=value"),
        (("train",), 2, "no data"),
        (("train", "gru"), 2, "--task"),
        (("train", "gru", "--data", "nowhere.csv"), 3, "nowhere.csv"),
        (("train", "gru", "--data", "."), 2, ". is a folder"),
        (("train", "gru", "--data", "/dev/zero"), 2, "/dev/zero"),
        (("compare", "gru", "gru", "--task", "sentiment"), 2, "2 times"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--seeds", "0"), 2, "--seeds must be"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--seeds", "1,1"), 2, "--seeds must be"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--seeds", "two"), 2, "--seeds must be"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--jobs", "0"), 2, "--jobs must be"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--margin", "0"), 2, "--margin must be"),
        (("compare", "gru", "lstm", "--task", "sentiment", "--reference", "rnn"), 2, "one of gru, lstm"),
        (("compar",), 2, "compare"),
        (("predict",), 2, "run directory"),
        (("predict", "nowhere"), 4, "nowhere"),
        (("predict", "nowhere"), 4, "`seqcli runs` lists"),
        (("rerun",), 2, "needs a result"),
        (("tasks", "show", "nothing"), 2, "Known tasks"),
        (("tasks", "nothing"), 2, "Known tasks"),
    ],
)
def test_a_wrong_command_line_is_named_with_what_is_known(seqcli, tmp_path, arguments, code, says):
    ran = seqcli(*arguments)
    assert ran.code == code, ran.err
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", [TRAIN, COMPARE])
@pytest.mark.parametrize("place", ["a file", "foreign folder", "/", "home"])
def test_out_that_is_not_for_a_run_is_refused_and_left_alone(
    seqcli, reviews, tmp_path, monkeypatch, command, place
):
    (tmp_path / "a file").write_text("mine")
    (tmp_path / "foreign folder").mkdir()
    (tmp_path / "foreign folder/thesis.txt").write_text("mine")
    monkeypatch.setenv("HOME", str(tmp_path))
    out = {"home": str(tmp_path), "/": "/"}.get(place, place)
    ran = seqcli(*command[:-4], "--data", reviews, "--out", out)
    assert ran.code == 4, ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a file", "foreign folder"]
    assert (tmp_path / "foreign folder/thesis.txt").read_text() == "mine"


@pytest.mark.parametrize("name", ["x\ny", "x\x1b]52;c;eA==\x07", "x" * 300])
def test_out_with_a_name_that_cannot_be_shown_or_kept_is_refused(seqcli, tmp_path, name):
    ran = seqcli(*TRAIN[:-1], name)
    assert ran.code == 2, ran.err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", ran.err)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "exp.yaml"),
        ("- a\n", "exp.yaml:1"),
        ("epochs: 1\nepochs: 2\n", "exp.yaml:2"),
        ("epochs: 1\nhiden: 3\n", "exp.yaml:2: unknown setting hiden"),
        ("epochs: 1.5\n", "exp.yaml:1"),
        ("epochs: true\n", "exp.yaml:1"),
        ("lr: .nan\n", "exp.yaml:1"),
        ("\thidden: 3\n", "exp.yaml:1"),
        ("hidden: 012\n", "write 12"),
        ("a: &a [1]\nb: *a\n", "exp.yaml"),
        ("hidden: !!python/object/apply:os.system ['true']\n", "exp.yaml:1"),
    ],
)
def test_a_wrong_file_is_named_with_its_line(seqcli, tmp_path, text, says):
    (tmp_path / "exp.yaml").write_text(text)
    ran = seqcli(*TRAIN, "-c", "exp.yaml")
    assert ran.code == 2, ran.err
    assert says in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["exp.yaml"]


def test_a_number_that_yaml_reads_as_text_is_taken_as_the_number(seqcli, tmp_path):
    (tmp_path / "exp.yaml").write_text("lr: 1e-3\n")
    ran = seqcli(*TRAIN, "-c", "exp.yaml", "--print-config")
    assert ran.code == 0, ran.err
    assert re.search(r"^lr: 0.001 +# exp.yaml:1$", ran.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"text,label\n", "no rows"),
        (b"txt,stars\nx,1\ny,2\n", "txt"),
        (b"text,label\na,1\nb,2,3\n", "row 3"),
        (b'text,label\na,1\n"b,2\nc,3\n', "row 3"),
        (b"text,label\na\x00b,1\nc,2\n", "line 2, character 2 is a NUL"),
        ("text,label\nünïcode,1\nb,2\n".encode("latin-1"), "--encoding"),
        ("text,label\na,1\nb,2\n".encode("utf-16"), "--encoding"),
        (b"text,label\na,1\nb,1\nc,1\nd,1\n", "1"),
    ],
)
def test_data_that_cannot_be_learnt_from_is_named_with_its_place(seqcli, tmp_path, content, says):
    (tmp_path / "mine.csv").write_bytes(content)
    ran = seqcli(
        "train",
        "gru",
        "--data",
        "mine.csv",
        "--text-column",
        "text",
        "--label-column",
        "label",
        "--out",
        "run",
    )
    assert ran.code == 3, ran.err
    assert "mine.csv" in ran.err
    assert says in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_a_missing_column_is_answered_with_the_columns_there_are(seqcli, reviews):
    ran = seqcli("train", "gru", "--data", reviews, "--text-column", "txt", "--label-column", "label")
    assert ran.code == 3
    assert "'txt'" in ran.err
    assert "text, label" in ran.err
    assert "--text-column text" in ran.err


def test_diverging_training_ends_with_its_own_code_and_what_to_try(seqcli, reviews, tmp_path):
    ran = seqcli("train", "gru", "--data", reviews, "--lr", "1e6", "--out", "run")
    assert ran.code == 8, ran.err
    assert re.search(r"diverged at step \d+", ran.err)
    assert "--lr" in ran.err
    assert not (tmp_path / "run/model.safetensors").exists()


def test_threads_that_libraries_would_die_of_are_refused(seqcli, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "abc")
    ran = seqcli("--version")
    assert ran.code == 2
    assert "OMP_NUM_THREADS" in ran.err


def test_escape_sequences_in_labels_and_names_never_reach_the_terminal(seqcli, tmp_path):
    evil = "\x1b]0;owned\x07\x1b[31m\u202ered"
    rows = "".join(f'"{evil} good {n}","{evil}yes"\nbad {n},no\n' for n in range(40))
    (tmp_path / "evil.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    small = ("--hidden", 4, "--embedding", 4, "--epochs", 1)
    ran = seqcli("train", "gru", "--data", "evil.csv", *small, "--out", "run")
    assert ran.code == 0, ran.err
    result = seqcli("predict", "run", f"good {evil}")
    assert result.code == 0, result.err
    for text in (ran.out, ran.err, result.out, result.err):
        assert not set(text) & {"\x1b", "\x07", "\u202e"}


def test_the_environment_is_named_when_it_sets_something_wrong(seqcli, monkeypatch):
    monkeypatch.setenv("SEQCLI_BATCH_SIZE", "0")
    ran = seqcli(*TRAIN)
    assert ran.code == 2
    assert "SEQCLI_BATCH_SIZE" in ran.err
    assert os.environ["SEQCLI_BATCH_SIZE"] == "0"
