"""Along a setting: curves, slopes against numpy, solved runs by the exact test, claims and advice."""

import json

import numpy as np
import pytest
from scipy import stats

from seqcli.errors import UsageError
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.studies import study_of
from seqcli.experiments.sweep.sweep_claims import check_sweep
from seqcli.experiments.sweep.sweep_study import Varied, conclude_sweep, parse_vary
from seqcli.reports.words.claims import evidence
from seqcli.reports.words.recommendation import sentences
from seqcli.results.compared_pairs import StepsPair
from seqcli.tasks.anbn import Anbn

FLAT = [0.70, 0.71, 0.69, 0.70, 0.72]
TINY = ("--hidden", 4, "--embedding", 4, "--epochs", 1, "--seeds", 2, "--format", "json")


def raised(values, by):
    return [value + by for value in values]


@pytest.fixture
def rising(planted):
    """LSTM gains two points on GRU with every doubling of the length."""
    points = [
        planted(lstm=raised(FLAT, 0.02 * doublings + 0.001 * (doublings % 2)), gru=FLAT)
        for doublings in range(4)
    ]
    return conclude_sweep(Varied("length", (10, 20, 40, 80)), points)


def test_a_slope_is_numpys_least_squares_line_over_doublings(rising):
    (pair,) = rising.pairs
    doublings = np.log2([10, 20, 40, 80])
    (curve,) = [curve for curve in rising.curves if curve.label == "lstm"]
    lines = [np.polyfit(doublings, seed, 1)[0] for seed in np.array(curve.per_seed).T]
    assert (pair.a, pair.b) == ("gru", "lstm")
    assert pair.slope_b == pytest.approx(np.mean(lines), abs=1e-12)
    assert pair.difference == pytest.approx(-np.mean(lines), abs=1e-12)
    assert pair.verdict == "worse"
    assert curve.mean == pytest.approx([np.mean(FLAT) + step for step in (0, 0.021, 0.04, 0.061)])


def test_a_model_that_gains_with_length_supports_the_guide_and_one_that_loses_refutes_it(rising, planted):
    (claim,) = rising.guide
    assert (claim.number, claim.verdict) == (6, "supported")
    points = [planted(lstm=raised(FLAT, 0.03 - 0.03 * step), gru=FLAT) for step in range(3)]
    other = conclude_sweep(Varied("train_size", (0.1, 0.2, 0.4)), points)
    assert [(claim.number, claim.verdict) for claim in other.guide] == [(7, "refuted")]
    assert "favours GRU over LSTM" in sentences(other.recommendation)[0]


@pytest.mark.parametrize(
    ("by", "verdict"),
    [
        ((-0.09, -0.06, -0.03), "undecided"),  # LSTM gains and is worse at every size
        ((-0.04, 0.01, 0.05), "supported"),
        ((0.01, 0.04, 0.08), "undecided"),  # GRU is never ahead
        ((0.05, 0.0, -0.05), "refuted"),
    ],
)
def test_much_data_for_lstm_and_little_for_gru_needs_both_ends_and_the_interaction(planted, by, verdict):
    noise = [0.0, 0.002, -0.002, 0.001, -0.001]
    points = [planted(lstm=[v + each + n for v, n in zip(FLAT, noise, strict=True)], gru=FLAT) for each in by]
    (claim,) = conclude_sweep(Varied("train_size", (0.1, 0.2, 0.4)), points).guide
    assert (claim.number, claim.verdict) == (7, verdict)


def test_equal_slopes_are_equivalent_and_noisy_ones_undecided(planted):
    same = [planted(lstm=FLAT, gru=raised(FLAT, 0.001), margin=20.0) for _ in range(3)]
    assert conclude_sweep(Varied("hidden", (1, 2, 4)), same).pairs[0].verdict == "equivalent"
    noisy = [planted(lstm=list(np.roll(FLAT, step) * (1 + step)), gru=FLAT) for step in range(3)]
    rough = [planted(lstm=[0.5, 0.9, 0.4, 0.8, 0.6][::sign], gru=FLAT) for sign in (1, -1)]
    assert conclude_sweep(Varied("hidden", (1, 2)), rough).pairs[0].verdict == "undecided"
    assert conclude_sweep(Varied("hidden", (1, 2, 4)), noisy).pairs[0].verdict == "worse"


