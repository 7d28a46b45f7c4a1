"""A command starts with what it needs: no engine of another one, no library that it does not use."""

import re
import subprocess
import sys

import pytest

PROGRAM = (
    "import sys\nfrom seqcli.cli.main import execute\nexecute(sys.argv[1:])\n"
    "print(*sorted(sys.modules), file=sys.stderr)\n"
)


def modules_of(*line):
    ended = subprocess.run([sys.executable, "-c", PROGRAM, *line], capture_output=True, text=True, check=True)
    return set(ended.stderr.splitlines()[-1].split())


@pytest.mark.parametrize(
    "line",
    [
        ("tasks",),
        ("models",),
        ("runs",),
        ("train", "gru", "--data", "missing.csv"),
        ("predict", "missing", "x"),
    ],
    ids=" ".join,
)
def test_lists_and_mistakes_need_no_torch_no_scipy_and_no_pandas(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert modules_of(*line).isdisjoint({"torch", "scipy", "pandas", "sklearn"})


def test_a_comparison_that_is_refused_has_loaded_no_pictures(tmp_path, monkeypatch):
    """matplotlib writes its list of fonts into the home as soon as it is loaded."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").write_text("a file")
    result = modules_of("compare", "lstm", "gru", "--task", "sentiment", "--out", "mine")
    assert result.isdisjoint({"torch", "pandas", "matplotlib"})


LINE = ("compare", "lstm", "gru", "--task", "sentiment", "--hidden", "4", "--seeds", "1", "--no-cost")
SMALL = ("--epochs", "1", "--max-steps", "1", "--train-size", "0.02")

MOST_OF_ONE_COMPARISON = 193
"""Modules of seqcli, of which 29 are the empty beginnings of packages.

There were 274, with fewer features, while every plug-in and every command was imported.
A module that every comparison needs may raise it; a plug-in or a part of another command may not.
"""

OF_SOMETHING_ELSE = re.compile(
    r"forecast|windows|\btag|encoded_s|translat|pair_task|stream_task|seq2seq|guide|gradprobe|probes|bottleneck"
    r"|experiments\.sweep|gates|reference$|tuning|kinds\.(?!classify)|tasks\.(?!_film_reviews|sentiment)"
    r"|commands\.(?!compare)"
)


def test_a_comparison_of_texts_imports_what_it_runs_and_nothing_else(seqcli):
    """The process that plans and concludes computes nothing itself: torch is its workers' own."""
    first = seqcli(*LINE, *SMALL)  # so that the fresh process finds every training run finished
    assert first.code == 0, first.err
    loaded = modules_of(*LINE, *SMALL)
    own = {name.removeprefix("seqcli.") for name in loaded if name.startswith("seqcli.")}
    assert {name for name in own if OF_SOMETHING_ELSE.search(name)} == set()
    assert loaded.isdisjoint({"torch", "scipy.stats"})
    assert len(own) <= MOST_OF_ONE_COMPARISON
