import math

import pytest
from scipy import stats

from seqcli.cli.comparing import raise_unmet
from seqcli.errors import GateFailedError, GateUndecidedError, UsageError
from seqcli.experiments.gates.gate_checks import check_names
from seqcli.experiments.gates.judging import GateName, Quantity, judge, parse_gate
from seqcli.results.common import Expectation, GateNeed

LSTM, GRU = GateName("lstm", ("accuracy",)), GateName("gru", ("accuracy",))


def among(**known):
    """A lookup over these quantities by label."""
    return lambda name: known[name.label]


def of_seeds(*values):
    low, high = stats.t.interval(0.95, len(values) - 1, sum(values) / len(values), stats.sem(values))
    return Quantity(sum(values) / len(values), (low, high), values)


@pytest.mark.parametrize(
    ("text", "operator", "constant", "terms"),
    [
        ("lstm.accuracy > 5", ">", -5.0, {LSTM: 1.0}),
        ("5 < lstm.accuracy", "<", 5.0, {LSTM: -1.0}),
        ("gru.accuracy>=lstm.accuracy-0.01", ">=", 0.01, {GRU: 1.0, LSTM: -1.0}),
        ("2 * gru.accuracy + 1e-3 <= .5*lstm.accuracy", "<=", 1e-3, {GRU: 2.0, LSTM: -0.5}),
        ("-gru.accuracy * 2 >= -1", ">=", 1.0, {GRU: -2.0}),
        ("gru.accuracy - gru.accuracy > 1", ">", -1.0, {GRU: 0.0}),
        ("gru.parameters.total < 1e6", "<", -1e6, {GateName("gru", ("parameters", "total")): 1.0}),
        ('"gru hidden=148".a > 0', ">", 0.0, {GateName("gru hidden=148", ("a",)): 1.0}),
        ("'한국어 gru'.a > 0", ">", 0.0, {GateName("한국어 gru", ("a",)): 1.0}),
        ("rnn.log10[200] > -3", ">", 3.0, {GateName("rnn", ("log10",), 200): 1.0}),
    ],
)
def test_a_gate_is_read_as_left_less_right(text, operator, constant, terms):
    gate = parse_gate(text)
    assert (gate.operator, gate.constant, dict(gate.terms)) == (operator, constant, terms)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "lstm",
        "lstm.a",
        "lstm.a >",
        "> 5",
        "lstm.a = 5",
        "lstm.a == 5",
        "lstm.a > 5 > 3",
        "lstm.a > 5 and gru.a > 5",
        "lstm > 5",
        "lstm. > 5",
        "lstm.a[x] > 5",
        "lstm.a[1.5] > 5",
        "lstm.a[1 > 5",
        "lstm.a * gru.a > 5",
        "lstm.a / 2 > 5",
        "lstm.a ** 2 > 5",
        "__import__('os').system('true') > 0",
        "lstm.a > 1e999",
        "lstm.a > nan",
        "1 > 0",
        '"unclosed.a > 5',
        "lstm.a > 5;",
        "lstm.a > 0x10",
        "lstm.a > 5 " + "+ 1 " * 200,
    ],
)
def test_what_is_not_of_the_grammar_is_refused_with_an_example(text):
    with pytest.raises(UsageError, match="--expect") as caught:
        parse_gate(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "interval", "verdict"),
    [
        ("lstm.a > 5", (5.1, 7.0), "holds"),
        ("lstm.a > 5", (5.0, 7.0), "undecided"),
        ("lstm.a >= 5", (5.0, 7.0), "holds"),
        ("lstm.a > 5", (4.9, 7.0), "undecided"),
        ("lstm.a > 5", (3.0, 4.9), "fails"),
        ("lstm.a > 5", (3.0, 5.0), "fails"),
        ("lstm.a >= 5", (3.0, 5.0), "undecided"),
        ("lstm.a < 5", (3.0, 4.9), "holds"),
        ("lstm.a <= 5", (5.0, 6.0), "undecided"),
        ("lstm.a < 5", (5.0, 6.0), "fails"),
        ("10 - 2 * lstm.a >= 0", (3.0, 4.9), "holds"),
        ("lstm.a > 5", (9.0, math.inf), "holds"),
        ("lstm.a > 5", (1.0, math.inf), "undecided"),
        ("lstm.a > 5", None, "undecided"),
    ],
)
def test_one_measured_name_is_judged_by_its_whole_interval(text, interval, verdict):
    assert judge(parse_gate(text), among(lstm=Quantity(6.0, interval))).verdict == verdict


