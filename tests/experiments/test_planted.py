"""What follows from planted scores, from end to end: of which split they are, and what would decide."""

from dataclasses import replace

import pytest
from making.outcomes import concluded_from, finished_leg
from scipy import stats

from seqcli.experiments.config import CompareConfig
from seqcli.experiments.data import prepare_data
from seqcli.reports.words.recommendation import sentences
from seqcli.results.train import Score

VALIDATED = [0.1, 0.2, 0.3]


def validated(value, tested):
    return finished_leg(tested, valid=Score(metric="accuracy", value=value, loss=0.5, examples=9))


def test_what_is_concluded_is_of_the_test_split_and_its_spread_never_below_that_of_one_example(reviews):
    config = CompareConfig(models=("lstm", "gru"), data=str(reviews), seeds=(0, 1, 2))
    prepared = prepare_data(config)
    examples = len(prepared.splits["test"])
    conclusion = concluded_from(
        config,
        replace(prepared, splits={**prepared.splits, "valid": prepared.splits["train"]}),
        {
            name: [validated(value, tested) for value in VALIDATED]
            for name, tested in (("lstm", 0.5), ("gru", 0.75))
        },
    )
    assert [model.quality.per_seed for model in conclusion.models] == [[0.5] * 3, [0.75] * 3]
    assert [model.quality.valid_per_seed for model in conclusion.models] == [VALIDATED] * 2
    (pair,) = conclusion.pairs
    half = stats.t.ppf(0.975, 2) * (1 / examples / 6**0.5) / 3**0.5
    assert pair.quality.ci95 == pytest.approx((0.25 - half, 0.25 + half))


def test_the_seeds_that_would_decide_are_those_of_the_pair_that_needs_most(planted):
    even = [0.745, 0.755, 0.752, 0.749, 0.751]
    result = planted(
        lstm=even, gru=[0.751, 0.741, 0.758, 0.756, 0.744], rnn=[0.730, 0.775, 0.752, 0.735, 0.768]
    )
    needed = [pair.quality.seeds_needed for pair in result.pairs]
    assert {pair.quality.verdict for pair in result.pairs} == {"undecided"}
    assert min(needed) < max(needed)
    assert f"a fresh --seeds 5:{5 + max(needed)} would decide it" in " ".join(
        sentences(result.recommendation)
    )
