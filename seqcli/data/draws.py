"""Random numbers that are pure functions of seed and stream, on any machine and with any numpy."""

import numpy as np
from numpy.typing import NDArray

_SHARE = 2.0**-53
"""The step between two neighbours of the shares: a double holds 53 bits exactly."""


class Draws:
    """Raw 64-bit output of Philox (Salmon et al., 2011), whose bits are fixed by its definition.

    Args:
        seed: The data's seed, from 0.
        stream: Which of the seed's independent streams, from 0: a split.
    """

    def __init__(self, seed: int, stream: int) -> None:
        self._bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64))

    def whole(self, below: int, *shape: int) -> NDArray[np.int64]:
        """Whole numbers from 0 to below `below`, (*shape).

        The remainder favours small numbers by less than below / 2^64, which nothing here can see.
        """
        raw = self._bits.random_raw(int(np.prod(shape))) % np.uint64(below)
        return raw.astype(np.int64).reshape(shape)

    def shares(self, *shape: int) -> NDArray[np.float32]:
        """Numbers uniform in [0, 1), (*shape)."""
        raw = self._bits.random_raw(int(np.prod(shape))) >> np.uint64(11)
        return (raw * _SHARE).astype(np.float32).reshape(shape)
