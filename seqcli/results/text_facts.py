"""The part of `seqcli.inspect/1` on texts and labels: repeats, leaks, signs of damage, worth of order."""

from typing import Literal

from seqcli.results.record import Record


class InspectedTexts(Record):
    """The columns whose texts and labels were looked at.

    Attributes:
        text_column: The one of texts; of pairs, of sources.
        label_column: The one of labels; '' for none.
        compared: How many rows were compared with each other.
    """

    text_column: str
    label_column: str
    compared: int


class RepeatFacts(Record):
    """Texts that say the same, within the file.

    Attributes:
        exact: Rows that repeat an earlier one to the letter.
        folded: Rows that repeat an earlier one but for letter case and blanks, exact ones among them.
        conflicting: How many of `folded` have another label than the first.
        near: Rows that share most word triples with an earlier one and are not among `folded`.
        compared: How many rows were compared.
    """

    exact: int
    folded: int
    conflicting: int
    near: int
    compared: int


class SharedTexts(Record):
    """Texts that two splits or two files share, but for letter case and blanks.

    Attributes:
        first: The one.
        second: The other.
        shared: Rows of the second whose text is in the first.
        of: Rows of the second.
    """

    first: str
    second: str
    shared: int
    of: int


class Leak(Record):
    """Something beside the text's meaning that gives the label away.

    Attributes:
        by: A class's own name within its texts, or another column.
        name: The class, or the column.
        share: The share of the class's texts that holds its name; of the rows whose label a column decides.
        otherwise: The share of other texts that hold the name; the share of the most frequent class.
    """

    by: Literal["label in text", "column"]
    name: str
    share: float
    otherwise: float


OdditySort = Literal[
    "byte order mark", "mojibake", "replacement character", "control character", "markup", "no text"
]


class Oddity(Record):
    """Signs of texts that were spoilt on their way into the file.

    Attributes:
        sort: What it is.
        rows: How many rows hold it.
        first: The first of them, as the file counts; None where it is the whole file's.
    """

    sort: OdditySort
    rows: int
    first: int | None = None


class OrderFacts(Record):
    """The gain of word pairs over single words, by logistic regression on the training split.

    Attributes:
        words: The share of test texts that single words get right.
        pairs: The share that words and pairs of neighbours get right.
        p_value: Of McNemar's exact test between the two.
        tested: Test texts.
    """

    words: float
    pairs: float
    p_value: float
    tested: int
