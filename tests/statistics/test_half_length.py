"""L50 against curves that were planted, and whether its interval covers; trainings that still improve."""

import numpy as np
import pytest

from seqcli.statistics.half_length import fit_half_length, half_length, over_seeds
from seqcli.statistics.improving import still_improving

LENGTHS = list(range(1, 21))


def planted(at, steepness=4.0, first=1.0):
    return first / (1 + (np.array(LENGTHS) / at) ** (steepness / np.log(2)))


@pytest.mark.parametrize("at", [2.5, 5.2, 9, 16])
@pytest.mark.parametrize("first", [1.0, 0.6])
def test_a_planted_half_length_is_found_again(at, first):
    shares = planted(at, first=first)
    found = fit_half_length(LENGTHS, shares, [1000] * 20)
    assert found.at == pytest.approx(at, rel=0.05)
    assert found.interval.low < found.at < found.interval.high


def test_its_interval_covers_as_often_as_it_says():
    generator, hits = np.random.default_rng(0), 0
    for _ in range(200):
        right = generator.binomial(50, planted(7.0))
        found = fit_half_length(LENGTHS, right / 50, [50] * 20)
        hits += found.interval.low <= 7.0 <= found.interval.high
    assert 0.9 <= hits / 200 <= 0.99


def test_lengths_that_do_not_reach_half_say_on_which_side_it_lies():
    counts = [50] * 20
    flat, gone = fit_half_length(LENGTHS, [0.9] * 20, counts), fit_half_length(LENGTHS, [0.019] * 20, counts)
    assert (flat.at, flat.interval, flat.beyond, flat.learnt) == (None, None, 20, True)
    assert (gone.at, gone.below, gone.beyond, gone.learnt) == (None, None, None, False)


def test_seeds_that_differ_widen_the_interval():
    each = [fit_half_length(LENGTHS, planted(at), [1000] * 20) for at in (5, 7, 10)]
    whole = fit_half_length(LENGTHS, np.mean([planted(at) for at in (5, 7, 10)], axis=0), [3000] * 20)
    wide = over_seeds(whole, each)
    assert wide.low < whole.interval.low
    assert wide.high > whole.interval.high
    assert over_seeds(whole, each[:2]) == whole.interval


def test_half_lengths_lie_between_lengths_on_a_log_scale():
    assert half_length([4, 16], [1.0, 0.0]) == pytest.approx(8)
    assert half_length([5, 10, 20], [0.8, 0.8, 0.4]) == pytest.approx(20)
    assert half_length([5, 10], [1.0, 0.6]) is None
    assert half_length([5, 10], [0.0, 0.0]) is None
    assert half_length([5, 10], [0.019, 0.0]) is None, "nothing was learnt"
    assert half_length([5, 10], [32.0, 11.0], most=100.0) is not None


@pytest.mark.parametrize(
    ("scores", "improving"),
    [
        ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], True),
        ([0.1, 0.5, 0.6, 0.6, 0.605, 0.6], False),
        ([1.0] * 30, False),
        ([0.02 * n for n in range(40)], True),
        ([*[0.02 * n for n in range(40)], *[0.79] * 5], False),
        ([0.3], False),
        ([], False),
    ],
)
def test_a_training_is_still_improving_where_its_last_epochs_gain_what_matters(scores, improving):
    assert still_improving(scores, 0.01) is improving
    assert still_improving([-score for score in scores], 0.01, higher_is_better=False) is improving
