"""Beside the seeds: shared test examples, the way to a target, steps to solve; from legs made by hand."""

import json

import numpy as np
import pytest
from making.outcomes import epoch_record, finished_leg
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests

from seqcli.data.pair_scores import corpus_score, signature, words_of
from seqcli.errors import UsageError
from seqcli.experiments.compare.reaching import check_target, median_of_reached, solved_pairs, to_target
from seqcli.experiments.compare.shared_examples import shared_examples
from seqcli.results.definition import Criterion
from seqcli.results.train import SolvedCriterion

MSE = Criterion(metric="MSE", threshold=0.01, above=False, source="here")


def leg(value=0.5, *, predictions=b"", valid=(), seconds=(), solved=None):
    """A finished leg; `valid` is its validation score after each epoch of ten steps."""
    epochs = tuple(epoch_record(n, valid_metric=metric) for n, metric in enumerate(valid, start=1))
    return finished_leg(
        value,
        epochs=epochs,
        predictions=predictions,
        epoch_seconds=seconds,
        solved=None if solved is None else SolvedCriterion(solved=solved, criterion=MSE.words),
    )


def answered(right):
    """The predictions of a classifier that is right where `right` says so."""
    lines = [
        {"example": n, "label": "yes", "predicted": "yes" if correct else "no", "probability": 0.9}
        for n, correct in enumerate(right)
    ]
    return "".join(json.dumps(line) + "\n" for line in lines).encode()


def legs_of(rights):
    return [leg(float(np.mean(right)), predictions=answered(right)) for right in rights]


@pytest.fixture(scope="module")
def rights():
    generator = np.random.default_rng(1)
    hard = generator.uniform(size=120)
    return [[hard + 0.3 * generator.uniform(size=120) < level for _ in range(4)] for level in (0.9, 0.8)]


def test_mcnemar_is_told_seed_by_seed_as_statsmodels_has_it(rights):
    a, b = rights
    result = shared_examples(legs_of(a), legs_of(b), "accuracy").record(0.05)
    for place, (x, y) in enumerate(zip(a, b, strict=True)):
        table = [[np.sum(x & y), np.sum(x & ~y)], [np.sum(~x & y), np.sum(~x & ~y)]]
        assert result.p_values[place] == pytest.approx(mcnemar(table, exact=True).pvalue, abs=1e-9)
        assert (result.only_a_per_seed[place], result.only_b_per_seed[place]) == (table[0][1], table[1][0])
    assert result.examples == 120
    assert result.only_a == pytest.approx(np.mean(result.only_a_per_seed))
    assert result.seeds_apart == np.sum(multipletests(result.p_values, method="holm")[0])
    assert result.seeds_apart > 0


def test_the_crossed_difference_is_that_of_the_accuracies(rights):
    a, b = rights
    crossed = shared_examples(legs_of(a), legs_of(b), "accuracy").crossed
    assert crossed.mean == pytest.approx(np.mean(a) - np.mean(b))
    assert crossed.interval() == shared_examples(legs_of(a), legs_of(b), "accuracy").crossed.interval()


def test_a_failed_leg_takes_its_partner_out_and_a_leg_without_predictions_leaves_seeds_only(rights):
    a, b = legs_of(rights[0]), legs_of(rights[1])
    assert len(shared_examples([None, *a[1:]], b, "accuracy").by_seed) == 3
    assert shared_examples([leg(), *a[1:]], b, "accuracy").by_seed == ()
    assert shared_examples(a, b, "MSE").crossed is None
    assert shared_examples([None] * 4, b, "accuracy").crossed is None


def test_translations_are_resampled_by_sacrebleus_own_counts():
    words = [
        "the",
        "cat",
        "sat",
        "on",
        "a",
        "mat",
        "while",
        "dogs",
        "ran",
        "past",
        "old",
        "trees",
        "by",
        "night",
    ]
    generator = np.random.default_rng(0)

    def told(noise):
        rows = []
        for n in range(30):
            reference = [words[(n + k) % len(words)] for k in range(6)]
            values = [word if generator.uniform() > noise else "x" for word in reference]
            rows.append({"example": n, "reference": " ".join(reference), "predicted": " ".join(values)})
        return rows

    def lines(rows):
        return "".join(json.dumps(row) + "\n" for row in rows).encode()

    good, bad = ([told(noise) for _ in range(3)] for noise in (0.05, 0.3))

    def bleu(rows, words=None):
        return corpus_score(
            "BLEU", [row["predicted"] for row in rows], [row["reference"] for row in rows], words
        ).value

    actual = shared_examples(
        [leg(predictions=lines(rows)) for rows in good],
        [leg(predictions=lines(rows)) for rows in bad],
        "BLEU",
    )
    assert actual.by_seed == ()
    expected = np.mean([bleu(x) - bleu(y) for x, y in zip(good, bad, strict=True)])
    assert actual.crossed.mean == pytest.approx(expected)
    low, high = actual.crossed.interval()
    assert 0 < low < expected < high
    letters = shared_examples(
        [leg(predictions=lines(rows)) for rows in good],
        [leg(predictions=lines(rows)) for rows in bad],
        "BLEU",
        "char",
    )
    expected = np.mean([bleu(x, "char") - bleu(y, "char") for x, y in zip(good, bad, strict=True)])
    assert letters.crossed.mean == pytest.approx(expected)
    assert letters.crossed.mean != actual.crossed.mean


