"""Tasks that are solved or not: from legs to counts, verdicts and what is shown."""

import json

import pytest
from making.outcomes import concluded_from, finished_leg
from reports.records import plain_model

from seqcli.experiments.compare.reaching import solved_pairs, solved_seeds, with_solved
from seqcli.experiments.compare.store import LegOutcome
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
from seqcli.results.definition import Criterion
from seqcli.results.train import SolvedCriterion
from seqcli.statistics.exact_tests import judge_solved_family

TINY = ("--hidden", "8", "--epochs", "2", "--batch-size", "20", "--set", "task.examples=120")
SIZES = ("--set", "task.held_out=40")


def leg(value: float, criterion: Criterion | None) -> LegOutcome:
    solved = criterion and SolvedCriterion(solved=criterion.met(value), criterion=criterion.words)
    return finished_leg(value, metric="MSE", solved=solved)


MSE = Criterion(metric="MSE", threshold=0.01, above=False, source="here")


def legs(*values: float | None) -> list[LegOutcome | None]:
    return [None if value is None else leg(value, MSE) for value in values]


def test_seeds_are_counted_and_a_failed_one_is_neither():
    result = legs(0.001, 0.2, None, 0.0099)
    assert solved_seeds(result) == [True, False, None, True]
    quality = plain_model("lstm", [0.001, 0.2, None, 0.0099], metric="MSE").quality
    counted = with_solved(quality, result)
    assert (counted.solved, counted.solved_per_seed, counted.ci95) == (2, [True, False, None, True], None)


def test_the_verdict_is_the_exact_paired_test_s_and_not_a_t_test_s():
    six = legs(*[0.001] * 6), legs(*[0.17] * 6)
    (pair,) = solved_pairs([six], alpha=0.05)
    assert pair.verdict == "better"
    assert (pair.solved.a, pair.solved.b, pair.solved.seeds) == (6, 0, 6)
    assert pair.solved.p_value == pytest.approx(2 / 2**6)
    assert (pair.ci95, pair.ci90) == (None, None)
    (five,) = solved_pairs([(legs(*[0.001] * 5), legs(*[0.17] * 5))], alpha=0.05)
    assert five.verdict == "undecided"
    assert five.seeds_needed == judge_solved_family([([True] * 5, [False] * 5)])[0].seeds_needed
    assert five.difference == pytest.approx(0.001 - 0.17)


def test_only_seeds_that_both_finished_are_paired_and_none_is_no_verdict():
    (pair,) = solved_pairs([(legs(0.001, None, 0.2), legs(0.001, 0.001, None))], alpha=0.05)
    assert (pair.solved.a, pair.solved.b, pair.solved.seeds) == (1, 1, 1)
    (nothing,) = solved_pairs([(legs(None, 0.1), legs(0.1, None))], alpha=0.05)
    assert (nothing.verdict, nothing.solved) == ("undecided", None)


@pytest.mark.parametrize("task", ["adding", "anbn"])
def test_a_comparison_tells_definition_baseline_and_solved_seeds(seqcli, task):
    sizes = () if task == "anbn" else SIZES
    ran = seqcli(
        "compare",
        "lstm",
        "gru",
        "--task",
        task,
        "--length",
        5,
        *TINY,
        *sizes,
        "--seeds",
        2,
        "--no-cost",
        "--format",
        "json",
    )
    assert ran.code == 0, ran.err
    document = json.loads(ran.out)
    definition = document["task"]["definition"]
    for model in document["models"]:
        quality = model["quality"]
        assert quality["ci95"] is None
        assert quality["solved"] == sum(quality["solved_per_seed"])
        criterion = Criterion.model_validate(definition["criterion"])
        assert quality["solved_per_seed"] == [criterion.met(score) for score in quality["per_seed"]]
    names = [baseline["name"] for baseline in document["baselines"]]
    assert names == ([] if task == "anbn" else ["constant"])
    assert document["pairs"][0]["quality"]["solved"]["seeds"] == 2
    assert f"solved: test {criterion.words}" in ran.err


