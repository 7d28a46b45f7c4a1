"""A run from inside: its states, gates and leanings against the cells' equations by hand and torch.nn."""

import json

import numpy as np
import pytest
import torch
from making.forked import output as seqcli

from seqcli.errors import RunError, UsageError
from seqcli.experiments.look_inside import look_inside
from seqcli.models.cells.gru import GRU
from seqcli.models.cells.lstm import LSTM
from seqcli.models.cells.rnn import RNN
from seqcli.models.recurrent import Recurrent
from seqcli.probes.inside import way_through
from seqcli.training.predictor import Predictor

T, WIDTH, H = 5, 3, 4


def filled(cell, **settings):
    """Layers with random weights in float64, and the inputs (T, I)."""
    generator = torch.Generator().manual_seed(5)
    layers = Recurrent(cell, WIDTH, H, **settings).double()
    for weight in layers.parameters():
        weight.data = torch.randn(weight.shape, generator=generator, dtype=torch.float64)
    return layers, torch.randn(T, WIDTH, generator=generator, dtype=torch.float64)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def arrays(layers, suffix="_l0"):
    return [weight.detach().numpy() for weight in layers.weights(suffix)]


def test_an_lstm_s_states_and_gates_are_those_of_its_equations_by_hand():
    layers, inputs = filled(LSTM())
    w_ih, w_hh, b_ih, b_hh = arrays(layers)
    (way,) = way_through(layers, inputs)
    h, c = np.zeros(H), np.zeros(H)
    for step, x in enumerate(inputs.numpy()):
        i, f, g, o = np.split(w_ih @ x + b_ih + w_hh @ h + b_hh, 4)
        i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
        before, c = h, f * c + i * g
        h = o * np.tanh(c)
        for name, value in (("i", i), ("f", f), ("o", o)):
            assert np.abs(way.gates[name][step].detach().numpy() - value).max() < 1e-12
        assert np.abs(way.h[step].detach().numpy() - h).max() < 1e-12
        assert np.abs(way.states["c"][step + 1].detach().numpy() - c).max() < 1e-12
        assert way.changes[step].item() == pytest.approx(np.linalg.norm(h - before), abs=1e-12)


def test_a_gru_s_states_and_gates_are_those_of_its_equations_by_hand():
    layers, inputs = filled(GRU())
    w_ih, w_hh, b_ih, b_hh = arrays(layers)
    (way,) = way_through(layers, inputs)
    h = np.zeros(H)
    for step, x in enumerate(inputs.numpy()):
        x_r, x_z, x_n = np.split(w_ih @ x + b_ih, 3)
        h_r, h_z, h_n = np.split(w_hh @ h + b_hh, 3)
        r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
        h = (1 - z) * np.tanh(x_n + r * h_n) + z * h
        assert np.abs(way.gates["r"][step].detach().numpy() - r).max() < 1e-12
        assert np.abs(way.gates["z"][step].detach().numpy() - z).max() < 1e-12
        assert np.abs(way.h[step].detach().numpy() - h).max() < 1e-12


@pytest.mark.parametrize(("cell", "theirs"), [(RNN, "RNN"), (GRU, "GRU"), (LSTM, "LSTM")])
@pytest.mark.parametrize("both", [False, True], ids=["forward", "both"])
def test_states_of_every_layer_and_direction_are_torch_nn_s(cell, theirs, both):
    layers, inputs = filled(cell(), num_layers=2, bidirectional=both)
    reference = getattr(torch.nn, theirs)(
        WIDTH, H, num_layers=2, bidirectional=both, batch_first=True
    ).double()
    reference.load_state_dict(layers.state_dict())
    outputs, _ = reference(inputs.unsqueeze(0))
    ways = way_through(layers, inputs)
    top = torch.cat([way.h for way in ways if way.layer == 1], dim=1)
    assert (top - outputs[0]).abs().max() < 1e-12


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inside")
    file = folder / "first.csv"
    words = ["red", "green", "blue", "gold"]
    rows = [
        f"{a} {b} {c},{'warm' if a in ('red', 'gold') else 'cold'}"
        for a in words
        for b in words
        for c in words
    ]
    file.write_text("text,label\n" + "\n".join(rows) + "\n")
    seqcli(
        "train", "gru", "--data", file, "--epochs", "8", "--hidden", "8", "--embedding", "6",
        "--tokenizer", "word", "-o", folder / "run", "-q",
    )  # fmt: skip
    return folder / "run"


