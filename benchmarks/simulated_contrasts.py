"""How often 'depends on the protocol' is said of two models whose difference is the same under both.

Where the other protocol's networks suit other examples than the first's, the luck of the test set does not
cancel in the difference of differences; where they suit the same, it does.
"""

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

from seqcli.experiments.compare.protocols_study import joint
from seqcli.results.calibration import SimulatedContrast
from seqcli.results.common import Verdict
from seqcli.statistics.array_verdicts import judged
from seqcli.statistics.calibration import ALPHA, MARGIN, answers, rate
from seqcli.statistics.crossed import crossed
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdict_claims import conclude
from seqcli.statistics.verdicts import Evidence

TRIALS = 2000
EXAMPLES = 853
AHEAD = 0.03
"""The models' difference under the second protocol, where it depends."""
SUITS = ("kept", "new")


def simulated_contrasts(seed: int) -> Iterator[SimulatedContrast]:
    """Either kind of networks at 3, 5, 10 and 20 seeds."""
    for suits in SUITS:
        for seeds in (3, 5, 10, 20):
            generator = np.random.Generator(np.random.Philox([seed, SUITS.index(suits), seeds]))
            false, found = (_depends(generator, suits, seeds, ahead) for ahead in (0.0, AHEAD))
            yield SimulatedContrast(
                seeds=seeds,
                examples=EXAMPLES,
                suits=suits,
                ahead=AHEAD,
                false_depends=rate(false, TRIALS),
                found_depends=rate(found, TRIALS),
            )


def _depends(generator: np.random.Generator, suits: str, seeds: int, ahead: float) -> int:
    """In how many trials it is said."""
    said = 0
    for _ in range(TRIALS // 100):
        tables = _tables(generator, suits, seeds, ahead)
        words = [judged(table, MARGIN, ALPHA).words[:, 0] for table in tables]
        contrasts = [_contrast(*pair) for pair in zip(*tables, strict=True)]
        said += sum(
            _joint(str(one), str(other), apart) == "depends"
            for one, other, apart in zip(*words, contrasts, strict=True)
        )
    return said


def _tables(
    generator: np.random.Generator, suits: str, seeds: int, ahead: float
) -> list[NDArray[np.float32]]:
    """The answers under both protocols, each (trials, 2, seeds, examples).

    Where suits are kept, the runs of both protocols are runs of the same two models, and the second one's
    lead turns so many of the first model's wrong answers right.
    """
    if suits == "new":
        return [answers("smooth", generator, (100, 2, seeds, EXAMPLES), lead) for lead in (0.0, ahead)]
    both = answers("smooth", generator, (100, 2, 2 * seeds, EXAMPLES), 0.0)
    first, second = both[:, :, :seeds].copy(), both[:, :, seeds:].copy()
    # Wrong with probability 1 − .705 on average.
    lucky = generator.random(second[:, 0].shape) < ahead / (1 - 0.705)
    second[:, 0] = np.maximum(second[:, 0], lucky)
    return [first, second]


def _contrast(one: NDArray[np.float32], other: NDArray[np.float32]) -> str:
    """The verdict on the difference of differences, as `agree` has it; answers (2, seeds, examples)."""
    by_seed = [table.mean(axis=2, dtype=np.float64) for table in (one, other)]
    over_seeds = paired_difference(*(a - b for a, b in by_seed), resolution=math.sqrt(2) / EXAMPLES)
    (a, b), (c, d) = one.astype(np.float64), other.astype(np.float64)
    view = Evidence(over_seeds, crossed((a - b) - (c - d)))
    return str(conclude(view.claims(MARGIN), view.mean, ALPHA).item())


@cache
def _joint(one: Verdict, other: Verdict, contrast: str) -> str:
    return joint([one, other], contradicted=contrast in ("better", "worse"))
