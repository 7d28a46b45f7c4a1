"""Test windows that overlap: intervals count blocks of time, which depend on each other far less."""

import json

import numpy as np
import pytest

from seqcli.experiments.compare.shared_examples import crossed_mean


def leg(errors, block):
    """Predictions of one channel, one step; the right value is 0."""
    lines = []
    for place, error in enumerate(errors):
        row = {"target": [[0.0]], "predicted": [[float(error)]], "scale": [1.0]}
        lines.append(json.dumps({**row, "block": [place // block]} if block else row))
    return "\n".join(lines).encode()


def test_windows_of_a_block_count_as_one_example():
    errors = np.repeat([1.0, 2.0, 4.0, 3.0], 5)
    alone = crossed_mean([(1.0, (leg([1.0, 2.0, 4.0, 3.0], 0),))], "MAE")
    together = crossed_mean([(1.0, (leg(errors, 5),))], "MAE")
    assert together.examples == 4
    assert together.mean == alone.mean == 2.5
    assert together.variance == pytest.approx(alone.variance)


@pytest.mark.parametrize(("block", "least", "most"), [(32, 0.88, 0.99), (0, 0.3, 0.75)])
def test_the_interval_covers_the_true_error_of_overlapping_windows_by_blocks_alone(block, least, most):
    """The error of a window is a mean over 8 values that its neighbours share: E|N(0, 1)| = √(2 / π)."""
    draw, truth, horizon = np.random.default_rng(0), np.sqrt(2 / np.pi), 8
    inside = 0
    for _ in range(120):
        values = np.abs(draw.normal(size=640 + horizon))
        windows = np.convolve(values, np.ones(horizon) / horizon, "valid")
        sampled = crossed_mean([(1.0, (leg(windows, block),))], "MAE")
        low, high = sampled.interval(0.05)
        inside += low <= truth <= high
    assert least <= inside / 120 <= most


def test_a_baseline_is_held_against_models_by_a_score_that_needs_more_than_the_values():
    right = {"target": [[0.0]], "scale": [1.0], "deviation": [2.0]}
    values = [[[1.0]], [[3.0]], [[2.0]]]
    network = b"\n".join(json.dumps({**right, "predicted": each}).encode() for each in values)
    baseline = b"\n".join(json.dumps({"label": right, "predicted": each}).encode() for each in values)
    assert crossed_mean([(1.0, (baseline,))], "standardised_MSE").mean == pytest.approx(14 / 3 / 4)
    both = crossed_mean([(1.0, (network, network)), (-1.0, (baseline,))], "standardised_MSE")
    assert both.mean == 0.0
