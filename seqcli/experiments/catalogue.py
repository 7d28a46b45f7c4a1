"""The guide's thirteen claims, with what the literature found of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from seqcli.results.claims import Claim, ClaimFact, ShownDifference
from seqcli.results.common import ClaimVerdict, Interval


@dataclass(frozen=True)
class GuideClaim:
    """One sentence of the guide.

    Attributes:
        sentence: What it claims.
        kind: What would show it: an identity, a difference, a similarity, an interaction, a mechanism.
        prior: What is known of it.
    """

    sentence: str
    kind: str
    prior: str

    def judged(self, number: int, verdict: ClaimVerdict, facts: ClaimFact, *, of: str = "") -> Claim:
        """The claim with what a run says of it; `of` says which models it is about, where that is open."""
        sentence = f"{self.sentence} ({of})" if of else self.sentence
        return Claim(
            number=number,
            claim=sentence,
            kind=self.kind,
            verdict=verdict,
            prior=self.prior,
            facts=facts,
        )


GUIDE: Mapping[int, GuideClaim] = MappingProxyType(
    {
        1: GuideClaim("the parameter count does not depend on length", "exact", "an identity"),
        2: GuideClaim(
            "GRU has fewer gates and is smaller",
            "exact",
            "exact for the layer, −25 %; a whole system shrinks less (−3.8 % in translation: Britz 2017)",
        ),
        3: GuideClaim("GRU trains faster", "better", "depends on the kernel that runs it"),
        4: GuideClaim("GRU needs less memory", "better", "follows the state and activation counts"),
        5: GuideClaim(
            "accuracy is similar",
            "similar",
            "task-dependent (Chung 2014, Jozefowicz 2015, Greff 2017)",
        ),
        6: GuideClaim(
            "LSTM holds long dependencies better",
            "interaction",
            "contradicted on adding and sequential MNIST (Bai 2018), supported in language modelling",
        ),
        7: GuideClaim(
            "LSTM wins with much data, GRU with little",
            "interaction",
            "open; learning curves decide",
        ),
        8: GuideClaim(
            "LSTM wins on complex patterns",
            "interaction",
            "LSTM can count (aⁿbⁿ), GRU cannot (Weiss 2018)",
        ),
        9: GuideClaim(
            "gates cure vanishing gradients",
            "mechanism",
            "only with the right initialisation: at torch's defaults all three vanish (half-life 1.2–1.7"
            " steps); forget bias 1 gives about 5, orthogonal RNN about 25, chrono about 165",
        ),
        10: GuideClaim(
            "clipping cures exploding gradients, not vanishing ones",
            "mechanism",
            "clipping cures explosion and cannot cure vanishing: it scales every step's gradient alike",
        ),
        11: GuideClaim(
            "a fixed context vector is a bottleneck that grows with length",
            "interaction",
            "true, but a matter of capacity (Sutskever 2014 saw none below 35 words)",
        ),
        12: GuideClaim(
            "attention overcomes it",
            "better",
            "to about the trained length (Koehn & Knowles 2017: about 60 words)",
        ),
        13: GuideClaim(
            "recurrence cannot be computed in parallel over time",
            "universal",
            "true of these cells run step by step; minGRU and minLSTM scan in parallel (Feng 2024)",
        ),
    }
)
"""By the guide's own numbers."""


BOTH_SOLVE = "both solve the task in as many seeds"
"""Claim 5 on a task that is solved or not: not how near the scores are, but how often they are reached."""


def claim(number: int, verdict: ClaimVerdict, facts: ClaimFact, *, of: str = "") -> Claim:
    """Claim `number` of the guide with what a run says of it."""
    return GUIDE[number].judged(number, verdict, facts, of=of)


def towards(verdict: str, *, positive_supports: bool) -> ClaimVerdict:
    """The claim's verdict from a pair's, 'better' meaning that a gains."""
    verdicts: dict[str, ClaimVerdict] = {
        "better": "supported" if positive_supports else "refuted",
        "worse": "refuted" if positive_supports else "supported",
        "equivalent": "equivalent",
    }
    return verdicts.get(verdict, "undecided")


def shown_difference(
    metric: str, value: float | None, interval: Interval | None, level: float | None, *, sign: int = 1
) -> ShownDifference | None:
    """A difference as the model sees it that is a (sign 1) or b (−1); None where there is none."""
    if value is None:
        return None
    facing = mirrored(interval) if sign < 0 else interval
    return ShownDifference(metric=metric, value=sign * value, interval=facing, level=level)


def mirrored(interval: Interval | None) -> Interval | None:
    """The interval of a difference seen from its other side."""
    return None if interval is None else (-interval[1], -interval[0])


def settled(judged: Claim, improving: int, runs: int) -> Claim:
    """A claim about what models can do, left open where runs of theirs had not learnt all they could.

    Args:
        judged: What the scores say.
        improving: How many runs were still improving when their training ended.
        runs: Of how many.
    """
    if not improving:
        return judged
    return judged.model_copy(update={"verdict": "undecided", "improving": (improving, runs)})
