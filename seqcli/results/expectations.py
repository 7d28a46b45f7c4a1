"""What came of the gates (`--expect`) that a person set."""

from typing import Literal

from seqcli.results.record import Record


class Expectation(Record):
    """One gate: it holds only if the interval clears it.

    `difference` is left side less right side, None where it is not finite; `ci95` its interval, an end None
    where there is no bound; both None for an exact figure's interval and for one seed's. `interval` is the
    one that decided, of confidence `level`: 1 − α of the look, or more where gates share the error (Holm).
    `name` is the figure where the gate names one alone, `value` and `value_interval` then are its own; `unit`
    says what they are in: 'share', 'BLEU', 'sequences/s'.
    """

    text: str
    verdict: Literal["holds", "fails", "undecided"]
    difference: float | None
    ci95: tuple[float | None, float | None] | None
    interval: tuple[float | None, float | None] | None = None
    level: float = 0.95
    name: str | None = None
    value: float | None = None
    value_interval: tuple[float | None, float | None] | None = None
    unit: str = ""
