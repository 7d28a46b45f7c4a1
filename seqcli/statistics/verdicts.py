"""The three-way verdict on a pair: better (or worse), equivalent, or undecided.

Three claims are tested, each with its own error rate α:

    different    the (1 − α) interval of the difference excludes 0    two-sided t-test
    equivalent   the (1 − 2α) interval lies inside ±margin            TOST
    meaningful   the (1 − α) interval lies beyond the margin          two-sided t-test against the margin

A difference can be both real and too small to matter (Lakens, 2017, outcome 'statistically different and
equivalent'). The verdict is then *equivalent*, and `favours` names the side that is ahead: the margin was
declared before the first run as the least difference that matters to the person who asks, so proof that the
difference is below it answers the question, while 'better' would send them after nothing once seeds are many
or the figure is exact (3 % fewer parameters are equal within 5 %). No error rate suffers: each verdict still
needs its own claim, shown at α.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from seqcli.statistics import power, student
from seqcli.statistics.equivalence import check_margin, tost_p
from seqcli.statistics.intervals import Estimate, Interval
from seqcli.statistics.multiplicity import holm, holm_or_all
from seqcli.statistics.student import Floats, Numbers

Word = Literal["better", "worse", "equivalent", "undecided"]


@dataclass(frozen=True)
class Rule:
    """What is declared before the first run.

    Args:
        margin: The least difference that matters, on the estimate's scale; for a log ratio `relative_margin`.
        alpha: Error rate of each claim at this look.
        higher_is_better: False for losses, times and sizes.
        power: The chance of a verdict that `seeds_needed` and `detectable` stand for.
        cap: The most further seeds worth naming.

    Raises:
        ValueError: The margin is not finite and above 0, or alpha or power is not between 0 and 1.
    """

    margin: float
    alpha: float = 0.05
    higher_is_better: bool = True
    power: float = 0.8
    cap: int = 1000

    def __post_init__(self) -> None:
        check_margin(self.margin)
        if not (0.0 < self.alpha < 0.5 and self.alpha < self.power < 1.0):
            raise ValueError(
                f"expected 0 < alpha < .5 and alpha < power < 1, got {self.alpha} and {self.power}"
            )


class Claims(NamedTuple):
    """P-values of the three claims; numbers or arrays of one shape."""

    different: Floats
    equivalent: Floats
    meaningful: Floats


@dataclass(frozen=True)
class Verdict:
    """What can be said of a against b, and what it would take to say more.

    Args:
        verdict: 'better' and 'worse' say so of a.
        meaningful: The difference is shown to be beyond the margin.
        favours: The side shown to be ahead, by however little; also set for a small real difference inside
            the margin, whose verdict is 'equivalent'.
        estimate: The mean of a − b (or of ln a − ln b), its spread and the number of seeds.
        margin: The least difference that matters, on the same scale.
        alpha: Error rate of each claim at this look.
        interval: The (1 − alpha) interval, which decides 'better'; None for one seed.
        inner_interval: The (1 − 2 alpha) interval, which decides 'equivalent'; None for one seed.
        p_different: P-value of no difference; in a family of comparisons, adjusted for all of them.
        p_equivalent: P-value of a difference at or beyond the margin, adjusted likewise.
        p_meaningful: P-value of a difference at or within the margin, adjusted likewise.
        detectable: The smallest true difference that this many seeds see with the rule's power; None for one.
        seeds_needed: How many more seeds give a verdict with the rule's power, whatever the true difference
            is, if the spread stays as observed; 0 when decided, None when not decidable below the cap or when
            one seed leaves the spread unknown.
    """

    verdict: Word
    meaningful: bool
    favours: Literal["a", "b"] | None
    estimate: Estimate
    margin: float
    alpha: float
    interval: Interval | None
    inner_interval: Interval | None
    p_different: float
    p_equivalent: float
    p_meaningful: float
    detectable: float | None
    seeds_needed: int | None

    @property
    def decided(self) -> bool:
        """Whether anything was shown."""
        return self.verdict != "undecided"


def judge(estimate: Estimate, rule: Rule) -> Verdict:
    """The verdict on one pair.

    Args:
        estimate: `paired_difference(a, b)`, `paired_ratio(a, b).log` or an exact difference.
        rule: What was declared before the first run.
    """
    return judge_family([estimate], rule)[0]


def judge_family(estimates: Sequence[Estimate], rule: Rule) -> tuple[Verdict, ...]:
    """The verdicts on several pairs, with Holm's correction over them (1979).

    Each kind of claim is a family of its own, so the chance of any false 'better' or 'worse' stays at alpha,
    and so does that of any false 'equivalent'; that all pairs are equivalent needs no correction. Intervals
    are of one pair each: a pair whose interval excludes 0 can be undecided here.
    """
    if not estimates:
        return ()
    raw = [_claims_of(estimate, rule) for estimate in estimates]
    different, equivalent, meaningful = (np.array(kind, dtype=np.float64) for kind in zip(*raw, strict=True))
    family = Claims(holm(different), holm_or_all(equivalent), holm(meaningful))
    adjusted = (Claims(*kinds) for kinds in zip(*family, strict=True))
    strictest = rule.alpha / len(estimates)
    return tuple(
        _verdict(estimate, rule, claims=claims, planning_alpha=strictest)
        for estimate, claims in zip(estimates, adjusted, strict=True)
    )


def claims(mean: Numbers, sd: Numbers, n: int, margin: float) -> Claims:
    """P-values of the three claims from the differences' mean, spread and number, element by element."""
    beyond = student.upper_p(student.statistic(np.abs(mean), sd, n, null=margin), n)
    return Claims(
        different=student.two_sided_p(student.statistic(mean, sd, n), n),
        equivalent=np.maximum(*tost_p(mean, sd, n, margin)),
        meaningful=np.minimum(2.0 * beyond, 1.0),
    )


