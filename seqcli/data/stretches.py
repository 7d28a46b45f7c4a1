"""Stretches of a text after what stands before them, as methods without recurrence take them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_stream import EncodedStream
from seqcli.data.sequences import ViewsOf

CONTEXT = 4
"""Tokens before a stretch that are told: what a 5-gram sees."""


@dataclass(frozen=True, eq=False)
class TextStretch:
    """Some tokens that follow each other.

    Args:
        before: The `CONTEXT` ids before them; `BOS` where the text had not begun.
        ids: Theirs (n), at least one.
        vocab_size: How many ids there are, the reserved ones included.
    """

    before: NDArray[np.int32]
    ids: NDArray[np.int32]
    vocab_size: int


class Stretches(ViewsOf[EncodedStream, TextStretch]):
    """The stretches of a part."""

    def _at(self, place: int) -> TextStretch:
        stream = self.split
        return TextStretch(stream.context(place, CONTEXT), stream.stretch(place), stream.vocab_size)


class StretchCounts(ViewsOf[EncodedStream, dict[str, int]]):
    """The counts of each stretch of a part: characters, words, tokens, unknown tokens."""

    def _at(self, place: int) -> dict[str, int]:
        return self.split.counted(place)
