"""A run's predictions name the row and hold the text of each test example; comparisons' legs hold neither."""

import csv
import json

import pytest

TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "-q")


def predictions(run):
    lines = (run / "predictions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.usefixtures("_own_signals")
def test_each_prediction_holds_the_text_of_the_row_that_it_names(seqcli, reviews, tmp_path):
    with reviews.open(encoding="utf-8", newline="") as file:
        rows = dict(enumerate(csv.DictReader(file), start=2))  # as an editor counts: the header is row 1
    assert seqcli("train", "gru", "--data", reviews, *TINY, "-o", tmp_path / "run").code == 0
    result = predictions(tmp_path / "run")
    assert len(result) > 10
    for answer in result:
        assert rows[answer["row"]]["text"] == answer["text"]
        assert rows[answer["row"]]["label"] == answer["label"]
    assert seqcli("train", "gru", "--data", reviews, *TINY, "--no-texts", "-o", tmp_path / "bare").code == 0
    bare = predictions(tmp_path / "bare")
    assert [answer["row"] for answer in bare] == [answer["row"] for answer in result]
    assert all("text" not in answer for answer in bare)
    evaluated = [seqcli("evaluate", tmp_path / run, "--format", "json").json for run in ("run", "bare")]
    assert {**evaluated[0], "run": ""} == {**evaluated[1], "run": ""}, "what reads the lines reads both"


@pytest.mark.usefixtures("_own_signals")
def test_a_leg_of_a_comparison_is_the_same_whatever_the_order_of_the_rows(seqcli, reviews, tmp_path):
    line = ("--data", reviews, *TINY, "--seeds", 1, "--jobs", 1, "--no-cost", "-o", tmp_path / "both")
    assert seqcli("compare", "gru", "rnn", *line).code == 0
    (leg, *_) = sorted((tmp_path / "both" / "legs").iterdir())
    assert {"row", "text"}.isdisjoint(predictions(leg)[0])
