"""The bits that spell words which a vocabulary lacks: without them a smaller vocabulary would look better.

A word is its letters and an end, each as frequent as in the training text, mixed with every character of
Unicode by Witten and Bell: p(c) = (n(c) + T · u) / (N + T), where T different signs were counted N times and
u is 1 in all of Unicode. A model says how likely some unknown word is; which one it is costs these bits.
"""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

CHARACTERS = 0x110000 - 0x800
"""The characters that Unicode has room for."""

_END = ""
"""What stands for the end of a word among its letters."""


@dataclass
class Spelling:
    """The frequencies of letters, and of the ends of words, in a training text.

    >>> Spelling.of(["ab", "a"], words=2).bits("a") < Spelling.of(["ab", "a"], words=2).bits("b")
    True
    """

    counts: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, pieces: Iterable[str], *, words: int) -> "Spelling":
        """The frequencies in a text.

        Args:
            pieces: The text.
            words: Of how many tokens it is.
        """
        spelling = cls()
        for piece in pieces:
            spelling.counts.update(piece)
        spelling.counts[_END] = words
        return spelling

    def bits(self, word: str) -> float:
        """The bits of a word's letters and of its end."""
        return sum(map(self._bits_of.__getitem__, (*word, _END)))

    @cached_property
    def _bits_of(self) -> "_SignBits":
        return _SignBits(self.counts)


class _SignBits(dict[str, float]):
    """The bits of each sign, worked out once."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()
        self._counts, self._different, self._total = counts, len(counts), counts.total()

    def __missing__(self, sign: str) -> float:
        share = (self._counts[sign] + self._different / CHARACTERS) / (self._total + self._different)
        self[sign] = -math.log2(share)
        return self[sign]
