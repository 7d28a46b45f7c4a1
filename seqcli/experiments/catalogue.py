"""The guide's thirteen claims as facts: by what each is shown, and what a run says of it."""

from collections.abc import Mapping
from types import MappingProxyType

from seqcli.results.claims import Claim, ClaimFact, ShownDifference
from seqcli.results.common import ClaimVerdict, Interval

GUIDE: Mapping[int, str] = MappingProxyType(
    {
        1: "exact",
        2: "exact",
        3: "better",
        4: "better",
        5: "similar",
        6: "interaction",
        7: "interaction",
        8: "interaction",
        9: "mechanism",
        10: "mechanism",
        11: "interaction",
        12: "better",
        13: "universal",
    }
)
"""By the guide's own numbers, what shows a claim: an identity, a difference, a similarity, an interaction, a
mechanism. Its sentence and what is known of it from elsewhere are in `reports/words/claims.py`."""


def claim(number: int, verdict: ClaimVerdict, facts: ClaimFact, *, of: str = "") -> Claim:
    """Claim `number` of the guide with what a run says of it, not yet in words.

    Args:
        number: The guide's.
        verdict: What the run says.
        facts: By what it says so.
        of: The model that the claim is about, where that is open.
    """
    return Claim(number=number, claim="", kind=GUIDE[number], verdict=verdict, prior="", facts=facts, of=of)


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
