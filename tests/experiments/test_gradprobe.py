import math

import pytest
from scipy import stats

from seqcli.config.layers import Setting, validate
from seqcli.data.config import DataConfig
from seqcli.data.prepared import prepare
from seqcli.data.task import choose_task
from seqcli.errors import UsageError
from seqcli.experiments.gates.judging import GateName
from seqcli.experiments.gradprobe import summary
from seqcli.experiments.gradprobe.config import GradprobeConfig
from seqcli.experiments.gradprobe.probe_figures import lookup_in
from seqcli.experiments.gradprobe.probe_models import probe_models
from seqcli.experiments.gradprobe.probe_plan import plan
from seqcli.experiments.gradprobe.probed_inputs import TaskSource
from seqcli.experiments.gradprobe.probed_runs import RunSource, TrainedRun
from seqcli.experiments.gradprobe.variants import changes, clipping, cures, judged, scale
from seqcli.models.config import ModelConfig
from seqcli.probes.horizon import measured_lags
from seqcli.probes.probe import Findings
from seqcli.reports.words.claims import evidence
from seqcli.reports.words.probe_sentences import cure_sentence, verdict_sentence
from seqcli.reports.words.worded import worded_claims
from seqcli.results.events import drive
from seqcli.results.gradprobe import Gradprobe, ProbeProgress
from seqcli.runs.directory import RunDirectory
from seqcli.runs.manifest import Manifest
from seqcli.runs.run_layout import RUN_SCHEMA

LOG2 = math.log10(2)


def configured(**settings):
    return validate(GradprobeConfig, {key: Setting(value, f"--{key}") for key, value in settings.items()})


def probed(**settings):
    small = {"hidden": 8, "len": 20, "seeds": 3, "batch_size": 2, "init": "torch", **settings}
    events = []
    return worded_claims(drive(probe_models(plan(configured(**small))), events.append)), events


def fading(half_life, steps=100):
    lags = measured_lags(steps)
    curve = [-LOG2 * lag / half_life for lag in lags]
    return Findings(lags=lags, state_jacobian=curve, by_state={"h": curve})


def sentence(half_life):
    seeds = [fading(half_life), fading(half_life)]
    slopes = summary.rates(seeds)
    return verdict_sentence(
        summary.fate(seeds),
        seeds[0].lags,
        summary.curve([seed.state_jacobian for seed in seeds]),
        halves=summary.half_life(slopes),
        doubles=summary.doubling_time(slopes),
    )


def test_a_half_life_is_that_of_the_mean_slope_with_the_slope_s_interval_turned():
    slopes = [-LOG2 / steps for steps in (1.0, 1.5, 2.0)]
    result = summary.half_life(slopes)
    mean = sum(slopes) / 3
    low, high = stats.t.interval(0.95, 2, mean, stats.sem(slopes))
    assert result.mean == pytest.approx(-LOG2 / mean)
    assert result.ci95 == (pytest.approx(-LOG2 / low), None if high >= 0 else pytest.approx(-LOG2 / high))
    assert result.per_seed == pytest.approx([1.0, 1.5, 2.0])


def test_a_half_life_whose_slope_may_be_none_has_no_upper_bound():
    assert summary.half_life([-0.1, 0.05, -0.02]).ci95[1] is None


def test_a_doubling_time_is_a_half_life_backwards():
    result = summary.doubling_time([LOG2 / 2, LOG2 / 3])
    assert result.mean == pytest.approx(2.4)
    assert result.per_seed == pytest.approx([2.0, 3.0])
    assert summary.doubling_time([-0.1, -0.2]) is None


@pytest.mark.parametrize(
    ("half_life", "fate"),
    [(1.3, "vanishes"), (60, "vanishes"), (61, "preserves"), (-61, "preserves"), (-60, "explodes")],
)
@pytest.mark.parametrize("steps", [10, 15, 21, 100, 2000])
def test_a_tenfold_change_within_200_steps_tells_the_fate_however_many_are_probed(half_life, fate, steps):
    assert summary.fate([fading(half_life, steps)]) == fate


