"""A comparison ends with a table of what it has, whatever fails in it (promises 8, 10, 11)."""

import functools
import json
import sys
from pathlib import Path

import pytest
from making.outcomes import answers_of

from seqcli.experiments.compare import sitting
from seqcli.launch import engine
from seqcli.launch.local import LocalWorkers
from seqcli.results.compare import Comparison
from seqcli.runs.directory import RunDirectory
from seqcli.runs.sealed import unsealed

SABOTAGED = (sys.executable, str(Path(__file__).parent / "sabotaged_worker.py"))
TINY = ("--hidden", 8, "--embedding", 8, "--batch-size", 16, "--epochs", 1)


@pytest.fixture
def sabotage(monkeypatch):
    """From now on some jobs fail: 'gru 0=crash;bow=fault'."""

    def install(faults):
        monkeypatch.setenv("SABOTAGE", faults)
        for module in (engine, sitting):
            workers = functools.partial(LocalWorkers, command=SABOTAGED, retries=0)
            monkeypatch.setattr(module, "LocalWorkers", workers)

    return install


def compare(seqcli, reviews, *more):
    return seqcli(
        "compare", "gru", "lstm", "--data", reviews, *TINY, "--seeds", 2, "--jobs", 1, "--out", "cmp", *more
    )


@pytest.mark.usefixtures("_own_signals")
def test_crash_memory_baseline_and_cost_failing_at_once_leave_the_table_of_the_rest(
    seqcli, reviews, tmp_path, sabotage
):
    sabotage("gru 0=crash;lstm 1=memory;bow=fault;cost=fault")
    outcome = compare(seqcli, reviews, "--format", "json")
    assert outcome.code == 9, outcome.err
    result = Comparison.from_json(unsealed(json.loads(outcome.out)))
    assert result.status == "partial"
    failed = {(failure.model, failure.seed): failure for failure in result.failures}
    assert {leg: item.exit_code for leg, item in failed.items()} == {("gru", 0): 10, ("lstm", 1): 7}
    assert "SIGKILL" in failed["gru", 0].reason
    assert "out of memory" in failed["lstm", 1].reason
    by_name = {model.name: model.quality.per_seed for model in result.models}
    assert [value is None for value in by_name["gru"]] == [True, False]
    assert [value is None for value in by_name["lstm"]] == [False, True]
    assert [baseline.name for baseline in result.baselines] == ["majority"]
    assert result.models[0].train_speed is None
    assert "the baseline bow failed" in outcome.err
    assert "cost is not measured" in outcome.err
    assert "Traceback" not in outcome.err
    assert not (tmp_path / "cmp/DONE").exists(), "the same command tries again"

    sabotage("cost=fault")
    again = compare(seqcli, reviews, "--format", "json")
    assert again.code == 0, again.err
    result = Comparison.from_json(unsealed(json.loads(again.out)))
    assert result.failures == []
    assert {baseline.name for baseline in result.baselines} == {"majority", "bow"}
    for leg in (tmp_path / "cmp/legs").iterdir():
        assert RunDirectory.open(leg).status().state == "done"


@pytest.mark.parametrize("kind", ["baselines", "cost"])
def test_a_changed_score_or_cost_is_found_and_measured_anew(tmp_path, kind):
    """Promise 5 for what is kept beside the legs."""
    from seqcli.runs.sealed import read_record, write_record

    folder = tmp_path / kind
    folder.mkdir()
    path = folder / "x.json"
    write_record(path, answers_of([True, False]))
    content = bytearray(path.read_bytes())
    content[content.index(b"0.5")] ^= 1
    path.write_bytes(content)
    if kind == "cost":
        assert sitting.read_costs(path) is None
    else:
        from seqcli.experiments.compare.store import Store

        store = Store(tmp_path)
        result = type("Prepared", (), {"sha256": "x" * 64})()
        path.rename(store.baseline_file("bow", result))
        assert store.baseline("bow", result) is None
        anew = answers_of([True, True, True, False])
        assert not list(store.keep_baseline("bow", result, anew))
        assert store.baseline("bow", result).to_json() == anew
        assert read_record(store.baseline_file("bow", result)) == anew
