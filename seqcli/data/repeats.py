"""Examples that say the same, in one split or in several: counted, refused, or left once.

They are known by their hashes, put in order block by block, so that no number of them fills the memory.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqcli.data.arrays import note_read
from seqcli.data.row_arrays import beginnings, gathered, in_order, joined, places_of, row_array
from seqcli.errors import DataError

LAST_TO_FIRST = ("test", "valid", "train")
"""The splits in the order in which they keep a text that several have: what is tested on stays as it is."""


@dataclass(frozen=True, eq=False)
class Repeats:
    """The examples that are left where each text stands once in all splits.

    Args:
        rows: The places of the examples that are left, of each split, ascending.
        dropped: How many others there are.
        conflicting: How many of those have another answer than the one that is left.
        across: How many of those stand in another split than the one that is left.
    """

    rows: Mapping[str, NDArray[np.int64]]
    dropped: int
    conflicting: int
    across: int


class _Ordered:
    """The examples of some splits one after the other, and in the order of their hashes.

    Args:
        digests: A hash of each text, by split, in the order in which splits keep a text.
    """

    def __init__(self, digests: Mapping[str, NDArray[np.uint64]]) -> None:
        self.names = tuple(digests)
        self.sizes = [len(own) for own in digests.values()]
        self._order, self._ordered = in_order(joined(digests.values(), np.uint64))

    def __iter__(self) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """The places of some examples, and that of the first that says the same as each; by hash."""
        holder = 0
        for part, begins in beginnings(self._ordered):
            places = self._order[part]
            # Those before any beginning go on from the block before.
            holders = np.concatenate([[holder], places[begins]])[np.cumsum(begins)]
            holder = int(holders[-1])
            yield places, holders

    def split_of(self, places: NDArray[np.int64]) -> NDArray[np.int64]:
        """The split of each place, as its number among the names."""
        return np.searchsorted(np.cumsum(self.sizes), places, side="right")

    def within(self, place: int) -> tuple[str, int]:
        """The split of a place, and the place in it."""
        split = int(self.split_of(np.array([place]))[0])
        return self.names[split], place - sum(self.sizes[:split])


def once(digests: Mapping[str, NDArray[np.uint64]], answers: Mapping[str, NDArray[Any]]) -> Repeats:
    """Each text once: the first of those in test, else in valid, else in train.

    Args:
        digests: A hash of each text, by split: texts of one hash say the same.
        answers: The right answer of each, as its number among all answers.
    """
    names = [name for name in LAST_TO_FIRST if name in digests]
    examples = _Ordered({name: digests[name] for name in names})
    answer = joined((answers[name] for name in names), np.int64)
    left = row_array(sum(examples.sizes), np.uint8)
    dropped = conflicting = across = 0
    for places, holders in examples:
        repeats = places != holders
        left[places[~repeats]] = 1
        later, first = places[repeats], holders[repeats]
        dropped += len(later)
        conflicting += int(np.count_nonzero(gathered(answer, later) != gathered(answer, first)))
        across += int(np.count_nonzero(examples.split_of(later) != examples.split_of(first)))
        note_read(len(left))
    ends = np.cumsum(examples.sizes)
    rows = {
        name: places_of(left[end - size : end], 1)
        for name, size, end in zip(names, examples.sizes, ends, strict=True)
    }
    return Repeats(rows, dropped, conflicting, across)


def refuse_repeats(
    digests: Mapping[str, NDArray[np.uint64]],
    answers: Mapping[str, NDArray[Any]],
    place: Callable[[str, int], str],
    called: str = "texts",
) -> None:
    """Refuse examples that say the same as another.

    Args:
        digests: A hash of each text, by split.
        answers: The right answer of each, as its number among all answers.
        place: Where an example stands, from its split and its place there: 'reviews.csv, row 7'.
        called: The word for examples.

    Raises:
        DataError: The first that repeats another, how many do, and how many of them contradict it.
    """
    repeats = once(digests, answers)
    if not repeats.dropped:
        return
    examples = _Ordered({name: digests[name] for name in reversed(LAST_TO_FIRST) if name in digests})
    later, first = min(
        (int(places[repeated].min()), int(holders[repeated][places[repeated].argmin()]))
        for places, holders in examples
        if (repeated := places != holders).any()
    )
    many, what, single = ("rows", "the text", "text") if called == "texts" else _SEQUENCES
    raise DataError(
        f"{place(*examples.within(later))} repeats {what} of {place(*examples.within(first))};"
        f" {repeats.dropped:,} {many} repeat another, {repeats.conflicting:,} of them under another label and"
        f" {repeats.across:,} in another split",
        f"--duplicates drop leaves each {single} once: in test, else in valid, else in train;"
        f" --duplicates keep leaves all of them, those of one {single} in one split.",
    )


_SEQUENCES = ("sequences", "the values", "sequence")
