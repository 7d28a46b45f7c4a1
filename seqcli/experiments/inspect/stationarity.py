"""Two tests of whether a series keeps its mean, by statsmodels where it is installed."""

import warnings
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.results.inspect import Stationarity

LEVEL = 0.05  # the level of every verdict here
FEWEST, MOST = 20, 5_000
"""Values: fewer say nothing, and of more the newest tell how the series is now, in a second."""


def stationarity(values: NDArray[np.float64]) -> Stationarity | None:
    """The augmented Dickey-Fuller test, its lags chosen by AIC, beside the KPSS test about a constant.

    Args:
        values: In order; missing ones are left out.

    Returns:
        None without statsmodels, of fewer than `FEWEST` values, or where nothing varies.
    """
    known = values[np.isfinite(values)][-MOST:]
    if len(known) < FEWEST or not known.std() > 0 or find_spec("statsmodels") is None:
        return None
    tests: Any = import_module("statsmodels.tsa.stattools")  # which has no types
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a p-value lies beyond the ends of KPSS's table
        try:
            adf_p, kpss_p = float(tests.adfuller(known)[1]), float(tests.kpss(known, nlags="auto")[1])
        except (ValueError, OverflowError, np.linalg.LinAlgError):
            return None  # such as an exact straight line
    if not (np.isfinite(adf_p) and np.isfinite(kpss_p)):
        return None
    rooted, moving = adf_p >= LEVEL, kpss_p < LEVEL
    verdict = "drifts" if rooted and moving else "undecided" if rooted or moving else "stationary"
    return Stationarity.model_validate(
        {"adf_p": adf_p, "kpss_p": kpss_p, "verdict": verdict, "values": len(known)}
    )
