"""This comparison beside an earlier one: paired where seeds share data, else independent; gates on both."""

import json
import math

import numpy as np
import pytest
from reports.records import plain_comparison, plain_model
from scipy import stats

from seqcli.errors import DataError, RunError, UsageError
from seqcli.experiments.compare.earlier_file import read_baseline
from seqcli.experiments.compare.gate_figures import figures_of, judge_gates
from seqcli.experiments.compare.reference import compare_with
from seqcli.experiments.compare.store import Store
from seqcli.experiments.gates.gate_checks import check_names
from seqcli.experiments.gates.judging import parse_gate
from seqcli.reports.draw.page import Page
from seqcli.reports.formats.json import REPORT
from seqcli.reports.words.earlier_words import earlier_lines, with_notes
from seqcli.results.compare import Comparison
from seqcli.results.measurements import Latency, Machine, Memory, Sitting, Speed
from seqcli.runs.directory import RunDirectory

BEFORE = [0.80, 0.82, 0.79, 0.81, 0.83]
NOW = [0.79, 0.80, 0.78, 0.80, 0.80]
SPEEDS = ([1000.0, 1010.0, 990.0], [2000.0, 2100.0, 1900.0])


def result(
    scores, *, speeds=SPEEDS[0], data="a" * 64, seeds=None, metric="accuracy", label="gru", bytes_=400,
    match="hidden", latencies=(1.0, 1.1, 0.9), day=1, host="lab7",
):  # fmt: skip
    model = plain_model(
        label,
        scores,
        total=bytes_,
        metric=metric,
        train_speed=Speed(
            median=speeds[0], ci95=None, samples=speeds, per_sitting=speeds, tokens_per_second=1.0
        ),
        latency=Latency(p50=latencies[0], p95=2.0, samples=list(latencies), per_sitting=list(latencies)),
        memory=Memory(parameters=bytes_, optimizer=2 * bytes_, activations=bytes_, peak=(1, 2)),
    )
    protocol = {"match": match} if seeds is None else {"match": match, "seeds": seeds}
    return plain_comparison(
        [model],
        task={"metric": metric, "data_sha256": data, "scale_max": {"BLEU": 100.0}.get(metric)},
        protocol=protocol,
        sittings=[sitting(f"day {day + number}", host) for number in range(len(speeds))],
    )


def sitting(date, host):
    machine = Machine(host=host, cpu="c", instruction_set="AVX2", torch="2", device="cpu", threads=1)
    return Sitting(date=date, machine=machine, processes=5)


def beside(now, then):
    outcome = with_notes(compare_with(now, then, file="old.json"), now.task.metric)
    return outcome, outcome.models[0]


def test_on_the_same_data_protocol_and_seeds_quality_is_paired_seed_by_seed():
    """Of a score that is none of examples: all that varies are the seeds."""
    outcome, model = beside(result(NOW, metric="MSE"), result(BEFORE, metric="MSE"))
    expected_interval = stats.ttest_rel(NOW, BEFORE).confidence_interval(0.95)
    assert outcome.paired
    assert model.quality.test == "paired t"
    assert model.quality.ci95 == pytest.approx((expected_interval.low, expected_interval.high), abs=1e-9)
    assert model.quality.verdict == "worse"
    assert not model.quality.unchanged


@pytest.mark.parametrize(
    ("changed", "note"),
    [
        ({"data": "b" * 64}, "data"),
        ({"seeds": [5, 6, 7, 8, 9]}, "seeds"),
        ({"match": "params"}, "protocol"),
    ],
)
def test_otherwise_the_two_are_independent_samples_and_it_says_why(changed, note):
    outcome, model = beside(result(NOW, metric="MSE"), result(BEFORE, metric="MSE", **changed))
    expected_interval = stats.ttest_ind(NOW, BEFORE, equal_var=False).confidence_interval(0.95)
    assert not outcome.paired
    assert any(f"not paired: the {note} differ" in item for item in outcome.notes)
    assert model.quality.test == "Welch"
    assert model.quality.ci95 == pytest.approx((expected_interval.low, expected_interval.high), abs=1e-9)
    assert model.quality.verdict == "undecided"


