"""Tagging from end to end: train, predict, compare with --vary, and what a comparison counts."""

import json
import re

import pytest
from making.forked import output as seqcli
from making.stopping import check_stops_leave_no_trace

from seqcli.data.encoded_sentences import entity_counts_by_type
from seqcli.data.kind import KINDS
from seqcli.experiments.compare.shared_examples import crossed_mean
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training

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
    right = [
        item == other for row in rows for item, other in zip(row["label"], row["predicted"], strict=True)
    ]
    assert summary["test"]["metric"] == "word_accuracy"
    assert summary["test"]["value"] == pytest.approx(sum(right) / len(right), abs=1e-12)
    assert all(len(row["words"]) == len(row["label"]) == len(row["predicted"]) for row in rows)


def test_a_stopped_tagger_with_a_chain_goes_on_to_the_same_bytes(conll, tmp_path):
    settings = {"hidden": 6, "embedding": 6, "epochs": 2, "batch_size": 16}
    plan = plan_training(TrainConfig(model="gru:crf", data=str(conll), **settings))
    check_stops_leave_no_trace(plan, tmp_path, stops=(2,))


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
    (result,) = map(json.loads, seqcli("predict", run, "Anna met", "--format", "jsonl").splitlines())
    assert result["words"] == ["Anna", "met"]
    assert len(result["labels"]) == 2


def test_predict_says_of_the_test_sentences_what_the_run_did(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    texts = "".join(" ".join(row["words"]) + "\n" for row in rows)
    values = [
        json.loads(line)["labels"]
        for line in seqcli("predict", run, "--format", "jsonl", stdin=texts).splitlines()
    ]
    assert values == [row["predicted"] for row in rows]


def test_compare_counts_sentences_and_tells_entities_and_usual_tags_beside(conll, tmp_path):
    page = tmp_path / "page.html"
    document = json.loads(seqcli("compare", "lstm", "gru", "--data", conll, *SMALL, *ROUND, "--report", page))
    assert (document["task"]["kind"], document["task"]["metric"], document["task"]["scale_max"]) == (
        "tag",
        "word_accuracy",
        1.0,
    )
    assert document["answers"]["examples"] == document["task"]["test"] == 6
    assert all(set(model["beside"]) == {"entity_F1"} for model in document["models"])
    reached = {baseline["name"]: baseline["quality"]["mean"] for baseline in document["baselines"]}
    assert [*reached] == ["step-majority", "word-tag", "word-window"]
    assert 0.5 < reached["word-tag"] <= 1.0
    assert reached["step-majority"] <= reached["word-window"]
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
    result = crossed_mean([(1.0, (answers,))], "word_accuracy")
    assert (result.mean, result.examples) == (0.5, 2)
    # Two draws of 0 or 1 have the mean's variance 1/8; twenty words would have 1/80.
    assert result.variance == pytest.approx(1 / 8, rel=0.1)


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
    assert "people, a task of kind tag" in refused


def test_evaluate_tells_entities_by_type_and_the_worst_words(run):
    document = json.loads(seqcli("evaluate", run, "--format", "json"))
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]

    def found(labels):
        """Persons of one sentence, where each is a B-PER and the I-PER after it."""
        starts = [place for place, label in enumerate(labels) if label == "B-PER"]
        ends = [
            next((end for end in range(start + 1, len(labels)) if labels[end] != "I-PER"), len(labels))
            for start in starts
        ]
        return set(zip(starts, ends, strict=True))

    def alone(labels):
        """Whether an I-PER begins an entity, which the other reading does not know."""
        return any(
            label == "I-PER" and (place == 0 or labels[place - 1] == "O")
            for place, label in enumerate(labels)
        )

    (person,) = document["entities"]
    assert person["type"] == "PER"
    assert person["actual"] == sum(len(found(row["label"])) for row in rows)
    if not any(alone(row["predicted"]) for row in rows):
        matched = sum(len(found(row["label"]) & found(row["predicted"])) for row in rows)
        assert person["matched"] == matched
        assert person["recall"] == pytest.approx(matched / person["actual"])
    wrong = {}
    for row in rows:
        for word, label, predicted in zip(row["words"], row["label"], row["predicted"], strict=True):
            wrong[word] = wrong.get(word, 0) + (label != predicted)
    assert all(word["wrong"] == wrong[word["word"]] for word in document["worst_words"])
    most = sorted((count for count in wrong.values() if count), reverse=True)[:10]
    assert [word["wrong"] for word in document["worst_words"]] == most


def test_entities_are_counted_by_type_as_seqeval_s_definition_has_it():
    counts = entity_counts_by_type(
        [
            (["B-PER", "I-PER", "O", "B-LOC"], ["B-PER", "O", "O", "B-LOC"]),
            (["B-LOC", "B-LOC", "O"], ["B-LOC", "I-LOC", "B-PER"]),
        ]
    )
    assert counts == {"LOC": (1, 2, 3), "PER": (0, 2, 1)}
