"""Entities that the labels of single words spell: B- begins one, I- goes on, O is outside.

Ramshaw & Marcus, 1995. E- (end) and S- (single) are read too. Ill-formed labels are read as conlleval and
seqeval's default mode read them: an I- of another type, or after O, begins an entity.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

Entity = tuple[str, int, int]
"""Type, first word and last word."""

OUTSIDE = "O"
_LABEL = re.compile(r"[BIES](?:-.+)?")


def spells_entities(labels: Iterable[str]) -> bool:
    """Whether the labels are of the BIO family: at least one begins an entity, and none is anything else."""
    every = set(labels)
    fits = all(label == OUTSIDE or _LABEL.fullmatch(label) for label in every)
    return fits and any(label.startswith("B") for label in every)


def entities(labels: Sequence[str]) -> Iterator[Entity]:
    """The entities of one sentence, in order.

    >>> list(entities(["B-PER", "I-PER", "O", "I-LOC"]))
    [('PER', 0, 1), ('LOC', 3, 3)]
    """
    start, kind, closed = -1, "", True
    for place, label in enumerate((*labels, OUTSIDE)):
        prefix, _, of = label.partition("-")
        goes_on = start >= 0 and not closed and prefix in ("I", "E") and of == kind
        if start >= 0 and not goes_on:
            yield kind, start, place - 1
            start = -1
        if prefix != OUTSIDE and not goes_on:
            start, kind = place, of
        closed = prefix in ("E", "S")


def entity_counts(right: Sequence[str], said: Sequence[str]) -> list[float]:
    """Of one sentence: entities found whole and of the right type, entities said, entities there are."""
    wanted, found = set(entities(right)), set(entities(said))
    return [float(len(wanted & found)), float(len(found)), float(len(wanted))]


def f1(counts: Sequence[float]) -> float:
    """The harmonic mean of precision and recall, from added-up counts; 0 where there is no entity at all."""
    found, said, wanted = counts
    return 2 * found / (said + wanted) if said + wanted else 0.0
