"""`compare --folds`: folds in place of one test split, with an interval that knows that they overlap."""

import json
import math

import pytest
from making.outcomes import concluded_from, finished_leg
from pydantic import ValidationError
from scipy import stats

from seqcli.experiments.compare.comparison import plan, run_comparison
from seqcli.experiments.compare.gate_figures import judge_gates
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.experiments.gates.judging import parse_gate
from seqcli.experiments.studies import study_of
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
from seqcli.results.compare import BaselineAnswers, Comparison
from seqcli.results.events import LegFinished, drive
from seqcli.statistics.folds import Folds

TINY = {"hidden": 2, "embedding": 2, "epochs": 1, "max_steps": 1, "cost": False}
LSTM = (0.80, 0.82, 0.78, 0.81, 0.84)
GRU = (0.77, 0.80, 0.78, 0.77, 0.79)
"""GRU − LSTM: mean −.028, and s² of the differences .00037."""
ERROR = math.sqrt((1 / 5 + 1 / 4) * 0.00037)


@pytest.fixture
def folded(reviews):
    """The comparison of two models with these scores, run after run."""

    def compare(lstm=LSTM, gru=GRU, **options):
        config = CompareConfig(
            models=("lstm", "gru"), data=str(reviews), seeds=len(lstm), folds=5, cost="no", **options
        )
        outcomes = {"lstm": [finished_leg(v) for v in lstm], "gru": [finished_leg(v) for v in gru]}
        bow = tuple(BaselineAnswers(valid=0.5, test=score, answers=[]) for score in (0.5, 0.6, 0.5, 0.6, 0.5))
        prepared = prepare_data(config.model_copy(update={"fold": 0}))
        return concluded_from(config, prepared, outcomes, folds=Folds(5, 0.25), baselines={"bow": bow})

    return compare


def test_the_interval_of_a_difference_is_that_of_the_corrected_resampled_t_test(folded):
    quality = folded().pairs[0].quality
    half = stats.t.ppf(0.975, 4) * ERROR
    assert quality.difference == pytest.approx(-0.028)
    assert quality.ci95 == pytest.approx((-0.028 - half, -0.028 + half), abs=1e-9)
    assert quality.examples_ci95 is None  # every fold has test examples of its own
    assert quality.verdict == "undecided"


def test_two_seeds_a_fold_are_averaged_first(folded):
    twice = folded(lstm=LSTM * 2, gru=GRU * 2)
    assert twice.pairs[0].quality.ci95 == pytest.approx(folded().pairs[0].quality.ci95)
    assert twice.protocol.folds.fold_per_seed == [0, 1, 2, 3, 4] * 2
    assert len(twice.models[0].quality.per_seed) == 10


def test_a_model_is_held_against_a_baseline_fold_by_fold(folded):
    baseline = folded().baselines[0]
    assert baseline.quality.per_seed == [0.5, 0.6, 0.5, 0.6, 0.5]
    against = {pair.a: pair.quality for pair in baseline.against}
    assert against["lstm"].difference == pytest.approx(0.27)
    assert against["lstm"].verdict == "better"


def test_no_number_of_seeds_is_named_since_folds_overlap_whatever_their_seeds(folded):
    result = folded()
    quality = result.pairs[0].quality
    assert (quality.seeds_needed, quality.examples_needed, quality.limit) == (None, None, "rows")
    shown = " ".join(render(result, "table", Page(width=100)).split())
    assert "5 folds of train and test" in shown
    assert "more seeds would not" in shown
    assert "--seeds" not in shown


def test_the_json_says_what_was_resampled_and_how_the_interval_was_made(folded):
    protocol = json.loads(json.dumps(folded().to_json()))["protocol"]
    assert protocol["folds"] == {
        "folds": 5,
        "fold_per_seed": [0, 1, 2, 3, 4],
        "test_to_train": 0.25,
        "resampled": "train and test",
        "interval": "corrected resampled t",
    }
    assert Comparison.from_json(folded().to_json()).protocol.folds is not None


def test_a_gate_is_judged_by_the_same_interval_as_the_pair(folded):
    result = folded()
    gate, single = judge_gates(
        [parse_gate("gru.accuracy >= lstm.accuracy - 0.01"), parse_gate("lstm.accuracy > 0.6")], result
    )
    assert gate.ci95 == pytest.approx([end + 0.01 for end in result.pairs[0].quality.ci95])
    assert gate.verdict == "undecided"
    assert gate.need.limit == "rows"
    assert single.verdict == "holds"


def test_the_seeds_are_one_a_fold_unless_they_are_named(reviews):
    config = CompareConfig(models=("gru",), data=str(reviews), folds=3)
    assert config.seeds == (0, 1, 2)
    assert CompareConfig(models=("gru",), data=str(reviews), folds=3, seeds=6).seeds == tuple(range(6))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seeds": "auto"}, "more runs of the same folds decide nothing"),
        ({"seeds": 4}, "multiple of 3, the folds.*3 or 6 seeds"),
        ({"vary": "hidden=2,4"}, "vary and folds exclude each other"),
        ({"tune_lr": True}, "tune_lr would see rows that folds test on"),
        ({"match": "hidden,params"}, "folds are compared under one match"),
        ({"fold": 1}, "fold and folds exclude each other"),
        ({"test": "other.csv"}, "folds are test sets of their own"),
    ],
)
def test_what_a_cross_validation_cannot_be_combined_with_is_refused(reviews, options, message):
    with pytest.raises(ValidationError, match=message):
        CompareConfig.model_validate({"models": ("gru",), "data": str(reviews), "folds": 3, **options})


def test_every_run_learns_and_is_tested_on_its_own_fold(reviews):
    planned = plan(CompareConfig(models=("rnn", "gru"), data=str(reviews), folds=3, seeds=6, **TINY))
    assert [leg.config["fold"] for leg in planned.of_model("gru")] == [0, 1, 2, 0, 1, 2]
    hashes = [leg.leg.prepared_sha256 for leg in planned.of_model("gru")]
    assert hashes == [fold.sha256 for fold in planned.folds] * 2
    assert len({*hashes}) == 3
    assert planned.resampling.test_to_train == pytest.approx(1 / 2, abs=0.01)
    part = plan(CompareConfig(models=("gru",), data=str(reviews), folds=3, train_size=0.5, **TINY))
    assert part.resampling.test_to_train == pytest.approx(1, abs=0.02)


def test_finished_folds_and_their_baselines_are_kept(reviews, tmp_path):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), folds=3, jobs=2, **TINY)

    def run():
        events = []
        result = drive(run_comparison(plan(config), Store(tmp_path), lambda: False), events.append)
        return result, [event.kept for event in events if isinstance(event, LegFinished)]

    first, new = run()
    again, outcome = run()
    assert new == [False] * 6
    assert outcome == [True] * 6
    assert first == again
    assert len(list((tmp_path / "baselines").glob("bow-*.json"))) == 3
    assert [len(baseline.quality.per_seed) for baseline in first.baselines] == [3, 3]
    assert first.task.majority == pytest.approx(0.5)
    assert "3 folds" in first.signature


def test_the_folds_are_announced_before_anything_runs(reviews):
    about = study_of(CompareConfig(models=("gru",), data=str(reviews), folds=3, **TINY)).about
    assert any("3 folds of the 216 rows" in line and "1 seed of its own" in line for line in about)
