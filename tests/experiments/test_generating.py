"""Language models from end to end: train, go on after a stop, compare, and a loop written by hand."""

import json
import math

import numpy as np
import pytest
import safetensors.torch
import torch
from making.forked import output as seqcli
from making.stopping import check_stops_leave_no_trace
from torch import nn

from seqcli.data.encoded_stream import side_by_side
from seqcli.data.kind import KINDS
from seqcli.data.prepared import SPLITS
from seqcli.errors import UsageError
from seqcli.experiments.config import TrainConfig
from seqcli.experiments.train import plan_training
from seqcli.models.baseline import BASELINES
from seqcli.results.events import drive
from seqcli.training.construction import make_training
from seqcli.training.language_writer import LanguageWriter
from seqcli.training.loop import StepDone

SMALL = ["--bptt", "10", "--hidden", "8", "--embedding", "8", "--epochs", "2", "--batch-size", "8", "-q"]
ROUND = ["--seeds", "2", "--no-cost", "--jobs", "1", "--format", "json"]


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """Sentences of a few words, 4,500 characters."""
    path = tmp_path_factory.mktemp("generating") / "book.txt"
    names, verbs = ("Anna", "Bert", "Carla", "Dirk"), ("met", "saw", "likes")
    path.write_text("".join(f"{names[n % 4]} {verbs[n % 3]} {names[n * n % 4]}, {n}.\n" for n in range(240)))
    return path


@pytest.fixture(scope="module")
def run(book):
    folder = book.parent / "run"
    seqcli("train", "lstm", "--data", book, *SMALL, "-o", folder)
    return folder


def planned(book, **settings):
    values = {
        "data": str(book),
        "kind": "generate",
        "tokenizer": "char",
        "bptt": 10,
        "hidden": 8,
        "embedding": 8,
        "epochs": 2,
        "batch_size": 8,
        **settings,
    }
    return plan_training(TrainConfig(**{"model": "lstm", **values}))


class HandLanguageModel(nn.Module):
    """The same model as anybody would write it."""

    def __init__(self, network, layer):
        super().__init__()
        self.embedding = nn.Embedding(*network.embedding.weight.shape, padding_idx=0)
        self.layer = layer(8, 8, num_layers=network.recurrent.num_layers, batch_first=True)
        self.linear = nn.Linear(8, network.head.output_size)
        self.embedding.load_state_dict(network.embedding.state_dict())
        self.layer.load_state_dict(network.recurrent.state_dict())
        self.linear.load_state_dict(network.head.linear.state_dict())

    def forward(self, ids, state=None):
        outputs, state = self.layer(self.embedding(ids), state)
        return self.linear(outputs), state


def detached(state):
    return tuple(part.detach() for part in state) if isinstance(state, tuple) else state.detach()


def first_rows(state, count):
    """The state of the streams that are not over."""
    if isinstance(state, tuple):
        return tuple(part[:, :count].contiguous() for part in state)
    return state[:, :count].contiguous()


@pytest.mark.parametrize(("name", "layer"), [("lstm", nn.LSTM), ("gru", nn.GRU), ("rnn", nn.RNN)])
def test_training_carries_the_state_along_each_stream_as_a_loop_by_hand_does(book, name, layer):
    plan = planned(book, model=name, dropout=0.0, clip=None, layers=2)
    training = make_training(plan.leg.leg, plan.prepared)
    model = HandLanguageModel(training.network, layer)
    optimiser = torch.optim.Adam(model.parameters(), lr=training.config.lr)
    ours = [item.outcome.loss for item in training.run() if isinstance(item, StepDone)]
    losses = []
    for _ in range(2):
        state = None
        for indices in side_by_side(np.arange(len(training.train)), 8):
            ids, lengths, targets = map(torch.from_numpy, training.train.rows(indices))
            logits, state = model(ids, None if state is None else first_rows(state, len(lengths)))
            state = detached(state)  # what truncates back-propagation
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-100)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
    assert ours == pytest.approx(losses, abs=2e-4)


def test_bits_per_character_are_those_of_reading_the_whole_test_text_at_once(run, book):
    summary = json.loads((run / "summary.json").read_text())["test"]
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    plan = planned(book)
    network = make_training(plan.leg.leg, plan.prepared).network
    network.load_state_dict(safetensors.torch.load_file(run / "model.safetensors"))
    model = HandLanguageModel(network, nn.LSTM).eval()
    ids = plan.prepared.splits["test"].ids.astype(np.int64)
    read = torch.from_numpy(np.concatenate([[2], ids[:-1]]))[None]  # 2 stands for the beginning
    with torch.no_grad():
        chances = model(read)[0][0].double().log_softmax(dim=-1)
    bits = -chances[range(len(ids)), ids].numpy() / math.log(2)
    text = book.read_text()[-len(ids) :]
    assert [row["bits"] for row in rows] == pytest.approx(
        [bits[start : start + 100].sum() for start in range(0, len(ids), 100)], rel=1e-5
    )
    assert summary["metric"] == "bits_per_character"
    assert summary["value"] == pytest.approx(bits.sum() / len(text), rel=1e-5)
    assert sum(row["words"] for row in rows) == len(text.split())