def test_answers_that_a_file_does_not_tell_count_by_their_own_sampling_as_in_a_gate():
    """The seeds alone would say 'worse': 1.6 points on 1,000 test examples are not shown."""
    for other in ({}, {"data": "b" * 64}):
        now, then = result(NOW), result(BEFORE, **other)
        outcome, model = beside(now, then)
        (judged,) = judge_gates([parse_gate("gru.accuracy >= baseline.gru.accuracy")], now, then)
        assert model.quality.ci95 == pytest.approx(judged.interval, rel=1e-9)
        assert (model.quality.verdict, model.quality.examples) == ("undecided", True)
        (note,) = [item for item in outcome.notes if "no answers to test examples" in item]
        assert note.startswith("this result and the baseline keep no answers to test examples: the sampling")


def test_a_corpus_score_whose_answers_a_file_does_not_tell_has_no_verdict():
    outcome, model = beside(
        result([30.0, 31.0, 30.0], metric="BLEU"), result([10.0, 10.0, 11.0], metric="BLEU")
    )
    assert (model.quality.verdict, model.quality.ci95, model.quality.examples) == ("undecided", None, False)
    assert any("so BLEU has no verdict" in note for note in outcome.notes)


def test_the_models_of_both_results_are_one_family_at_the_level_of_the_look():
    """Four equal models: the interval of each is at α / 4 (Holm's first step), and α is the look's."""
    now, then = result(NOW, metric="MSE"), result(BEFORE, metric="MSE")
    labels = [f"gru hidden={width}" for width in (8, 16, 32, 64)]
    now, then = (
        item.model_copy(
            update={
                "models": [item.models[0].model_copy(update={"label": label}) for label in labels],
                "protocol": item.protocol.model_copy(update={"alpha": 0.0197}),
            }
        )
        for item in (now, then)
    )
    outcome = compare_with(now, then, file="old.json")
    expected_interval = stats.ttest_rel(NOW, BEFORE).confidence_interval(1 - 0.0197 / 4)
    for model in outcome.models:
        assert model.quality.level == pytest.approx(1 - 0.0197 / 4)
        assert model.quality.ci95 == pytest.approx((expected_interval.low, expected_interval.high), abs=1e-9)
        assert model.quality.verdict == "undecided", "at 5 % each alone would be worse"
    line = earlier_lines(now.model_copy(update={"earlier": outcome}), 1)[1].text
    assert "(paired t over seeds, 99.5 %)" in line


def test_speeds_of_several_models_are_one_family_too():
    now, then = result(NOW, speeds=[900.0, 1010.0, 1100.0], day=9), result(BEFORE, speeds=SPEEDS[0])
    labels = ["gru", "gru hidden=8"]
    now, then = (
        item.model_copy(
            update={"models": [item.models[0].model_copy(update={"label": label}) for label in labels]}
        )
        for item in (now, then)
    )
    for model in compare_with(now, then, file="old.json").models:
        assert model.train_speed.level == pytest.approx(0.975)


def test_a_result_beside_itself_is_unchanged_and_nothing_was_timed_anew():
    outcome, model = beside(result(NOW), result(NOW))
    assert model.quality.unchanged
    assert model.quality.verdict == "equivalent"
    assert any("nothing was timed anew" in note for note in outcome.notes)


def test_from_three_sittings_on_speeds_are_two_independent_samples_and_sizes_are_exact():
    outcome, model = beside(
        result(NOW, speeds=SPEEDS[1], bytes_=200, day=9), result(BEFORE, speeds=SPEEDS[0], bytes_=400)
    )
    logs = [[math.log(value) for value in values] for values in reversed(SPEEDS)]
    expected_interval = stats.ttest_ind(*logs, equal_var=False).confidence_interval(0.95)
    assert model.train_speed.ratio == pytest.approx(math.exp(sum(logs[0]) / 3 - sum(logs[1]) / 3))
    assert model.train_speed.ci95 == pytest.approx(
        (math.exp(expected_interval.low), math.exp(expected_interval.high)), rel=1e-9
    )
    assert model.train_speed.verdict == "better"
    assert model.memory.ratio == pytest.approx(0.5)
    assert (model.memory.verdict, model.memory.ci95) == ("better", None)
    assert model.train_speed.sittings == (3, 3)
    assert not any("timed" in note for note in outcome.notes)


