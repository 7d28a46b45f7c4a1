"""The parts that several schemas share: intervals, verdicts, and the gates of `--expect`."""

from collections.abc import Mapping
from typing import Literal

from seqcli.results.record import Record

Interval = tuple[float, float]
"""A confidence interval, ends included; in the unit of what it is of."""

Verdict = Literal["better", "worse", "equivalent", "undecided"]
"""What is said of a against b."""

JointVerdict = Verdict | Literal["depends"]
"""The same over several protocols, which can contradict one another."""

ClaimVerdict = Literal["supported", "refuted", "equivalent", "undecided", "depends"]
"""What a run says of a sentence of the guide."""

GateVerdict = Literal["holds", "fails", "undecided"]
"""What came of a gate."""

MIRRORED: Mapping[Verdict, Verdict] = {
    "better": "worse",
    "worse": "better",
    "equivalent": "equivalent",
    "undecided": "undecided",
}
"""A verdict on a pair seen from its other side."""


GateLimit = Literal["seeds", "spread", "examples", "answers", "sittings", "range", "unmeasured", "rows"]


class GateNeed(Record):
    """The shortage that keeps a gate undecided.

    'seeds': too few; `seeds` of a fresh run, from `first_seed` on, would do if the figure stays where it is,
    at the least and at the greatest plausible spread (None: more than is worth naming; no pair where that is
    not known). `near`: the figure lies so near the limit that nothing worth naming would. 'spread': one seed
    has no interval. 'examples': `times` as many test examples would do, and more seeds would not. 'answers':
    a file tells nothing of the answers that a whole corpus's score is made of. 'sittings': times need more of
    them. 'range': processes differ by more than that. 'rows': folds overlap, which only more data changes.
    'unmeasured': there is no such figure.
    """

    limit: GateLimit
    seeds: tuple[int, int | None] | None = None
    first_seed: int | None = None
    times: float | None = None
    near: bool = False


class Expectation(Record):
    """One gate: it holds only if the interval clears it.

    `difference` is left side less right side, None where it is not finite; `ci95` its interval, an end None
    where there is no bound; both None for an exact figure's interval and for one seed's. `interval` is the
    one that decided, of confidence `level`: 1 − α of the look, or more where gates share the error (Holm).
    `name` is the figure where the gate names one alone, `value` and `value_interval` then are its own; `unit`
    says what they are in: 'share', 'BLEU', 'sequences/s'; `need` what an undecided gate lacks.
    """

    text: str
    verdict: GateVerdict
    difference: float | None
    ci95: tuple[float | None, float | None] | None
    interval: tuple[float | None, float | None] | None = None
    level: float = 0.95
    name: str | None = None
    value: float | None = None
    value_interval: tuple[float | None, float | None] | None = None
    unit: str = ""
    need: GateNeed | None = None
