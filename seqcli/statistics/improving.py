"""Trainings that ended while their score was still rising: they say nothing of what a model can do."""

import math
from collections.abc import Sequence

# In short trainings a tenth of the epochs is one or none, and a single epoch's best is chance.
LAST_EPOCHS = 3
LAST_SHARE = 0.1
"""The last epochs, a tenth of all and three at least: what is gained there would have gone on."""


def still_improving(scores: Sequence[float], margin: float, *, higher_is_better: bool = True) -> bool:
    """Return whether the best of the last epochs beats all before by more than what does not matter.

    A validation split is small: by chance alone one leg in ten has its best epoch among the last tenth, so
    that only a gain beyond the margin counts.

    Args:
        scores: The validation score after each epoch.
        margin: The least difference that matters.
        higher_is_better: Whether the score is one.
    """
    last = max(LAST_EPOCHS, math.ceil(LAST_SHARE * len(scores)))
    signed = [score if higher_is_better else -score for score in scores]
    before, after = signed[:-last] or signed[:1], signed[-last:]
    return bool(signed) and max(after) > max(before) + margin
