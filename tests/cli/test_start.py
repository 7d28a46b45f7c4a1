"""A command starts with what it needs: no engine of another one, no library that it does not use."""

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
    found = modules_of("compare", "lstm", "gru", "--task", "sentiment", "--out", "mine")
    assert found.isdisjoint({"torch", "pandas", "matplotlib"})
