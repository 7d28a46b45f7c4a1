"""Seeds are added at the declared looks until every pair is decided, and nothing is run twice."""

import json

import pytest

from seqcli.experiments.compare import plan, run_comparison
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.store import Store
from seqcli.results.events import LegFinished, drive

TINY = {"hidden": 2, "embedding": 2, "epochs": 1, "max_steps": 1, "cost": False}


def run(config, folder):
    events = []
    return drive(run_comparison(plan(config), Store(folder), lambda: False), events.append), events


@pytest.mark.parametrize(("margin", "looks"), [(99.0, 5), (1.0, 20)])
def test_seeds_are_added_until_decided_at_the_looks_level(reviews, tmp_path, margin, looks):
    # The legs of this data take milliseconds, but are noisy: only a huge margin is decided at the first look.
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds="auto", margin=margin, **TINY)
    result, events = run(config, tmp_path)
    assert result.protocol.look == len(result.models[0].quality.per_seed) == looks
    assert result.protocol.alpha == 0.0197
    assert (result.pairs[0].quality.verdict == "undecided") == (looks == 20)
    finished = [event.leg for event in events if isinstance(event, LegFinished)]
    assert len(finished) == len({(leg.model, leg.seed) for leg in finished}) == 2 * looks


def test_a_fixed_number_of_seeds_is_one_look_at_five_percent(reviews, tmp_path):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=2, **TINY)
    result, _ = run(config, tmp_path)
    assert (result.protocol.look, result.protocol.alpha) == (2, 0.05)
    assert json.loads(json.dumps(result.to_json()))["protocol"]["seeds"] == [0, 1]


def test_a_finished_leg_whose_file_was_changed_is_found_and_run_anew(reviews, tmp_path):
    config = CompareConfig(models=("rnn", "gru"), data=str(reviews), seeds=2, **TINY)
    first, _ = run(config, tmp_path)
    leg = plan(config).legs[0].folder_name
    summary = tmp_path / "legs" / leg / "summary.json"
    summary.write_bytes(summary.read_bytes().replace(b"early", b"EARLY").replace(b'"steps"', b'"STEPS"'))
    again, events = run(config, tmp_path)
    assert [model.quality for model in again.models] == [model.quality for model in first.models]
    kept = [event.kept for event in events if isinstance(event, LegFinished)]
    assert sorted(kept) == [False, True, True, True]
