"""Error rates of the verdict on simulated seeds × examples, at a comparison's default margin.

In each population of models, training runs and test examples the true differences are known exactly: an
answer is right with a chance that depends on the example, on how it suits the model, and on the luck of the
training run (spread .01, cut at ±.03). Where the first model is ahead, its expected share of right answers is
greater than each other's by just so much; the others are always equal.
"""

from collections.abc import Callable, Mapping
from importlib.resources import files
from itertools import product
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from seqcli.results.calibration import Calibration, Rate, SimulatedDesign
from seqcli.statistics.array_verdicts import judged
from seqcli.statistics.looks import AUTO, Looks, fixed

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
COLLAPSING_SHARE = 0.1
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
    own_answers = _mixed(generator, (count, models, 1, examples))
    chance = np.where(generator.random((count, 1, 1, examples)) < SHARED, common, own_answers).astype(
        np.float32
    )
    weight = chance * (1 - chance) / np.float32(SPREAD)
    return chance + weight * (_luck(generator, shape) + _lead(shape, ahead))


def _collapses(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """The smooth population in which a run of any model collapses now and then."""
    down = generator.random((*shape[:3], 1)) < COLLAPSING_SHARE
    return _smooth(generator, shape, ahead) - np.float32(COLLAPSE) * down.astype(np.float32)


def _rare(generator: np.random.Generator, shape: Shape, ahead: float) -> Chances:
    """All of the lead is that the others' runs collapse now and then, and the first one's never do.

    Few seeds mostly show no collapse, so what they show is two equal models. Without a lead none collapses.
    """
    down = (generator.random((*shape[:3], 1)) < COLLAPSING_SHARE).astype(np.float32)
    down[:, 0] = 0.0
    return _smooth(generator, shape, 0.0) - np.float32(ahead / COLLAPSING_SHARE) * down


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


MARGIN = 0.01
"""The default margin of an accuracy: one point."""
ALPHA = 0.05
"""The default level of `compare`."""
TRIALS = 2000
"""A rate of .05 is then known to .005 (one standard error)."""
BATCH = 4_000_000
"""Answers that are in memory at once."""


class Design(NamedTuple):
    """The design of a simulation: the looks' last count is the number of seeds."""

    population: str
    looks: Looks
    examples: int
    models: int


# 853 examples are the test split of the task sentiment; 200, one where a point is far within the noise.
FAMILIES = tuple(
    Design(population, fixed(seeds), examples, models)
    for population, seeds, examples, models in product(
        ("smooth", "mixed"), (3, 5, 10, 20), (200, 853), (2, 4, 8)
    )
)
COLLAPSING = tuple(
    Design(population, fixed(seeds), 853, 2)
    for population, seeds in product(("collapse", "rare"), (3, 5, 10, 20))
)
"""Runs of which some collapse, so that the spread of few seeds tells little of that of many."""
MANY = tuple(
    Design(population, fixed(seeds), 10_000, 2) for population, seeds in product(("smooth", "mixed"), (5, 20))
)
"""So many examples that one point can be told from none, and 'equivalent' is said."""
LOOKING = tuple(
    Design(population, AUTO, examples, 2) for population, examples in product(("smooth", "mixed"), (200, 853))
)
"""Seeds added at the declared looks, 5, 10 and 20, as `--seeds auto` adds them."""
DESIGNS = FAMILIES + MANY + LOOKING + COLLAPSING


def rate(count: int, trials: int) -> Rate:
    """The count with the exact one-sided 95 % upper bound of its rate."""
    bound = binomtest(count, trials, alternative="less").proportion_ci(0.95, method="exact").high
    return Rate(count=count, trials=trials, upper95=float(bound))


def simulate(design: Design, *, seed: int, trials: int = TRIALS) -> SimulatedDesign:
    """The rates of one design: equal models, then the first model ahead of the others by the margin."""
    numbers = [list(POPULATIONS).index(design.population), design.looks.last, len(design.looks.counts)]
    generator = np.random.Generator(np.random.Philox([seed, *numbers, design.examples * 100 + design.models]))
    equal, ahead = (_trial_outcomes(design, generator, lead, trials) for lead in (0.0, MARGIN))
    first, with_first = slice(0, 1), slice(0, design.models - 1)
    return SimulatedDesign(
        population=design.population,
        seeds=design.looks.last,
        examples=design.examples,
        models=design.models,
        looks=list(design.looks.counts),
        alpha=design.looks.alpha,
        false_better=_any(equal.different),
        false_equivalent=_any(ahead.equivalent[:, with_first]),
        not_covered=_any(equal.missed[:, first]),
        not_covered_ahead=_any(ahead.missed[:, first]),
        printed_alpha=float(np.mean([equal.alpha[:, first], ahead.alpha[:, first]])),
        found_better=_any(ahead.different[:, first]),
        found_equivalent=_any(equal.equivalent[:, first]),
    )


class Seen(NamedTuple):
    """The claims on each pair in each trial at any look taken, and the interval printed at the last."""

    different: NDArray[np.bool_]
    equivalent: NDArray[np.bool_]
    missed: NDArray[np.bool_]
    alpha: NDArray[np.float64]


def _trial_outcomes(design: Design, generator: np.random.Generator, lead: float, trials: int) -> Seen:
    size = max(1, BATCH // (design.models * design.looks.last * design.examples))
    parts = []
    for start in range(0, trials, size):
        shape = (min(size, trials - start), design.models, design.looks.last, design.examples)
        parts.append(looked_at(answers(design.population, generator, shape, lead), design.looks, lead))
    return Seen(*(np.concatenate(each) for each in zip(*parts, strict=True)))


def looked_at(right: NDArray[np.float32], looks: Looks, truth: float) -> Seen:
    """Return the claims until every pair is decided, or the looks are over.

    Args:
        right: Answers, (trials, models, seeds, examples).
        looks: When verdicts are drawn.
        truth: The true difference of the first pair.
    """
    outcomes: Seen | None = None
    going = np.ones((len(right), 1), dtype=np.bool_)
    for count in looks.counts:
        now = judged(right[:, :, :count], MARGIN, looks.alpha)
        claims = [claim <= looks.alpha for claim in (now.claims.different, now.claims.equivalent)]
        if outcomes is None:
            outcomes = Seen(claims[0], claims[1], now.misses(truth), now.alpha)
        else:
            outcomes = Seen(
                outcomes.different | (claims[0] & going),
                outcomes.equivalent | (claims[1] & going),
                np.where(going, now.misses(truth), outcomes.missed),
                np.where(going, now.alpha, outcomes.alpha),
            )
        going = going & (now.words == "undecided").any(axis=-1, keepdims=True)
    if outcomes is None:
        raise ValueError("expected at least one look")
    return outcomes


def _any(outcomes: NDArray[np.bool_]) -> Rate:
    """In how many trials any of the pairs, (trials, pairs), has it."""
    return rate(int(outcomes.any(axis=-1).sum()), len(outcomes))


def kept_calibration() -> Calibration:
    """The calibration that this version of seqcli brings along."""
    text = files("seqcli.statistics").joinpath("calibration.json").read_text(encoding="utf-8")
    return Calibration.model_validate_json(text)
