"""`-q` leaves out progress, never what changes what to believe of a score."""

from pathlib import Path

import pytest
from making.forked import run_in_text

SMALL = ("--hidden", "8", "--embedding", "8", "--epochs", "1", "-q")


def _train(folder: Path, *options: str) -> str:
    rows = "".join(f"this film is {'good' if i % 2 else 'bad'} {i},{i % 2}\n" for i in range(60))
    (folder / "x.csv").write_text("text,label\n" + rows)
    ran = run_in_text("train", "gru", "--data", "x.csv", "--out", "run", *options, folder=folder)
    assert ran.returncode == 0
    return ran.stderr


def test_texts_that_are_cut_are_told_in_spite_of_q_and_in_the_card(tmp_path: Path) -> None:
    result = _train(tmp_path, "--max-len", "2", *SMALL)
    caution = "60 of 60 texts (100.0 %) cut at 2 tokens: what follows there is never read (--max-len)."
    assert result.splitlines() == [caution]
    card = (tmp_path / "run" / "README.md").read_text()
    assert "Caution: 60 of 60 texts" in card


def test_where_nothing_is_lost_q_says_nothing(tmp_path: Path) -> None:
    assert _train(tmp_path, *SMALL) == ""
    assert "Caution" not in (tmp_path / "run" / "README.md").read_text()


def test_gradients_that_adam_hid_are_told_once_quiet_or_not(seqcli, reviews, monkeypatch):
    monkeypatch.setattr("seqcli.training.leg_notes.HIDDEN_NORM", 1e-3)
    line = ("train", "gru", "--data", reviews, "--hidden", 4, "--embedding", 4, "--max-steps", 1)
    assert seqcli(*line, "--out", "a").err.count("which Adam hides") == 1
    assert seqcli(*line, "--out", "b", "-q").err.count("which Adam hides") == 1


@pytest.fixture
def repeating(tmp_path):
    """Reviews of which many repeat an earlier one."""
    rows = [(f"this film is {'good' if i % 2 else 'bad'} {i % 40}", i % 2) for i in range(60)]
    (tmp_path / "x.csv").write_text("text,label\n" + "".join(f"{text},{label}\n" for text, label in rows))
    return "x.csv"


SMALL_PAIR = ("compare", "rnn", "gru", *SMALL[:-1], "--seeds", 1, "--cost", "no", "--data")
DROPPED = "20 of 60 rows dropped: an earlier row has the same text"


@pytest.mark.parametrize("more", [(), ("-q",), ("-v",)])
def test_what_the_table_says_of_the_data_is_not_on_stderr_too(seqcli, repeating, more):
    ran = seqcli(*SMALL_PAIR, repeating, *more)
    assert ran.code == 0, ran.err
    assert ran.out.count(DROPPED) == 1
    assert DROPPED not in ran.err
    assert " train / " not in ran.err


@pytest.mark.parametrize("more", [("--format", "json"), ("--format", "csv", "-q"), ("--dry-run",)])
def test_where_no_table_says_it_stderr_does(seqcli, repeating, more):
    ran = seqcli(*SMALL_PAIR, repeating, *more)
    assert ran.code == 0, ran.err
    assert ran.err.count(DROPPED) == 1


def test_what_was_not_lost_is_no_line_before_a_run(seqcli, repeating):
    err = seqcli("train", "gru", "--data", repeating, *SMALL[:-1], "-n").err
    assert "cut at" not in err
    assert "words known" not in err
    assert DROPPED in err


def test_many_words_that_training_never_saw_are_told_as_a_share(seqcli, tmp_path):
    rows = "".join(f"this film is {'good' if i % 2 else 'bad'} {i},{i % 2}\n" for i in range(60))
    (tmp_path / "x.csv").write_text("text,label\n" + rows)
    err = seqcli("train", "gru", "--data", "x.csv", *SMALL[:-1], "-n").err
    assert "20.0 % of test words are new to the model." in err.splitlines()


def test_a_page_that_is_written_is_named_in_place_of_the_option_that_writes_one(seqcli, repeating):
    assert "pictures: --report out.html" in seqcli(*SMALL_PAIR, repeating).out
    written = seqcli(*SMALL_PAIR, repeating, "--report", "mine.html").out
    assert "pictures: mine.html" in written
    assert "--report" not in written
