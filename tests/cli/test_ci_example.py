"""`examples/ci.sh` as a continuous integration runs it: once to make a baseline, then as a gate."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from making.forked import own_server

TESTS = Path(__file__).parents[1]
SCRIPT = Path(__file__).parents[2] / "examples" / "ci.sh"


@pytest.fixture
def ci(tmp_path):
    """Run the script in an empty folder; more words are more options of compare."""

    program = f"{sys.executable} -m making.forked {own_server()}"

    def run(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", str(SCRIPT), *options],
            cwd=tmp_path,
            env={**os.environ, "SEQCLI": program, "PYTHONPATH": str(TESTS), "SEQCLI_JOBS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def test_the_ci_example_makes_a_baseline_then_gates_and_fails_where_a_gate_does(ci, tmp_path):
    first = ci()
    assert (first.returncode, first.stderr) == (0, "")
    assert "every gate holds" in first.stdout
    baseline = json.loads((tmp_path / "ci-results" / "baseline.json").read_text())
    assert baseline["schema"] == "seqcli.compare/1"
    summary = (tmp_path / "ci-results" / "summary.md").read_text()
    assert "Since the baseline" in summary
    assert "same in every seed" in summary
    assert "baseline.gru.accuracy - 0.05: holds" in summary.replace("\\", "")
    assert ci("--expect", "gru.parameters.total > 1e9").returncode == 20
