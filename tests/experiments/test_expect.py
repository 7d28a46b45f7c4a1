"""Gates on a comparison: they hold only where the interval clears them."""

import re

import numpy as np
import pytest
from reports.records import plain_comparison, plain_model
from scipy import stats

from seqcli.cli.comparing import raise_unmet
from seqcli.errors import GateFailedError, GateUndecidedError, UsageError
from seqcli.experiments.compare.gate_figures import figures_of, judge_gates, scores_of
from seqcli.experiments.gates.gate_checks import check_shares
from seqcli.experiments.gates.judging import parse_gate
from seqcli.reports.words.gate_words import expectation_lines
from seqcli.results.compare import AnswerSpread
from seqcli.results.measurements import Speed
from seqcli.statistics.combinations import answer_products

LSTM = [0.80, 0.82, 0.79, 0.81, 0.83]
GRU = [0.79, 0.82, 0.78, 0.80, 0.82]


SPEED = Speed(median=1000, ci95=(950, 1050), samples=[950, 1000, 1050], tokens_per_second=1.0)


def result(lstm=LSTM, gru=GRU):
    scores = {"lstm": (lstm, 400), "gru": (gru, 300)}
    models = [
        plain_model(name, values, total=total, train_speed=SPEED) for name, (values, total) in scores.items()
    ]
    return plain_comparison(models)


def verdict(text, **scores):
    (first,) = judge_gates([parse_gate(text)], result(**scores))
    return first.verdict


@pytest.mark.parametrize(
    ("gate", "expected"),
    [
        ("gru.accuracy >= lstm.accuracy - 0.02", "holds"),
        ("gru.accuracy >= lstm.accuracy", "fails"),
        ("gru.accuracy >= lstm.accuracy - 0.008", "undecided"),
        ("gru.quality.mean > 0.7", "holds"),
        ("gru.parameters.total < 1e6", "holds"),
        ("gru.parameters.total < 0.7 * lstm.parameters.total", "fails"),
        ("gru.train_speed > 900", "holds"),
        ("gru.train_speed > 1000", "undecided"),
        ("gru.latency < 100", "undecided"),
        ("gru.memory.activations < 1e12", "undecided"),
    ],
)
def test_a_gate_holds_only_if_the_interval_clears_it(gate, expected):
    assert verdict(gate) == expected


def test_a_difference_of_two_models_is_judged_seed_by_seed():
    (first,) = judge_gates([parse_gate("gru.accuracy > lstm.accuracy")], result())
    interval = stats.ttest_rel(GRU, LSTM).confidence_interval(0.95)
    assert first.ci95 == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_models_that_failed_at_different_seeds_are_compared_only_where_both_have_a_value():
    lstm, gru = [None, *LSTM[1:]], [*GRU[:4], None]
    (first,) = judge_gates([parse_gate("gru.accuracy > lstm.accuracy")], result(lstm, gru))
    interval = stats.ttest_rel(GRU[1:4], LSTM[1:4]).confidence_interval(0.95)
    assert first.ci95 == pytest.approx((interval.low, interval.high), abs=1e-9)


def test_every_figure_that_a_gate_may_name_can_be_read():
    for name in figures_of("accuracy"):
        assert verdict(f"gru.{name} > -1") in {"holds", "undecided"}, name


@pytest.mark.parametrize(
    ("gate", "code"),
    [("gru.parameters.total > 0", 0), ("gru.parameters.total > 1e9", 20), ("gru.latency < 1", 21)],
)
def test_gates_decide_the_exit_code_and_are_in_the_table(seqcli, reviews, gate, code):
    tiny = ["--hidden", "4", "--embedding", "4", "--epochs", "1", "--seeds", "2", "--no-cost"]
    ran = seqcli("compare", "gru", "--data", reviews, *tiny, "--expect", gate)
    assert ran.code == code, ran.err
    assert re.search(r"^expect +[✓✗?] gru\.", ran.out, re.MULTILINE)


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("gru.acuracy > 1", "accuracy"),
        ("lsm.accuracy > 1", "gru"),
        ("gru.accuracy", ">="),
        ("__import__('os')", "read"),
    ],
)
def test_a_gate_that_names_nothing_known_is_refused_before_anything_runs(
    seqcli, reviews, tmp_path, gate, says
):
    ran = seqcli("compare", "gru", "--data", reviews, "--expect", gate, "--out", "cmp")
    assert ran.code == 2, ran.err
    assert says in ran.err
    assert list(tmp_path.iterdir()) == []