@pytest.mark.parametrize("sittings", [1, 2])
def test_no_speed_has_become_better_or_worse_in_fewer_than_three_sittings(sittings):
    """However sure a sitting is of itself: its processes do not tell how far another sitting would lie."""
    now = result(NOW, speeds=SPEEDS[1][:sittings], latencies=(0.1, 0.11, 0.09)[:sittings], day=9)
    then = result(
        BEFORE, speeds=SPEEDS[0][: 1 if sittings == 1 else 3], latencies=(1, 1, 1)[: 2 * sittings - 1]
    )
    outcome, model = beside(now, then)
    for ratio in (model.train_speed, model.latency):
        assert (ratio.verdict, ratio.ci95) == ("undecided", None)
    lines = earlier_lines(now.model_copy(update={"earlier": outcome}), 1)
    assert "speed ×2.00, " in lines[2].text.replace("×2.05", "×2.00")
    assert sum("needs 3 on either side" in line.text for line in lines) == 1


def test_two_machines_are_never_held_against_each_other_by_the_clock():
    outcome, model = beside(result(NOW, speeds=SPEEDS[1], day=9, host="lab8"), result(BEFORE))
    assert (model.train_speed.verdict, model.train_speed.ci95) == ("undecided", None)
    (note,) = (note for note in outcome.notes if "timed" in note)
    assert "on lab8 (c, AVX2, torch 2, 1 thread, cpu) now, lab7" in note


def test_sittings_that_both_results_tell_of_say_nothing_of_a_change():
    """Days 1 to 3 then; days 2 to 4 now, of which only day 4 is new."""
    _, model = beside(result(NOW, speeds=SPEEDS[1], day=2), result(BEFORE, speeds=SPEEDS[0]))
    assert (model.train_speed.verdict, model.train_speed.ci95) == ("undecided", None)


@pytest.mark.parametrize(("now", "verdict"), [((0.5, 0.51, 0.49), "better"), ((2.0, 2.1, 1.9), "worse")])
def test_an_answer_that_takes_less_time_than_then_is_better(now, verdict):
    _, model = beside(result(NOW, latencies=now, day=9), result(BEFORE))
    assert model.latency.verdict == verdict


def test_the_difference_is_now_less_then_whether_paired_or_not():
    for changed in ({}, {"data": "b" * 64}):
        _, model = beside(result(NOW), result(BEFORE, **changed))
        assert model.quality.difference == pytest.approx(sum(NOW) / 5 - sum(BEFORE) / 5)


@pytest.mark.parametrize(("margin", "verdict"), [(0.002, "equivalent"), (0.0002, "worse")])
def test_the_margin_is_that_of_the_pairs_in_the_score_s_own_unit(margin, verdict):
    before = [0.1, 0.102, 0.098, 0.101, 0.099]
    now = result([loss + 0.0007 for loss in before], metric="MSE")
    task = now.task.model_copy(update={"kind": "regress", "higher_is_better": False})
    protocol = now.protocol.model_copy(update={"margin": margin})
    now = now.model_copy(update={"task": task, "protocol": protocol})
    _, model = beside(now, result(before, metric="MSE"))
    assert model.quality.verdict == verdict


def test_one_seed_then_or_now_tells_nothing_of_noise():
    _, model = beside(result([0.8]), result([0.7], data="b" * 64))
    assert (model.quality.verdict, model.quality.ci95) == ("undecided", None)


def test_a_model_that_only_one_of_the_two_has_is_named():
    outcome = with_notes(compare_with(result(NOW), result(BEFORE, label="lstm"), file="old.json"), "accuracy")
    assert outcome.models == []
    assert "only one of the two has gru, lstm" in outcome.notes


@pytest.mark.parametrize(
    ("now", "then", "says"),
    [
        ([score - 0.1 for score in NOW], BEFORE, "worse by 11.6 points"),
        ([0.79, 0.83, 0.78], [0.80, 0.82, 0.79], "inside noise"),
        (NOW, NOW, "is the same in every seed"),
    ],
)
def test_the_lines_say_it_in_words(now, then, says):
    outcome = result(now)
    lines = earlier_lines(
        outcome.model_copy(update={"earlier": compare_with(outcome, result(then), file="old.json")}), 1
    )
    assert says in lines[1].text
    assert "memory ×1.00 =" in lines[2].text


