"""Stretches of a text after what stands before them, as methods without recurrence take them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_stream import EncodedStream

CONTEXT = 4
"""Tokens before a stretch that are told: what a 5-gram sees."""


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some tokens that follow each other.

    Args:
        before: The `CONTEXT` ids before them; `BOS` where the text had not begun.
        ids: Theirs (n), at least one.
        vocab_size: How many ids there are, the reserved ones included.
    """

    before: NDArray[np.int32]
    ids: NDArray[np.int32]
    vocab_size: int


class Stretches(Sequence[Stretch]):
    """The stretches of a part, made when they are asked for."""

    def __init__(self, stream: EncodedStream) -> None:
        self.stream = stream

    def __len__(self) -> int:
        return len(self.stream)

    @overload
    def __getitem__(self, index: int) -> Stretch: ...
    @overload
    def __getitem__(self, index: slice) -> list[Stretch]: ...
    def __getitem__(self, index: int | slice) -> Stretch | list[Stretch]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        stream = self.stream
        return Stretch(stream.context(place, CONTEXT), stream.stretch(place), stream.vocab_size)


class StretchCounts(Sequence[dict[str, int]]):
    """The counts of each stretch of a part: characters, words, tokens, unknown tokens."""

    def __init__(self, stream: EncodedStream) -> None:
        self.stream = stream

    def __len__(self) -> int:
        return len(self.stream)

    @overload
    def __getitem__(self, index: int) -> dict[str, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, int]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, int] | list[dict[str, int]]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self.stream.counted(range(len(self))[index])