def test_a_figure_that_was_not_measured_decides_nothing_and_has_no_difference():
    (judged,) = judge_gates([parse_gate("gru.latency < 5")], result())
    assert (judged.verdict, judged.difference, judged.ci95) == ("undecided", None, None)


def with_answers(tables, *, seeds=None, alpha=0.05):
    """A result of models 'lstm' and 'gru' that answered so, (2, S, N)."""
    products = answer_products(tables)
    lstm, gru = (list(map(float, table.mean(axis=1))) for table in tables)
    outcome = result(lstm, gru)
    spread = AnswerSpread(
        labels=["lstm", "gru"], seeds=products.seeds, examples=tables.shape[2],
        examples_degrees=products.examples_degrees,
        by_seeds=products.by_seeds.tolist(), by_examples=products.by_examples.tolist(),
        rest=products.rest.tolist(),
    )  # fmt: skip
    task = outcome.task.model_copy(update={"test": tables.shape[2]})
    protocol = outcome.protocol.model_copy(update={"alpha": alpha})
    return outcome.model_copy(update={"answers": spread, "task": task, "protocol": protocol})


def test_two_seeds_apart_by_the_same_step_of_the_grid_prove_nothing():
    """On 100 test examples .80 and .79, .78 and .77 are one answer apart: two seeds never show that."""
    outcome = result([0.79, 0.77], [0.80, 0.78])
    task = outcome.task.model_copy(update={"test": 100})
    (first,) = judge_gates(
        [parse_gate("gru.accuracy > lstm.accuracy")], outcome.model_copy(update={"task": task})
    )
    assert first.verdict == "undecided"
    assert first.interval[0] < 0 < first.interval[1]


def draw(rng, seeds, examples):
    """Two models that are right on each example equally often: its own chance, in common."""
    chance = 1 / (1 + np.exp(-rng.normal(1.0, 2.0, (1, 1, examples))))
    own = rng.normal(0, 0.05, (2, 1, examples))
    return (rng.random((2, seeds, examples)) < np.clip(chance + own, 0, 1)).astype(float)


@pytest.mark.parametrize("seeds", [3, 5, 10])
def test_a_gate_on_equal_models_is_decided_no_more_often_than_the_error_rate(seeds):
    rng = np.random.default_rng(11)
    gates = [parse_gate("gru.accuracy > lstm.accuracy")]
    runs = 300
    wrong = sum(
        judge_gates(gates, with_answers(draw(rng, seeds, 200)))[0].verdict != "undecided" for _ in range(runs)
    )
    assert wrong / runs <= 0.05 + 2 * (0.05 * 0.95 / runs) ** 0.5


def test_an_undecided_gate_says_that_seeds_are_too_few_and_which_fresh_ones_would_do():
    """The noncentral t tells how likely so many seeds clear the limit, at either plausible spread."""
    gru, lstm = [0.80, 0.84, 0.79, 0.83, 0.85], [0.79, 0.80, 0.81, 0.80, 0.82]
    (first,) = judge_gates([parse_gate("gru.accuracy > lstm.accuracy")], result(lstm, gru))
    difference, sd = np.subtract(gru, lstm).mean(), np.subtract(gru, lstm).std(ddof=1)

    def enough(seeds, sigma):
        centre = difference / sigma * seeds**0.5
        return stats.nct.sf(stats.t.ppf(0.975, seeds - 1), seeds - 1, centre) >= 0.8

    for seeds, quantile in zip(first.need.seeds, (0.9, 0.1), strict=True):
        sigma = sd * (4 / stats.chi2.ppf(quantile, 4)) ** 0.5
        assert enough(seeds, sigma)
        assert not enough(seeds - 1, sigma)
    low, high = first.need.seeds
    assert (first.need.limit, first.need.first_seed) == ("seeds", 5)
    with pytest.raises(GateUndecidedError) as refused:
        raise_unmet([first])
    text = f"seeds are too few: a fresh --seeds 5:{5 + high} ({low} to {high} seeds) would do"
    assert text in refused.value.hint
    assert text in expectation_lines([first])[0].text