def test_the_wider_of_both_intervals_counts_and_the_verdict_needs_both(concluded_on):
    rights = [np.tile(~np.isin(np.arange(40) % 10, wrong), (3, 1)) for wrong in ([0, 1], [7, 8, 9])]
    over_seeds = concluded_on(rights, predictions=False).pairs[0].quality
    both = concluded_on(rights).pairs[0].quality
    assert over_seeds.verdict == "better"
    assert over_seeds.examples_ci95 is None
    assert both.verdict == "undecided"
    assert both.examples_ci95[0] <= 0 < both.examples_ci95[1]
    assert both.ci95 == (
        min(both.seeds_ci95[0], both.examples_ci95[0]),
        max(both.seeds_ci95[1], both.examples_ci95[1]),
    )
    assert both.examples_needed > 40


@pytest.fixture
def concluded_on(reviews):
    """The comparison of two models whose answers at each seed are right as given."""
    from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, ModelEvidence
    from seqcli.experiments.compare.conclude import conclude
    from seqcli.experiments.config import CompareConfig
    from seqcli.experiments.data import prepare_data
    from seqcli.experiments.legs import model_config
    from seqcli.models.spec import parse_spec

    def conclude_from(rights, *, predictions=True):
        config = CompareConfig(models=("lstm", "gru"), data=str(reviews), seeds=(0, 1, 2))
        models = tuple(
            ModelEvidence(
                label=name,
                model=model_config(config, parse_spec(name)),
                outcomes=tuple(
                    leg(float(right.mean()), predictions=answered(right) if predictions else b"")
                    for right in answers
                ),
                blocks=(),
            )
            for name, answers in zip(("lstm", "gru"), reversed(rights), strict=True)
        )
        return conclude(
            ComparisonInputs(
                config=config,
                prepared=prepare_data(config),
                device="cpu",
                seeds=(0, 1, 2),
                alpha=0.05,
                models=models,
                baselines={},
                failures=(),
            )
        )

    return conclude_from


def test_a_target_is_reached_in_the_first_epoch_validated_at_it():
    legs = [
        leg(valid=(0.5, 0.8, 0.7), seconds=(1.0, 2.5, 4.0)),
        leg(valid=(0.76, 0.6), seconds=(1.5, 3.0)),
        leg(valid=(0.5, 0.6), seconds=(1.0, 2.0)),
        None,
    ]
    result = to_target(legs, 0.75, higher_is_better=True)
    assert (result.reached, result.seeds) == (2, 4)
    assert result.epochs_per_seed == [2, 1, None, None]
    assert result.seconds_per_seed == [2.5, 1.5, None, None]
    assert (result.epochs, result.seconds) == (None, None)
    three = to_target(legs[:3], 0.75, higher_is_better=True)
    assert (three.epochs, three.seconds) == (2, 2.5)
    falling = to_target([leg(valid=(0.5, 0.2), seconds=(1.0, 2.0))], 0.3, higher_is_better=False)
    assert falling.epochs_per_seed == [2]


@pytest.mark.parametrize("up", [True, False])
def test_a_target_that_is_met_exactly_is_reached(up):
    assert to_target([leg(valid=(0.75,))], 0.75, higher_is_better=up).epochs_per_seed == [1]


def test_a_leg_that_kept_no_times_tells_epochs_only():
    result = to_target([leg(valid=(0.8,)), leg(valid=(0.9,), seconds=(1.0,))], 0.75, higher_is_better=True)
    assert result.epochs == 1
    assert result.seconds is None


def test_a_median_of_what_not_all_reach_counts_the_others_as_longer_than_any():
    assert median_of_reached([3, None, 1]) == 3
    assert median_of_reached([3, None]) is None
    assert median_of_reached([]) is None


def test_a_target_that_no_accuracy_can_have_is_refused(reviews):
    from seqcli.experiments.config import CompareConfig
    from seqcli.experiments.data import prepare_data

    prepared = prepare_data(CompareConfig(models=("gru",), data=str(reviews)))
    with pytest.raises(UsageError, match=r"--target 75.*share"):
        check_target(75.0, prepared)
    check_target(0.75, prepared)
    check_target(None, prepared)


def test_steps_to_solve_count_the_unsolved_as_slower_and_are_compared_by_signs():
    quick = [leg(valid=(0.5, 0.001), solved=True) for _ in range(6)]
    slow = [leg(valid=(0.5, 0.4, 0.3, 0.001), solved=True) for _ in range(5)]
    never = leg(valid=(0.5, 0.001, 0.4), solved=False)  # validation met it, the test split did not
    (pair,) = solved_pairs([(quick, [*slow, never])], 0.05, MSE)
    assert (pair.steps.sooner_a, pair.steps.sooner_b, pair.steps.ties) == (6, 0, 0)
    assert (pair.steps.median_a, pair.steps.median_b, pair.steps.budget) == (20, 40, 40)
    assert pair.steps.mean_b == pytest.approx((5 * 40 + 40) / 6)
    assert pair.steps.p_value == pytest.approx(stats.binomtest(6, 6).pvalue)
    assert pair.steps.verdict == "better"


def test_a_corpus_score_comes_with_sacrebleus_signature():
    result = signature("BLEU", "13a")
    assert result.startswith("nrefs:1|case:mixed")
    assert "tok:13a" in result
    assert "version:" in result
    assert [words_of(signature("BLEU", words)) for words in ("13a", "zh", "char")] == ["13a", "zh", "char"]
    assert words_of(signature("chrF", "zh")) is None
    assert signature("exact_match", "13a") == ""
