"""Tagging from end to end: train, predict, compare with --vary, and what a comparison counts."""

import json
import re

import pytest
from making.forked import output as seqcli

from seqcli.data.kind import KINDS
from seqcli.experiments.compare.shared_examples import crossed_mean

SMALL = ["--hidden", "8", "--embedding", "8", "--epochs", "2", "--batch-size", "16", "-q"]
ROUND = ["--seeds", "2", "--no-cost", "--jobs", "1", "--format", "json"]


@pytest.fixture(scope="module")
def conll(tmp_path_factory):
    """Sentences of 2 to 6 words with entities of one and two words."""
    path = tmp_path_factory.mktemp("tagging") / "people.conll"
    names, verbs = ("Anna", "Bert", "Carla", "Dirk", "Eva"), ("met", "saw", "likes")
    with path.open("w") as file:
        for number in range(60):
            file.write(f"{names[number % 5]} B-PER\n")
            file.write("Kim I-PER\n" * (number % 2) + f"{verbs[number % 3]} O\n")
            file.write(f"v{number} O\n" * (number % 4) + "\n")
    return path


@pytest.fixture(scope="module")
def run(conll):
    folder = conll.parent / "run"
    seqcli("train", "gru", "--data", conll, "--bidirectional", *SMALL, "-o", folder)
    return folder


def test_a_run_keeps_words_labels_and_answers_and_both_scores(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    summary = json.loads((run / "summary.json").read_text())
    right = [one == other for row in rows for one, other in zip(row["label"], row["predicted"], strict=True)]
    assert summary["test"]["metric"] == "word_accuracy"
    assert summary["test"]["value"] == pytest.approx(sum(right) / len(right), abs=1e-12)
    assert all(len(row["words"]) == len(row["label"]) == len(row["predicted"]) for row in rows)


def test_predict_writes_a_word_and_its_label_a_line_and_a_blank_line_after_each_text(run):
    lines = seqcli("predict", run, stdin="Anna Kim met\n\nZorro  saw Eva\n").split("\n")
    assert [line.split("\t")[0] for line in lines] == [
        "Anna",
        "Kim",
        "met",
        "",
        "",
        "Zorro",
        "saw",
        "Eva",
        "",
        "",
    ]
    assert {line.split("\t")[1] for line in lines if line} <= {"B-PER", "I-PER", "O"}
    (told,) = map(json.loads, seqcli("predict", run, "Anna met", "--format", "jsonl").splitlines())
    assert told["words"] == ["Anna", "met"]
    assert len(told["labels"]) == 2


def test_predict_says_of_the_test_sentences_what_the_run_did(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    texts = "".join(" ".join(row["words"]) + "\n" for row in rows)
    told = [
        json.loads(line)["labels"]
        for line in seqcli("predict", run, "--format", "jsonl", stdin=texts).splitlines()
    ]
    assert told == [row["predicted"] for row in rows]


def test_compare_counts_sentences_and_tells_entities_and_usual_tags_beside(conll, tmp_path):
    page = tmp_path / "page.html"
    told = json.loads(seqcli("compare", "lstm", "gru", "--data", conll, *SMALL, *ROUND, "--report", page))
    assert (told["task"]["kind"], told["task"]["metric"], told["task"]["scale_max"]) == (
        "tag",
        "word_accuracy",
        1.0,
    )
    assert told["answers"]["examples"] == told["task"]["test"] == 6
    assert all(set(model["beside"]) == {"entity_F1"} for model in told["models"])
    (usual,) = told["baselines"]
    assert usual["name"] == "word-tag"
    assert 0.5 < usual["quality"]["mean"] <= 1.0
    assert "word accuracy" in page.read_text()
    entities = [*SMALL, *ROUND, "--metric", "entity_F1"]
    by_entity = json.loads(
        seqcli("compare", "gru", "rnn", "--data", conll, *entities, "--vary", "hidden=4,8")
    )
    assert by_entity["metric"] == "entity_F1"


def test_sentences_are_resampled_whole():
    """Ten words of one sentence are one draw: the interval is that of two sentences, not of twenty words."""
    rows = [
        {"words": ["a"] * 10, "label": ["A"] * 10, "predicted": ["A"] * 10},
        {"words": ["a"] * 10, "label": ["A"] * 10, "predicted": ["B"] * 10},
    ]
    answers = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    found = crossed_mean([(1.0, (answers,))], "word_accuracy")
    assert (found.mean, found.examples) == (0.5, 2)
    # Two draws of 0 or 1 have the mean's variance 1/8; twenty words would have 1/80.
    assert found.variance == pytest.approx(1 / 8, rel=0.1)


def test_long_sentences_weigh_by_their_words():
    rows = [
        {"label": ["A"] * 9, "predicted": ["A"] * 9},
        {"label": ["A"], "predicted": ["B"]},
    ]
    assert KINDS.get("tag").metric.value(rows) == 0.9


def test_help_says_how_to_name_the_kind():
    assert re.search(r"--kind\s+NAME", seqcli("train", "--help-all"))


def test_a_model_of_another_kind_is_refused_before_the_data_is_read(conll):
    refused = seqcli("train", "seq2seq", "--data", conll, code=2)
    assert "seq2seq cannot learn people, a task of kind tag" in refused
