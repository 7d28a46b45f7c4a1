"""Exponential smoothing, its form chosen by AICc, by statsmodels."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import product
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.data.past_windows import Past
from seqcli.models.baseline import BaselineMethod

FITTED = 1_000
"""Values that a form is fitted to, training's newest: 15 forms of a series take 3 seconds then."""

SEASONS = 3
"""Seasons that those must hold for a form with a season."""

ITERATIONS = 100
"""Of the optimiser for each form: a slow one stops there, as good as it is."""

FEWEST = 12
"""Values below which the first states cannot be told; the last value is then said."""


@dataclass(frozen=True)
class _Form:
    """A fitted form of a channel, and its values from the first that it was fitted to.

    Args:
        settings: As `ETSModel` takes them.
        params: As it fitted them.
        begin: The row of the series that it starts at.
    """

    settings: dict[str, Any]
    params: NDArray[np.float64]
    begin: int

    def ahead(
        self, history: NDArray[np.float64], origins: Sequence[int], horizon: int
    ) -> NDArray[np.float64]:
        """The values after each origin, (N, H): level, damped slope and season as they stand before it.

        The states of a time follow from values up to it alone, so that one pass serves all origins.
        """
        model = _smoother().ETSModel(history[self.begin :], **self.settings)
        smoothed = model.smooth(self.params)
        steps = np.arange(1, horizon + 1)
        period = self.settings["seasonal_periods"] or 1
        damping = smoothed.damping_trend if self.settings["damped_trend"] else 1.0
        ahead = []
        for origin in origins:
            place = origin - 1 - self.begin
            answer = np.full(horizon, smoothed.level[place])
            if self.settings["trend"]:
                answer = answer + smoothed.slope[place] * np.cumsum(damping**steps)
            if self.settings["seasonal"]:
                season = smoothed.season[place + steps - period * np.ceil(steps / period).astype(np.int64)]
                answer = answer * season if self.settings["seasonal"] == "mul" else answer + season
            ahead.append(answer)
        return np.array(ahead)


class ExponentialSmoothing(BaselineMethod[Past, Any]):
    """ETS (Hyndman et al., 2008): error, trend and season, each none, added or multiplied, the least AICc.

    A form is fitted once to the end of training, channel by channel, and smooths on from there: what it says
    at a window rests on all values before that.
    """

    def __init__(self) -> None:
        self.forms: dict[tuple[int, int], _Form | None] = {}
        """By the number of series and channel; None where nothing can be fitted."""

    def fit(self, inputs: Sequence[Past], answers: Sequence[Any]) -> Self:
        """Choose and fit a form for every channel of every series."""
        longest: dict[int, tuple[int, int]] = {}
        for place, past in enumerate(inputs):
            longest[past.series] = max(longest.get(past.series, (0, 0)), (len(past.history), place))
        for series, (_, place) in longest.items():
            past = inputs[place]
            learnt = np.concatenate([past.history, np.asarray(answers[place]["target"], np.float64)])
            for channel in range(learnt.shape[1]):
                self.forms[series, channel] = best_form(learnt[:, channel], past.season)
        return self

    def predict(self, inputs: Sequence[Past]) -> list[Any]:
        """The values ahead of each window, in own units."""
        answers = [np.tile(past.values[-1], (past.horizon, 1)) for past in inputs]
        by_series: dict[int, list[int]] = {}
        for place, past in enumerate(inputs):
            by_series.setdefault(past.series, []).append(place)
        for series, places in by_series.items():
            longest = max((inputs[place].history for place in places), key=len)
            for channel in range(longest.shape[1]):
                form = self.forms.get((series, channel))
                if form is None:
                    continue
                origins = [len(inputs[place].history) for place in places]
                ahead = form.ahead(longest[:, channel], origins, inputs[places[0]].horizon)
                for place, answer in zip(places, ahead, strict=True):
                    answers[place][:, channel] = answer
        return [answer.tolist() for answer in answers]


def best_form(values: NDArray[np.float64], season: int) -> _Form | None:
    """The form of the least AICc on training's newest values; None where none can be fitted.

    Args:
        values: Of training (n).
        season: Steps of a season; 1 for none.
    """
    begin = max(len(values) - FITTED, 0)
    newest = values[begin:]
    if len(newest) < FEWEST or not newest.std() > 0:
        return None
    best: tuple[float, _Form] | None = None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that an optimiser stopped early: what it found stands in the AICc
        for settings in forms(positive=bool((newest > 0).all()), season=season, count=len(newest)):
            try:
                fitted = _smoother().ETSModel(newest, **settings).fit(disp=0, maxiter=ITERATIONS)
                criterion = float(fitted.aicc)
            except (ValueError, ArithmeticError, np.linalg.LinAlgError):
                continue
            if np.isfinite(criterion) and (best is None or criterion < best[0]):
                best = criterion, _Form(settings, np.asarray(fitted.params, np.float64), begin)
    return None if best is None else best[1]


def forms(*, positive: bool, season: int, count: int) -> Iterator[dict[str, Any]]:
    """The forms that such values may have, as `ETSModel` takes them; unstable ones are left out.

    Multiplied errors and seasons are for values above 0 alone, and a multiplied season for multiplied errors
    alone (Hyndman & Athanasopoulos, 2021, 8.6).
    """
    seasonal = season > 1 and count >= SEASONS * season
    for error, (trend, damped), part in product(
        ("add", "mul"), ((None, False), ("add", False), ("add", True)), (None, "add", "mul")
    ):
        multiplied = "mul" in (error, part)
        if (multiplied and not positive) or (part and not seasonal) or (part == "mul" and error == "add"):
            continue
        yield {
            "error": error,
            "trend": trend,
            "damped_trend": damped,
            "seasonal": part,
            "seasonal_periods": season if part else None,
            "initialization_method": "heuristic",
        }


def _smoother() -> Any:
    """The module of statsmodels, which has no types; it is an extra."""
    return import_module("statsmodels.tsa.exponential_smoothing.ets")


BASELINE = ExponentialSmoothing
