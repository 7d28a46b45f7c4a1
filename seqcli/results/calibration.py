"""`seqcli.calibration/1`: how often verdicts were wrong where the truth was known."""

from typing import Literal

from pydantic import Field

from seqcli.results.record import Record


class Rate(Record):
    """Events of so many trials, and the exact 95 % upper bound of their rate (Clopper & Pearson, 1934)."""

    count: int
    trials: int
    upper95: float


class SimulatedDesign(Record):
    """One design on one population: each rate counts trials in which any pair of the family is wrong.

    Claims are counted, not words: a difference that is shown counts also where the word is 'equivalent'
    because it is shown to lie within the margin as well. Coverage is of the first pair's printed interval,
    the one that decided, at whatever level that was.

    Args:
        population: What answers are drawn from; see `seqcli.statistics.calibration`.
        looks: After how many seeds a verdict is drawn, ending at the first look that decides every pair.
        alpha: Error rate of each claim at each look.
        false_better: Of equal models some are told apart.
        false_equivalent: A model that is the margin ahead of another is called equivalent to it.
        not_covered: The printed interval does not hold the difference of equal models.
        not_covered_ahead: Nor that of a model which is the margin ahead.
        printed_alpha: One minus the mean level of those intervals: what their misses should not exceed.
        found_better: A model the margin ahead of the second is told from it.
        found_equivalent: Equal models, the first two, are called equivalent.
    """

    population: str = "smooth"
    seeds: int
    examples: int
    models: int
    looks: list[int] = Field(default_factory=list)
    alpha: float = 0.05
    false_better: Rate
    false_equivalent: Rate
    not_covered: Rate
    not_covered_ahead: Rate | None = None
    printed_alpha: float | None = None
    found_better: Rate | None = None
    found_equivalent: Rate | None = None


class SimulatedCorpus(Record):
    """Scores of whole corpora: two equal translators, then one that is better by about `ahead` points.

    Args:
        metric: BLEU or chrF.
        ahead: The mean difference of the second case.
        false_better: Equal translators are told apart.
        not_covered: The printed interval does not hold 0 where they are equal.
        found_better: The better one is told from the other.
    """

    metric: str
    seeds: int
    sentences: int
    ahead: float
    false_better: Rate
    not_covered: Rate
    found_better: Rate


class SimulatedClaim(Record):
    """The rates at which a claim of the guide is decided where the truth is known.

    Args:
        claim: Its number.
        seeds: Seeds of each model.
        truth: What is true of the two models.
        supported: It is said to be supported.
        refuted: It is said to be refuted.
        wrong: Which of the two would be wrong; nothing where either would be right to say.
    """

    claim: int
    seeds: int
    truth: str
    supported: Rate
    refuted: Rate
    wrong: list[Literal["supported", "refuted"]]


class SimulatedContrast(Record):
    """Two models under two protocols: the difference is the same, then another by `ahead`.

    Args:
        suits: Which examples suit a model is 'kept' under the other protocol, or is 'new' there.
        false_depends: 'depends on the protocol' is said where it does not.
        found_depends: It is said where the difference is `ahead` greater under one of them.
    """

    seeds: int
    examples: int
    suits: str
    ahead: float
    false_depends: Rate
    found_depends: Rate


class TrainedPairs(Record):
    """A/A pairs that were trained: one model against itself on other seeds, `seeds` a side.

    `false_better` counts pairs that were told apart, whichever was ahead and whether the word was 'better',
    'worse' or, the difference being shown to lie within the margin, 'equivalent'.
    """

    task: str
    kind: str
    metric: str = ""
    seeds: int
    examples: int
    false_better: Rate
    equivalent: int | None = None


class Calibration(Record):
    """`seqcli compare --calibration`; `margin` is a share, as are all rates."""

    schema_: Literal["seqcli.calibration/1"] = Field(default="seqcli.calibration/1", alias="schema")
    seqcli: str
    seed: int
    alpha: float
    margin: float
    designs: list[SimulatedDesign]
    corpora: list[SimulatedCorpus] = Field(default_factory=list)
    claims: list[SimulatedClaim] = Field(default_factory=list)
    contrasts: list[SimulatedContrast] = Field(default_factory=list)
    trained: list[TrainedPairs] = Field(default_factory=list)
    trained_all: Rate | None = None
