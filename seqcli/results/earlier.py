"""This comparison beside an earlier one: what became better or worse since."""

from typing import Literal

from pydantic import Field

from seqcli.results.common import Interval, Verdict
from seqcli.results.measurements import Machine
from seqcli.results.record import Record


class EarlierQuality(Record):
    """Quality now less quality then, in the metric's own unit.

    `test` names what the interval rests on: 'paired t' seed by seed, or 'Welch' for two samples that share
    nothing; `examples` says that it counts both results' test examples too, `level` at which it decided.
    `unchanged` says that every seed has the very value that it had: equal without any test.
    """

    now: float
    then: float
    difference: float
    ci95: Interval | None
    verdict: Verdict
    test: Literal["paired t", "Welch"]
    unchanged: bool
    examples: bool = False
    level: float | None = None


class EarlierRatio(Record):
    """A cost now over the same cost then.

    What was timed is compared over `sittings` (now, then), two independent samples (Welch), and has neither
    an interval nor a verdict below three on a side; None for exact figures. `ci95` is the interval that
    decided, of this `level`: .90 where the two are equivalent.
    """

    ratio: float
    ci95: Interval | None
    verdict: Verdict
    sittings: tuple[int, int] | None = None
    level: float | None = None


class EarlierModel(Record):
    """One model of both results, by its label; what one of the two did not measure is None."""

    label: str
    quality: EarlierQuality | None
    train_speed: EarlierRatio | None
    latency: EarlierRatio | None
    memory: EarlierRatio | None
    parameters: EarlierRatio | None


class EarlierCondition(Record):
    """A circumstance in which the two results differ, or of which one of them says nothing.

    'unpaired' names what keeps seeds from being paired, with its value `now` and `then`; 'models' those that
    only one of the two has; 'no answers' the results ('now', 'then') that tell no answers to test examples,
    where `verdict` says whether there is one all the same. The others are of timing, 'machines' with those of
    both.
    """

    code: Literal[
        "unpaired", "models", "no answers", "same blocks", "another time", "machines", "few sittings"
    ]
    names: list[str] = Field(default_factory=list)
    now: str = ""
    then: str = ""
    verdict: bool = True
    machines: tuple[list[Machine], list[Machine]] | None = None


class EarlierComparison(Record):
    """The comparison with `--baseline FILE.json`.

    `notes` tell the `conditions` in sentences; results of earlier versions have only these.
    """

    file: str
    signature: str
    paired: bool
    notes: list[str] = Field(default_factory=list)
    conditions: list[EarlierCondition] = Field(default_factory=list)
    models: list[EarlierModel]