def conclude(claims: Claims, gain: Numbers, alpha: float) -> NDArray[np.str_]:
    """The verdict's word from the p-values, element by element; `gain` is above 0 where a is ahead."""
    ahead = np.asarray(gain) > 0.0
    shown = claims.different <= alpha
    return np.select(
        [claims.equivalent <= alpha, shown & ahead, shown & ~ahead],
        ["equivalent", "better", "worse"],
        default="undecided",
    )


def _claims_of(estimate: Estimate, rule: Rule) -> Claims:
    if estimate.sd is None:
        return Claims(*np.ones(3))
    return claims(estimate.mean, estimate.sd, estimate.n, rule.margin)


def _verdict(estimate: Estimate, rule: Rule, *, claims: Claims, planning_alpha: float) -> Verdict:
    gain = estimate.mean if rule.higher_is_better else -estimate.mean
    word = cast("Word", conclude(claims, gain, rule.alpha).item())
    shown = bool(claims.different <= rule.alpha)
    return Verdict(
        verdict=word,
        meaningful=shown and bool(claims.meaningful <= rule.alpha),
        favours=("a" if gain > 0 else "b") if shown else None,
        estimate=estimate,
        margin=rule.margin,
        alpha=rule.alpha,
        interval=estimate.interval(rule.alpha),
        inner_interval=estimate.interval(2 * rule.alpha),
        p_different=float(claims.different),
        p_equivalent=float(claims.equivalent),
        p_meaningful=float(claims.meaningful),
        detectable=_detectable(estimate, rule, planning_alpha),
        seeds_needed=0 if word != "undecided" else _seeds_needed(estimate, rule, planning_alpha),
    )


def _detectable(estimate: Estimate, rule: Rule, alpha: float) -> float | None:
    if estimate.sd is None:
        return None
    if estimate.sd == 0.0:
        return 0.0
    return estimate.sd * power.detectable_effect(estimate.n, alpha=alpha, power=rule.power)


def _seeds_needed(estimate: Estimate, rule: Rule, alpha: float) -> int | None:
    """More seeds for a verdict; at least one, since those at hand gave none."""
    if not estimate.sd:
        return None
    total = power.seeds_to_decide(
        rule.margin / estimate.sd, alpha=alpha, power=rule.power, cap=estimate.n + rule.cap
    )
    return None if total is None else max(total - estimate.n, 1)
