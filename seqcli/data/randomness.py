"""Random numbers that are pure functions of seed and purpose, on any machine and with any numpy.

All are raw 64-bit output of Philox (Salmon et al., 2011), whose bits are fixed by its definition; numpy
promises no such thing for its own permutations and distributions.
"""

import hashlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from seqcli.data.row_arrays import blocks, in_order, row_array

_SHARE = 2.0**-53
"""The step between two neighbours of the shares: a double holds 53 bits exactly."""

_AHEAD = 2**16
"""How many numbers are drawn at once where they are used one by one."""


@dataclass(frozen=True)
class Key:
    """The purpose of random numbers; made by its name.

    A stream's number is part of every result and never changes. `split`, `sequences`, `examples` and
    `batches` share numbers below a few hundred. That tells nobody anything: generated sequences are not split
    by draws, and an order says nothing of which examples it orders. A new purpose takes a stream beyond
    `part`'s.

    Args:
        seed: The seed, from 0.
        stream: Which of the seed's independent streams.
    """

    seed: int
    stream: int

    @classmethod
    def split(cls, seed: int, label: int) -> "Key":
        """The split of each example of a class."""
        return cls(seed, label)

    @classmethod
    def sequences(cls, seed: int, split: int) -> "Key":
        """The sequences of one split of a generated task: 0, 1, 2."""
        return cls(seed, split)

    @classmethod
    def pairs(cls, seed: int) -> "Key":
        """The pairs of a generated translation."""
        return cls(seed, 77)  # beyond the splits of `sequences`

    @classmethod
    def examples(cls, seed: int, epoch: int) -> "Key":
        """The order of an epoch's examples before they are cut into batches."""
        return cls(seed, 2 * epoch)

    @classmethod
    def batches(cls, seed: int, epoch: int) -> "Key":
        """The order of an epoch's batches."""
        return cls(seed, 2 * epoch + 1)

    # From here on streams are numbered from 2**40: no count of epochs or classes comes so far.

    @classmethod
    def part(cls, seed: int) -> "Key":
        """The part of the examples that a leg learns from; far from any epoch's stream."""
        return cls(seed, 2**40)

    @classmethod
    def groups(cls, seed: int) -> "Key":
        """The order in which groups are given to the splits."""
        return cls(seed, 2**41)

    @classmethod
    def folds(cls, seed: int, label: int) -> "Key":
        """The fold of each example of a class."""
        return cls(seed, 2**42 + label)

    @classmethod
    def steps(cls, content: int) -> "Key":
        """The order of one example's steps, from a number that its content gives."""
        return cls(content, 2**43)


class Draws:
    """The numbers of a key, one after the other."""

    def __init__(self, key: Key) -> None:
        self._bits = np.random.Philox(key=np.array([key.seed, key.stream], dtype=np.uint64))
        self._ahead: list[int] = []

    def raw(self, size: int) -> NDArray[np.uint64]:
        """Whole numbers below 2^64 (size)."""
        return self._bits.random_raw(size)

    def whole(self, below: int, *shape: int) -> NDArray[np.int64]:
        """Whole numbers from 0 to below `below`, (*shape).

        The remainder favours small numbers by less than below / 2^64, which nothing here can see.
        """
        drawn = self.raw(int(np.prod(shape))) % np.uint64(below)
        return drawn.astype(np.int64).reshape(shape)

    def shares(self, *shape: int) -> NDArray[np.float32]:
        """Numbers uniform in [0, 1), (*shape)."""
        # The upper 53 bits of 64, as many as a double holds.
        drawn = self.raw(int(np.prod(shape))) >> np.uint64(11)
        return (drawn * _SHARE).astype(np.float32).reshape(shape)

    def integer(self, below: int) -> int:
        """One whole number from 0 to below `below`; they are drawn ahead and used from the last back."""
        if not self._ahead:
            self._ahead = self.raw(_AHEAD).tolist()
        return self._ahead.pop() % below


def permutation(size: int, key: Key) -> NDArray[np.int64]:
    """A random order of 0 … size - 1 (size): that of as many raw numbers of the key."""
    drawn, draws = row_array(size, np.uint64), Draws(key)
    for part in blocks(size):
        drawn[part] = draws.raw(part.stop - part.start)
    return in_order(drawn)[0]


Stream = Literal["init", "order", "dropout"]


def stream_seed(seed: int, stream: Stream, step: int = 0) -> int:
    """A 63-bit seed that depends on nothing but its arguments.

    Deriving dropout's seed from the step, not from a generator's state, means that a resumed run
    cannot lose or repeat a random number.
    """
    text = f"seqcli:{stream}:{seed}:{step}".encode()
    # 63 bits fit a signed 64-bit number, which every generator takes as a seed.
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1
