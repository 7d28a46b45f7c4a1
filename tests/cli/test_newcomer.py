"""A newcomer: an own CSV, three commands, an answer to act on, each on one screen."""

import re

import pytest

from seqcli.experiments.runs.listing import cached_runs

TINY = ("--hidden", 8, "--embedding", 8, "--epochs", 2, "--batch-size", 16)


@pytest.fixture
def tickets(tmp_path):
    """Three kinds of tickets, each told by a word."""
    words = {
        "billing": "charged refund invoice",
        "account": "login password locked",
        "technical": "crash slow",
    }
    rows = ["text,label"]
    for number in range(240):
        label = [*words][number % 3]
        word = words[label].split()[number % len(words[label].split())]
        rows.append(f"my {word} number {number} please,{label}")
    (tmp_path / "tickets.csv").write_text("\n".join(rows) + "\n")
    return "tickets.csv"


@pytest.mark.parametrize(("columns", "most"), [(80, 24), (60, 24)])
def test_from_an_own_file_to_an_answer_in_three_commands(seqcli, tickets, monkeypatch, columns, most):
    monkeypatch.setenv("COLUMNS", str(columns))
    compared = seqcli("compare", "--data", tickets, *TINY, "--seeds", 2, "--cost", "no")
    assert compared.code == 0, compared.err
    lines = compared.out.splitlines()
    assert len(lines) <= most
    assert max(map(len, lines)) <= columns
    for model in ("RNN", "LSTM", "GRU", "majority class", "bag of words"):
        assert any(line.startswith(model) for line in lines), compared.out

    trained = seqcli("train", "--data", tickets, *TINY)
    assert trained.code == 0, trained.err
    assert len(trained.out.splitlines()) <= 24
    assert max(map(len, trained.out.splitlines())) <= columns
    for words in ("test macro-F1", "billing", "account", "technical", " found", "best epoch"):
        assert words in trained.out
    assert re.search(r"valid accuracy +[\d.]+ % [▁▂▃▄▅▆▇█]{2}", trained.out), trained.out
    offered = re.search(r"seqcli predict (\S+)", trained.out)
    assert offered, trained.out

    answered = seqcli("predict", offered[1], "I was charged twice")
    assert answered.code == 0, answered.err
    assert answered.out.split("\t")[0] in ("billing", "account", "technical")


def test_one_model_is_told_what_it_is_held_against(seqcli, tickets):
    ran = seqcli("compare", "gru", "--data", tickets, "--dry-run", "--cost", "no")
    assert ran.code == 0, ran.err
    assert "or: seqcli train gru" in ran.err
    assert (
        "baselines alone" not in seqcli("compare", "gru", "rnn", "--data", tickets, "-n", "--cost", "no").err
    )


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("train", "--out"),
        ("compare", "--out"),
        ("compare", "--report"),
        ("train", "--data"),
        ("predict", "--out"),
    ],
)
def test_an_empty_name_of_a_file_is_told_as_empty(seqcli, command, option):
    ran = seqcli(command, "gru", option, "")
    assert ran.code == 2
    assert ran.err.startswith(f"seqcli: {option} is empty")


def test_the_runs_of_comparisons_without_out_are_listed_with_all_and_found_by_name(seqcli, tickets):
    assert seqcli("compare", "gru", "--data", tickets, *TINY, "--seeds", 1, "--cost", "no").code == 0
    names = {path.name for path in cached_runs().iterdir() if path.name.startswith("tickets-gru-s0")}
    assert names
    listed = seqcli("runs", "--all", "--format", "json")
    assert listed.code == 0, listed.err
    assert all(name in listed.out for name in names)
    name = min(names)
    shown = seqcli("runs", "show", name)
    assert shown.code == 0, shown.err
    assert "tickets" in shown.out
