"""Training that begins with weights of a file: exactly they at the first step, frozen where that is said."""

import json

import numpy as np
import pytest
import safetensors.torch
import torch
from making.stopping import check_stops_leave_no_trace, trained

from seqcli.data.kind import KINDS
from seqcli.data.word_vectors import vocabulary_of
from seqcli.errors import RunError, UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training, train
from seqcli.results.events import Note, drive
from seqcli.training.construction import build_network, make_training
from seqcli.training.predictor import Predictor

SHAPE = {"hidden": 8, "embedding": 6, "epochs": 1, "batch_size": 16, "dropout": 0.0}
WORDS = ("cat", "dog", "sat", "ran", "good", "bad", "mat", "house")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Two files of texts whose words and classes overlap, a text to continue, vectors, and a run."""
    folder = tmp_path_factory.mktemp("first")
    rng = np.random.default_rng(0)

    def rows(words, labels):
        lines = (f"{' '.join(rng.choice(words, 6))},{labels[n % len(labels)]}" for n in range(90))
        return "text,label\n" + "\n".join(lines) + "\n"

    (folder / "a.csv").write_text(rows(WORDS, ("up", "down")))
    (folder / "b.csv").write_text(rows((*WORDS[2:], "new", "tree"), ("down", "side", "up")))
    (folder / "strange.csv").write_text(rows(("나", "너", "우리", "그것", "이것"), ("up", "down")))
    (folder / "book.txt").write_text(" ".join(rng.choice(WORDS, 900)))
    (folder / "v.txt").write_text(
        "\n".join(f"{word} {n} {n + 0.5} {-n}" for n, word in enumerate(WORDS[:5], 1))
    )
    trained(planned(folder / "a.csv"), folder / "run")
    return folder


def planned(data, model="gru", **settings):
    return plan_training(TrainConfig(**{"model": model, "data": str(data), **SHAPE, **settings}))


def weights_of(place):
    return safetensors.torch.load_file(place / "run" / "model.safetensors")


def vocabulary(prepared):
    return json.loads(prepared.tokenizer.json)["model"]["vocab"]


def test_vectors_are_the_embedding_s_rows_and_its_width(place):
    plan = planned(place / "a.csv", vectors=str(place / "v.txt"), embedding=6)
    network = build_network(plan.leg.leg, plan.prepared)
    known = vocabulary(plan.prepared)
    assert plan.leg.leg.model.embedding == network.embedding.weight.shape[1] == 3
    assert network.embedding.weight[known["sat"]].tolist() == [3, 3.5, -3]
    assert network.embedding.weight[0].tolist() == [0, 0, 0]
    without = build_network(plan.leg.leg, planned(place / "a.csv", embedding=3).prepared)
    assert torch.equal(network.embedding.weight[known["house"]], without.embedding.weight[known["house"]])


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_frozen_vectors_stay_to_the_bit_and_the_other_words_learn(place, optimizer):
    plan = planned(
        place / "a.csv", vectors=str(place / "v.txt"), vectors_frozen=True, optimizer=optimizer, lr=0.1
    )
    training = make_training(plan.leg.leg, plan.prepared)
    known = vocabulary(plan.prepared)
    before = training.network.embedding.weight.detach().clone()
    drive(training.run())
    after = training.network.embedding.weight.detach()
    frozen = [known[word] for word in WORDS[:5]]
    assert torch.equal(before[frozen], after[frozen])
    assert not torch.equal(before[known["house"]], after[known["house"]])
    other = planned(place / "a.csv", vectors=str(place / "v.txt"))
    tuned = make_training(other.leg.leg, other.prepared)
    drive(tuned.run())
    assert not torch.equal(tuned.network.embedding.weight[frozen], before[frozen])


def test_a_run_with_frozen_vectors_goes_on_to_the_same_bytes_and_predicts(place, tmp_path):
    plan = planned(place / "a.csv", vectors=str(place / "v.txt"), vectors_frozen=True)
    check_stops_leave_no_trace(plan, tmp_path, stops=(2,))
    run = next(folder for folder in tmp_path.iterdir() if (folder / "model.safetensors").exists())
    assert Predictor.open(run).predict(["cat sat"])[0].answer.label in ("up", "down")


@pytest.fixture(scope="module")
def other_kinds(place):
    """Words with labels, pairs and a text to continue, all of the words that have vectors and some others."""
    (place / "t.conll").write_text("\n\n".join("cat N\nsat V\nhouse N" + f"\nw{n} X" for n in range(20)))
    lines = [f"cat sat {WORDS[n % 8]} x{n}\tkatze sass {n}" for n in range(30)]
    (place / "p.tsv").write_text("source\ttarget\n" + "\n".join(lines))
    return {
        "tag": {"data": place / "t.conll", "bidirectional": True},
        "generate": {"data": place / "book.txt", "kind": "generate", "tokenizer": "word", "bptt": 10},
        "translate": {"data": place / "p.tsv", "model": "seq2seq", "vocabulary": "separate"},
    }


@pytest.mark.parametrize("kind", ["tag", "generate", "translate"])
def test_vectors_are_those_of_the_words_that_any_kind_reads_and_stay_where_they_are_frozen(
    kind, other_kinds, place
):
    plan = planned(**other_kinds[kind], vectors=str(place / "v.txt"), vectors_frozen=True, lr=0.1)
    training = make_training(plan.leg.leg, plan.prepared)
    table = training.network.get_parameter(KINDS.get(kind).word_table)
    known = {
        word: n for word, n in vocabulary_of(plan.prepared.tokenizer.json).items() if word.strip() == "sat"
    }
    assert known
    assert all(table[n].tolist() == [3, 3.5, -3] for n in known.values())
    before = table.detach().clone()
    drive(training.run())
    assert torch.equal(before[list(known.values())], table.detach()[list(known.values())])
    assert not torch.equal(before, table.detach())
    (actual,) = [line for line in plan.prepared.facts.warnings if "--vectors has" in line]
    assert "of the test split's; --embedding is 3, theirs" in actual


def test_vectors_of_one_side_need_a_vocabulary_of_its_own(other_kinds, place):
    with pytest.raises(UsageError, match="one table for both sides"):
        planned(**{**other_kinds["translate"], "vocabulary": "joint"}, vectors=str(place / "v.txt"))


def test_the_same_data_begins_with_every_weight_of_the_run(place):
    plan = planned(place / "a.csv", init_from=str(place / "run"), seed=7)
    network = build_network(plan.leg.leg, plan.prepared)
    for name, weight in weights_of(place).items():
        assert torch.equal(network.state_dict()[name], weight)
    assert plan.leg.digest != planned(place / "a.csv", seed=7).leg.digest


def test_words_and_classes_keep_their_weights_by_name(place):
    plan = planned(place / "b.csv", init_from=str(place / "run"))
    network = build_network(plan.leg.leg, plan.prepared)
    weights, now = weights_of(place), vocabulary(plan.prepared)
    then = vocabulary(planned(place / "a.csv").prepared)
    assert torch.equal(network.embedding.weight[now["sat"]], weights["embedding.weight"][then["sat"]])
    labels = plan.prepared.labels
    head = network.head.linear.weight
    assert torch.equal(head[labels.index("down")], weights["head.linear.weight"][0])
    assert torch.equal(head[labels.index("up")], weights["head.linear.weight"][1])
    cold = build_network(plan.leg.leg, planned(place / "b.csv").prepared)
    assert torch.equal(head[labels.index("side")], cold.head.linear.weight[labels.index("side")])
    assert torch.equal(network.embedding.weight[now["tree"]], cold.embedding.weight[now["tree"]])
    (actual,) = [line for line in plan.prepared.facts.warnings if "--init-from" in line]
    assert f"6 of {len(now) - 4} tokens are in its vocabulary, 2 of 3 classes are its own" in actual


def test_another_kind_of_task_takes_all_but_the_head(place):
    """A text keeps the blank before a word, and a class does not: both are one word."""
    settings = {"kind": "generate", "tokenizer": "word", "bptt": 10}
    plan = planned(place / "book.txt", **settings, init_from=str(place / "run"))
    now, then = (vocabulary(each.prepared) for each in (plan, planned(place / "a.csv")))
    rows = plan.prepared.first.tensors["embedding.weight"]
    assert np.array_equal(rows[now[" sat"]], weights_of(place)["embedding.weight"][then["sat"]].numpy())
    assert "head.linear.weight" not in plan.prepared.first.tensors
    network = build_network(plan.leg.leg, plan.prepared)
    assert torch.equal(network.recurrent.weight_hh_l0, weights_of(place)["recurrent.weight_hh_l0"])


def test_weights_of_another_shape_begin_anew_and_that_is_told(place, tmp_path):
    plan = planned(place / "a.csv", model="lstm", init_from=str(place / "run"))
    events = []
    drive(train(plan, tmp_path / "x", overwrite=False, should_stop=lambda: False), events.append)
    values = [event.text for event in events if isinstance(event, Note)]
    assert any("3 of 7 weights are --init-from's; recurrent.weight_ih_l0" in text for text in values)


@pytest.mark.parametrize(
    ("data", "settings", "error", "told"),
    [
        ("a.csv", {"hidden": 9, "embedding": 5}, UsageError, "nothing of --init-from fits a gru of width 9"),
        ("strange.csv", {}, RunError, "shares no token with this data"),
        ("a.csv", {"init_from": "nowhere"}, RunError, "nowhere"),
        ("a.csv", {"model": "gru:embedding=9", "vectors": "v.txt"}, UsageError, "sets an embedding"),
    ],
)
def test_what_cannot_be_begun_from_is_refused_before_anything_runs(place, data, settings, error, told):
    vectors = (
        {"vectors": str(place / "v.txt")} if "vectors" in settings else {"init_from": str(place / "run")}
    )
    with pytest.raises(error, match=told):
        planned(place / data, **{**vectors, **{k: v for k, v in settings.items() if k != "vectors"}})