def test_an_undecided_gate_says_that_test_examples_are_too_few_where_no_seeds_would_do():
    """Every seed answers alike: GRU has 6 more of 100 right, LSTM 2 others."""
    rows = np.array([[0] * 6 + [1] * 2 + [1] * 92, [1] * 6 + [0] * 2 + [1] * 92], float)
    tables = np.repeat(rows[:, None], 5, axis=1)
    (first,) = judge_gates([parse_gate("gru.accuracy > lstm.accuracy")], with_answers(tables))
    assert first.verdict == "undecided"
    own = np.var(rows[1] - rows[0], ddof=1) / 100
    value = (0.04 / (stats.norm.ppf(0.975) + stats.norm.ppf(0.8))) ** 2
    assert first.need.limit == "examples"
    assert first.need.times == pytest.approx(own / value, rel=0.02)
    with pytest.raises(GateUndecidedError, match="cannot be decided") as refused:
        raise_unmet([first])
    assert (
        f"test examples are too few, whatever the seeds: about {first.need.times:.1f} times"
        in refused.value.hint
    )


@pytest.mark.parametrize(
    ("gate", "scores", "says"),
    [
        ("gru.accuracy > lstm.accuracy", ([0.8, 0.82], [0.82, 0.8]), "too close to the limit"),
        ("gru.accuracy > 0.5", ([0.8], [0.7]), "One seed has no interval: give --seeds 5."),
        (
            "gru.train_speed > 1000",
            (LSTM, GRU),
            "Times vary between sittings, and two are too few to decide: --measure-again adds one.",
        ),
        (
            "gru.latency < 5",
            (LSTM, GRU),
            "It was not measured: a failed run has no figures, --no-cost no speed",
        ),
    ],
)
def test_what_else_keeps_a_gate_undecided_is_named(gate, scores, says):
    with pytest.raises(GateUndecidedError) as refused:
        raise_unmet(judge_gates([parse_gate(gate)], result(*scores)))
    assert says in refused.value.hint


def test_several_gates_share_the_error_rate_and_each_prints_the_interval_that_decided():
    rng = np.random.default_rng(12)
    outcome = with_answers(draw(rng, 5, 200), alpha=0.0197)
    gates = [parse_gate(f"gru.accuracy > lstm.accuracy - {shift}") for shift in (0.5, 0.0, 0.001)]
    first, *others = judge_gates(gates, outcome)
    assert first.verdict == "holds"
    assert first.level == pytest.approx(1 - 0.0197 / 3)
    assert [other.level for other in others] == pytest.approx([1 - 0.0197 / 2] * 2)
    for item in (first, *others):
        assert (item.verdict == "undecided") == (item.interval[0] <= 0 <= item.interval[1])


def test_a_gate_that_fails_says_what_was_measured_with_interval_and_unit():
    (first,) = judge_gates([parse_gate("gru.accuracy > 90 %")], result())
    assert (first.name, first.unit, first.value) == ("gru.accuracy", "share", pytest.approx(0.802))
    (line,) = expectation_lines([first])
    assert line.text == ("gru.accuracy > 90 %: does not hold, gru.accuracy is 80.2 % [78.0, 82.4]")
    with pytest.raises(GateFailedError, match=r"gru.accuracy is 80.2 % \[78.0, 82.4\]"):
        raise_unmet([first])
    with pytest.raises(GateFailedError, match=r"does not hold: gru.accuracy > 90 %$"):
        raise_unmet([first], in_sight=True)  # the table above it has said the rest


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("gru.accuracy > 90", "Write 0.9 or 90 %"),
        ("90 < gru.accuracy", "Write 0.9 or 90 %"),
        ("gru.accuracy >= lstm.accuracy - 2.5", "Write 0.025 or 2.5 %"),
        ("gru.parameters.total < 5 %", "own unit"),
    ],
)
def test_a_number_that_no_share_reaches_is_refused_with_the_way_to_write_it(gate, says):
    with pytest.raises(UsageError) as refused:
        check_shares([parse_gate(gate)], scores_of("accuracy"))
    assert says in str(refused.value.hint)


def test_a_percent_sign_divides_by_a_hundred():
    assert parse_gate("gru.accuracy > 90 %").constant == pytest.approx(-0.9)
    check_shares([parse_gate("gru.accuracy >= lstm.accuracy - 1 %")], scores_of("accuracy"))


def test_the_interval_of_a_gate_stays_inside_what_the_metric_allows():
    noisy = result([0.2, 0.95], [0.99, 0.3])
    for gate, low, high in (("gru.accuracy > 0.5", -0.5, 0.5), ("gru.accuracy > lstm.accuracy", -1.0, 1.0)):
        (first,) = judge_gates([parse_gate(gate)], noisy)
        assert first.interval == pytest.approx((low, high))
    (first,) = judge_gates([parse_gate("0.5 < gru.accuracy")], noisy)
    assert first.value_interval == pytest.approx((0.0, 1.0))