def test_no_answer_depends_on_a_token_that_comes_later(book):
    plan = planned(book, layers=2)
    network = make_training(plan.leg.leg, plan.prepared).network.eval()
    ids, lengths, _ = map(torch.from_numpy, plan.prepared.splits["train"].rows(np.arange(3)))
    other = ids.clone()
    other[:, 6:] = 5
    result, changed = network(ids, lengths), network(other, lengths)
    assert torch.equal(result[:, :6], changed[:, :6])
    assert not torch.equal(result[:, 6:], changed[:, 6:])


def test_a_model_that_reads_both_ways_is_refused(book):
    with pytest.raises(UsageError, match="what book asks for"):
        planned(book, bidirectional=True)


def test_noise_cannot_be_told_ahead_by_network_or_baseline(tmp_path):
    """None needs fewer than the two bits that a letter of four holds, as one would to which answers leak."""
    path = tmp_path / "noise.txt"
    path.write_text("".join(np.random.default_rng(0).choice(list("abcd"), size=8000)))
    plan = planned(path, lr=0.01)
    training = make_training(plan.leg.leg, plan.prepared)
    drive(training.run())
    bits = [training.position.best_metric]
    kind = KINDS.get("generate")
    (learnt, right), (asked, counts) = (kind.examples(plan.prepared, name) for name in ("train", "valid"))
    for name in kind.baselines:
        predictions = BASELINES.get(name)().fit(learnt, right).predict(asked)
        rows = [
            {"label": count, "predicted": other} for count, other in zip(counts, predictions, strict=True)
        ]
        bits.append(kind.metric.value(rows))
    assert all(1.98 < bit < 2.6 for bit in bits)
    assert min(bits) < 2.02


def test_a_text_without_blanks_is_compared_by_the_character_alone(tmp_path):
    path = tmp_path / "dna.txt"
    path.write_text("".join(np.random.default_rng(0).choice(list("acgt"), size=3000)))
    document = json.loads(seqcli("compare", "gru", "--data", path, *SMALL, *ROUND))
    assert document["models"][0]["beside"] == {}


@pytest.mark.parametrize("model", ["lstm", "gru"])
def test_a_stopped_run_goes_on_to_the_same_bytes(book, tmp_path, model):
    plan = planned(book, model=model, dropout=0.2)
    check_stops_leave_no_trace(plan, tmp_path, stops=(3, 60))


def test_compare_judges_by_bits_beside_five_baselines(book, tmp_path):
    page = tmp_path / "page.html"
    document = json.loads(seqcli("compare", "lstm", "gru", "--data", book, *SMALL, *ROUND, "--report", page))
    task = document["task"]
    assert (task["kind"], task["metric"], task["higher_is_better"]) == (
        "generate",
        "bits_per_character",
        False,
    )
    assert document["answers"]["examples"] == task["test"] == 5
    assert all(set(model["beside"]) == {"word_perplexity"} for model in document["models"])
    assert [baseline["name"] for baseline in document["baselines"]] == [
        "unigram",
        "bigram",
        "trigram",
        "fourgram",
        "fivegram",
    ]
    assert document["baselines"][2]["quality"]["mean"] < 0.7 * document["baselines"][0]["quality"]["mean"]
    (pair,) = document["pairs"]
    assert pair["quality"]["verdict"] in ("better", "worse", "equivalent", "undecided")
    assert any("depend on their neighbours" in note for note in task["notes"])
    assert "bits per character" in page.read_text()


def test_compare_varies_how_far_gradients_flow_back(book):
    document = json.loads(seqcli("compare", "rnn", "--data", book, *SMALL, *ROUND, "--vary", "bptt=5,20"))
    assert document["metric"] == "bits_per_character"


def test_pieces_are_scored_by_the_same_characters(book):
    plans = [planned(book, tokenizer=name, vocab_size=300) for name in ("char", "bpe")]
    held = [[plan.prepared.splits[name].characters.sum() for name in SPLITS] for plan in plans]
    assert held[0] == held[1]
    assert len(plans[1].prepared.splits["train"].ids) < len(plans[0].prepared.splits["train"].ids)


@pytest.mark.parametrize("tokenizer", ["word", "bpe:300"])
def test_words_and_pieces_are_learnt_scored_by_the_character_and_written_on(book, tmp_path, tokenizer):
    folder = tmp_path / "run"
    seqcli("train", "gru", "--data", book, *SMALL, "--tokenizer", tokenizer, "-o", folder)
    test = json.loads((folder / "summary.json").read_text())["test"]
    assert test["metric"] == "bits_per_character"
    assert 0 < test["value"] < 8
    writer = LanguageWriter.open(folder)
    once, again = ("".join(writer.pieces("Anna met", length=20, seed=3)) for _ in range(2))
    assert once == again
    assert " " in once
    assert (writer.unknown("Anna met Zoë") == [" Zoë"]) == (tokenizer == "word")


def test_gradprobe_looks_through_a_language_model_by_its_task(book):
    document = json.loads(
        seqcli(
            "gradprobe", "gru", "--data", book, *SMALL[:6], "--seeds", "2", "--len", "8", "--format", "json"
        )
    )
    assert document["schema"] == "seqcli.gradprobe/1"
    (model,) = document["models"]
    assert model["lags"][-1] == 8
    assert all(math.isfinite(value) for value in model["log10_loss_gradient"]["mean"])


def test_a_formal_language_is_read_in_one_direction_too():
    """Read backwards, a string of a^n b^n shows every answer."""
    with pytest.raises(UsageError, match="what anbn asks for"):
        plan_training(TrainConfig(model="lstm", task="anbn", bidirectional=True))