def test_a_tenfold_change_within_the_task_s_own_lag_counts_where_it_is_told():
    assert summary.fate([fading(60)], 20) == "preserves"
    assert summary.fate([fading(5)], 20) == "vanishes"


def test_seeds_whose_interval_allows_two_words_leave_the_fate_undecided():
    assert summary.fate([fading(20), fading(60), fading(200)]) == "undecided"


def test_a_curve_that_only_begins_to_grow_does_not_explode():
    lags = measured_lags(20)
    curve = [min(0.1 * lag, 0.8) for lag in lags]
    assert summary.fate([Findings(lags=lags, state_jacobian=curve, by_state={"h": curve})]) == "undecided"


@pytest.mark.parametrize("steps", [1, 2, 9])
def test_fewer_than_ten_steps_tell_neither_a_half_life_nor_a_word(steps):
    (rnn,) = probed(models=("rnn",), len=steps)[0].models
    assert (rnn.verdict, rnn.half_life, rnn.doubling_time) == ("undecided", None, None)
    assert "too short to read a rate from" in rnn.sentence


def claims_of(*models, **settings):
    return {claim.number: claim for claim in probed(models=models, len=200, **settings)[0].guide}


def test_gates_are_held_against_an_rnn_of_the_same_initialisation_only():
    mixed = claims_of("rnn:init=torch", "lstm:init=chrono")[9]
    assert (mixed.verdict, evidence(mixed)[:10]) == ("undecided", "not tested")
    alike = claims_of("rnn:init=torch", "lstm:init=torch", "lstm:init=chrono")[9]
    assert alike.verdict == "refuted"
    assert "under torch initialisation: rnn" in evidence(alike)
    assert "without a counterpart of the same initialisation" in evidence(alike)


def test_a_probe_that_trains_nothing_cannot_say_that_clipping_cures():
    assert claims_of("rnn:init=torch", clip=1.0)[10].verdict == "undecided"
    assert claims_of("rnn:init=gaussian,gain=3", clip=1.0)[10].verdict == "undecided"


@pytest.mark.parametrize(
    ("half_life", "text"),
    [
        (
            1.3,
            (
                "vanishes: half-life 1.3 steps; what happened 18 steps ago changes the state "
                "by less than one part in 10⁴"
            ),
        ),
        (25, "vanishes: half-life 25 steps; of a change 100 steps ago, 6.2 % is still there"),
        (165, "preserves: half-life 165 steps; of a change 100 steps ago, 66 % is still there"),
        (
            -2.4,
            "explodes: doubles every 2.4 steps; a change 100 steps ago arrives more than 10¹² times as large",
        ),
        (-62, "preserves: a change 100 steps ago arrives 3.1 times as large"),
    ],
)
def test_each_fate_has_its_sentence(half_life, text):
    assert sentence(half_life) == text


def test_a_seed_that_remembers_at_the_last_lag_leaves_memory_open():
    assert summary.memory([fading(5), fading(90)]) is None
    assert summary.memory([fading(5), fading(5)]).mean == pytest.approx(1 + 5 * math.log2(1000), rel=1e-6)


@pytest.mark.parametrize(("half_life", "reached"), [(1.0, "no"), (50.0, "yes")])
def test_a_task_s_lag_is_within_reach_while_a_thousandth_is_left(half_life, reached):
    seeds = [fading(half_life * factor) for factor in (0.98, 1.0, 1.02)]
    assert summary.task_lag(seeds, 50).reached == reached
    assert summary.task_lag(seeds[:1], 50).reached == "undecided"


def test_a_change_helps_if_the_rate_comes_nearer_to_nothing_by_the_paired_interval():
    own = [-0.20, -0.22, -0.21]
    assert judged(own, [-0.10, -0.11, -0.12]) == "helps"
    assert judged(own, [-0.40, -0.41, -0.42]) == "hurts"
    assert judged(own, [0.40, 0.41, 0.42]) == "hurts"
    assert judged(own, own) == "no difference"
    assert judged(own, [-0.30, -0.10, -0.20]) == "undecided"
    assert judged(own[:1], [-0.1]) == "undecided"


