"""A sweep of models with and without attention speaks to the guide's bottleneck; gates, to the last value."""

import pytest

from seqcli.data import score_words
from seqcli.data.metric import Metric
from seqcli.experiments.config import CompareConfig
from seqcli.experiments.studies import study_of
from seqcli.experiments.sweep.sweep_claims import check_sweep
from seqcli.experiments.sweep.sweep_study import Varied, conclude_sweep
from seqcli.reports.words.claims import evidence, with_sentence

BLIND, SIGHTED = "seq2seq:attention=none", "seq2seq:attention=luong"
FALLING = [0.80, 0.60, 0.30, 0.10]
NOISE = [-0.01, 0.0, 0.01, 0.005, -0.005]


def translating(point, names):
    """The comparison as if its two models were translators, with and without attention."""
    models = [
        model.model_copy(
            update={
                "name": "seq2seq",
                "label": names[model.label],
                "settings": {"attention": names[model.label].rpartition("=")[2]},
            }
        )
        for model in point.models
    ]
    pairs = [pair.model_copy(update={"a": names[pair.a], "b": names[pair.b]}) for pair in point.pairs]
    return point.model_copy(update={"models": models, "pairs": pairs})


@pytest.fixture
def along_length(planted):
    """What is concluded of two models' scores at lengths 5, 10, 20 and 40, in either order."""

    def conclude(blind, sighted, *, blind_first=True):
        names = dict(zip(("rnn", "gru"), (BLIND, SIGHTED)[:: 1 if blind_first else -1], strict=True))
        of = {BLIND: (blind, NOISE), SIGHTED: (sighted, NOISE[::-1])}
        points = []
        for place in range(4):
            planned = {
                model: [of[name][0][place] + step for step in of[name][1]] for model, name in names.items()
            }
            points.append(translating(planted(**planned), names))
        return conclude_sweep(Varied("length", (5, 10, 20, 40)), points)

    return conclude


@pytest.mark.parametrize("blind_first", [True, False])
def test_a_model_without_attention_that_falls_faster_supports_both_claims_whichever_comes_first(
    along_length, blind_first
):
    eleven, twelve = along_length(FALLING, [0.80] * 4, blind_first=blind_first).guide
    assert (eleven.number, eleven.verdict, twelve.number, twelve.verdict) == (
        11,
        "supported",
        12,
        "supported",
    )
    slope = 100 * sum(x * y for x, y in zip((-1.5, -0.5, 0.5, 1.5), FALLING, strict=True)) / 5
    assert f"without attention {slope:+.1f} points [".replace("-", "−") in evidence(eleven)
    assert "half the short score at length 16, with attention not reached" in evidence(eleven)
    assert evidence(twelve).startswith("+70.0 points [")
    assert "(seq2seq:attention=none)" in with_sentence(eleven).claim
    assert "(seq2seq:attention=luong)" in with_sentence(twelve).claim


def test_a_score_that_is_no_share_of_examples_is_told_in_its_own_unit(along_length, monkeypatch):
    """100 BLEU are 100 BLEU, and no points; a share has 100 points in 1."""
    monkeypatch.setattr(
        score_words, "metric_named", lambda name: Metric(name, higher_is_better=True, margin=0.5, most=100.0)
    )
    of_hundred = evidence(along_length(FALLING, [0.80] * 4).guide[1])
    assert " accuracy [" in of_hundred
    assert " points" not in of_hundred


@pytest.mark.parametrize("blind_first", [True, False])
def test_a_model_with_attention_that_falls_faster_refutes_both(along_length, blind_first):
    result = along_length([0.80] * 4, FALLING, blind_first=blind_first)
    assert [claim.verdict for claim in result.guide] == ["refuted", "refuted"]


def test_what_never_halves_is_said_to_without_a_length(along_length):
    eleven, _ = along_length([0.0] * 4, [0.80, 0.60, 0.50, 0.20]).guide
    assert " points [+18.1, +19.9] per doubling of length against the model with it" in evidence(eleven)
    assert "half the short score not reached, with attention at length 25" in evidence(eleven)


def test_gates_of_a_sweep_are_about_its_greatest_value(planted, reviews):
    low, high = [0.60, 0.61, 0.59, 0.60, 0.60], [0.90, 0.91, 0.89, 0.90, 0.90]
    config = CompareConfig(
        models=("rnn", "gru"), data=str(reviews), vary="hidden=4,8", expect=("gru.accuracy > 0.75",)
    )
    study = study_of(config)
    for values, verdict in (((low, high), "holds"), ((high, low), "fails")):
        points = [planted(rnn=low, gru=gru) for gru in values]
        judged = study.judged(conclude_sweep(Varied("hidden", (4, 8)), points))
        assert [expectation.verdict for expectation in judged.expectations] == [verdict]


def test_a_slope_that_no_seed_moves_has_the_spread_of_the_test_examples_grid(planted):
    """Two seeds that agree on a grid of 24 test examples are no proof that a third would."""
    points = [planted(rnn=[0.5] * 3, gru=[value] * 3) for value in (0.5, 0.55)]
    small = [
        point.model_copy(update={"task": point.task.model_copy(update={"test": 24, "train": 10**6})})
        for point in points
    ]
    (pair,) = conclude_sweep(Varied("hidden", (4, 8)), small).pairs
    assert pair.difference == pytest.approx(0.05)
    assert pair.ci95[1] - pair.ci95[0] > 1 / 24


@pytest.mark.parametrize(("value", "open_claims"), [(0, {11}), (3, {11, 12})])
def test_claims_are_left_open_while_legs_that_they_rest_on_are_still_improving(
    along_length, value, open_claims
):
    """Claim 12 rests on the greatest length alone."""
    result = along_length(FALLING, [0.80] * 4)
    assert [claim.verdict for claim in result.guide] == ["supported", "supported"]
    rising = [[place == value] * 5 for place in range(4)]
    curves = [result.curves[0].model_copy(update={"still_improving": rising}), *result.curves[1:]]
    outcome = check_sweep("length", curves, result.pairs, result.points)
    assert {claim.number for claim in outcome if claim.verdict == "undecided"} == open_claims
    assert "still improving when training ended: 5 of" in evidence(outcome[0])
