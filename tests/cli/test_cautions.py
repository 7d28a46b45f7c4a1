"""`-q` leaves out progress, never what changes what to believe of a score."""

from pathlib import Path

from making.forked import run_in_text

SMALL = ("--hidden", "8", "--embedding", "8", "--epochs", "1", "-q")


def _train(folder: Path, *options: str) -> str:
    rows = "".join(f"this film is {'good' if i % 2 else 'bad'} {i},{i % 2}\n" for i in range(60))
    (folder / "x.csv").write_text("text,label\n" + rows)
    ran = run_in_text("train", "gru", "--data", "x.csv", "--out", "run", *options, folder=folder)
    assert ran.returncode == 0
    return ran.stderr


def test_texts_that_are_cut_are_told_in_spite_of_q_and_in_the_card(tmp_path: Path) -> None:
    told = _train(tmp_path, "--max-len", "2", *SMALL)
    caution = "60 of 60 texts (100.0 %) cut at 2 tokens: what follows there is never read (--max-len)."
    assert told.splitlines() == [caution]
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
