"""The learning rate is chosen by validation alone, on seeds of its own, and the models are trained at it."""

import json
from types import SimpleNamespace

import pytest
from making.outcomes import finished_leg

from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.tuning import choose, edge_note, tune
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.studies import study_of
from seqcli.reports.words.notes import note_text
from seqcli.results.events import Note, drive
from seqcli.results.train import Score


def score(value):
    return Score(metric="accuracy", value=value, loss=0.5, examples=9)


class Runner:
    """Legs whose validation is best at one rate and whose test score is best at another."""

    def __init__(self, best, tested=0.04):
        self.best, self.tested, self.asked = best, tested, []
        self.store = SimpleNamespace(outcome=self.outcome)

    def run(self, legs):
        self.asked += legs
        yield from ()

    def outcome(self, leg):
        rate = leg.leg.training.lr
        chosen = self.best[leg.leg.model.model]
        valid = 0.9 if rate == chosen else 0.5
        return finished_leg(0.0, valid=score(valid), test=score(0.99 if rate == self.tested else 0.1))


def ended(told):
    events = []
    return drive(told, events.append), [note_text(event) for event in events if isinstance(event, Note)]


@pytest.fixture
def tuned(reviews):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=(0, 1_000_000), lr=0.01)
    runner = Runner({"rnn": 0.005, "gru": 0.0025})
    result, notes = ended(tune(plan(config), runner))
    return result, notes, runner


def test_the_rate_is_the_one_with_the_best_validation_whatever_the_test_split_says(tuned):
    value, _, _ = tuned
    assert {contender.label: contender.training.lr for contender in value.contenders} == {
        "rnn": 0.005,
        "gru": 0.0025,
    }
    assert [model.scores for model in value.tuning.models] == [[0.5, 0.9, 0.5, 0.5, 0.5], [0.9] + [0.5] * 4]


def test_every_model_is_tried_at_the_same_rates_on_the_same_seeds_that_the_evaluation_never_sees(tuned):
    _, _, runner = tuned
    tried = {(item.leg.model.model, item.leg.training.lr, item.leg.seed) for item in runner.asked}
    rates = (0.0025, 0.005, 0.01, 0.02, 0.04)
    seeds = (1_000_001, 1_000_002)
    assert tried == {(model, rate, seed) for model in ("rnn", "gru") for rate in rates for seed in seeds}
    assert len(runner.asked) == len(tried)


def test_a_best_rate_at_the_grids_edge_is_a_warning_for_that_model_only(tuned):
    _, notes, _ = tuned
    (warning,) = [note for note in notes if "edge" in note]
    assert warning.startswith("gru is best at 0.0025")


def test_a_leg_that_tunes_never_sees_the_test_split(tuned, tmp_path):
    """Not even a score is computed: what nobody can see, nobody can choose by."""
    from seqcli.data.prepared import Prepared
    from seqcli.results.events import LegFinished
    from seqcli.runs.directory import RunDirectory
    from seqcli.training.leg import run_leg

    value, _, runner = tuned
    planned = next(item for item in runner.asked if item.leg.model.model == "gru")
    assert planned.leg.purpose == "tune"
    prepared = Prepared.open(planned.data)
    del prepared.splits["test"]
    small = planned.leg.model_copy(
        update={"training": planned.leg.training.model_copy(update={"max_steps": 2, "epochs": 1})}
    )
    with RunDirectory.create(tmp_path / "leg", planned.config) as run:
        result = list(run_leg(small, prepared, run, label="gru", should_stop=lambda: False))
        assert json.loads(run.read("summary.json"))["test"] is None
        assert not (tmp_path / "leg" / "predictions.jsonl").exists()
    (end,) = [event for event in result if isinstance(event, LegFinished)]
    assert end.test_metric is None
    assert value.legs[0].leg.purpose == "compare"


def test_progress_counts_the_legs_that_tune(reviews):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=(0, 1), tune_lr=True)
    assert study_of(config).legs == 2 * 2 + 2 * 5 * 2
    assert study_of(config.model_copy(update={"tune_lr": False})).legs == 4


@pytest.mark.parametrize(
    ("scores", "higher_is_better", "rate"),
    [
        ([0.5, 0.9, 0.9], True, 0.02),
        ([0.5, 0.2, 0.2], False, 0.02),
        ([0.5, 0.2, 0.1], True, 0.01),
        ([None, 0.4, 0.6], True, 0.04),
        ([None, None, 0.6], False, 0.04),
        ([None, None, None], True, 0.02),
    ],
    ids=["equal", "equal and less is better", "first", "one failed", "two failed", "all failed"],
)
def test_the_smallest_of_the_best_rates_is_chosen_and_the_middle_one_where_all_failed(
    scores, higher_is_better, rate
):
    rates = (0.01, 0.02, 0.04)
    tuned = choose("gru", rates, scores, higher_is_better=higher_is_better)
    assert (tuned.lr, tuned.at_edge, tuned.scores) == (rate, rate != 0.02, scores)


@pytest.mark.parametrize(("best", "further"), [(0.01, 0.0025), (0.04, 0.16)])
def test_the_note_of_a_rate_at_the_edge_names_a_rate_two_steps_beyond_it(best, further):
    rates = (0.01, 0.02, 0.04)
    tuned = choose("gru", rates, [float(rate == best) for rate in rates], higher_is_better=True)
    assert edge_note(tuned, rates).values["further"] == pytest.approx(further)
