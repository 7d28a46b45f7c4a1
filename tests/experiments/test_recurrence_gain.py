"""What recurrence buys: models against methods without it, by the judge of the pairs, and in words."""

import numpy as np
import pytest
from making.outcomes import answering_leg, answers_of, concluded_from
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.reports.words.recommendation import sentences
from seqcli.results.compare import BaselineAnswers, Recurrence
from seqcli.results.measurements import Parameters
from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Evidence

N = 1000


def answers(share, seed):
    """N answers of which that share is right, at random places."""
    return np.random.default_rng(seed).permutation(np.arange(N) < round(share * N))


def same_but(right, *, changed, seed):
    """The same answers but for a few, as many lost as won."""
    generator = np.random.default_rng(seed)
    other = right.copy()
    other[generator.choice(np.flatnonzero(right), changed, replace=False)] = False
    other[generator.choice(np.flatnonzero(~right), changed, replace=False)] = True
    return other


@pytest.fixture
def concluded(reviews):
    def conclude_on(lstm, gru, **baselines):
        config = CompareConfig(
            models=("lstm", "gru"), data=str(reviews), seeds=tuple(range(len(lstm))), margin=2
        )
        outcomes = {
            name: [
                answering_leg(right, parameters=Parameters(total=500, embedding=90, recurrent=size, head=10))
                for right in legs
            ]
            for name, legs, size in (("lstm", lstm, 400), ("gru", gru, 300))
        }
        mapping = {name: (BaselineAnswers.from_json(answers_of(right)),) for name, right in baselines.items()}
        return concluded_from(config, prepare_data(config), outcomes, baselines=mapping)

    return conclude_on


def legs(share, seeds=10, start=100):
    return [answers(share, start + seed) for seed in range(seeds)]


def told(result):
    return " ".join(sentences(result.recommendation))


def test_recurrence_pays_where_a_model_is_better_than_every_baseline(concluded):
    result = concluded(legs(0.85), legs(0.60, start=200), majority=answers(0.5, 1), bow=answers(0.75, 2))
    assert (result.recurrence.verdict, result.recurrence.better) == ("pays", ["lstm"])
    assert result.recommendation.model == "lstm"
    assert result.recurrence.level == pytest.approx(0.75)
    assert "Recurrence gains 10.0 points" in told(result)


def test_each_model_s_verdict_against_each_baseline_is_kept_with_its_interval(concluded):
    lstm, bow = legs(0.85), answers(0.75, 2)
    majority, bag = concluded(lstm, legs(0.6), majority=answers(0.5, 1), bow=bow).baselines
    assert [(pair.a, pair.b) for pair in bag.against] == [("lstm", "bow"), ("gru", "bow")]
    assert [pair.quality.verdict for pair in bag.against] == ["better", "worse"]
    assert [pair.quality.verdict for pair in majority.against] == ["better", "better"]
    quality = bag.against[0].quality
    expected = crossed(np.array(lstm, dtype=float) - bow)
    assert quality.difference == pytest.approx(0.10)
    assert quality.examples_ci95 == pytest.approx(tuple(expected.interval(0.05)), abs=1e-9)
    assert quality.examples.only_a_per_seed[0] == np.sum(lstm[0] & ~bow)


def test_the_baselines_are_one_family_apart_from_the_pairs(concluded):
    """Four verdicts of two models against two baselines; the one pair of models has its own level."""
    result = concluded(legs(0.7), legs(0.7, start=300), majority=answers(0.7, 1), bow=answers(0.7, 2))
    levels = [pair.quality.level for base in result.baselines for pair in base.against]
    assert levels[0] == pytest.approx(1 - 0.05 / 4)
    assert result.pairs[0].quality.level in (pytest.approx(0.95), pytest.approx(0.90))


def test_a_baseline_s_own_interval_is_over_test_examples_by_wilson(concluded):
    bow = concluded(legs(0.8), legs(0.8), bow=answers(0.75, 2)).baselines[0]
    assert bow.quality.ci95 == pytest.approx(proportion_confint(750, N, method="wilson"), abs=1e-9)


