"""`seqcli.translate/1`: how good translations are.

BLEU and chrF are in sacrebleu's own units (0 to 100); `exact_match` is a share (0 to 1), as everywhere.
"""

from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from seqcli.results.common import Interval
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class LengthBucket(Record):
    """The sentences whose sources have `from` to `to` tokens (`to` None: any more)."""

    from_: int = Field(alias="from")
    to: int | None
    sentences: int
    bleu: float
    bleu_ci95: Interval | None
    chrf: float
    chrf_ci95: Interval | None
    exact_match: float


class TranslateResult(ShownRecord):
    """Translations against one reference each; intervals resample the sentences."""

    schema_: Literal["seqcli.translate/1"] = Field(default="seqcli.translate/1", alias="schema")
    run: str
    sentences: int
    beam: int
    length_penalty: float
    bleu: float
    bleu_ci95: Interval | None
    chrf: float
    chrf_ci95: Interval | None
    exact_match: float
    signature_bleu: str
    signature_chrf: str
    by_length: list[LengthBucket]
    sentences_per_second: float


@dataclass(frozen=True)
class BuiltInPair:
    """The pair that is translated where no run was given: where its texts are from, and what they are."""

    source: str
    content: str
