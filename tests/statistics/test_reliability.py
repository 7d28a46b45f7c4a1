"""Expected calibration error by hand."""

import numpy as np
import pytest

from seqcli.statistics.reliability import calibration_error, reliability


def test_the_error_is_the_mean_distance_of_confidence_and_share_right_over_answers() -> None:
    """.55 and .58 lie in one bin, one of them right: |.565 − .5|; .95 and 1 in the last, both right: .025."""
    bins = reliability(np.array([0.55, 0.58, 0.95, 1.0]), np.array([True, False, True, True]))
    assert [(part.low, part.high, part.examples) for part in bins] == [(0.5, 0.6, 2), (0.9, 1.0, 2)]
    assert [part.confidence for part in bins] == pytest.approx([0.565, 0.975])
    assert [part.accuracy for part in bins] == [0.5, 1.0]
    assert calibration_error(bins) == pytest.approx((2 * 0.065 + 2 * 0.025) / 4)


def test_a_model_that_is_right_as_often_as_it_says_has_no_error() -> None:
    bins = reliability(np.full(4, 0.75), np.array([True, True, True, False]))
    assert calibration_error(bins) == 0
