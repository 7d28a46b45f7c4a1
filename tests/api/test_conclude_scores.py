"""`seqcli.conclude`: a person's own scores, judged as a comparison judges its own; truth by scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import seqcli
from seqcli.statistics.crossed import crossed

A, B = [0.81, 0.83, 0.82, 0.84, 0.82], [0.78, 0.80, 0.79, 0.80, 0.79]


def test_a_pair_is_judged_by_students_paired_interval_the_later_model_less_the_earlier():
    (pair,) = seqcli.conclude({"mine": A, "theirs": B}).pairs
    expected = stats.ttest_rel(B, A).confidence_interval(0.95)
    assert (pair.a, pair.b, pair.quality.verdict) == ("theirs", "mine", "worse")
    assert pair.quality.difference == pytest.approx(np.mean(B) - np.mean(A))
    assert pair.quality.interval == pytest.approx((expected.low, expected.high))


def test_a_table_of_pandas_with_a_column_a_model_says_the_same():
    assert seqcli.conclude(pd.DataFrame({"mine": A, "theirs": B})) == seqcli.conclude(
        {"mine": A, "theirs": B}
    )


def test_scores_that_differ_by_less_than_the_margin_are_equivalent():
    near = [value + 0.001 * sign for value, sign in zip(A, (1, -1, 1, -1, 1), strict=True)]
    assert seqcli.conclude({"a": A, "b": near}).pairs[0].quality.verdict == "equivalent"
    assert seqcli.conclude({"a": A, "b": near}, margin=0.0005).pairs[0].quality.verdict == "undecided"


def test_a_run_that_failed_leaves_its_pair_out():
    with_gap = seqcli.conclude({"a": [*A, None], "b": [*B, 0.1]})
    whole = seqcli.conclude({"a": A, "b": B})
    assert with_gap.pairs[0].quality.difference == pytest.approx(whole.pairs[0].quality.difference)
    assert with_gap.models[0].quality.failed == 1
    assert seqcli.conclude(pd.DataFrame({"a": [*A, np.nan], "b": [*B, 0.1]})) == with_gap


def test_of_a_loss_less_is_better():
    result = seqcli.conclude({"a": A, "b": B}, metric="my loss", margin=0.01, higher_is_better=False)
    assert result.pairs[0].quality.verdict == "better"


def test_three_models_are_corrected_for_their_number_by_holm():
    alone = seqcli.conclude({"a": A, "b": B}).pairs[0].quality
    noise = [0.80, 0.82, 0.79, 0.83, 0.81]
    among = {(p.a, p.b): p.quality for p in seqcli.conclude({"a": A, "b": B, "c": noise}).pairs}
    assert among["b", "a"].level == pytest.approx(1 - 0.05 / 3)
    assert among["b", "a"].interval[0] < alone.interval[0]
    only = seqcli.conclude({"a": A, "b": B, "c": noise}, reference="a").pairs
    assert [(pair.a, pair.b) for pair in only] == [("b", "a"), ("c", "a")]


@pytest.fixture(scope="module")
def answered():
    rng = np.random.default_rng(0)
    hard = rng.random(40)
    return {
        name: (hard + 0.05 * rng.standard_normal((3, 40)) < level) for name, level in (("a", 0.7), ("b", 0.6))
    }


def test_answers_make_the_verdict_one_over_test_examples_too(answered):
    scores = {name: table.mean(axis=1).tolist() for name, table in answered.items()}
    quality = seqcli.conclude(scores, answers=answered).pairs[0].quality
    view = crossed(answered["b"].astype(float) - answered["a"])
    half = stats.t.ppf(0.975, view.degrees) * view.variance**0.5
    assert quality.examples_ci95 == pytest.approx((view.mean - half, view.mean + half), rel=1e-6)
    first = answered["a"][0] & ~answered["b"][0]
    assert quality.examples.only_b_per_seed[0] == first.sum()
    assert seqcli.conclude(scores, answers=answered).examples == 40


REFUSED = {
    "one model": ({"a": A}, {}, "1 model"),
    "unlike numbers of runs": ({"a": A, "b": B[:3]}, {}, "a has 5, b has 3"),
    "percent for shares": ({"a": [81, 83], "b": [78, 80]}, {}, "from 0 to 1"),
    "a word": ({"a": ["good"], "b": [0.5]}, {}, "'good' is not a score"),
    "an unknown score without a margin": ({"a": A, "b": B}, {"metric": "my own"}, "margin"),
    "an unknown reference": ({"a": A, "b": B}, {"reference": "c"}, "'c'"),
    "no margin at all": ({"a": A, "b": B}, {"margin": 0.0}, "not above 0"),
    "answers of others": ({"a": [0.5], "b": [0.5]}, {"answers": {"a": [[0, 1]], "b": [[1, 1]]}}, "b, run 0"),
    "answers of another shape": (
        {"a": [0.5], "b": [0.5]},
        {"answers": {"a": [0, 1], "b": [[0, 1]]}},
        "shape",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_judged_is_refused_with_what_was_given(case):
    scores, options, value = REFUSED[case]
    with pytest.raises(seqcli.SeqcliError, match=value) as raised:
        seqcli.conclude(scores, **options)
    assert raised.value.hint


def test_the_sentence_says_who_is_better_by_how_much():
    from seqcli.reports.report import render

    drawn = render(seqcli.conclude({"mine": A, "theirs": B}), "table")
    assert "mine is better than theirs by 3.2 points [2.6, 3.8]." in drawn
