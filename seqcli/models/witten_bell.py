"""N-grams smoothed by Witten and Bell: what the last few tokens alone tell of the next one.

p(w | h) = (c(h w) + T(h) · p(w | h′)) / (c(h) + T(h)), where c counts in training, T(h) is how many different
tokens followed h there, and h′ is h without its first token; below the unigram every token is equally likely.
Where h never occurred, p(w | h) = p(w | h′).

Source: Witten & Bell, 'The zero-frequency problem', 1991, method C; interpolated as in Chen & Goodman, 1998.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from seqcli.data.encoded_stream import CONTEXT, TextStretch
from seqcli.data.tokenizer import SPECIALS
from seqcli.models.baseline import BaselineMethod

Codes = NDArray[np.int64]


@dataclass(frozen=True)
class _Order:
    """The counts of n-grams of one length.

    Args:
        grams: Each n-gram that occurs, as its context's number times the ids there are, plus its last id;
            ascending.
        counts: How often each is counted.
        histories: By its context's number, how often a context is counted, c(h).
        followers: By the same, how many different tokens follow, T(h).
    """

    grams: Codes
    counts: Codes
    histories: Codes
    followers: Codes


class WittenBell(BaselineMethod[TextStretch, float]):
    """The bits of each stretch under n-grams of one order.

    A token is one of those with an id of its own, or an unknown one: reserved ids never occur in a text.
    """

    order: ClassVar[int]

    def __init__(self) -> None:
        self.ids = 0
        """V, the reserved ones included."""
        self.levels: list[_Order] = []

    def fit(self, inputs: Sequence[TextStretch], answers: Sequence[float]) -> Self:  # noqa: ARG002 ids alone count
        """Count the n-grams of every length up to the order."""
        flat, counted = _joined(inputs)
        self.ids = inputs[0].vocab_size
        self.levels = []
        histories = np.zeros(len(flat), np.int64)  # the number of the tokens before each place
        for _ in range(self.order):
            codes = histories * self.ids + flat
            grams, numbers = np.unique(codes, return_inverse=True)
            # What stands before a stretch is its context alone: it is counted in the stretch that it belongs
            # to.
            counts = np.bincount(numbers[counted], minlength=len(grams))
            of = grams // self.ids
            size = int(of[-1]) + 1
            self.levels.append(
                _Order(
                    grams,
                    counts,
                    np.bincount(of, weights=counts, minlength=size).astype(np.int64),
                    np.bincount(of[counts > 0], minlength=size),
                )
            )
            histories = np.concatenate([[0], numbers[:-1]])
        return self

    def predict(self, inputs: Sequence[TextStretch]) -> list[float]:
        """The bits of each stretch."""
        flat, counted = _joined(inputs)
        bits = -np.log2(self.chances(flat)[counted])
        ends = np.cumsum([len(stretch.ids) for stretch in inputs])
        return [float(part.sum()) for part in np.split(bits, ends[:-1])]

    def chances(self, flat: Codes) -> NDArray[np.float64]:
        """The probability of each token after those before it, (n)."""
        chances = np.full(len(flat), 1 / self.possible)
        histories = np.zeros(len(flat), np.int64)
        for level in self.levels:
            codes = np.where(histories >= 0, histories * self.ids + flat, -1)
            places = np.minimum(np.searchsorted(level.grams, codes), len(level.grams) - 1)
            known = level.grams[places] == codes
            went_on = (histories >= 0) & (histories < len(level.histories))
            of = np.where(went_on, histories, 0)
            total = np.where(went_on, level.histories[of], 0)
            different = np.where(went_on, level.followers[of], 0)
            count = np.where(known, level.counts[places], 0)
            mixed = (count + different * chances) / np.maximum(total + different, 1)
            chances = np.where(total > 0, mixed, chances)
            numbers = np.where(known, places, -1)
            histories = np.concatenate([[0], numbers[:-1]])
        return chances

    @property
    def possible(self) -> int:
        """The tokens there are: those with an id of their own, and the unknown one."""
        return self.ids - len(SPECIALS) + 1


def _joined(stretches: Sequence[TextStretch]) -> tuple[Codes, NDArray[np.bool_]]:
    """All stretches in one array, each after its context (n); and which places are no context (n)."""
    flat = np.concatenate([part for stretch in stretches for part in (stretch.before, stretch.ids)]).astype(
        np.int64
    )
    counted = np.concatenate([np.arange(CONTEXT + len(stretch.ids)) >= CONTEXT for stretch in stretches])
    return flat, counted
