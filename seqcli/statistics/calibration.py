"""Error rates of the verdict on simulated tables of seeds × examples, by the functions that give verdicts.

An answer is right with probability  p = example + shift(model) + seed(model) + taste(model, example), where
examples are uniform on [.62, .79], tastes uniform on ±.12 and seeds normal with spread .01, cut at ±.03.
So p stays below 1 and the true difference of two models is exactly that of their shifts.
"""

import math
from importlib.resources import files
from itertools import combinations

import numpy as np
from scipy.special import stdtrit
from scipy.stats import binomtest

from seqcli.results.calibration import Calibration, Rate, SimulatedDesign
from seqcli.statistics.claims import adjust, conclude, paired_claims, t_claims
from seqcli.statistics.crossed import crossed_variances
from seqcli.statistics.student import Floats

MARGIN = 0.05
"""So wide that 'equivalent' is said often enough to be wrong at times."""
ALPHA = 0.05
NUMBERS = 60_000_000
"""Simulated answer differences of a design: a second or two."""
MOST_TRIALS = 2000
BATCH = 4_000_000
"""Numbers that are in memory at once."""


def rate(count: int, trials: int) -> Rate:
    """The count with the exact one-sided 95 % upper bound of its rate."""
    bound = binomtest(count, trials, alternative="less").proportion_ci(0.95, method="exact").high
    return Rate(count=count, trials=trials, upper95=float(bound))


def trials_of(seeds: int, examples: int, models: int) -> int:
    """The trials that a design gets."""
    return min(MOST_TRIALS, NUMBERS // (math.comb(models, 2) * seeds * examples))


def simulate(seeds: int, examples: int, models: int, *, seed: int) -> SimulatedDesign:
    """The rates of one design: equal models, then the first model ahead of the others by the margin."""
    trials = trials_of(seeds, examples, models)
    generator = np.random.Generator(np.random.Philox([seed, seeds * 1_000_000 + examples * 100 + models]))
    size = max(1, BATCH // (math.comb(models, 2) * seeds * examples))
    better = equivalent = missed = 0
    for start in range(0, trials, size):
        count = min(size, trials - start)
        shape = (count, models, seeds, examples)
        words, covered = _judged(_answers(generator, shape, 0.0))
        better += int(np.isin(words, ("better", "worse")).any(axis=-1).sum())
        missed += int((~covered).sum())
        words, _ = _judged(_answers(generator, shape, MARGIN))
        equivalent += int((words[:, : models - 1] == "equivalent").any(axis=-1).sum())
    return SimulatedDesign(
        seeds=seeds,
        examples=examples,
        models=models,
        false_better=rate(better, trials),
        false_equivalent=rate(equivalent, trials),
        not_covered=rate(missed, trials),
    )


def kept_calibration() -> Calibration:
    """The calibration that this version of seqcli brings along."""
    text = files("seqcli.statistics").joinpath("calibration.json").read_text(encoding="utf-8")
    return Calibration.model_validate_json(text)


def _answers(generator: np.random.Generator, shape: tuple[int, int, int, int], shift: float) -> Floats:
    """Right (1) and wrong (0) answers, (trials, models, seeds, examples); the first model is ahead."""
    count, models, seeds, examples = shape
    chance = generator.uniform(0.62, 0.79, (count, 1, 1, examples))
    chance = chance + generator.uniform(-0.12, 0.12, (count, models, 1, examples))
    chance = chance + generator.normal(0.0, 0.01, (count, models, seeds, 1)).clip(-0.03, 0.03)
    chance[:, 0] += shift
    return np.asarray(generator.random(shape, dtype=np.float32) < chance, dtype=np.float64)


def _judged(answers: Floats) -> tuple[np.ndarray, np.ndarray]:
    """The words of all pairs, (trials, pairs), and whether the first pair's 95 % interval holds 0."""
    models, seeds, examples = answers.shape[1:]
    a, b = np.transpose(list(combinations(range(models), 2)))
    differences = answers[:, a] - answers[:, b]
    by_seed = differences.mean(axis=-1)
    # The spread is not taken below that of the metric's grid, as for real scores.
    spread = np.maximum(by_seed.std(axis=-1, ddof=1), 1 / examples / math.sqrt(6))
    found = crossed_variances(differences)
    error = np.sqrt(found.variance)
    raw = paired_claims(found.mean, spread, seeds, MARGIN).both(
        t_claims(found.mean, error, found.degrees, MARGIN)
    )
    words = conclude(adjust(raw), found.mean, ALPHA)
    half = np.maximum(
        stdtrit(seeds - 1, 1 - ALPHA / 2) * spread / math.sqrt(seeds),
        stdtrit(found.degrees, 1 - ALPHA / 2) * error,
    )
    return words, (np.abs(found.mean) <= half)[:, 0]
