"""Answers to single texts, one a line in and one a line out: labels, translations, and what is doubtful."""

from dataclasses import dataclass
from typing import Literal

from seqcli.results.record import Record


class LabelledText(Record):
    """The likeliest label of a text, and the probability that the model gives it (0 to 1).

    `probabilities` are those of every class, where they were asked for.
    """

    label: str
    probability: float
    probabilities: dict[str, float] | None = None

    def to_json(self) -> dict[str, object]:
        """The record without what was not asked for."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class LabelledSequence(LabelledText):
    """The same of a sequence of vectors, by the name that its file gives it."""

    sequence: str


class TaggedText(Record):
    """The words of a text and the likeliest label of each."""

    words: list[str]
    labels: list[str]


class TaggedSequence(TaggedText):
    """The likeliest label of each step of a sequence of vectors, by the name that its file gives it.

    `words` are the steps' numbers, from 1.
    """

    sequence: str

    def to_json(self) -> dict[str, object]:
        """The record without the numbers, which places tell."""
        return {"sequence": self.sequence, "labels": self.labels}


class CaptionedImage(Record):
    """An image, by its file's name, and the sentence that is written below it."""

    image: str
    caption: str


class ForecastValues(Record):
    """A forecast of a series at a time ahead: a value for each column; `series` is '' of the only one.

    `quantiles` are those of each column by their levels, where the run answers them.
    """

    series: str
    time: str
    values: dict[str, float]
    quantiles: dict[str, dict[str, float]] | None = None

    def to_json(self) -> dict[str, object]:
        """The record without what was not asked for."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class ForecastCurve(Record):
    """One column of a series and what is said to come after it, as a picture shows them.

    Attributes:
        series: The series' name; '' of the only one.
        column: The column of values.
        times: The times of the past's rows, then those ahead.
        past: The last values that are known (P).
        ahead: What is said of each step ahead (H, Q), quantiles ascending; Q = 1 without them.
        checked: What the run says of the last H rows of the past from those before them (H, Q); empty where
            the series is too short.
        middle: The place of the value itself among the Q.
        quantiles: The quantiles; empty without them.
    """

    series: str
    column: str
    times: tuple[str, ...]
    past: tuple[float, ...]
    ahead: tuple[tuple[float, ...], ...]
    checked: tuple[tuple[float, ...], ...]
    middle: int
    quantiles: tuple[float, ...]


class ScoredText(Record):
    """One translation of a text and the score that it is ranked by."""

    text: str
    score: float


class TranslatedText(Record):
    """The translations of the text on line number `line` (from 1), the best first."""

    line: int
    translations: list[ScoredText]


TextAnswer = LabelledText | TaggedText | CaptionedImage
"""The answers that a table of answers has a row, or a row a word, for."""

LineAnswer = LabelledText | TaggedText | CaptionedImage | TranslatedText


DoubtReason = Literal["blank", "unknown", "cut", "bytes", "longer", "partly unknown", "no values"]
DoubtAnswer = Literal["label", "translation"]


@dataclass(frozen=True)
class Doubt:
    """The reason why an answer says little of its text.

    Attributes:
        reason: 'blank': there is no text. 'unknown': nothing of it is known. 'cut': only its first `limit`
            pieces are read. 'bytes': it is spelt byte by byte. 'longer': the run learnt from texts of at
            most `limit` tokens. 'partly unknown': `unknown` of its tokens are.
            'no values': all values of a sequence are missing.
        of: The answer that is doubtful, 'label' or 'translation'.
        tokens: The text's tokens.
        unknown: Those of them that the run does not know.
        limit: The most tokens, or of a label's text characters, that are read or were learnt from.
    """

    reason: DoubtReason
    of: DoubtAnswer
    tokens: int = 0
    unknown: int = 0
    limit: int = 0