@pytest.mark.parametrize(
    ("gate", "then", "verdict"),
    [
        ("gru.accuracy >= baseline.gru.accuracy - 0.06", {}, "holds"),
        ("gru.accuracy >= baseline.gru.accuracy", {}, "undecided"),  # the seeds alone would say it fails
        ("gru.accuracy >= baseline.gru.accuracy + 0.03", {}, "fails"),
        ("gru.accuracy >= baseline.gru.accuracy - 0.02", {"data": "b" * 64}, "undecided"),
        ("gru.memory.activations <= 1.01 * baseline.gru.memory.activations", {}, "holds"),
        ("gru.train_speed > 0.5 * baseline.gru.train_speed", {}, "holds"),
    ],
)
def test_gates_may_name_the_baseline_s_figures(gate, then, verdict):
    (first,) = judge_gates([parse_gate(gate)], result(NOW), result(BEFORE, **then))
    assert first.verdict == verdict


def test_one_sitting_decides_no_gate_on_absolute_speed_nor_on_one_over_two_results():
    """A speed of 2,000 against 1,000 then: its processes agree, and tell nothing of another sitting."""
    now, then = (result(NOW, speeds=speeds[:1], latencies=(1.0,)) for speeds in reversed(SPEEDS))
    speed = now.models[0].train_speed.model_copy(update={"samples": [1990.0, 2000.0, 2010.0]})
    now = now.model_copy(update={"models": [now.models[0].model_copy(update={"train_speed": speed})]})
    for gate in ("gru.train_speed > 900", "gru.train_speed > 1.5 * baseline.gru.train_speed"):
        (first,) = judge_gates([parse_gate(gate)], now, then)
        assert (first.verdict, first.ci95) == ("undecided", None)


def test_a_gate_over_two_results_is_paired_or_welch_s_and_counts_the_sampling_of_answers_not_kept():
    """p (1 − p) / N of either score, over other test examples, beside the spread over seeds."""
    (gate,) = [parse_gate("gru.accuracy >= baseline.gru.accuracy")]
    shares = [(sum(scores) / 5 * 1000 + 2) / 1004 for scores in (NOW, BEFORE)]
    sampling = [share * (1 - share) / 1000 for share in shares]
    seeds = [
        np.var(np.subtract(NOW, BEFORE), ddof=1) / 5,
        np.var(NOW, ddof=1) / 5,
        np.var(BEFORE, ddof=1) / 5,
    ]
    for other, own in (({}, seeds[:1]), ({"data": "b" * 64}, seeds[1:])):
        (judged,) = judge_gates([gate], result(NOW), result(BEFORE, **other))
        parts = [(part, 4) for part in own] + [(part, 999) for part in sampling]
        variance = sum(part for part, _ in parts)
        degrees = variance**2 / sum(part**2 / degrees for part, degrees in parts)
        half = stats.t.ppf(0.975, degrees) * variance**0.5
        assert judged.ci95 == pytest.approx((-0.016 - half, -0.016 + half), rel=1e-6)


def test_a_corpus_score_of_which_no_answers_are_kept_decides_no_gate():
    """BLEU tells nothing of its sentences: other ones could overturn what the seeds agree on."""
    now, then = (result(scores, metric="BLEU") for scores in ([30.0, 31.0, 30.0], [10.0, 10.0, 11.0]))
    (judged,) = judge_gates([parse_gate("gru.BLEU > baseline.gru.BLEU")], now, then)
    assert (judged.verdict, judged.interval) == ("undecided", None)


def test_a_failed_seed_on_either_side_leaves_the_seeds_that_both_have_in_pairs():
    """Seed 1 failed now, seed 2 then; where both finished they are equal, so the difference is exactly 0."""
    scores = [0.80, 0.70, 0.90, 0.85]
    now, then = result([*scores]), result([*scores])
    for first, place in ((now, 1), (then, 2)):
        first.models[0].quality.per_seed[place] = None
    (judged,) = judge_gates([parse_gate("gru.accuracy >= baseline.gru.accuracy")], now, then)
    assert (judged.difference, judged.ci95, judged.verdict) == (0.0, (0.0, 0.0), "holds")