def test_two_measured_names_are_judged_by_the_interval_of_their_paired_difference():
    a, b = (0.80, 0.82, 0.81, 0.85), (0.79, 0.80, 0.80, 0.83)
    verdict = judge(parse_gate("gru.x > lstm.x - 0.005"), among(gru=of_seeds(*a), lstm=of_seeds(*b)))
    differences = [x - y + 0.005 for x, y in zip(a, b, strict=True)]
    low, high = stats.t.interval(0.95, 3, sum(differences) / 4, stats.sem(differences))
    assert verdict.ci95 == pytest.approx((low, high), abs=1e-12)
    assert verdict.verdict == "holds"
    assert judge(parse_gate("gru.x > lstm.x"), among(gru=of_seeds(*a), lstm=of_seeds(*b))).verdict == "holds"
    apart = among(gru=Quantity(0.82, (0.78, 0.86)), lstm=Quantity(0.805, (0.77, 0.84)))
    assert judge(parse_gate("gru.x > lstm.x"), apart).verdict == "undecided"


def test_an_exact_figure_needs_no_seeds():
    lookup = among(gru=Quantity(900_000.0, exact=True), lstm=Quantity(1_000_000.0, exact=True))
    assert judge(parse_gate("gru.total < 1e6"), lookup).verdict == "holds"
    assert judge(parse_gate("gru.total < 0.9 * lstm.total"), lookup).verdict == "fails"
    assert judge(parse_gate("gru.total <= 0.9 * lstm.total"), lookup).verdict == "holds"


def test_one_seed_decides_nothing():
    lookup = among(gru=Quantity(0.9, None, (0.9,)), lstm=Quantity(0.1, None, (0.1,)))
    assert judge(parse_gate("gru.x > 0.2"), lookup).verdict == "undecided"
    assert judge(parse_gate("gru.x > lstm.x"), lookup).verdict == "undecided"


def test_what_has_no_bound_is_shown_without_a_number():
    verdict = judge(parse_gate("gru.x > 3"), among(gru=Quantity(math.inf, (200.0, math.inf))))
    assert (verdict.verdict, verdict.difference, verdict.ci95) == ("holds", None, (197.0, None))


def test_names_are_checked_before_anything_is_computed():
    gates = [parse_gate("gru.half_life > 3")]
    check_names(gates, ["gru"], ["half_life"])
    with pytest.raises(UsageError, match="unknown model 'gru'") as refused:
        check_names(gates, ["lstm", "gru epoch 1"], ["half_life"])
    assert refused.value.hint == 'Known models: "gru epoch 1", lstm.'
    with pytest.raises(UsageError, match="unknown figure 'half_life'"):
        check_names(gates, ["gru"], ["half_lives"])


def expected(*verdicts):
    return [
        Expectation(text=f"gate {place}", verdict=verdict, difference=None, ci95=None)
        for place, verdict in enumerate(verdicts)
    ]


def test_a_failed_gate_ends_with_20_an_undecided_one_with_21():
    raise_unmet(expected("holds", "holds"))
    raise_unmet([])
    with pytest.raises(GateFailedError, match="gate 2") as failed:
        raise_unmet(expected("holds", "undecided", "fails"))
    with pytest.raises(GateUndecidedError, match="gate 1") as undecided:
        raise_unmet(expected("holds", "undecided"))
    assert (failed.value.exit_code, undecided.value.exit_code) == (20, 21)


def test_a_figure_with_an_interval_of_its_own_asks_for_more_seeds_without_a_number():
    """Its interval is none of a mean over seeds, such as a half-life's: nobody can say how many would do."""
    verdict = judge(parse_gate("gru.half_life > 5"), among(gru=Quantity(6.0, (4.0, 9.0))))
    with pytest.raises(GateUndecidedError) as undecided:
        raise_unmet([verdict])
    assert undecided.value.hint == (
        "The seeds are too few: a fresh run with more of them (--seeds) would narrow the interval."
    )


def test_the_hint_of_an_undecided_gate_names_each_lack_once():
    values = [
        Expectation(text="g", verdict="undecided", difference=0.1, ci95=None, need=GateNeed(limit=limit))
        for limit in ("sittings", "unmeasured", "sittings")
    ]
    with pytest.raises(GateUndecidedError) as undecided:
        raise_unmet(values)
    assert undecided.value.hint.count("sittings") == 1
    assert "not measured" in undecided.value.hint


@pytest.mark.parametrize(
    ("gate", "says"),
    [
        ("gru.half_life[3] > 5", "half_life is not a list"),
        ("gru.lyapunov.exponents < 0", "names gru.lyapunov.exponents, a list"),
    ],
)
def test_an_index_is_for_lists_and_lists_need_one(gate, says):
    with pytest.raises(UsageError, match=says):
        check_names(
            [parse_gate(gate)], ["gru"], ["half_life", "lyapunov.exponents"], lists=["lyapunov.exponents"]
        )
