"""`--threshold valid`: of two classes the rarer one is said from the probability best on validation."""

import json

import numpy as np
import pytest
from making.rare_texts import write_rare_texts

from seqcli.data.class_scores import answer_rows
from seqcli.data.config import DataConfig
from seqcli.data.kind import KINDS
from seqcli.data.threshold import chosen_threshold, decided
from seqcli.errors import UsageError
from seqcli.experiments.compare.comparison import plan
from seqcli.experiments.compare.leg_runner import baseline_jobs
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig, TrainConfig
from seqcli.experiments.predict import labelled, open_predictor
from seqcli.experiments.run_evaluation import evaluate_new, evaluate_own, read_new
from seqcli.experiments.train import plan_training, train
from seqcli.experiments.use_config import EvaluateConfig, PredictConfig
from seqcli.launch.jobs.baseline import score as score_baseline
from seqcli.models.baselines.bow import BagOfWords
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
from seqcli.results.events import drive
from seqcli.training.config import TrainingConfig

LABELS = ("often", "rare")


def drawn(seed: int, examples: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """Right classes, one in five the rarer, and what evaluation keeps: probabilities with ties."""
    generator = np.random.default_rng(seed)
    targets = (generator.random(examples) < 0.2).astype(np.int64)
    share = np.round(1 / (1 + np.exp(1.2 - 1.5 * targets - generator.standard_normal(examples))), 2)
    shares = np.column_stack([1 - share, share])
    best = shares.argmax(axis=1)
    return targets, np.column_stack([best, shares[np.arange(examples), best], shares])


def score(metric: str, targets: np.ndarray, said: np.ndarray) -> float:
    """By counting, as the definitions have it."""
    counts = {
        cls: (np.sum((targets == cls) & (said == cls)), np.sum(targets == cls), np.sum(said == cls))
        for cls in (0, 1)
    }
    f1 = {cls: 2 * right / (there + answered) for cls, (right, there, answered) in counts.items()}
    recall = {cls: right / there for cls, (right, there, _) in counts.items()}
    means = {"balanced_accuracy": recall, "macro_F1": f1}
    return float(f1[1]) if metric == "F1" else float(np.mean(list(means[metric].values())))


@pytest.mark.parametrize("metric", ["F1", "macro_F1", "balanced_accuracy"])
@pytest.mark.parametrize("seed", range(3))
def test_no_other_threshold_is_better_on_validation(metric, seed):
    """All thresholds from 0 to 1 in steps of .005, one after the other."""
    targets, outputs = drawn(seed)
    chosen = chosen_threshold(LABELS, targets, targets, outputs, metric=metric)
    best = max(score(metric, targets, outputs[:, 3] >= cut) for cut in np.arange(0, 1.0051, 0.005))
    assert (chosen.label, chosen.metric) == ("rare", metric)
    assert chosen.valid == pytest.approx(best)
    assert chosen.valid == pytest.approx(score(metric, targets, decided(outputs, LABELS, chosen)[:, 0]))
    assert chosen.valid_at_half == pytest.approx(score(metric, targets, outputs[:, 0]))


def test_of_equally_good_thresholds_it_is_that_nearest_to_one_half():
    share = np.array([0.1, 0.2, 0.7, 0.9])
    outputs = np.column_stack([share > 0.5, np.maximum(share, 1 - share), 1 - share, share])
    for targets, least in (([0, 0, 1, 1], 0.5), ([0, 1, 1, 1], 0.15), ([0, 0, 0, 1], 0.8)):
        right = np.array(targets)
        chosen = chosen_threshold(LABELS, np.array([0, 1]), right, outputs, metric="macro_F1")
        assert chosen.least == pytest.approx(least)


def test_the_rarer_class_is_that_of_training_whichever_number_it_has():
    targets, outputs = drawn(0)
    swapped = np.column_stack([1 - outputs[:, 0], outputs[:, 1], outputs[:, 3], outputs[:, 2]])
    chosen = chosen_threshold(("rare", "often"), 1 - targets, 1 - targets, swapped, metric="macro_F1")
    assert chosen == chosen_threshold(LABELS, targets, targets, outputs, metric="macro_F1")


def test_what_is_said_comes_with_its_own_probability():
    targets, outputs = drawn(1)
    chosen = chosen_threshold(LABELS, targets, targets, outputs, metric="F1")
    for row in answer_rows(LABELS, targets, decided(outputs, LABELS, chosen)):
        assert row["probability"] == pytest.approx(row["probabilities"][row["predicted"]], abs=1e-6)
        assert (row["predicted"] == "rare") == (row["probabilities"]["rare"] >= chosen.least)


def test_a_validation_split_without_the_rarer_class_leaves_one_half():
    targets, outputs = drawn(2)
    chosen = chosen_threshold(LABELS, targets, targets * 0, outputs, metric="F1")
    assert (chosen.least, chosen.valid) == (0.5, 0.0)


def test_a_baseline_beside_is_decided_by_a_threshold_of_its_own(tmp_path):
    """Networks that may choose one, against a bag of words that may not, would win by that alone."""
    file = tmp_path / "weak.csv"
    lines = [
        f"{'odd' if i % 9 < 3 else 'plain'} text {i % 13} {i},{'rare' if i % 9 == 0 else 'often'}"
        for i in range(300)
    ]
    file.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    answers = {}
    for threshold in ("half", "valid"):
        planned = plan(
            CompareConfig(
                models=("gru",), data=str(file), threshold=threshold, metric="macro_F1", seeds=1, cost="no"
            )
        )
        for job in baseline_jobs(planned, Store(tmp_path / threshold)):
            answers[job.name] = drive(score_baseline(job.arguments, lambda: False), lambda _: None)
    examples = KINDS.get("classify").examples
    bag = BagOfWords().fit(*examples(planned.prepared, "train"))
    texts, right = examples(planned.prepared, "valid")
    shares = np.array([share["rare"] for share in bag.shares(texts)])
    targets = np.array([label == "rare" for label in right]).astype(np.int64)
    best = max(score("macro_F1", targets, shares >= cut) for cut in np.arange(0, 1.0051, 0.005))
    assert answers["bow"]["valid"] < best
    assert answers["bow-threshold"]["valid"] == pytest.approx(best)
    assert answers["majority-threshold"] == answers["majority"]  # one probability for all: nothing to cut


def test_the_setting_is_in_a_runs_identity_only_where_it_was_set():
    assert "threshold" not in TrainingConfig(threshold="half").model_dump(mode="json")
    assert TrainingConfig(threshold="valid").model_dump(mode="json")["threshold"] == "valid"


@pytest.fixture(scope="module")
def rare(tmp_path_factory):
    """One text in five is of the rare class, which a word tells, but not always."""
    return write_rare_texts(tmp_path_factory.mktemp("rare"), 200, told_in_all=False)


@pytest.fixture(scope="module")
def run(rare):
    config = TrainConfig(
        model="gru",
        data=str(rare),
        threshold="valid",
        hidden=4,
        embedding=4,
        epochs=2,
        split=(0.5, 0.25, 0.25),
    )
    folder = rare.parent / "run"
    result = drive(
        train(plan_training(config), folder, overwrite=False, should_stop=lambda: False), lambda _: None
    )
    return folder, result


def test_the_test_split_is_answered_by_the_threshold_and_the_result_tells_it(run):
    folder, result = run
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    chosen = result.threshold
    assert chosen.label == "rare"
    assert chosen.valid > chosen.valid_at_half
    assert {row["predicted"] for row in rows} == {"often", "rare"}
    assert all((row["predicted"] == "rare") == (row["probabilities"]["rare"] >= chosen.least) for row in rows)
    assert result.test.value == pytest.approx(np.mean([row["predicted"] == row["label"] for row in rows]))
    assert "said rare" in render(result, "table", Page(width=100))


def test_predict_and_evaluate_decide_by_the_same_threshold(run, rare):
    folder, result = run
    rows = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    answers = labelled(open_predictor(folder, PredictConfig()), [row["text"] for row in rows])
    assert [answer.label for answer, _ in answers] == [row["predicted"] for row in rows]
    own = evaluate_own(folder, EvaluateConfig())
    assert own.threshold == result.threshold
    tested = rare.parent / "tested.csv"
    lines = [f"{row['text']},{row['label']}" for row in rows]
    tested.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    new = evaluate_new(folder, read_new(folder, DataConfig(data=str(tested))), EvaluateConfig())
    assert new.score.value == pytest.approx(own.score.value)
    assert new.threshold == own.threshold
    assert "said rare" in render(new, "table", Page(width=100))


def test_more_than_two_classes_have_no_threshold_and_hear_why(tmp_path):
    path = tmp_path / "three.csv"
    lines = [f"text {i} {i % 3},{'abc'[i % 3]}" for i in range(90)]
    path.write_text("\n".join(["text,label", *lines]) + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match="two classes, and three has 3"):
        plan(CompareConfig(models=("gru",), data=str(path), threshold="valid"))


def test_a_threshold_is_refused_where_no_whole_sequence_has_a_class():
    with pytest.raises(UsageError, match="two classes, and adding"):
        plan(CompareConfig.model_validate({"models": ("gru",), "task": "adding", "threshold": "valid"}))
