"""Many comparisons at once: p-values that stay honest over all of them."""

from collections.abc import Sequence

import numpy as np

from seqcli.statistics.student import Floats


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Holm's adjusted p-values (1979), along the last axis.

    Sorted upwards, p(k) of m counts m − k + 1 times and never less than the one before it. Rejecting where
    the adjusted value is at most α keeps the chance of any false rejection in the family at α, whatever the
    dependence among the comparisons.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, axis=-1, kind="stable")
    remaining = p.shape[-1] - np.arange(p.shape[-1])
    steps = np.maximum.accumulate(np.take_along_axis(p, order, axis=-1) * remaining, axis=-1)
    adjusted = np.empty_like(p)
    np.put_along_axis(adjusted, order, np.minimum(steps, 1.0), axis=-1)
    return adjusted


def holm_or_all(p_values: Sequence[float] | Floats) -> Floats:
    """Holm's adjusted p-values, or the largest raw one for every claim where that is smaller.

    The claim that *all* hold is true only if each is, so it needs no correction: its p-value is the largest
    (the intersection–union test; Berger, 1982). Together with Holm's steps it rejects no more than Hochberg's
    procedure (1988); that the family's error stays at α for the pairs of three models is shown by simulation.
    """
    p = np.asarray(p_values, dtype=np.float64)
    largest: Floats = p.max(axis=-1, keepdims=True)
    return np.minimum(holm(p), largest)
