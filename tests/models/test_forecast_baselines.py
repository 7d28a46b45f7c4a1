"""The methods that a forecast is held against, by hand and by numpy's least squares."""

import numpy as np
import pytest

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BASELINES
from seqcli.models.baselines.linear_ar import RIDGE


def past(values, *, context=3, horizon=4, season=1, mean=0.0, deviation=1.0):
    table = np.array(values, float).reshape(len(values), -1)
    width = table.shape[1]
    return Past(
        values=table,
        means=np.full(width, mean),
        deviations=np.full(width, deviation),
        context=context,
        horizon=horizon,
        season=season,
    )


def fitted(name, inputs=(), answers=()):
    return BASELINES.get(name)().fit(inputs, answers)


def test_the_last_value_is_said_at_every_step_ahead():
    (predictions,) = fitted("last-value").predict([past([[1, 5], [2, 6], [3, 7]])])
    assert predictions == [[3, 7]] * 4


def test_a_season_is_repeated_and_a_younger_series_says_its_last_value():
    full, young = past([1, 2, 3], season=3), past([1, 2], season=3)
    predictions = fitted("seasonal-naive").predict([full, young])
    assert np.ravel(predictions[0]).tolist() == [1, 2, 3, 1]
    assert np.ravel(predictions[1]).tolist() == [2, 2, 2, 2]


def test_linear_autoregression_is_numpys_ridge_on_standardised_windows():
    """‖XW − Y‖² + λ‖W‖² is the least squares of X with √λ I below it and Y with zeros below it."""
    generator = np.random.default_rng(0)
    windows = generator.normal(5.0, 2.0, (40, 3 + 2))
    inputs = [past(row[:3], horizon=2, mean=5.0, deviation=2.0) for row in windows]
    answers = [{"target": row[3:, None].tolist()} for row in windows]
    scaled = (windows - 5.0) / 2.0
    x = np.hstack([scaled[:, :3], np.ones((40, 1))])
    below = np.sqrt(RIDGE) * np.diag([1.0, 1.0, 1.0, 0.0])  # the constant without penalty
    weights, *_ = np.linalg.lstsq(np.vstack([x, below]), np.vstack([scaled[:, 3:], np.zeros((4, 2))]))
    model = fitted("linear-ar", inputs, answers)
    assert model.weights == pytest.approx(weights, abs=1e-10)
    (predictions,) = model.predict([inputs[7]])
    assert np.ravel(predictions) == pytest.approx((x[7] @ weights) * 2.0 + 5.0)


def test_channels_share_the_weights_and_keep_their_own_past_and_scale():
    rises = [past([[t, -10 * t], [t + 1, -10 * t - 10]], context=2, horizon=1) for t in range(50)]
    answers = [{"target": [[t + 2, -10 * t - 20]]} for t in range(50)]
    (predictions,) = fitted("linear-ar", rises, answers).predict(
        [past([[100, -1000], [101, -1010]], context=2, horizon=1)]
    )
    assert predictions[0] == pytest.approx([102, -1020], rel=1e-3)


def test_it_reads_no_more_than_the_networks_do():
    """Where a season is longer than the context, only the seasonal baseline sees it."""
    inputs = [past([99 * t, t, t + 1, t + 2], horizon=1, season=4) for t in range(20)]
    answers = [{"target": [[t + 3]]} for t in range(20)]
    model = fitted("linear-ar", inputs, answers)
    assert model.weights.shape == (4, 1)
    first, other = model.predict([past([0, 1, 2, 3], horizon=1), past([777, 1, 2, 3], horizon=1)])
    assert first == other


def test_linear_autoregression_is_scikit_learns_ridge_on_the_windows_that_networks_read():
    """With three channels that share the weights, and two columns beside them."""
    from sklearn.linear_model import Ridge

    draw = np.random.default_rng(1)
    values, beside = draw.normal(size=(60, 6, 3)), draw.normal(size=(60, 8))
    inputs = [
        Past(row[:4], np.zeros(3), np.ones(3), 4, 2, 1, beside=known)
        for row, known in zip(values, beside, strict=True)
    ]
    answers = [{"target": row[4:].tolist()} for row in values]
    x = np.concatenate(
        [np.hstack([row[:4].T, np.tile(known, (3, 1))]) for row, known in zip(values, beside, strict=True)]
    )
    ridge = Ridge(alpha=RIDGE).fit(x, np.concatenate([row[4:].T for row in values]))
    model = fitted("linear-ar", inputs, answers)
    assert model.weights == pytest.approx(np.vstack([ridge.coef_.T, ridge.intercept_]), abs=1e-10)
    assert np.array(model.predict(inputs[:1])[0]) == pytest.approx(ridge.predict(x[:3]).T)