@pytest.mark.parametrize("form", ["table", "markdown", "tidy", "latex", "github", "jsonl"])
def test_every_format_shows_a_solved_task(seqcli, form):
    again = (
        "compare",
        "lstm",
        "gru",
        "--task",
        "adding",
        "--length",
        5,
        *TINY,
        *SIZES,
        "--seeds",
        2,
        "--no-cost",
        "--format",
    )
    ran = seqcli(*again, form)
    assert ran.code == 0, ran.err
    assert "0 of 2" in ran.out or '"solved":0' in ran.out.replace(" ", "")


def test_a_dry_run_and_the_cost_of_real_vectors(seqcli):
    base = ("compare", "lstm", "gru", "--task", "adding", "--length", 5, *TINY, *SIZES, "--seeds", 1)
    ran = seqcli(*base, "--dry-run")
    assert ran.code == 0, ran.err
    assert "lstm: 1 training run" in ran.out
    ran = seqcli(*base, "--format", "json")
    assert ran.code == 0, ran.err
    lstm = json.loads(ran.out)["models"][0]
    assert lstm["train_speed"]["median"] > 0
    assert lstm["parameters"]["embedding"] == 0


@pytest.mark.parametrize("task", ["adding", "anbn"])
def test_predict_says_what_such_a_run_is_for(seqcli, task):
    assert seqcli("train", "gru", "--task", task, "--length", 5, *TINY, "--out", "run").code == 0
    ran = seqcli("predict", "run", "a text")
    assert ran.code == 4, ran.err
    assert "predictions.jsonl" in ran.err


def test_a_run_on_a_task_with_settings_is_trained_again_by_its_own_configuration(seqcli, tmp_path):
    assert seqcli("train", "gru", "--task", "adding", "--set", "task.length=6", *TINY, "-o", "a").code == 0
    ran = seqcli("train", "-c", "a/config.yaml", "-o", "b", "--format", "json")
    assert ran.code == 0, ran.err
    assert (tmp_path / "a/model.safetensors").read_bytes() == (tmp_path / "b/model.safetensors").read_bytes()
    assert json.loads(ran.out)["solved"] == {"solved": False, "criterion": "MSE < 0.01"}


def test_tasks_that_both_always_solve_are_equivalent_from_fourteen_seeds_on():
    """.8^13 = .055 and .8^14 = .044: a fifth of the seeds to one side is excluded by fourteen."""
    (thirteen,) = solved_pairs([(legs(*[0.001] * 13), legs(*[0.001] * 13))], alpha=0.05)
    (fourteen,) = solved_pairs([(legs(*[0.001] * 14), legs(*[0.001] * 14))], alpha=0.05)
    assert (thirteen.verdict, fourteen.verdict) == ("undecided", "equivalent")
    assert fourteen.solved.margin == 0.2


def test_counting_is_solved_in_validation_when_it_counts_as_far_as_validation_goes():
    criterion = Criterion(metric="largest_n", threshold=51, above=True, source="here", valid_threshold=50)
    assert not criterion.met(50)
    assert criterion.met_in_validation(50)
    assert not criterion.met_in_validation(49)


@pytest.mark.parametrize(("margin", "verdict"), [(None, "undecided"), (50.0, "equivalent")])
def test_a_margin_of_solved_tasks_is_in_points_of_seeds_solved(margin, verdict):
    """.5^5 = .031: five seeds without a difference exclude that half of the seeds fall to one side."""
    solved = legs(*[0.001] * 5)
    settings = {"task": "adding", "margin": margin, "length": 5, "seeds": 5}
    config = CompareConfig(models=("lstm", "gru"), **settings)
    result = concluded_from(config, prepare_data(config), {"lstm": solved, "gru": solved})
    (pair,) = result.pairs
    assert (pair.quality.verdict, pair.quality.solved.margin) == (verdict, 0.2 if margin is None else 0.5)
    assert result.protocol.margin == 0.02, "the margin of scores stays the metric's own"
    text = " ".join(render(result, "table", Page(200, detailed=True)).split())
    wanted = (
        "equivalent within ±50 points of seeds solved" if margin else "a fresh --seeds 5:19 would decide it"
    )
    assert wanted in text
    assert "more seed" not in text
