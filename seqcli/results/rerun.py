"""`seqcli.rerun/1`: whether a result that was repeated has the same figures."""

from typing import Literal

from pydantic import Field

from seqcli.results.earlier import EarlierComparison
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord


class Differing(Record):
    """One figure that is not what it was; None where it was, or is, missing."""

    figure: str
    then: float | None
    now: float | None


class Rerun(ShownRecord):
    """A result run again from nothing: every leg trained anew.

    `compared` counts the figures that must be the same to the last digit: sizes, and each seed's validation
    and test score. `changes` tells what else than chance could have changed them: versions, device, data.
    Speed and latency are never the same twice: `beside` holds their ratios, now over then.
    """

    schema_: Literal["seqcli.rerun/1"] = Field(default="seqcli.rerun/1", alias="schema")
    source: str
    signature: str
    signature_now: str
    same: bool
    compared: int
    differing: list[Differing]
    changes: list[str]
    beside: EarlierComparison | None = None