def test_lines_that_meet_between_the_values_tried_meet_where_their_curves_do(planted):
    points = [planted(lstm=raised(FLAT, by), gru=FLAT) for by in (-0.03, -0.01, 0.01, 0.03)]
    swept = conclude_sweep(Varied("length", (10, 20, 40, 80)), points)
    assert swept.pairs[0].crossing == pytest.approx(10 * 2**1.5)
    assert "cross at 28.3" in sentences(swept.recommendation)[0]


def test_a_seed_whose_leg_failed_anywhere_is_left_out_of_the_slopes(planted):
    points = [planted(lstm=[None, *FLAT[1:]], gru=FLAT), planted(lstm=FLAT, gru=raised(FLAT, 0.1))]
    swept = conclude_sweep(Varied("length", (10, 20)), points)
    assert swept.pairs[0].seeds == 4
    assert swept.status == "partial"


def test_half_of_the_short_score_is_found_between_the_values(planted):
    points = [planted(lstm=[value] * 3, gru=[0.8] * 3) for value in (0.8, 0.6, 0.2)]
    curves = conclude_sweep(Varied("length", (5, 10, 20)), points).curves
    # From .6 at 10 to .2 at 20, .4 is half of the way on a log scale.
    assert {curve.label: curve.l50 for curve in curves} == {"lstm": pytest.approx(10 * 2**0.5), "gru": None}


def test_runs_that_are_solved_are_counted_over_all_values_and_each_seed_has_one_vote(planted):
    def solved(point, **told):
        models = [
            model.model_copy(
                update={
                    "quality": model.quality.model_copy(
                        update={"solved": sum(told[model.label]), "solved_per_seed": told[model.label]}
                    )
                }
            )
            for model in point.models
        ]
        return point.model_copy(update={"models": models})

    plain = planted(lstm=FLAT, gru=FLAT)
    easy = solved(plain, lstm=[True] * 5, gru=[True] * 5)
    hard = solved(plain, lstm=[True] * 5, gru=[False] * 5)
    swept = conclude_sweep(Varied("length", (10, 20, 40)), [easy, hard, hard])
    (pair,) = swept.pairs
    assert (pair.solved.a, pair.solved.b, pair.solved.seeds) == (5, 15, 15)
    assert (pair.votes.a, pair.votes.b, pair.votes.ties) == (0, 5, 0)
    assert pair.solved.p_value == pytest.approx(stats.binomtest(5, 5).pvalue)
    assert pair.verdict == "undecided"
    assert pair.difference is None
    assert [(claim.number, claim.verdict) for claim in swept.guide] == [(6, "undecided")]


def test_who_needs_fewer_steps_is_told_one_vote_a_seed_and_refutes_no_long_dependencies(planted):
    point = planted(lstm=FLAT, gru=FLAT)
    value = [True] * 5
    models = [
        model.model_copy(
            update={"quality": model.quality.model_copy(update={"solved": 5, "solved_per_seed": value})}
        )
        for model in point.models
    ]
    steps = StepsPair(
        sooner_a=4, sooner_b=0, ties=1, median_a=1.0, median_b=2.0, mean_a=1.0, mean_b=2.0, budget=5,
        p_value=0.125, verdict="undecided", sooner_per_seed=[1, 1, 1, 1, 0],
    )  # fmt: skip
    quality = point.pairs[0].quality.model_copy(update={"steps": steps})
    pair = point.pairs[0].model_copy(update={"quality": quality})
    point = point.model_copy(update={"models": models, "pairs": [pair]})
    swept = conclude_sweep(Varied("length", (10, 20)), [point, point])
    sooner = swept.pairs[0].sooner
    assert (sooner.a, sooner.b, sooner.ties, sooner.verdict) == (8, 0, 2, "undecided")
    assert (sooner.seeds_a, sooner.seeds_b) == (4, 0)
    assert sooner.p_value == pytest.approx(stats.binomtest(4, 4).pvalue)
    assert swept.pairs[0].verdict == "undecided"
    (claim,) = swept.guide
    assert (claim.number, claim.verdict) == (6, "undecided")
    assert "LSTM in 0 runs, GRU in 8" in evidence(claim)


