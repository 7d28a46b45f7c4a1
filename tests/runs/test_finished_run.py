"""A finished run read back: every record from its own file, and none of what was changed."""

import pytest

from seqcli.errors import RunError
from seqcli.runs.directory import RunDirectory
from seqcli.runs.finished_run import FinishedRun

SUMMARY = {
    "model": "gru", "task": "x", "seed": 0, "epochs": 1, "best_epoch": 1, "stopped": "epochs",
    "parameters": {"total": 3, "embedding": 1, "recurrent": 1, "head": 1},
    "valid": {"metric": "accuracy", "value": 0.5, "loss": 0.7, "examples": 4},
    "test": None, "signature": "s",
}  # fmt: skip
TASK = b"""{"name": "x", "kind": "classify", "labels": ["a", "b"], "metric": "accuracy", "majority": 0.5,
"max_len": 10, "vocab_size": 20, "data_sha256": "0"}"""


@pytest.fixture
def folder(tmp_path):
    with RunDirectory.create(tmp_path / "run", {"model": "gru"}, identity={}) as run:
        assert FinishedRun.open(run.path) is None
        run.commit_result({"task.json": TASK, "predictions.jsonl": b'{"label": "a"}\n'}, SUMMARY)
    return tmp_path / "run"


def test_each_record_comes_from_its_own_file(folder):
    run = FinishedRun.open(folder)
    assert run.summary.valid.value == 0.5
    assert run.task.labels == ("a", "b")
    assert run.predictions == b'{"label": "a"}\n'


def test_a_run_without_times_or_answers_is_read_all_the_same(tmp_path):
    with RunDirectory.create(tmp_path / "run", {}, identity={}) as run:
        run.commit_result({}, {"schema": "seqcli.compare/1"})
    read = FinishedRun.open(tmp_path / "run")
    assert (read.result, read.times, read.predictions) == ({"schema": "seqcli.compare/1"}, {}, b"")
    with pytest.raises(ValueError, match="schema"):
        assert read.summary


def test_a_changed_answer_is_never_read(folder):
    (folder / "predictions.jsonl").write_bytes(b'{"label": "b"}\n')
    with pytest.raises(RunError, match=r"predictions\.jsonl"):
        assert FinishedRun.open(folder).predictions
