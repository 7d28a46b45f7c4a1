"""Many comparisons at once: p-values that stay honest over all of them."""

from collections.abc import Sequence

import numpy as np

from seqcli.statistics.student import Floats


def holm(p_values: Sequence[float] | Floats) -> Floats:
    """Holm's adjusted p-values (1979), along the last axis.

    >>> holm([0.01, 0.04, 0.03]).tolist()
    [0.03, 0.06, 0.06]

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


def holm_levels(p_values: Sequence[float] | Floats, alpha: float) -> Floats:
    """The level at which Holm's procedure decides each comparison of one family, (M,).

    A comparison is rejected exactly where its own p-value is at most its level, so an interval at that level
    excludes the null exactly where the family's correction does: the k-th smallest of m is held against
    α / (m − k + 1) while all before it are rejected, and every one from the first that is not against the
    level at which that one failed.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = alpha / (p.size - np.arange(p.size))
    failed = np.flatnonzero(p[order] > steps)
    if failed.size:
        steps[failed[0] :] = steps[failed[0]]
    levels = np.empty_like(p)
    levels[order] = steps
    return levels


def holm_or_all_levels(p_values: Sequence[float] | Floats, alpha: float) -> Floats:
    """The same for `holm_or_all`: α itself for every claim where all of them hold."""
    p = np.asarray(p_values, dtype=np.float64)
    return np.full_like(p, alpha) if p.size and p.max() <= alpha else holm_levels(p, alpha)
