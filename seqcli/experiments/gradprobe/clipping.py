"""What clipping the whole gradient at a norm would do (Pascanu et al., 2013)."""

import math
from collections.abc import Sequence

from seqcli.experiments.gradprobe.summary import figure
from seqcli.results.gradprobe import Clipping


def clipping(norms: Sequence[Sequence[float]], clip: float) -> Clipping:
    """How often and how far gradients of these norms would be clipped.

    A clipped gradient is the gradient times clip / norm: one factor for every weight, so for every step's
    contribution too. It bounds what explodes; what vanishes vanishes as before.

    Args:
        norms: The norm of each step's gradient, seed by seed; inf where it overflows.
        clip: The largest norm let through.
    """
    every = [norm for seed in norms for norm in seed]
    return Clipping(
        norm=clip,
        fraction_clipped=sum(not norm <= clip for norm in every) / len(every),
        steps=len(every),
        gradient_norm=figure([math.fsum(seed) / len(seed) for seed in norms]),
        scale=math.fsum(scale(norm, clip) for norm in every) / len(every),
    )


def scale(norm: float, clip: float) -> float:
    """The factor by which clipping multiplies a gradient of that norm."""
    if math.isnan(norm):
        return 0.0
    return min(1.0, clip / norm) if norm > 0 else 1.0
