"""The classes one by one: what was right, what was said, and what a class is mistaken for."""

from seqcli.results.record import Record

ROUNDING = 1e-6
"""Two ways to the same share differ by rounding alone."""


class ClassScore(Record):
    """One class of a split.

    `examples` are those whose right class it is, `answered` those that were said to be of it, `right` those
    of which both are true. `precision` is None where nothing was said to be of it, `recall` where there is no
    example. `mistaken_for` is the class that most of its other examples were said to be of, `mistaken` of
    them; of equals, the first by number.
    """

    label: str
    examples: int
    answered: int
    right: int
    precision: float | None
    recall: float | None
    F1: float
    mistaken_for: str | None = None
    mistaken: int = 0


class ClassTable(Record):
    """Every class that occurs in a split or its answers, in the order of their numbers.

    `macro_F1` is the mean of their F1, `balanced_accuracy` that of their recall. `confusion` has a row for
    each right class and a column for each that was said.
    """

    macro_F1: float  # noqa: N815 - the field writes F1 so
    balanced_accuracy: float
    classes: list[ClassScore]
    confusion: list[list[int]]

    def is_share_right(self, score: float) -> bool:
        """Return whether a score is the share of what is right, which a class's share can be held against."""
        right, examples = (
            sum(one.right for one in self.classes),
            sum(one.examples for one in self.classes),
        )
        return abs(score - right / examples) < ROUNDING
