"""The same command gives the same bytes, whatever runs beside it and whatever Python's hash seed is."""

import json
import os
import subprocess
import sys

import pytest
from making.stopping import RESULT_FILES

FILES = (*RESULT_FILES, "config.yaml", "task.json")
TINY = (
    "--hidden",
    "8",
    "--embedding",
    "8",
    "--epochs",
    "2",
    "--batch-size",
    "16",
    "--dropout",
    "0.3",
    "--no-cost",
)


def test_legs_are_the_same_bytes_for_any_hash_seed_number_of_jobs_and_order_of_models(
    seqcli, reviews, tmp_path
):
    """One comparison here, under Python's own hash seed; the other, with another, is started anew.

    It has the one job: each worker that is started, and not forked, loads torch again.
    """
    line = ["--data", str(reviews), *TINY, "--seeds", "2", "--no-cost"]
    ran = seqcli("compare", "lstm", "gru", *line, "--jobs", 2, "--out", "a")
    assert ran.code == 0, ran.err
    subprocess.run(
        [sys.executable, "-m", "seqcli", "compare", "gru", "lstm", *line, "--jobs", "1", "--out", "b"],
        env={**os.environ, "PYTHONHASHSEED": "12345", "SEQCLI_CACHE_DIR": str(tmp_path / "cache")},
        cwd=tmp_path, capture_output=True, check=True,
    )  # fmt: skip
    legs = sorted(path.name for path in (tmp_path / "a/legs").iterdir())
    assert len(legs) == 4
    assert legs == sorted(path.name for path in (tmp_path / "b/legs").iterdir())
    for leg in legs:
        for file in FILES:
            ours, theirs = (tmp_path / variant / "legs" / leg / file for variant in ("a", "b"))
            assert ours.read_bytes() == theirs.read_bytes(), f"{leg}/{file}"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seeds", [2, pytest.param(5, marks=pytest.mark.torture)])
def test_lstm_and_gru_reach_the_expected_accuracy_on_real_reviews(seqcli, seeds):
    """At least .745 on average, which a bag of words also reaches on these short sentences."""
    quick = ("--patience", 1) if seeds == 2 else ()
    line = ("compare", "lstm", "gru", "--task", "sentiment", "--seeds", seeds, "--no-cost", *quick)
    ran = seqcli(*line, "--format", "json", "-q")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert (result["task"]["train"], result["task"]["test"]) == (6824, 853)
    assert result["task"]["data_sha256"].startswith("d4acac55fe7f38d0")
    for model in result["models"]:
        assert len(model["quality"]["per_seed"]) == seeds
        assert model["quality"]["mean"] >= 0.745, model["quality"]
    bow = next(base for base in result["baselines"] if base["name"] == "bow")
    assert bow["quality"]["mean"] == pytest.approx(0.765, abs=0.02)
