"""Examples that say the same, in one split or in several: counted, refused, or left once."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from seqcli.errors import DataError

LAST_TO_FIRST = ("test", "valid", "train")
"""The splits in the order in which they keep a text that several have: what is tested on stays as it is."""


@dataclass(frozen=True)
class Repeats:
    """The examples that are left where each text stands once in all splits.

    Args:
        rows: The places of the examples that are left, of each split, in its order.
        dropped: How many others there are.
        conflicting: How many of those have another answer than the one that is left.
        across: How many of those stand in another split than the one that is left.
    """

    rows: Mapping[str, list[int]]
    dropped: int
    conflicting: int
    across: int


def once(texts: Mapping[str, Sequence[Hashable]], answers: Mapping[str, Sequence[Hashable]]) -> Repeats:
    """Each text once: the first of those in test, else in valid, else in train.

    Args:
        texts: What stands for each text, by split: texts of one value say the same.
        answers: The right answer of each.
    """
    first: dict[Hashable, tuple[str, Hashable]] = {}
    rows: dict[str, list[int]] = {}
    dropped = conflicting = across = 0
    for split in (name for name in LAST_TO_FIRST if name in texts):
        rows[split] = []
        for place, (text, answer) in enumerate(zip(texts[split], answers[split], strict=True)):
            if text not in first:
                first[text] = (split, answer)
                rows[split].append(place)
                continue
            dropped += 1
            conflicting += first[text][1] != answer
            across += first[text][0] != split
    return Repeats(rows, dropped, conflicting, across)


def refuse_repeats(
    texts: Mapping[str, Sequence[Hashable]],
    answers: Mapping[str, Sequence[Hashable]],
    place: Callable[[str, int], str],
    called: str = "texts",
) -> None:
    """Refuse examples that say the same as another.

    Args:
        texts: What stands for each text, by split.
        answers: The right answer of each.
        place: Where an example stands, from its split and its place there: 'reviews.csv, row 7'.
        called: The word for examples.

    Raises:
        DataError: The first that repeats another, how many do, and how many of them contradict it.
    """
    repeats = once(texts, answers)
    if not repeats.dropped:
        return
    first: dict[Hashable, tuple[str, int]] = {}
    for split in reversed([name for name in LAST_TO_FIRST if name in texts]):
        for number, text in enumerate(texts[split]):
            holder = first.setdefault(text, (split, number))
            if holder != (split, number):
                many, what, single = ("rows", "the text", "text") if called == "texts" else _SEQUENCES
                raise DataError(
                    f"{place(split, number)} repeats {what} of {place(*holder)}; {repeats.dropped:,} {many}"
                    f" repeat another, {repeats.conflicting:,} of them under another label and"
                    f" {repeats.across:,} in another split",
                    f"--duplicates drop leaves each {single} once: in test, else in valid, else in train;"
                    f" --duplicates keep leaves all of them, those of one {single} in one split.",
                )


_SEQUENCES = ("sequences", "the values", "sequence")
