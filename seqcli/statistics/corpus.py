"""Intervals for scores of a whole corpus, by resampling its sentences (Koehn, 2004)."""

from collections.abc import Callable, Sequence

import numpy as np

from seqcli.statistics.intervals import Interval
from seqcli.statistics.student import Floats

RESAMPLES = 1000


def corpus_interval(
    counts: Floats, score: Callable[[Sequence[float]], float], *, alpha: float = 0.05, seed: int = 0
) -> Interval | None:
    """The percentile interval of a score over resampled sentences; None where there are fewer than two.

    Args:
        counts: What each sentence adds to the score's sums, (N, K).
        score: From added-up sums (K) to the score.
        alpha: One minus the level.
        seed: Of the resampling.

    Raises:
        ValueError: `counts` is not two-dimensional.
    """
    if counts.ndim != 2:
        raise ValueError(f"expected counts of shape (sentences, sums), got {counts.shape}")
    sentences = counts.shape[0]
    if sentences < 2:
        return None
    generator = np.random.Generator(np.random.Philox(seed))
    times = generator.multinomial(sentences, np.full(sentences, 1 / sentences), size=RESAMPLES)
    scores = [score(row) for row in (times @ counts).tolist()]
    low, high = np.quantile(scores, [alpha / 2, 1 - alpha / 2])
    return Interval(float(low), float(high))
