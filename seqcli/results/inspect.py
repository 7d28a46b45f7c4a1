"""`seqcli.inspect/1`: the content of a data file before anything is trained on it: facts, no prose."""

from typing import Literal

from seqcli.results.record import Record

ColumnRole = Literal["text", "label", "id", "time", "number", "constant", "empty", "other"]


class ColumnLook(Record):
    """A column by its content.

    Attributes:
        name: The column's name.
        role: What it looks to be.
        rows: How many rows were looked at.
        filled: How many of them hold more than blanks.
        distinct: How many different values were seen.
        words: Words a value, on average, between blanks.
        characters: Characters a value, on average.
        longest: Characters of the longest value.
        values: Each value and how often it occurs, the most frequent first, where there are few of them.
        first: The first values that are different, cut to a few characters.
    """

    name: str
    role: ColumnRole
    rows: int
    filled: int
    distinct: int
    words: float
    characters: float
    longest: int
    values: tuple[tuple[str, int], ...] = ()
    first: tuple[str, ...] = ()