def test_names_of_a_baseline_are_checked_before_anything_runs():
    gate = parse_gate('baseline."gru hidden=9".accuracy < gru.accuracy')
    assert str(next(iter(gate.terms))) == 'baseline."gru hidden=9".accuracy'
    figures = figures_of("accuracy")
    with pytest.raises(UsageError, match="earlier result"):
        check_names([gate], ["gru"], figures)
    with pytest.raises(UsageError, match="baseline model"):
        check_names([gate], ["gru"], figures, earlier=["gru"])
    check_names([gate], ["gru"], figures, earlier=["gru hidden=9"])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "is not JSON"),
        ("[]", "schema None"),
        ('{"schema": "seqcli.train/1"}', "schema 'seqcli.train/1'"),
        ('{"schema": "seqcli.compare/1"}', "not a complete seqcli.compare/1"),
    ],
)
def test_a_file_of_another_kind_is_refused_before_anything_is_trained(
    seqcli, reviews, tmp_path, content, says
):
    (tmp_path / "old.json").write_text(content)
    ran = seqcli("compare", "gru", "--data", reviews, "--baseline", "old.json")
    assert ran.code == 3
    assert says in ran.err
    assert "Write one with" in ran.err


def test_a_result_edited_after_seqcli_wrote_it_is_told_before_anything_is_trained(seqcli, reviews, tmp_path):
    text = REPORT.render(result(NOW), Page())
    (tmp_path / "old.json").write_text(text.replace("0.78", "0.79", 1))
    ran = seqcli("compare", "gru", "--data", reviews, "--baseline", "old.json", "-o", tmp_path / "cmp")
    assert ran.code == 3, ran.err
    assert "old.json cannot be trusted" in ran.err
    assert not (tmp_path / "cmp" / "legs").exists()


def test_a_result_spelt_otherwise_by_another_program_is_not_edited(tmp_path):
    """Keys in another order, other blanks, and whole numbers without their .0."""
    now = result([1.0, 0.5])
    values = json.loads(REPORT.render(now, Page(encoding="ascii")))
    assert values["models"][0]["quality"]["per_seed"] == [1.0, 0.5]
    values["models"][0]["quality"]["per_seed"] = [1, 0.5]
    (tmp_path / "old.json").write_text(json.dumps(values, sort_keys=True))
    assert read_baseline(tmp_path / "old.json", "accuracy") == now


def test_a_result_of_a_version_that_kept_no_hash_is_read(tmp_path):
    (tmp_path / "old.json").write_text(json.dumps(result(NOW).to_json()))
    assert read_baseline(tmp_path / "old.json", "accuracy") == result(NOW)


def test_bleu_of_a_version_that_counted_it_from_0_to_1_is_no_baseline(tmp_path):
    path = tmp_path / "old.json"
    values = result([0.1, 0.2], metric="BLEU").to_json()
    del values["task"]["scale_max"]
    path.write_text(json.dumps(values))
    with pytest.raises(DataError, match="BLEU is from 0 to 100"):
        read_baseline(path, "BLEU")


def test_a_result_scored_by_another_metric_is_refused(tmp_path):
    path = tmp_path / "old.json"
    path.write_text(json.dumps(result([10.0, 20.0], metric="BLEU").to_json()))
    with pytest.raises(DataError, match="scored by BLEU"):
        read_baseline(path, "accuracy")
    assert read_baseline(path, "BLEU").models[0].label == "gru"


def test_a_result_on_another_scale_is_refused_with_the_way_on(tmp_path):
    """Earlier versions counted BLEU from 0 to 1, and said no scale."""
    old = result([0.2, 0.3, 0.4]).to_json()
    old["task"] = {**old["task"], "metric": "BLEU", "scale_max": None}
    with RunDirectory.create(tmp_path / "run", {"models": ["gru"]}) as run:
        run.commit_result({}, old)
    with pytest.raises(RunError, match="BLEU is from 0 to 100 now") as refused:
        Store(tmp_path / "run", RunDirectory.open(tmp_path / "run")).stored(Comparison)
    assert "--overwrite" in refused.value.hint
