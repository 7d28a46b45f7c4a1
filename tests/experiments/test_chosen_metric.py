"""`--metric` of classes: verdicts, early stopping, baselines and gates go by it; others stand beside it."""

import pytest
from making.rare_texts import write_rare_texts

from seqcli.experiments.compare.comparison import plan, run_comparison
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
from seqcli.reports.words.learning_words import accuracy_flatters
from seqcli.results.events import drive

TINY = {"hidden": 4, "embedding": 4, "epochs": 2, "cost": "no", "seeds": 2, "jobs": 2}


@pytest.fixture(scope="module")
def rare(tmp_path_factory):
    """One text in five is of the rare class, which a word tells."""
    return write_rare_texts(tmp_path_factory.mktemp("rare"), 150, told_in_all=True)


@pytest.mark.parametrize(
    ("metric", "column"),
    [
        ("macro_F1", "test macro"),
        ("balanced_accuracy", "test balanced"),
        ("log_loss", "test log"),
        ("auroc", "test AUROC"),
    ],
)
def test_everything_is_judged_by_the_metric_that_was_chosen(rare, tmp_path, metric, column):
    sign, slack = ("<", "+ 0.9") if metric == "log_loss" else (">", "- 0.9")
    gate = f"gru.{metric} {sign} rnn.{metric} {slack}"
    config = CompareConfig(models=("rnn", "gru"), data=str(rare), metric=metric, expect=(gate,), **TINY)
    planned = plan(config)
    result = drive(run_comparison(planned, Store(tmp_path), lambda: False), lambda _: None)
    assert {model.quality.metric for model in result.models} == {metric}
    assert result.pairs[0].quality.examples_ci95 is not None  # test examples are resampled too
    assert all("accuracy" in model.beside and metric not in model.beside for model in result.models)
    baselines = {baseline.name: baseline for baseline in result.baselines}
    assert baselines["majority"].quality.mean == pytest.approx(result.task.majority)
    assert all(pair.quality.interval is not None for pair in baselines["bow"].against)
    assert planned.judged(result).expectations[0].interval is not None
    assert column in render(result, "table", Page(width=100))


def test_the_other_scores_stand_beside_accuracy_and_leave_the_short_table_as_it_is(rare, tmp_path):
    config = CompareConfig(models=("gru",), data=str(rare), class_weights="balanced", **TINY)
    result = drive(run_comparison(plan(config), Store(tmp_path), lambda: False), lambda _: None)
    assert sorted(result.models[0].beside) == ["auroc", "balanced_accuracy", "log_loss", "macro_F1"]
    assert result.models[0].training["class_weights"] == "balanced"
    assert "AUROC" not in render(result, "table", Page(width=100))
    assert "AUROC" in render(result, "table", Page(width=100, detailed=True))


@pytest.mark.parametrize(
    ("interval", "majority", "told"),
    [
        ((0.85, 0.93), 0.9, True),
        ((0.91, 0.95), 0.9, False),  # shown to be above it
        ((0.5, 0.6), 0.9, False),  # far below: that flatters nobody
        ((0.7, 0.8), 0.79, False),  # no class is that frequent
    ],
)
def test_accuracy_flatters_where_one_class_is_frequent_and_it_is_within_noise_of_its_share(
    interval, majority, told
):
    words = accuracy_flatters(sum(interval) / 2, interval, majority, 0.52)
    assert bool(words) == told
    if told:
        assert words == (
            "Accuracy flatters: 90.0 % of the test rows are of one class, and balanced accuracy is 52.0 %."
            " Judge by --metric macro_F1 or balanced_accuracy."
        )


def test_weights_of_classes_are_refused_where_no_whole_sequence_has_one(reviews):
    from seqcli.errors import UsageError

    with pytest.raises(UsageError, match="--class-weights weighs classes, and adding"):
        plan(
            CompareConfig.model_validate({"models": ("gru",), "task": "adding", "class_weights": "balanced"})
        )
