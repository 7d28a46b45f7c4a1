"""Scores for classes of which one is rare, against scikit-learn, and as verdicts resample them."""

import json

import numpy as np
import pytest

from seqcli.data.class_scores import (
    AUROC,
    BALANCED,
    CLASS_METRICS,
    LOG_LOSS,
    MACRO_F1,
    answer_rows,
    significant,
)
from seqcli.data.kind import KINDS, metric_named, metric_names
from seqcli.errors import UsageError
from seqcli.runs import strict_json
from seqcli.statistics.crossed import resampled

sklearn = pytest.importorskip("sklearn.metrics")


def drawn(examples: int, classes: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Right classes, most of them the first, and the probabilities of each, with ties."""
    generator = np.random.default_rng(seed)
    targets = np.minimum(generator.geometric(0.6, examples) - 1, classes - 1)
    logits = generator.standard_normal((examples, classes)) + 1.5 * np.eye(classes)[targets]
    shares = np.round(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True), 2) + 1e-3
    return targets, shares / shares.sum(axis=1, keepdims=True)


def rows_of(targets: np.ndarray, shares: np.ndarray) -> list[dict]:
    """As `predictions.jsonl` keeps them and JSON gives them back."""
    best = shares.argmax(axis=1)
    outputs = np.column_stack([best, shares[np.arange(len(best)), best], shares])
    labels = [f"class {number}" for number in range(shares.shape[1])]
    return [json.loads(strict_json.line(row)) for row in answer_rows(labels, targets, outputs)]


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_each_score_is_scikit_learns(classes: int, seed: int) -> None:
    targets, shares = drawn(200, classes, seed)
    rows, best = rows_of(targets, shares), shares.argmax(axis=1)
    shares = np.array([list(row["probabilities"].values()) for row in rows])  # ties as they are written
    area = (
        sklearn.roc_auc_score(targets, shares[:, 1])
        if classes == 2
        else sklearn.roc_auc_score(targets, shares, multi_class="ovr")
    )
    assert MACRO_F1.value(rows) == pytest.approx(sklearn.f1_score(targets, best, average="macro"), abs=1e-9)
    assert BALANCED.value(rows) == pytest.approx(sklearn.balanced_accuracy_score(targets, best), abs=1e-9)
    assert LOG_LOSS.value(rows) == pytest.approx(sklearn.log_loss(targets, shares), abs=1e-7)
    assert AUROC.value(rows) == pytest.approx(area, abs=1e-9)


def test_scores_by_hand() -> None:
    """3 of 4 'a' found, the one 'b' found: recalls .75 and 1; F1 2·3/(4 + 3) and 2·1/(1 + 2)."""
    rows = [
        {"label": right, "predicted": answer, "probabilities": {"a": share, "b": 1 - share}}
        for right, answer, share in [
            ("a", "a", 0.9),
            ("a", "a", 0.8),
            ("a", "a", 0.6),
            ("a", "b", 0.4),
            ("b", "b", 0.5),
        ]
    ]
    assert BALANCED.value(rows) == pytest.approx((0.75 + 1) / 2)
    assert MACRO_F1.value(rows) == pytest.approx((6 / 7 + 2 / 3) / 2)
    assert AUROC.value(rows) == pytest.approx(3 / 4)  # of 4 pairs, .4 alone lies on b's side of .5
    assert LOG_LOSS.value(rows) == pytest.approx(-np.log([0.9, 0.8, 0.6, 0.4, 0.5]).mean())


def test_a_probability_of_nothing_costs_as_much_as_in_scikit_learn() -> None:
    rows = [{"label": "a", "predicted": "b", "probabilities": {"a": 0.0, "b": 1.0}}]
    assert LOG_LOSS.value(rows) == pytest.approx(-np.log(np.finfo(np.float64).eps))


@pytest.mark.parametrize("metric", CLASS_METRICS, ids=lambda metric: metric.name)
def test_a_resampled_score_is_that_of_the_rows_that_were_drawn(metric) -> None:
    targets, shares = drawn(60, 3)
    rows = rows_of(targets, shares)
    times = resampled(60, replicates=4)
    if metric.ranked is not None:
        scores = metric.ranked(rows)(times.astype(float))
    else:
        counts = np.asarray(metric.sums.counts(rows, None))
        scores = [metric.sums.score(row) for row in (times @ counts).tolist()]
    again = [
        metric.value([row for row, count in zip(rows, each, strict=True) for _ in range(count)])
        for each in times
    ]
    assert list(scores) == pytest.approx(again)


def test_probabilities_keep_nine_digits_and_none_is_lost_between_file_and_score() -> None:
    assert significant(np.array([0.123456789876, 1e-30, 0.0, 1.0])).tolist() == [0.12345679, 1e-30, 0.0, 1.0]


def test_runs_of_before_lack_what_a_score_needs_and_tell_none() -> None:
    rows = [{"label": "a", "predicted": "a", "probability": 0.9}]
    assert AUROC.value(rows) is None
    assert LOG_LOSS.value(rows) is None


def test_the_kind_knows_them_and_they_are_better_when_greater_but_for_log_loss() -> None:
    names = [metric.name for metric in KINDS.get("classify").metrics]
    assert names == ["accuracy", "macro_F1", "balanced_accuracy", "log_loss", "auroc"]
    assert [metric_named(name).higher_is_better for name in names] == [True, True, True, False, True]


def rare(rows: int = 200) -> str:
    lines = [
        f"film {i} was {'odd' if i % 10 == 0 else 'usual'} and {i % 7},{'rare' if i % 10 == 0 else 'often'}"
        for i in range(rows)
    ]
    return "\n".join(["text,label", *lines]) + "\n"


def test_the_usual_metric_leaves_the_data_as_it_always_was_and_another_makes_it_another(
    make, written
) -> None:
    path = written("x.csv", rare())
    usual = make(data=path)
    assert make(data=path, metric="accuracy").sha256 == usual.sha256
    by_f1 = make(data=path, metric="macro_F1")
    assert by_f1.sha256 != usual.sha256
    assert (by_f1.metric, by_f1.higher_is_better) == ("macro_F1", True)
    assert make(data=path, metric="log_loss").higher_is_better is False


def test_the_majority_class_is_scored_by_the_metric_that_was_chosen(make, written) -> None:
    """18 of 20 test rows are 'often': F1 36/38 and 0; recalls 1 and 0; the constant shares rank nothing."""
    path = written("x.csv", rare())
    values = {
        name: make(data=path, metric=name).majority_score
        for name in ("macro_F1", "balanced_accuracy", "auroc")
    }
    assert values["macro_F1"] == pytest.approx(36 / 38 / 2)
    assert values["balanced_accuracy"] == values["auroc"] == 0.5
    entropy = -(0.9 * np.log(0.9) + 0.1 * np.log(0.1))
    assert make(data=path, metric="log_loss").majority_score == pytest.approx(entropy)


def test_a_score_by_the_probabilities_of_many_classes_is_refused(make, written) -> None:
    rows = "\n".join(["text,label", *(f"text {i},c{i % 51}" for i in range(204))])
    with pytest.raises(UsageError, match="there are 51"):
        make(data=written("x.csv", rows + "\n"), metric="auroc")
    assert make(data=written("x.csv", rows + "\n"), metric="macro_F1").metric == "macro_F1"


def test_a_metric_of_another_kind_is_refused_with_those_of_this_one(make, written) -> None:
    with pytest.raises(UsageError, match="BLEU"):
        make(data=written("x.csv", rare()), metric="BLEU")


def test_a_score_that_two_kinds_have_is_named_once_where_a_wrong_name_is_refused() -> None:
    assert len(metric_names()) == len({*metric_names()})
