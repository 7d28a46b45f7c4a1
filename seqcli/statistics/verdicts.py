"""The three-way verdict on a pair: better (or worse), equivalent, or undecided; never a bare winner."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from seqcli.statistics.claims import Claims, Word, adjust, conclude
from seqcli.statistics.equivalence import check_margin
from seqcli.statistics.evidence import Evidence
from seqcli.statistics.intervals import Estimate, Interval
from seqcli.statistics.resampling import Resampled


@dataclass(frozen=True)
class Rule:
    """What is declared before the first run.

    Args:
        margin: The least difference that matters, on the estimate's scale; for a log ratio ln(1 + share).
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
            raise ValueError(f"expected 0 < alpha < .5 and alpha < power < 1, got {self.alpha}, {self.power}")


@dataclass(frozen=True)
class Verdict:
    """What can be said of a against b, and what it would take to say more.

    Args:
        verdict: 'better' and 'worse' say so of a.
        meaningful: The difference is shown to be beyond the margin.
        estimate: The mean of a − b (or of ln a − ln b), its spread and the number of seeds.
        margin: The least difference that matters, on the same scale.
        alpha: Error rate of each claim at this look.
        interval: The (1 − alpha) interval, which decides 'better'; None for one seed.
        inner_interval: The (1 − 2 alpha) interval, which decides 'equivalent'; None for one seed.
        ci95: The 95 % interval, whatever the look's alpha.
        ci90: The 90 % interval, likewise.
        p_different: P-value of no difference; in a family of comparisons, adjusted for all of them.
        p_equivalent: P-value of a difference at or beyond the margin, adjusted likewise.
        detectable: The smallest true difference that this many seeds show with the rule's power.
        seeds_needed: How many more seeds give a verdict with the rule's power, whatever the true difference
            is, if the spread stays as observed; 0 when decided, None when not decidable below the cap or when
            one seed leaves the spread unknown.
            It plans the next look of a declared design or a fresh fixed count: adding seeds to a look already
            taken at 5 % and judging again at 5 % would be a second chance to be wrong.
        examples_needed: The least number of test examples that give a verdict with the rule's power, where it
            is for want of them that no number of seeds does; else None.
    """

    verdict: Word
    meaningful: bool
    estimate: Estimate
    margin: float
    alpha: float
    interval: Interval | None
    inner_interval: Interval | None
    ci95: Interval | None
    ci90: Interval | None
    p_different: float
    p_equivalent: float
    detectable: float | None
    seeds_needed: int | None
    examples_needed: int | None = None

    @property
    def decided(self) -> bool:
        """Whether anything was shown."""
        return self.verdict != "undecided"


def judge(estimate: Estimate, rule: Rule, *, resampled: Resampled | None = None) -> Verdict:
    """The verdict on one pair.

    Args:
        estimate: `paired_difference(a, b)`, `paired_ratio(a, b).log` or an exact difference.
        rule: What was declared before the first run.
        resampled: The same difference resampled over seeds and test examples, where both models answered the
            same examples: a claim must then hold in both views, and intervals are the wider on each side.
    """
    return judge_family([estimate], rule, resampled=[resampled])[0]


def judge_family(
    estimates: Sequence[Estimate], rule: Rule, *, resampled: Sequence[Resampled | None] | None = None
) -> tuple[Verdict, ...]:
    """The verdicts on several pairs, with Holm's correction over them (1979).

    Each kind of claim is a family of its own, so the chance of any false 'better' or 'worse' stays at alpha,
    and so does that of any false 'equivalent'; that all pairs are equivalent needs no correction. Intervals
    are of one pair each: a pair whose interval excludes 0 can be undecided here. `detectable` and
    `seeds_needed` count on the strictest level of Holm's steps, alpha over the number of pairs.
    """
    if not estimates:
        return ()
    views = [
        Evidence(estimate, again)
        for estimate, again in zip(estimates, resampled or [None] * len(estimates), strict=True)
    ]
    claims = adjust(Claims(*np.transpose([view.claims(rule.margin) for view in views])))
    return tuple(
        _verdict(view, rule, claims=Claims(*each), planning_alpha=rule.alpha / len(views))
        for view, each in zip(views, np.transpose(claims), strict=True)
    )


def _verdict(view: Evidence, rule: Rule, *, claims: Claims, planning_alpha: float) -> Verdict:
    gain = view.estimate.mean if rule.higher_is_better else -view.estimate.mean
    word = cast("Word", conclude(claims, gain, rule.alpha).item())
    shown = bool(claims.different <= rule.alpha)
    seeds_needed = 0 if word != "undecided" else _seeds_needed(view, rule, planning_alpha)
    return Verdict(
        verdict=word,
        meaningful=shown and bool(claims.meaningful <= rule.alpha),
        estimate=view.estimate,
        margin=rule.margin,
        alpha=rule.alpha,
        interval=view.interval(rule.alpha),
        inner_interval=view.interval(2 * rule.alpha),
        ci95=view.interval(0.05),
        ci90=view.interval(0.10),
        p_different=float(claims.different),
        p_equivalent=float(claims.equivalent),
        detectable=view.detectable(alpha=planning_alpha, chance=rule.power),
        seeds_needed=seeds_needed,
        examples_needed=_examples_needed(view, rule, planning_alpha) if seeds_needed is None else None,
    )


def _seeds_needed(view: Evidence, rule: Rule, alpha: float) -> int | None:
    return view.seeds_needed(rule.margin, alpha=alpha, chance=rule.power, cap=rule.cap)


def _examples_needed(view: Evidence, rule: Rule, alpha: float) -> int | None:
    return view.examples_needed(rule.margin, alpha=alpha, chance=rule.power)