def test_clipping_takes_one_factor_out_of_what_is_too_large_and_touches_nothing_else():
    result = clipping([[0.5, 2.0], [4.0, math.inf]], 1.0)
    assert (result.fraction_clipped, result.steps) == (0.75, 4)
    assert result.scale == pytest.approx((1 + 0.5 + 0.25 + 0) / 4)
    assert result.gradient_norm is None
    assert [scale(norm, 2.0) for norm in (0.0, 1.0, 2.0, 8.0)] == [1.0, 1.0, 1.0, 0.25]


def model(name, **settings):
    return ModelConfig(model=name, **settings)


def test_a_cell_without_gates_is_given_an_lstm_s_in_what_if():
    mapping = {change.name: change for change in changes(model("rnn", init="torch", activation="relu"), 50)}
    assert list(mapping) == [
        "lstm, forget bias 1",
        "lstm, forget bias 3",
        "orthogonal",
        "lstm, chrono (50)",
        "layer norm",
    ]
    assert mapping["lstm, forget bias 1"].model == model("lstm", init="torch", forget_bias=1.0)
    assert mapping["orthogonal"].model.activation == "relu"
    assert mapping["lstm, chrono (50)"].model.chrono_length == 50
    assert mapping["layer norm"].normalised


def test_what_a_model_already_has_is_no_change():
    assert [change.name for change in cures(model("lstm"), 50)] == ["chrono (50)"]
    assert [change.name for change in cures(model("lstm", init="chrono", chrono_length=50), 50)] == [
        "forget bias 1"
    ]
    assert "forget bias 3" not in [
        change.name for change in changes(model("gru", init="torch", forget_bias=3.0), 50)
    ]


def test_the_whole_result_comes_back_from_its_json_and_progress_comes_on_the_way():
    result, events = probed(models=("rnn", "lstm:hidden=6", "gru"), clip=1.0, task_lag=15)
    assert Gradprobe.from_json(result.to_json()) == result
    assert [element.label for element in result.models] == ["rnn", "lstm", "gru"]
    assert all(isinstance(event, ProbeProgress) for event in events)
    shares = [(event.done + event.share) / event.total for event in events]
    assert 0 < max(shares) <= 1
    assert 15 in result.models[0].lags
    assert all(item.clip.steps == 24 for item in result.models)
    assert result.models[1].settings["hidden"] == 6


def test_what_would_help_is_shown_unasked_only_where_that_is_cheap(monkeypatch):
    assert "forget bias 1" in probed(models=("lstm",))[0].models[0].sentence
    monkeypatch.setattr("seqcli.experiments.gradprobe.probe_models.CURE_STEPS", 10)
    (lstm,) = probed(models=("lstm",))[0].models
    assert lstm.cures == []
    assert lstm.sentence.endswith("--what-if shows what would help.")


def test_the_same_command_gives_the_same_result():
    assert probed(models=("gru",))[0] == probed(models=("gru",))[0]


def test_every_figure_that_a_gate_may_name_can_be_looked_up():
    result, _ = probed(models=("lstm",), clip=1.0)
    find = lookup_in(result)
    (lstm,) = result.models
    assert find(GateName("lstm", ("half_life",))).interval == pytest.approx(lstm.half_life.ci95)
    assert find(GateName("lstm", ("doubling_time",))).value == math.inf
    assert find(GateName("lstm", ("memory_length",))).value == pytest.approx(lstm.memory_length.mean)
    assert find(GateName("lstm", ("float32_underflow_lag",))).interval == (20.0, math.inf)
    place = lstm.lags.index(10)
    at_ten = find(GateName("lstm", ("log10_state_jacobian",), 10))
    assert (at_ten.value, at_ten.interval) == (
        lstm.log10_state_jacobian.mean[place],
        lstm.log10_state_jacobian.ci95[place],
    )
    assert find(GateName("lstm", ("lyapunov", "exponents"), 1)).value == pytest.approx(
        lstm.lyapunov.exponents[1]
    )
    assert find(GateName("lstm", ("clip", "gradient_norm"))).per_seed == tuple(
        lstm.clip.gradient_norm.per_seed
    )


