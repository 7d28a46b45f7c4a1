"""What came of the gates (`--expect`) that a person set."""

from typing import Literal

from seqcli.results.record import Record


class Expectation(Record):
    """One gate: it holds only if the interval clears it.

    `difference` is left side less right side, None where it is not finite; `ci95` its interval, an end None
    where there is no bound; both None for an exact figure's interval and for one seed's.
    """

    text: str
    verdict: Literal["holds", "fails", "undecided"]
    difference: float | None
    ci95: tuple[float | None, float | None] | None