def test_claims_on_length_are_not_made_along_other_settings(rising):
    assert check_sweep("hidden", rising.curves, rising.pairs, rising.points) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("length", "is not setting=value"),
        ("=1,2", "is not setting=value"),
        ("length=", "is not setting=value"),
        ("lenght=1,2", "length"),
        ("pooling=1,2", "pooling"),
        ("length=1", "two different numbers"),
        ("length=5,5", "two different numbers"),
        ("length=a,b", "two different numbers"),
        ("length=1,2,true", "two different numbers"),
    ],
)
def test_what_cannot_be_varied_is_refused(text, told):
    with pytest.raises(UsageError) as caught:
        parse_vary(text)
    assert told in f"{caught.value.message} {caught.value.hint}"


def test_values_are_taken_in_ascending_order_and_hyphens_are_underscores():
    assert parse_vary("train-size=1.0,0.1,0.3") == Varied("train_size", (0.1, 0.3, 1.0))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"vary": "hidden=0,4"}, "hidden"),
        ({"vary": "hidden=4,8", "models": ("lstm:hidden=8", "gru")}, "has its own"),
        ({"vary": "hidden=4,8", "match": ("hidden", "params")}, "--match"),
        ({"vary": "hidden=4,8", "seeds": "auto"}, "seeds"),
        ({"vary": "task.length=4,8"}, "no setting"),
    ],
)
def test_a_sweep_that_means_nothing_is_refused_before_anything_runs(reviews, settings, told):
    config = CompareConfig(**{"models": ("lstm", "gru"), "data": str(reviews), **settings})
    with pytest.raises(UsageError) as caught:
        study_of(config)
    assert told in f"{caught.value.message} {caught.value.hint}"


def test_a_value_of_the_task_is_checked_beside_the_tasks_other_settings():
    """anbn, 50 long by default, is tested on strings that are longer than those of training."""

    def tested_to(value, *, length):
        config = CompareConfig(models=("lstm", "gru"), task=Anbn(length=length))
        return Varied("task.test_length", (value, value + 5)).at(config, value).task

    assert tested_to(45, length=20) == Anbn(length=20, test_length=45)
    with pytest.raises(UsageError, match="test_length"):
        tested_to(60, length=100)


def test_a_sweep_runs_each_value_with_the_same_seeds_and_keeps_what_is_finished(reviews, seqcli):
    command = ("compare", "rnn", "gru", "--data", reviews, "--vary", "train-size=0.2,1.0", *TINY)
    ran = seqcli(*command)
    assert ran.code == 0, ran.err
    result = ran.json
    assert (result["schema"], result["setting"], result["values"]) == (
        "seqcli.sweep/1",
        "train-size",
        [0.2, 1.0],
    )
    assert [point["models"][0]["training"]["train_size"] for point in result["points"]] == [0.2, 1.0]
    assert all(point["protocol"]["seeds"] == [0, 1] for point in result["points"])
    assert all(model["train_speed"] is None for point in result["points"] for model in point["models"])
    again = seqcli(*command)
    assert json.loads(again.out)["curves"] == result["curves"]
    assert again.err.count("from an earlier run") == 8


def test_gates_on_a_sweep_are_about_its_greatest_value(reviews, seqcli):
    ran = seqcli(
        "compare", "rnn", "gru", "--data", reviews, "--vary", "train-size=0.2,1.0", *TINY,
        "--expect", "gru.parameters.total > 1e9",
    )  # fmt: skip
    assert ran.code == 20
    assert len(ran.json["expectations"]) == 1
