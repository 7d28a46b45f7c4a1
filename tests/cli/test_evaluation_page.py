"""`evaluate --report` and `--plot`: the page with classes, confusion, reliability and worst errors."""

import pytest

TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--lr", "0.0001", "-q")


@pytest.fixture
def trained(seqcli, reviews, tmp_path):
    """A run that has learnt next to nothing, so that it errs."""
    assert seqcli("train", "gru", "--data", reviews, *TINY, "--out", "run").code == 0
    return tmp_path / "run"


def test_the_errors_of_the_runs_own_test_split_are_told_by_the_rows_of_the_file(seqcli, trained, reviews):
    result = seqcli("evaluate", trained, "--format", "json", "--worst", "99").json
    lines = reviews.read_text().splitlines()
    assert result["worst"]
    for mistake in result["worst"]:
        assert lines[mistake["row"] - 1] == f"{mistake['text']},{mistake['label']}"


def test_rows_are_those_of_the_file_that_is_there_now(seqcli, reviews, tmp_path):
    """The same rows in another order are the same data, so that a kept run must not keep their numbers."""
    lines = reviews.read_text().splitlines()
    turned = tmp_path / "reviews.csv"
    turned.write_text("\n".join([lines[0], *lines[:0:-1]]) + "\n")
    seqcli("train", "gru", "--data", turned, *TINY, "--out", "turned")
    mistake = seqcli("evaluate", "turned", "--format", "json").json["worst"][0]
    assert turned.read_text().splitlines()[mistake["row"] - 1].startswith(mistake["text"])


def test_the_page_holds_classes_confusion_reliability_and_worst_errors(seqcli, trained, tmp_path):
    done = seqcli("evaluate", trained, "--report", "page.html", "--plot", "page.svg")
    assert done.code == 0
    assert "calibration error" in done.out
    page = (tmp_path / "page.html").read_text()
    for item in (
        "classes one by one",
        "confusion: right classes down",
        "Worst errors",
        "Reliability",
        "<svg",
    ):
        assert item in page
    assert "seqcli evaluate" in page
    assert (tmp_path / "page.svg").read_text().startswith("<?xml")


def test_texts_may_be_left_out_of_the_page(seqcli, trained, tmp_path):
    worst = seqcli("evaluate", trained, "--format", "json").json["worst"][0]["text"]
    seqcli("evaluate", trained, "--no-texts", "--report", "page.html")
    assert worst not in (tmp_path / "page.html").read_text()


def test_a_page_that_cannot_be_written_is_refused_before_anything_is_read(seqcli):
    assert seqcli("evaluate", "nowhere", "--report", "page.pdf").code == 2
