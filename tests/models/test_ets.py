"""Exponential smoothing against statsmodels itself, and against values that have one exact continuation."""

import numpy as np
import pytest
from statsmodels.tsa.exponential_smoothing.ets import ETSModel

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BASELINES
from seqcli.models.baselines.ets import best_form, forms


def windows(series, places, *, horizon, season, number=0):
    table = np.array(series, float).reshape(len(series), -1)
    ones = np.ones(table.shape[1])
    return [
        Past(table[:place][-5:], 0 * ones, ones, 5, horizon, season, series=number, history=table[:place])
        for place in places
    ]


@pytest.fixture(scope="module")
def seasonal():
    draw = np.random.default_rng(0)
    steps = np.arange(96)
    return 20 + 0.1 * steps + 5 * np.sin(steps * np.pi / 3) + draw.normal(0, 0.4, 96)


def test_the_form_is_the_one_of_least_aicc_of_all_that_statsmodels_fits(seasonal):
    learnt = seasonal[:72]
    aicc = {}
    for settings in forms(positive=True, season=6, count=72):
        aicc[tuple(settings.values())] = ETSModel(learnt, **settings).fit(disp=0, maxiter=100).aicc
    assert len(aicc) == 15  # 6 with added errors, 9 with multiplied ones
    assert tuple(best_form(learnt, 6).settings.values()) == min(aicc, key=aicc.get)


def test_values_ahead_of_every_window_are_statsmodels_own(seasonal):
    train = windows(seasonal, [60, 66], horizon=6, season=6)
    answers = [{"target": seasonal[place : place + 6, None].tolist()} for place in (60, 66)]
    model = BASELINES.get("ets")().fit(train, answers)
    form = model.forms[0, 0]
    origins = [78, 84, 90]
    for origin, item in zip(
        origins, model.predict(windows(seasonal, origins, horizon=6, season=6)), strict=True
    ):
        known = ETSModel(seasonal[:origin], **form.settings).smooth(form.params)
        assert np.ravel(item) == pytest.approx(known.forecast(6), rel=1e-9)


def test_nothing_after_a_window_changes_what_is_said_of_it(seasonal):
    train = windows(seasonal, [66], horizon=6, season=6)
    answers = [{"target": seasonal[66:72, None].tolist()}]
    model = BASELINES.get("ets")().fit(train, answers)
    spoilt = seasonal.copy()
    spoilt[80:] = 1e6
    plain, leaked = (
        model.predict(windows(values, [80, 90], horizon=6, season=6))[0] for values in (seasonal, spoilt)
    )
    assert plain == leaked


def test_a_season_with_a_trend_goes_on_and_channels_and_series_have_their_own_form():
    steps = np.arange(84)
    draw = np.random.default_rng(1)
    rise = 50 + steps + 10 * (steps % 4) + draw.normal(0, 0.01, 84)
    fall = -rise
    both = np.column_stack([rise, fall])
    train = windows(both, [70], horizon=4, season=4) + windows(
        both[:, ::-1], [70], horizon=4, season=4, number=1
    )
    answers = [{"target": both[70:74].tolist()}, {"target": both[70:74, ::-1].tolist()}]
    model = BASELINES.get("ets")().fit(train, answers)
    (predictions,) = model.predict(windows(both, [80], horizon=4, season=4))
    assert predictions == pytest.approx(both[80:84], abs=0.5)
    (other,) = model.predict(windows(both[:, ::-1], [80], horizon=4, season=4, number=1))
    assert np.array(other) == pytest.approx(np.array(predictions)[:, ::-1], abs=1e-9)


def test_of_a_series_that_nothing_can_be_fitted_to_the_last_value_is_said():
    assert best_form(np.ones(50), 1) is None
    assert best_form(np.arange(5.0), 1) is None
    model = BASELINES.get("ets")().fit(
        windows(np.ones(50), [40], horizon=3, season=1), [{"target": [[1.0]] * 3}]
    )
    (predictions,) = model.predict(windows(np.ones(50), [45], horizon=3, season=1))
    assert predictions == [[1.0]] * 3
