"""A metric: its name, direction and scale, and the sums over test examples that give it."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from seqcli.results.train import ThresholdMetric

AnswerRow = Mapping[str, Any]
"""A line of `predictions.jsonl`: what is right beside what is said."""

V = TypeVar("V")

ROWS_TOGETHER = 1 << 12
"""Rows that are held together where there are many."""


def together(values: Iterable[V]) -> Iterator[list[V]]:
    """Neighbours, as many at a time as rows are held together, and fewer only at the end."""
    each = iter(values)
    while block := list(islice(each, ROWS_TOGETHER)):
        yield block


PERCENT_SCALE = 1.0
"""The greatest value of a share."""


def known_fields(row: AnswerRow) -> AnswerRow:
    """A row with what is right in it spread out, as a method without recurrence keeps it under 'label'."""
    right = row.get("label")
    return {**row, **right} if isinstance(right, Mapping) else row


@dataclass(frozen=True)
class Sums:
    """A score of a whole split, which no mean over its examples gives: sums over examples, then a function.

    Args:
        counts: What each row adds to the sums, (N, K); told how words are found in texts, where that is
            anything but their script's usual way.
        score: From the added-up sums (K) to the score.
        of_all: Whether what a row adds depends on all rows, as where only classes that occur are counted.
    """

    counts: "Callable[[Sequence[AnswerRow], str | None], Sequence[Sequence[float]] | NDArray[np.float64]]"
    score: Callable[[Sequence[float]], float]
    of_all: bool = False

    def table(self, rows: Sequence[AnswerRow], words: str | None) -> "NDArray[np.float64]":
        """The share of each row in the sums, (N, K), counted some rows at a time."""
        import numpy as np

        if self.of_all or len(rows) <= ROWS_TOGETHER:
            return np.asarray(self.counts(rows, words), np.float64)
        parts = [np.asarray(self.counts(block, words), np.float64) for block in together(rows)]
        return np.concatenate(parts)


POINT = 0.01
"""The margin of a share: one point. It was declared, as all of these, before the first comparison was run."""
HALF_POINT = 0.005
"""The margin of a share of whole texts that are exactly right, on the scale of half a BLEU."""
PART_OF_LOSS = 0.02
"""The margin of a loss or an error: 2 % of it, since its scale is the data's."""


@dataclass(frozen=True)
class Metric:
    """A score. Its unit is its own name, a percentage where it is a share.

    Args:
        name: What it is called, an underscore for a space.
        higher_is_better: Whether a greater score is a better one.
        margin: The least difference that matters unless one is declared: in the score's own unit, or as a
            share of it where less is better.
        most: The score of perfect answers, 1 for a share; None where there is none.
        right: Of a share of examples, whether a row is right; None for any other score.
        sums: Of a score of a whole split, how its rows add up; None for any other score.
        step: The smallest step of a score that is no share of examples; 0 for one that may take any value.
        search: How the sequences that it scores were found, where that is a choice: 'greedy search'.
        told_up_to: From here on it says nothing, and is left out where it stands beside another score.
        counting: Whether it tells how far a model counts: the guide has a claim of its own on that.
        needs: Fields of a row, or of what is right in it, without which it says nothing.
        alias: What a person may call it too, where its own name would mean two things.
        chosen: Whether models may be judged by it; False of what only describes them.
        ranked: Of a score that goes by the order of all rows, from rows to a function of how often each is
            counted, (R, N), to as many scores (R); None for any other.
        brief: Whether it stands in the shortest table where it is told beside another score.
        threshold_by: The score by which a threshold between two classes is chosen for it: its own where it
            weighs both classes; else F1 of the rarer one, since others flatter or know no threshold.
    """

    name: str
    higher_is_better: bool
    margin: float
    most: float | None = None
    right: Callable[[AnswerRow], bool] | None = None
    sums: Sums | None = None
    step: float = 0.0
    search: str = ""
    told_up_to: float = math.inf
    counting: bool = False
    needs: frozenset[str] = frozenset()
    chosen: bool = True
    alias: str = ""
    ranked: "Callable[[Sequence[AnswerRow]], Callable[[NDArray[np.float64]], NDArray[np.float64]]] | None" = (
        None
    )
    brief: bool = True
    threshold_by: "ThresholdMetric" = "F1"

    @property
    def share(self) -> bool:
        """Return whether it is a share from 0 to 1, shown as a percentage."""
        return self.most == PERCENT_SCALE

    def resolution(self, examples: int) -> float:
        """Its smallest step on so many test examples; 0 for a score that may take any value."""
        return 1 / examples if self.right is not None else self.step

    @property
    def of_corpus(self) -> bool:
        """Return whether it is a score of a whole split that its rows tell, and no mean over them."""
        return self.sums is not None or self.ranked is not None

    def value(self, rows: Sequence[AnswerRow]) -> float | None:
        """The score of some rows; None where rows do not tell it, as of a loss."""
        if not self.needs <= known_fields(rows[0]).keys():
            return None
        if self.right is not None:
            return fmean(map(self.right, rows))
        import numpy as np

        if self.sums is not None:
            return self.sums.score(self.sums.table(rows, None).sum(axis=0).tolist())
        if self.ranked is not None:
            return float(self.ranked(rows)(np.ones((1, len(rows))))[0])
        return None
