"""Populations of models, training runs and test examples whose true differences are known exactly.

In each, an answer is right with a chance that depends on the example, on how it suits the model, and on the
luck of the training run (spread .01, cut at ±.03). Where the first model is ahead, its expected share of
right answers is greater than each other's by just so much; the others are always equal.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, int, int, int]
"""Trials, models, seeds, examples."""
Chances = NDArray[np.float32]

EASY, HARD = (18.0, 1.5), (2.0, 2.0)
"""Shapes of the beta distributions of the chance on easy and on hard examples."""
EASY_SHARE = 0.6
"""The share of easy examples: the mixture's mean is then 75 %, as of a usual text task."""
SPREAD = sum(
    share * a * b / ((a + b) * (a + b + 1)) for share, (a, b) in ((EASY_SHARE, EASY), (1 - EASY_SHARE, HARD))
)
"""E[p (1 − p)] of that mixture."""
SHARED = 0.5
"""How much of the examples suits all models alike."""
COLLAPSING = 0.1
"""The share of training runs that collapse."""
COLLAPSE = 0.3
"""The points that a collapsed run loses where every model's runs collapse alike."""


def answers(name: str, generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """Right (1) and wrong (0) answers of one of the populations, the first model `ahead` of the others."""
    chances = POPULATIONS[name](generator, shape, ahead)
    return (generator.random(shape, dtype=np.float32) < chances).astype(np.float32)


def _smooth(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """Example + suit + luck + lead, all added and never cut at 0 or 1: examples .62 to .79, suit ±.12."""
    count, models, _, examples = shape
    chances = generator.uniform(0.62, 0.79, (count, 1, 1, examples))
    chances = chances + generator.uniform(-0.12, 0.12, (count, models, 1, examples))
    return chances.astype(np.float32) + _luck(generator, shape) + _lead(shape, ahead)


def _mixture(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """Chances p of a beta mixture, half of them common to all models.

    Luck and lead move p by their size × p (1 − p) / E[p (1 − p)], which keeps it within 0 and 1 and the mean
    exact.
    """
    count, models, _, examples = shape
    common = _mixed(generator, (count, 1, 1, examples))
    own = _mixed(generator, (count, models, 1, examples))
    chance = np.where(generator.random((count, 1, 1, examples)) < SHARED, common, own).astype(np.float32)
    weight = chance * (1 - chance) / np.float32(SPREAD)
    return chance + weight * (_luck(generator, shape) + _lead(shape, ahead))


def _collapses(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """The smooth population in which a run of any model collapses now and then."""
    down = generator.random((*shape[:3], 1)) < COLLAPSING
    return _smooth(generator, shape, ahead) - np.float32(COLLAPSE) * down.astype(np.float32)


def _rare(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """All of the lead is that the others' runs collapse now and then, and the first one's never do.

    Few seeds mostly show no collapse, so what they show is two equal models. Without a lead none collapses.
    """
    down = (generator.random((*shape[:3], 1)) < COLLAPSING).astype(np.float32)
    down[:, 0] = 0.0
    return _smooth(generator, shape, 0.0) - np.float32(ahead / COLLAPSING) * down


POPULATIONS: Mapping[str, Callable[[np.random.Generator, Shape, float], Chances]] = MappingProxyType(
    {
        "smooth": _smooth,
        "mixed": _mixture,
        "collapse": _collapses,
        "rare": _rare,
    }
)
"""By name, the chances of right answers, broadcast to (trials, models, seeds, examples)."""


def _luck(generator: np.random.Generator, shape: Shape) -> Chances:
    """Return the effect of each training run on all its answers, (trials, models, seeds, 1)."""
    return generator.normal(0.0, 0.01, (*shape[:3], 1)).clip(-0.03, 0.03).astype(np.float32)


def _lead(shape: Shape, ahead: float) -> Chances:
    """Return the first model's advantage in chances, (1, models, 1, 1)."""
    lead = np.zeros((1, shape[1], 1, 1), dtype=np.float32)
    lead[:, 0] = ahead
    return lead


def _mixed(generator: np.random.Generator, shape: Shape) -> NDArray[np.float64]:
    """Chances of easy and of hard examples."""
    easy = generator.random(shape) < EASY_SHARE
    return np.where(easy, generator.beta(*EASY, shape), generator.beta(*HARD, shape))
