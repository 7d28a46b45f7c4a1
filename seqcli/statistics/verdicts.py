"""The evidence of the runs at hand on one pair of models, and of other runs like them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np

from seqcli.results.common import Verdict
from seqcli.statistics import planning, verdict_claims
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.intervals import ApproximateMean, ConfidenceInterval, Estimate
from seqcli.statistics.planning import Advice, Spread, advise
from seqcli.statistics.student import check_margin
from seqcli.statistics.verdict_claims import Claims, adjust, conclude, holm_levels, holm_or_all_levels


@dataclass(frozen=True)
class Evidence:
    """The paired estimate over seeds and, on a shared test set, the same difference over seeds × examples.

    Where there are both, a claim must hold in both views, and an interval is the wider of the two: the claim
    'different' then still says that the interval excludes 0.

    Args:
        estimate: The mean of a − b over seeds, or a sum of independent means.
        crossed: The same difference over seeds × examples, or None.

    Raises:
        ValueError: The two are not of the same difference.
    """

    estimate: Estimate | ApproximateMean
    crossed: Crossed | None = None

    def __post_init__(self) -> None:
        mean, crossed = self.estimate.mean, self.crossed
        # The two means sum the same numbers in other orders; a float of answers is exact to about 1e-7.
        if crossed is not None and not math.isclose(crossed.mean, mean, rel_tol=1e-6, abs_tol=1e-6):
            raise ValueError(f"the difference over seeds × examples is {crossed.mean}, the estimate's {mean}")

    @property
    def mean(self) -> float:
        """The mean of a − b."""
        return self.estimate.mean

    @property
    def spread_known(self) -> bool:
        """False for one seed: nothing then says what another would have shown."""
        return isinstance(self.estimate, ApproximateMean) or self.estimate.sd is not None

    def claims(self, margin: float) -> Claims:
        """The p-values of the three claims; all 1 for one seed of unknown spread."""
        if isinstance(self.estimate, ApproximateMean):
            over_seeds = self.estimate.claims(margin)
        elif self.estimate.sd is None:
            return verdict_claims.NOTHING
        else:
            over_seeds = verdict_claims.paired_claims(self.mean, self.estimate.sd, self.estimate.n, margin)
        return over_seeds if self.crossed is None else over_seeds.both(self.crossed.claims(margin))

    def interval(self, alpha: float) -> ConfidenceInterval | None:
        """The (1 − alpha) interval; None for one seed of unknown spread."""
        over_seeds = self.estimate.interval(alpha)
        if over_seeds is None or self.crossed is None:
            return over_seeds
        return over_seeds.hull(self.crossed.interval(alpha))

    def detectable(self, *, alpha: float, chance: float) -> float | None:
        """The smallest true difference that this many seeds show with the given chance; None for one seed."""
        spread = self.spread
        if spread is None:
            return None
        seeds = spread.degrees + 1
        # The examples' share does not shrink with seeds, so it is counted n times in what is divided by n.
        of_one_seed = math.sqrt(spread.sd**2 + seeds * spread.examples_variance)
        return (
            of_one_seed * planning.detectable_effect(seeds, alpha=alpha, power=chance) if of_one_seed else 0.0
        )

    def advice(self, margin: float, *, alpha: float, chance: float, cap: int) -> Advice | None:
        """Return the advice that gives a verdict with the given chance; None where there is none."""
        spread = self.spread
        if spread is None or (spread.sd == 0.0 and spread.examples_variance == 0.0):
            return None
        return advise(spread, margin, alpha=alpha, chance=chance, cap=cap)

    @cached_property
    def spread(self) -> Spread | None:
        """The noise by its sources; None where seeds are not counted or one leaves their spread unknown."""
        if isinstance(self.estimate, ApproximateMean) or self.estimate.sd is None:
            return None
        degrees = max(self.estimate.n - 1, 1)
        if self.crossed is None:
            return Spread(self.estimate.sd, degrees)
        return Spread(self.estimate.sd, degrees, self.crossed.examples_variance, self.crossed.examples)


View = Evidence | Estimate | ApproximateMean
"""What a verdict can rest on: seeds and examples, seeds alone, or a sum of independent means."""


@dataclass(frozen=True)
class Rule:
    """The rule declared before the first run.

    Args:
        margin: The least difference that matters, on the estimate's scale; for a log ratio ln(1 + share).
        alpha: Error rate of each claim at this look.
        higher_is_better: False for losses, times and sizes.
        power: The chance of a verdict that `advice` and `detectable` stand for.
        cap: The most seeds of a fresh run worth naming.
        most: The greatest difference that the metric's range allows: no interval reaches beyond it.

    Raises:
        ValueError: The margin is not finite and above 0, or alpha or power is not between 0 and 1.
    """

    margin: float
    alpha: float = 0.05
    higher_is_better: bool = True
    power: float = 0.8
    cap: int = 200
    most: float = math.inf

    def __post_init__(self) -> None:
        check_margin(self.margin)
        if not (0.0 < self.alpha < 0.5 and self.alpha < self.power < 1.0):
            raise ValueError(f"expected 0 < alpha < .5 and alpha < power < 1, got {self.alpha}, {self.power}")


@dataclass(frozen=True)
class Judgement:
    """The judgement on a against b, and the data that a firmer one would take.

    Args:
        verdict: 'better' and 'worse' say so of a.
        meaningful: The difference is shown to be beyond the margin.
        evidence: What it rests on.
        margin: The least difference that matters, on the same scale.
        alpha: Error rate of each claim at this look.
        interval: The interval that decides 'better' and 'worse': it excludes 0 exactly where one of them is
            shown. In a family of comparisons its level is the one at which Holm's procedure decided this
            pair; None for one seed.
        inner_interval: The interval that decides 'equivalent', likewise.
        level: One minus the error rate of `interval`; .95 for one pair at one look.
        inner_level: That of `inner_interval`; .90 for one pair at one look.
        ci95: The 95 % interval of this pair alone, whatever the look and the family.
        ci90: The 90 % interval, likewise.
        p_different: P-value of no difference; in a family of comparisons, adjusted for all of them.
        p_equivalent: P-value of a difference at or beyond the margin, adjusted likewise.
        detectable: The smallest true difference that this many seeds show with the rule's power.
        advice: What would decide an undecided pair with the rule's power, whatever the true difference is;
            None when decided, when nothing worth naming would, or when one seed leaves the spread unknown.
    """

    verdict: Verdict
    meaningful: bool
    evidence: Evidence
    margin: float
    alpha: float
    interval: ConfidenceInterval | None
    inner_interval: ConfidenceInterval | None
    level: float
    inner_level: float
    ci95: ConfidenceInterval | None
    ci90: ConfidenceInterval | None
    p_different: float
    p_equivalent: float
    detectable: float | None
    advice: Advice | None = None

    @property
    def decided(self) -> bool:
        """Return whether anything was shown."""
        return self.verdict != "undecided"

    @property
    def seeds(self) -> int | None:
        """Return how many paired seeds there were; None where means are independent."""
        return None if isinstance(self.evidence.estimate, ApproximateMean) else self.evidence.estimate.n

    @property
    def mean(self) -> float:
        """The mean of a − b (or of ln a − ln b)."""
        return self.evidence.mean

    @property
    def deciding(self) -> tuple[ConfidenceInterval | None, float]:
        """The interval that the verdict was read from, which is the one to print, and its level."""
        if self.verdict == "equivalent":
            return self.inner_interval, self.inner_level
        return self.interval, self.level

    @property
    def seeds_needed(self) -> int | None:
        """Seeds of a fresh run that would decide; 0 when decided, None where none can be named."""
        if self.decided:
            return 0
        return None if self.advice is None else self.advice.seeds


def judge(view: View, rule: Rule) -> Judgement:
    """The verdict on one pair.

    >>> from seqcli.statistics.intervals import paired_difference
    >>> a, b = [0.81, 0.83, 0.82, 0.80, 0.82], [0.76, 0.77, 0.78, 0.76, 0.75]
    >>> judge(paired_difference(a, b), Rule(margin=0.01)).verdict
    'better'

    Args:
        view: `Evidence(paired_difference(a, b), crossed(answers_a - answers_b))` where both models answered
            the same test examples: a claim must then hold in both views. `paired_difference(a, b)`,
            `paired_ratio(a, b).log` or an exact difference alone; `independent([…])` for what is not paired.
        rule: What was declared before the first run.
    """
    return judge_family([view], rule)[0]


def judge_family(views: Sequence[View], rule: Rule) -> tuple[Judgement, ...]:
    """The verdicts on several pairs, with Holm's correction over them (1979).

    Each kind of claim is a family of its own, so the chance of any false 'better' or 'worse' stays at alpha,
    and so does that of any false 'equivalent'; that all pairs are equivalent needs no correction. `interval`
    and `inner_interval` are at the level of Holm's step, so that they say what the verdict says. `detectable`
    and `advice` count on the strictest level of Holm's steps, alpha over the number of pairs.
    """
    if not views:
        return ()
    all_evidence = [view if isinstance(view, Evidence) else Evidence(view) for view in views]
    raw = Claims(*np.transpose([evidence.claims(rule.margin) for evidence in all_evidence]))
    levels = zip(
        holm_levels(raw.different, rule.alpha), holm_or_all_levels(raw.equivalent, rule.alpha), strict=True
    )
    return tuple(
        _verdict(
            evidence,
            rule,
            claims=Claims(*each),
            # TOST at level α reads the interval of 1 − 2α.
            levels=(float(outer), 2 * float(inner)),
            planning_alpha=rule.alpha / len(views),
        )
        for evidence, each, (outer, inner) in zip(
            all_evidence, np.transpose(adjust(raw)), levels, strict=True
        )
    )


def _verdict(
    evidence: Evidence, rule: Rule, *, claims: Claims, levels: tuple[float, float], planning_alpha: float
) -> Judgement:
    # 'better' is said of quality, whichever way the metric counts.
    gain = evidence.mean if rule.higher_is_better else -evidence.mean
    word = cast("Verdict", conclude(claims, gain, rule.alpha).item())
    differs = bool(claims.different <= rule.alpha)
    advice = None
    if word == "undecided":
        # Only where it is open: a decided pair needs no further seeds.
        advice = evidence.advice(rule.margin, alpha=planning_alpha, chance=rule.power, cap=rule.cap)
    interval, inner, ci95, ci90 = (
        _within(evidence.interval(alpha), rule.most) for alpha in (*levels, 0.05, 0.10)
    )
    return Judgement(
        verdict=word,
        meaningful=differs and bool(claims.meaningful <= rule.alpha),
        evidence=evidence,
        margin=rule.margin,
        alpha=rule.alpha,
        interval=interval,
        inner_interval=inner,
        level=1 - levels[0],
        inner_level=1 - levels[1],
        ci95=ci95,
        ci90=ci90,
        p_different=float(claims.different),
        p_equivalent=float(claims.equivalent),
        detectable=evidence.detectable(alpha=planning_alpha, chance=rule.power),
        advice=advice,
    )


def _within(interval: ConfidenceInterval | None, most: float) -> ConfidenceInterval | None:
    """The interval as far as differences can go: what lies beyond is no value that the mean can have."""
    if interval is None:
        return None
    return ConfidenceInterval(max(interval.low, -most), min(interval.high, most))