def test_what_if_has_a_row_for_every_change_and_clipping_changes_no_half_life():
    result, _ = probed(models=("lstm",), what_if=True)
    (table,) = result.what_if
    names = [row.name for row in table.variants]
    assert names == [
        "as it is",
        "forget bias 1",
        "forget bias 3",
        "orthogonal",
        "chrono (20)",
        "layer norm",
        "clipping at 1",
    ]
    assert table.variants[-1].half_life == table.variants[0].half_life
    assert table.variants[-1].change == "no difference"
    assert cure_sentence(result.models[0].cures, "lstm").startswith("With forget bias 1 it would")


def test_in_both_directions_each_side_is_a_model_of_its_own():
    result, _ = probed(models=("gru:bidirectional=true,layers=2",))
    assert [item.label for item in result.models] == [
        "gru layer 1 forward",
        "gru layer 1 backward",
        "gru layer 2 forward",
        "gru layer 2 backward",
    ]


def test_chrono_spans_the_probed_length_unless_it_is_told():
    (first,) = plan(configured(models=("lstm",), init="chrono", len=77)).models
    assert first.config.chrono_length == 77
    (models,) = plan(configured(models=("lstm",), init="chrono", len=77, chrono_length=30)).models
    assert models.config.chrono_length == 30


@pytest.mark.parametrize("of_a_run", [False, True])
def test_as_many_sequences_are_told_as_were_long_enough_and_read(reviews, tmp_path, of_a_run):
    data = DataConfig(data=str(reviews))
    prepared = prepare(choose_task(None, data), data)
    lengths = prepared.splits["train"].lengths
    longest, few = int(lengths.max()), int((lengths == lengths.max()).sum())
    model = ModelConfig(model="rnn", hidden=4, embedding=4)
    folder = RunDirectory(tmp_path, Manifest(RUN_SCHEMA, {}, {}), lock=None)
    run = TrainedRun(tmp_path, folder, model, 0, prepared)
    for batch_size in (few - 1, few, few + 5):
        sizes = {"steps": longest, "batch_size": batch_size}
        source = RunSource(run, None, **sizes) if of_a_run else TaskSource(prepared, **sizes)
        assert source.inputs.sequences == len(source.subject(model, 0).lengths) == min(batch_size, few)


def test_a_longer_task_lag_than_the_usual_length_is_probed_that_far():
    assert plan(configured(models=("rnn",), task_lag=300)).steps == 300


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "no model to probe"),
        ({"models": ("rnn",), "len": 0}, "whole number of steps from 1"),
        ({"models": ("rnn",), "len": 10_000_001}, "10,000,000"),
        ({"models": ("rnn",), "len": 10, "task_lag": 20}, "task_lag lies beyond len"),
        ({"models": ("rnn",), "over_training": True}, "name it with --run"),
        ({"models": ("rnn",), "run": "x"}, "leave models out"),
        ({"run": "x", "what_if": True}, "drop one"),
        ({"models": ("rnn",), "clip": 0}, "greater than 0"),
        ({"models": ("rnn",), "batch_size": 0}, "1 to 4,096"),
        ({"models": ("lsmt",)}, "unknown model 'lsmt'"),
        ({"models": ("seq2seq",)}, "reads one recurrence, which seq2seq is not"),
        ({"models": ("rnn", "rnn")}, "given 2 times"),
        ({"models": ("rnn",), "init": "chrono"}, "no gate"),
        ({"models": ("rnn",), "expect": ("gru.half_life > 1",)}, "unknown model 'gru'"),
        ({"models": ("rnn",), "expect": ("rnn.speed > 1",)}, "unknown figure 'speed'"),
        ({"models": ("rnn",), "expect": ("rnn.log10_state_jacobian[7] > -3",)}, "lag in brackets"),
        ({"models": ("gru:bidirectional=true",), "len": 10_000_000}, "do not fit"),
        ({"models": ("gru",), "len": 10_000_000, "clip": 1.0}, "do not fit"),
    ],
)
def test_what_cannot_be_probed_is_a_mistake_of_usage(settings, told):
    with pytest.raises(UsageError, match=told):
        plan(configured(**settings))
