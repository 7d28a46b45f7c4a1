"""Methods without recurrence on sequences of vectors, held against brute force and arithmetic by hand."""

import itertools

import numpy as np
import pytest

from seqcli.models.baseline import BASELINES
from seqcli.models.baselines import dtw
from seqcli.models.baselines.dtw import warping_costs
from seqcli.models.baselines.moments import features


def least_cost(one, other):
    """The least sum of squared distances over all warping paths, each of them tried."""
    ends = (len(one) - 1, len(other) - 1)

    def from_here(s, t):
        here = float(((one[s] - other[t]) ** 2).sum())
        if (s, t) == ends:
            return here
        steps = ((s + 1, t), (s, t + 1), (s + 1, t + 1))
        return here + min(from_here(*step) for step in steps if step[0] <= ends[0] and step[1] <= ends[1])

    return from_here(0, 0)


@pytest.mark.parametrize("channels", [1, 3])
def test_warping_costs_are_the_least_over_all_paths(channels):
    random = np.random.default_rng(channels)
    sequences = [random.normal(size=(length, channels)) for length in (1, 2, 5, 3, 6)]
    for sequence in sequences:
        expected = [least_cost(sequence, other) for other in sequences]
        assert warping_costs(sequence, sequences) == pytest.approx(expected, abs=1e-9)


def test_what_stands_beyond_a_sequence_s_end_changes_no_cost():
    first, brief, long = (np.random.default_rng(n).normal(size=(n, 2)) for n in (4, 2, 30))
    alone, together = warping_costs(first, [brief]), warping_costs(first, [brief, long])
    assert together[0] == pytest.approx(alone[0])


def test_the_same_shape_at_another_pace_is_near_and_groups_change_nothing(monkeypatch):
    slow, fast = np.repeat([0.0, 1, 0, 2], 3)[:, None], np.array([[0.0], [1], [0], [2]])
    far = np.array([[0.0], [2], [0], [1]])
    method = BASELINES.get("dtw")().fit([slow, far], ["same", "other"])
    assert method.predict([fast, far]) == ["same", "other"]
    random = np.random.default_rng(0)
    known = [random.normal(size=(int(length), 2)) for length in random.integers(1, 12, 40)]
    method = BASELINES.get("dtw")().fit(known, [str(n) for n in range(40)])
    new = [item + 0.1 for item in known]
    before = method.predict(new)
    monkeypatch.setattr(dtw, "TOGETHER", 50)
    assert method.predict(new) == before


def test_moments_are_mean_deviation_range_last_value_and_length_by_hand():
    (row,) = features([np.array([[1.0, 0], [3, 0], [2, 6]])])
    mean, deviation = [2, 2], [(2 / 3) ** 0.5, 8**0.5]
    assert row == pytest.approx([*mean, *deviation, 1, 0, 3, 6, 2, 6, 3])


def test_moments_tell_a_loud_sequence_from_a_quiet_one_and_nothing_of_order():
    random = np.random.default_rng(0)
    loud = [random.normal(size=(20, 2)) * 5 for _ in range(30)]
    quiet = [random.normal(size=(20, 2)) for _ in range(30)]
    method = BASELINES.get("moments")().fit([*loud[:20], *quiet[:20]], ["loud"] * 20 + ["quiet"] * 20)
    assert method.predict([*loud[20:], *quiet[20:]]) == ["loud"] * 10 + ["quiet"] * 10
    assert method.predict([]) == []
    pairs = itertools.pairwise(features([loud[0], np.vstack([loud[0][:-1][::-1], loud[0][-1:]])]))
    assert all(first == pytest.approx(other) for first, other in pairs)