def test_buys_nothing_is_said_where_equivalence_is_shown_and_then_no_model_is_recommended(concluded):
    bow = answers(0.75, 2)
    same = [same_but(bow, changed=5, seed=seed) for seed in range(20)]
    worse = [same_but(answers(0.6, 5), changed=5, seed=seed) for seed in range(20)]
    result = concluded(same, worse, majority=answers(0.5, 1), bow=bow)
    assert result.recurrence.verdict == "equivalent"
    assert "A bag of words does as well (75.0 % against 75.0 %): recurrence gains nothing here." in told(
        result
    )
    assert "LSTM is better in accuracy" in told(result)
    assert result.recommendation.model is None


def test_recurrence_costs_where_the_baseline_is_shown_to_be_better_than_every_model(concluded):
    result = concluded(legs(0.85), legs(0.80, start=200), majority=answers(0.5, 1), bow=answers(0.95, 2))
    assert result.recurrence.verdict == "costs"
    assert "A bag of words does better (95.0 % against 85.0 %): recurrence does not pay here." in told(result)
    assert result.recommendation.model is None


def test_what_is_not_decided_is_said_to_be_nothing_shown(concluded):
    result = concluded(legs(0.76), legs(0.60, start=200), majority=answers(0.5, 1), bow=answers(0.75, 2))
    assert result.recurrence.verdict == "undecided"
    assert "No gain from recurrence is shown against a bag of words (75.0 % against 76.0 %)." in told(result)
    assert "gains nothing" not in told(result)
    assert result.recommendation.model == "lstm"


def test_nothing_is_learnt_where_no_model_is_better_than_the_majority_class(concluded):
    result = concluded(legs(0.50), legs(0.49, start=200), majority=answers(0.517, 1), bow=answers(0.49, 2))
    assert result.recurrence.majority == pytest.approx(0.517)
    assert max(model.quality.mean for model in result.models) == pytest.approx(0.5)
    assert "Nothing learnt" in told(result)
    assert result.recommendation.model is None


def test_one_seed_shows_nothing_of_recurrence_nor_that_nothing_was_learnt(concluded):
    result = concluded(legs(0.9, 1), legs(0.9, 1), majority=answers(0.5, 1), bow=answers(0.6, 2))
    assert (result.recurrence.verdict, result.recurrence.majority) == ("undecided", None)


def test_what_earlier_results_call_nothing_was_not_tested():
    record = {"baseline": "bow", "label": "bag of words", "level": 0.7, "better": [], "verdict": "nothing"}
    assert Recurrence.from_json(record).verdict == "undecided"


def test_a_model_that_equals_a_baseline_is_decided_against_it_in_about_5_percent():
    """Examples differ in difficulty for each of the two, seeds in what they learn: simulated, seeded."""
    assert false_decisions(seeds=5, examples=200, trials=400) <= 0.05 + 2.6 * (0.05 * 0.95 / 400) ** 0.5


def false_decisions(*, seeds, examples, trials):
    """The share of trials in which a model as accurate as a baseline is called better or worse."""
    generator = np.random.default_rng([seeds, examples])
    value = 0
    for _ in range(trials):
        ease = generator.normal(0.8, 1.0, size=(2, examples))
        seed, rest = generator.normal(0, 0.15, (seeds, 1)), generator.normal(0, 0.4, (seeds, examples))
        right = generator.uniform(size=(seeds, examples)) < stats.norm.cdf(ease[0] + seed + rest)
        # The same spread of what is answered, all of it fixed: one method without seeds.
        fixed = ease[1] + generator.normal(0, (0.15**2 + 0.4**2) ** 0.5, examples)
        baseline = generator.uniform(size=examples) < stats.norm.cdf(fixed)
        estimate = paired_difference(right.mean(axis=1), [baseline.mean()] * seeds, resolution=1 / examples)
        view = Evidence(estimate, crossed(right.astype(float) - baseline))
        value += view.claims(0.01).different <= 0.05
    return value / trials
