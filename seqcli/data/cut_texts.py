"""Texts as far as a network reads them, for methods that read letters: cut when they are asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.data.sequences import LazySequence
from seqcli.data.tokenizer import Tokenizer

CUT_AT_ONCE = 1000
"""Texts that are held together while all are gone through."""


@dataclass(frozen=True, eq=False)
class CutTexts(LazySequence[str]):
    """The beginning of each text that its ids stand for.

    Args:
        texts: The texts (N).
        lengths: How many ids are kept of each (N).
        tokenizer: What turned them into ids.
        max_len: The most ids that are kept of a text.
    """

    texts: Sequence[str]
    lengths: NDArray[np.int64]
    tokenizer: Tokenizer
    max_len: int

    def __len__(self) -> int:
        return len(self.texts)

    def _at(self, place: int) -> str:
        return self._within(range(place, place + 1))[0]

    def _within(self, places: range) -> list[str]:
        texts = [self.texts[place] for place in places]
        full = np.flatnonzero(self.lengths[np.array(places, np.int64)] >= self.max_len).tolist()
        beginnings = self.tokenizer.cut((texts[place] for place in full), self.max_len)
        for place, text in zip(full, beginnings, strict=True):
            texts[place] = text
        return texts

    def __iter__(self) -> Iterator[str]:
        starts = range(0, len(self), CUT_AT_ONCE)
        return (text for start in starts for text in self[start : start + CUT_AT_ONCE])
