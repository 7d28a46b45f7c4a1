"""What people type without having read the manual: no models, names in capitals, another tool's words."""

import json
import shlex

import pytest
import yaml

from seqcli.models.architecture import compared_for, trained_for
from seqcli.models.cell import CELLS

TINY = ("--hidden", 8, "--embedding", 8, "--epochs", 1, "--batch-size", 16)


def chosen(ran, key):
    """A setting of `--print-config`, and what stands after it."""
    assert ran.code == 0, ran.err
    line = next(line for line in ran.out.splitlines() if line.startswith(f"{key}: "))
    return yaml.safe_load(line)[key], line.partition("# ")[2]


def test_compare_without_models_compares_every_cell_from_the_oldest_to_the_newest(seqcli, reviews):
    models, origin = chosen(seqcli("compare", "--data", reviews, "--print-config"), "models")
    assert models == ["rnn", "lstm", "gru"]
    assert set(models) == set(CELLS.names())
    assert origin == "default for classify"


def test_train_without_a_model_trains_a_gru(seqcli, reviews):
    assert chosen(seqcli("train", "--data", reviews, "--print-config"), "model")[0] == "gru"
    ran = seqcli("train", "--data", reviews, *TINY, "--format", "json")
    assert ran.code == 0, ran.err
    assert json.loads(ran.out)["model"] == "gru"


def test_pairs_are_compared_and_learnt_by_what_learns_pairs(seqcli):
    compared = chosen(seqcli("compare", "--task", "reverse", "--print-config"), "models")[0]
    assert compared == ["seq2seq:attention=none", "seq2seq:attention=bahdanau"]
    trained = seqcli("train", "--task", "reverse", "--print-config")
    assert chosen(trained, "model") == ("seq2seq", "default for translate")
    assert chosen(trained, "schedule")[1] == "model seq2seq"


def test_models_named_in_a_file_outrank_those_that_nobody_named(seqcli, reviews, tmp_path):
    (tmp_path / "seqcli.yaml").write_text("models: [lstm]\n")
    assert chosen(seqcli("compare", "--data", reviews, "--print-config"), "models")[0] == ["lstm"]


def test_without_data_there_is_no_model_to_guess(seqcli):
    ran = seqcli("compare")
    assert ran.code == 2
    assert "no data to learn from" in ran.err
    assert "--data FILE" in ran.err


def test_every_kind_that_a_model_learns_has_models_for_whoever_names_none():
    for kind in ("classify", "tag", "regress", "translate", "language"):
        assert len(compared_for(kind)) > 1
        assert trained_for(kind)


def test_names_of_models_are_read_in_any_case_and_kept_as_one(seqcli, reviews):
    typed = seqcli("compare", "GRU", "BiLSTM", "--reference", "Gru", "--data", reviews, "--print-config")
    assert chosen(typed, "models")[0] == ["gru", "lstm:bidirectional=true"]
    assert chosen(typed, "reference")[0] == "gru"
    assert chosen(seqcli("train", "LSTM:hidden=9", "--data", reviews, "--print-config"), "model")[0] == (
        "lstm:hidden=9"
    )
    seq2seq = seqcli("train", "Seq2Seq", "--task", "reverse", "--print-config")
    assert chosen(seq2seq, "schedule")[1] == "model seq2seq"


def test_a_gate_names_models_in_any_case():
    from seqcli.experiments.gates.gate_grammar import parse_gate

    assert (
        parse_gate("GRU.accuracy >= LSTM.accuracy").terms == parse_gate("gru.accuracy >= lstm.accuracy").terms
    )


@pytest.mark.parametrize("more", [(), ("--epochs", "3", "--bidirectional", "-q", "--set", "gain=2")])
def test_train_with_two_models_says_the_comparison_that_was_meant(seqcli, reviews, more):
    ran = seqcli("train", "lstm", "gru", "--data", reviews, *more, "--out", "runs/x")
    assert ran.code == 2
    assert "train takes one model, and 2 are named: lstm, gru" in ran.err
    told = " ".join(ran.err.split()).partition("To compare them: ")[2]
    words = shlex.split(told)
    assert words[:4] == ["seqcli", "compare", "lstm", "gru"]
    again = seqcli(*words[1:], "--print-config")
    assert again.code == 0, again.err
    assert chosen(again, "models")[0] == ["lstm", "gru"]
    assert chosen(again, "data")[0] == str(reviews)
    assert chosen(again, "epochs")[0] == (3 if more else 10)