def test_what_it_leans_to_after_each_word_is_what_it_predicts_of_the_text_up_to_there(run):
    look = look_inside(run, "red blue gold")
    predictor = Predictor.open(run)
    for count, step in enumerate(look.steps, start=1):
        (predictions,) = predictor.predict([" ".join(["red", "blue", "gold"][:count])])
        assert step.leaning == predictions.answer.label
        assert step.probability == pytest.approx(predictions.answer.probability, abs=1e-6)


def test_a_training_text_is_nearest_to_itself_and_shares_add_up(run):
    rows = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    look = look_inside(run, "red blue gold", nearest=64)
    assert len(look.nearest) == 64 - 2 * len(rows) or len(look.nearest) >= 50
    text = look.nearest[0].text
    again = look_inside(run, text, nearest=1)
    assert again.nearest[0].text == text
    assert again.nearest[0].similarity == pytest.approx(1.0, abs=1e-5)
    assert again.steps[-1].nearest.text == text
    shares = look.shares
    assert shares.input == 3 * 8 * 6
    assert shares.recurrent == 3 * 8 * 8
    assert shares.bias == 2 * 3 * 8
    assert shares.output == 2 * 8 + 2
    assert shares.total == sum((shares.embedding, shares.input, shares.recurrent, shares.bias, shares.output))
    assert look.layers[0].weights == shares.input + shares.recurrent + shares.bias
    assert look.keeps == "z"


def test_the_state_does_not_depend_on_what_comes_after(run):
    short, long = look_inside(run, "red blue", nearest=0), look_inside(run, "red blue gold", nearest=0)
    assert [step.change for step in long.steps[:2]] == pytest.approx([step.change for step in short.steps])
    assert long.nearest == []


def test_look_draws_a_table_a_picture_a_page_and_a_document(run, tmp_path):
    plot, page = tmp_path / "inside.png", tmp_path / "inside.html"
    document = json.loads(
        seqcli("look", run, "red odd gold", "--format", "json", "--plot", plot, "--report", page)
    )
    assert document["schema"] == "seqcli.look/1"
    assert [step["known"] for step in document["steps"]] == [True, False, True]
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert "update z" in page.read_text()
    table = seqcli("look", run, "red odd gold")
    assert "leans to" in table
    assert "odd (unknown)" in table
    assert "V, state to state 192" in " ".join(table.split())


def test_a_text_without_words_and_a_run_without_recurrence_are_refused(run, tmp_path):
    with pytest.raises(UsageError, match="no word"):
        look_inside(run, "")
    bag = tmp_path / "bag"
    seqcli("train", "bag", "--data", run.parent / "first.csv", "--epochs", "1", "-o", bag, "-q")
    with pytest.raises(RunError, match="without recurrence"):
        look_inside(bag, "red")


def test_a_tagger_is_seen_word_by_word(tmp_path):
    file, run = tmp_path / "names.conll", tmp_path / "run"
    file.write_text("".join(f"Anna B-PER\nsaw O\nv{n} O\n\n" for n in range(30)))
    seqcli(
        "train", "lstm", "--data", file, "--epochs", "1", "--hidden", "6", "--bidirectional", "-o", run, "-q"
    )
    look = look_inside(run, "Anna saw Bert")
    assert [step.token for step in look.steps] == ["Anna", "saw", "Bert"]
    assert {*look.steps[0].gates} == {"i", "f", "o"}
    assert [layer.direction for layer in look.layers] == ["forward", "backward"]
    assert all(step.leaning in ("B-PER", "O") for step in look.steps)


def test_an_encoder_s_context_drifts_from_its_first_word(tmp_path):
    file, run = tmp_path / "pairs.tsv", tmp_path / "run"
    file.write_text("de\ten\n" + "".join(f"eins zwei {n}\tone two {n}\n" for n in range(40)))
    seqcli(
        "train", "seq2seq:bidirectional=false", "--data", file, "--source-column", "de",
        "--target-column", "en",
        "--epochs", "1", "--hidden", "8", "--embedding", "8", "--tokenizer", "word", "-o", run, "-q",
    )  # fmt: skip
    look = look_inside(run, "eins zwei 3")
    assert look.written is not None
    assert look.steps[0].to_first == pytest.approx(1.0, abs=1e-6)
    assert look.steps[-1].to_last == pytest.approx(1.0, abs=1e-6)
    assert look.steps[0].to_last == pytest.approx(look.steps[-1].to_first, abs=1e-6)


def test_a_forecast_is_refused_with_what_can_be_looked_at(tmp_path):
    with pytest.raises(RunError):
        look_inside(tmp_path, "a text")
