"""Seeds are added at the declared looks until every pair is decided, and nothing is run twice."""

import json

import pytest
from making.outcomes import concluded_from, finished_leg
from pydantic import ValidationError

from seqcli.experiments.compare.comparison import plan, run_comparison
from seqcli.experiments.compare.store import Store
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.look_ledger import LookLedger
from seqcli.experiments.studies import study_of
from seqcli.reports.draw.page import Page
from seqcli.reports.report import render
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
    values = [event.kept for event in events if isinstance(event, LegFinished)]
    assert sorted(values) == [False, True, True, True]


@pytest.fixture
def looked(reviews, tmp_path, monkeypatch):
    """The plan of a comparison as earlier looks leave it; the look is then taken, of planted scores."""
    monkeypatch.setenv("SEQCLI_CACHE_DIR", str(tmp_path / "cache"))

    def look(seeds, *, models=("rnn", "gru"), folder="cache", **settings):
        config = CompareConfig(models=models, data=str(reviews), seeds=seeds, cost=False, **settings)
        study = study_of(config)
        ledger = LookLedger(Store(tmp_path / folder), study.kept_config, study.identity)
        study.after(ledger.taken())
        planned = study.plans[0].up_to(study.plans[0].looks.counts[0])
        conclusion = concluded_from(
            config, planned.prepared, {name: [finished_leg(0.5) for _ in planned.seeds] for name in models},
            seeds=planned.seeds, alpha=planned.looks.alpha, before=planned.before,
            apart=planned.apart,
        )  # fmt: skip
        assert list(ledger.add(conclusion)) == []
        return conclusion

    return look


def test_a_further_look_at_the_same_legs_is_judged_more_strictly_and_says_so(looked):
    """A margin chosen anew, or a folder of its own, makes no other data of the same legs."""
    first = looked("2").protocol
    assert (first.alpha, first.looks_before) == (0.05, [])
    result = looked("3")
    more = result.protocol
    assert (more.alpha, [(item.seeds, item.alpha) for item in more.looks_before]) == (
        0.0197,
        [([0, 1], 0.05)],
    )
    assert looked("3").protocol == more, "the same look again"
    assert looked("4", margin=9.0, folder="made").protocol.alpha == 0.0197
    assert len(looked("5", models=("gru", "rnn", "lstm")).protocol.looks_before) == 3
    assert (looked("5:7").protocol.alpha, looked("5:7").protocol.seeds) == (0.05, [5, 6])
    assert looked("3", lr=0.5).protocol.alpha == 0.05, "other legs"
    assert looked("5", models=("gru", "lstm")).protocol.alpha == 0.0197, "two of three models at these seeds"
    text = " ".join(render(result, "table", Page(300, detailed=True)).split())
    assert "judged before at 2 seeds (α = 0.05), now again at 3 (α = 0.0197): in one of these looks" in text
    assert "chance of up to 6.97 %; --seeds 3:6 would be fresh" in text


def test_fresh_seeds_after_a_look_are_a_second_experiment_and_the_screen_says_so(looked):
    """Each has 5 % of its own: who takes the verdict of either has up to 10 %."""
    looked("3")
    fresh = looked("3:9")
    assert (fresh.protocol.alpha, fresh.protocol.looks_before) == (0.05, [])
    assert [item.seeds for item in fresh.protocol.looks_apart] == [[0, 1, 2]]
    assert fresh.protocol.overall_alpha == pytest.approx(0.1)
    assert looked("3:9").protocol == fresh.protocol, "the same look again"
    assert looked("3").protocol.looks_apart == [], "the first was first"
    assert looked("9:12").protocol.fresh_seed == 12
    text = " ".join(render(fresh, "table", Page(300)).split())
    assert (
        "judged before at 3 seeds (α = 0.05), now at 6 (α = 0.05) that those had none of: 2 experiments,"
        " and in one of them a false verdict has a chance of up to 10 %" in text
    )
    both = looked("10:14")
    assert (len(both.protocol.looks_before), len(both.protocol.looks_apart)) == (1, 2)
    assert "(and at 3 seeds (α = 0.05), 6 seeds (α = 0.05) apart), now again at 4" in " ".join(
        render(both, "table", Page(300)).split()
    )


def test_automatic_looks_know_of_an_earlier_fixed_one_and_are_their_own_design(looked):
    looked("3")
    for _ in range(2):
        auto = looked("auto").protocol
        assert (auto.alpha, auto.look) == (0.0197, 5)
        assert [item.seeds for item in auto.looks_before] == [[0, 1, 2]]
    assert looked("5").protocol.alpha == 0.0197, "the first automatic look again"


@pytest.mark.parametrize("text", ["5:5", "5:4", "5:", ":5", "0:1001", "5:6:7", "-1:3"])
def test_a_range_of_seeds_has_a_first_and_a_later_end(reviews, text):
    assert CompareConfig(models=("rnn",), data=str(reviews), seeds="5:8").seeds == (5, 6, 7)
    with pytest.raises(ValidationError):
        CompareConfig(models=("rnn",), data=str(reviews), seeds=text)
