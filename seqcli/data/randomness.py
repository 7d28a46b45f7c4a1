"""Random orders that are pure functions of their seeds, on any machine and with any numpy."""

import numpy as np
from numpy.typing import NDArray


def permutation(size: int, *, seed: int, stream: int) -> NDArray[np.int64]:
    """A random order of 0 … size - 1 (size).

    It sorts the raw 64-bit output of Philox (Salmon et al. 2011), whose bits are fixed by its definition;
    numpy promises no such thing for its own `permutation`.

    Args:
        size: How many places.
        seed: The seed, from 0.
        stream: Which of a seed's independent orders, from 0: an epoch, a class.
    """
    bits = np.random.Philox(key=np.array([seed, stream], dtype=np.uint64)).random_raw(size)
    return np.argsort(bits, kind="stable").astype(np.int64)
