"""The same command gives the same bytes, whatever runs beside it and whatever Python's hash seed is."""

import json

import pytest

FILES = (
    "model.safetensors",
    "metrics.jsonl",
    "summary.json",
    "predictions.jsonl",
    "config.yaml",
    "task.json",
)
TINY = (
    *[
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
    ],
)


def test_legs_are_the_same_bytes_for_any_hash_seed_number_of_jobs_and_order_of_models(
    shell, reviews, tmp_path
):
    variants = {
        "a": (("lstm", "gru"), 1, "0"),
        "b": (("gru", "lstm"), 2, "12345"),
    }
    for name, (models, jobs, hash_seed) in variants.items():
        ran = shell(
            "compare", *models, "--data", reviews, *TINY, "--seeds", 2, "--jobs", jobs, "--out", name,
            PYTHONHASHSEED=hash_seed, SEQCLI_CACHE_DIR=str(tmp_path / f"cache-{name}"),
        )  # fmt: skip
        assert ran.code == 0, ran.err
    legs = sorted(path.name for path in (tmp_path / "a/legs").iterdir())
    assert len(legs) == 4
    assert legs == sorted(path.name for path in (tmp_path / "b/legs").iterdir())
    for leg in legs:
        for file in FILES:
            ours, theirs = (tmp_path / variant / "legs" / leg / file for variant in variants)
            assert ours.read_bytes() == theirs.read_bytes(), f"{leg}/{file}"


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_lstm_and_gru_reach_the_expected_accuracy_on_real_reviews(shell):
    """Over 5 seeds each: at least .745, which a bag of words also reaches on these short sentences."""
    ran = shell("compare", "lstm", "gru", "--task", "sentiment", "--no-cost", "--format", "json", "-q")
    assert ran.code == 0, ran.err
    result = json.loads(ran.out)
    assert (result["task"]["train"], result["task"]["test"]) == (6824, 853)
    assert result["task"]["data_sha256"].startswith("d4acac55fe7f38d0")
    for model in result["models"]:
        assert len(model["quality"]["per_seed"]) == 5
        assert model["quality"]["mean"] >= 0.745, model["quality"]
    bow = next(base for base in result["baselines"] if base["name"] == "bow")
    assert bow["quality"]["mean"] == pytest.approx(0.765, abs=0.02)
