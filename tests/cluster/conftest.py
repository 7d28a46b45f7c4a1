"""Real engines: they run where they are installed, by `make cluster`, and are skipped everywhere else."""

import json

import pytest
from cluster.loopback_slurm import loopback_slurm, missing

TINY = ("--hidden", "4", "--embedding", "4", "--epochs", "1", "--cost", "no", "--format", "json")


@pytest.fixture
def line(reviews, tmp_path, monkeypatch):
    """A small comparison, whose seeds no other test has looked at: a second look is judged more strictly."""
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))
    return ("compare", "rnn", "gru", "--data", str(reviews), "--seeds", "2", *TINY)


@pytest.fixture
def slurm(tmp_path_factory, monkeypatch):
    """A SLURM of two nodes; commands in this process and below find it."""
    lacking = missing()
    if lacking:
        pytest.skip(f"SLURM is not installed: {', '.join(lacking)}")
    pytest.importorskip("submitit")
    with loopback_slurm(tmp_path_factory.mktemp("slurm")) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        yield running


def facts(text):
    """A comparison's JSON without what a clock says, and without the seal over that."""
    document = json.loads(text)
    for model in document["models"]:
        del model["seconds_to_best"]
    document.pop("sha256", None)
    return document
