"""`seqcli.guide/1`: the guide's claims, and what this machine and these data say of each."""

from typing import Literal

from pydantic import Field

from seqcli.results.claims import Claim
from seqcli.results.compare import Comparison
from seqcli.results.gradprobe import Gradprobe
from seqcli.results.record import Record
from seqcli.results.shown_record import ShownRecord
from seqcli.results.sweep import Sweep


class GuidePart(Record):
    """One experiment: what it does, which claims it is for, how to run it alone, and why it failed if so."""

    title: str
    claims: list[int]
    command: str
    seconds: float
    failed: str | None = None
    comparison: Comparison | None = None
    sweep: Sweep | None = None
    probe: Gradprobe | None = None

    @property
    def result(self) -> Comparison | Sweep | Gradprobe | None:
        """The result that the claims are drawn from."""
        return self.comparison or self.sweep or self.probe


class Guide(ShownRecord):
    """The whole result of `seqcli guide`."""

    schema_: Literal["seqcli.guide/1"] = Field(default="seqcli.guide/1", alias="schema")
    signature: str
    status: Literal["complete", "partial"]
    quick: bool
    claims: list[Claim]
    parts: list[GuidePart]
