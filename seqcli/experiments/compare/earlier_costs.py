"""A model's costs now over its costs in an earlier comparison."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from seqcli.experiments.compare.earlier_conditions import machines_of
from seqcli.results.compare import Comparison
from seqcli.results.earlier import EarlierRatio
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Memory, Speed
from seqcli.statistics.intervals import ApproximateMean, exact_ratio, geometric_mean, independent_difference
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Judgement, Rule, judge, judge_family

ALPHA = 0.05
"""Of figures of cost, which are looked at once; quality goes by the look's own level."""


@dataclass(frozen=True)
class SittingRatio:
    """A timed figure of both results: one value a sitting, those that both tell of left out of the test."""

    ratio: float
    sittings: tuple[int, int]
    samples: tuple[list[float], list[float]]
    comparable: bool

    @property
    def view(self) -> ApproximateMean | None:
        """The log ratio of two independent samples (Welch, 1947); None below three sittings on a side."""
        if not self.comparable or min(map(len, self.samples)) < ENOUGH_SITTINGS:
            return None
        now, then = (geometric_mean(values).log for values in self.samples)
        return independent_difference(now, then)


def timed_family(
    now: Comparison, then: Comparison, timed: Sequence[tuple[Speed | Latency | None, Speed | Latency | None]]
) -> list[EarlierRatio | None]:
    """The ratios of one figure of all models, which are one family, as the pairs of a comparison are.

    Sittings are the highest level that varies: the processes of one sitting, however many, tell nothing of
    how far another sitting of the same program would lie. Two machines are never compared.
    """
    both = {n: (current, earlier) for n, (current, earlier) in enumerate(timed) if current and earlier}
    more_is_better = any(isinstance(current, Speed) for current, _ in both.values())
    ratios = [_over_sittings(now, then, *pair) for pair in both.values()]
    ratio_of = dict(zip(both, _ratio_family(ratios, higher_is_better=more_is_better), strict=True))
    return [ratio_of.get(place) for place in range(len(timed))]


def over_sittings(now: Sequence[float], then: Sequence[float], *, higher_is_better: bool) -> EarlierRatio:
    """The ratio of two absolute figures alone, one value a sitting."""
    ratio = geometric_mean(now).value / geometric_mean(then).value
    paired = SittingRatio(ratio, (len(now), len(then)), (list(now), list(then)), comparable=True)
    return _ratio_family([paired], higher_is_better=higher_is_better)[0]


def _over_sittings(
    now: Comparison, then: Comparison, current: Speed | Latency, earlier: Speed | Latency
) -> SittingRatio:
    a, b = _sittings(current), _sittings(earlier)
    return SittingRatio(
        ratio=geometric_mean(a).value / geometric_mean(b).value,
        sittings=(len(a), len(b)),
        samples=(_not_shared(a, now, then), _not_shared(b, then, now)),
        comparable=machines_of(now) == machines_of(then),
    )


def _ratio_family(sampled: Sequence[SittingRatio], *, higher_is_better: bool) -> list[EarlierRatio]:
    """The verdicts on all of them; below three sittings on a side there is none."""
    rule = Rule(margin=COST_MARGIN, alpha=ALPHA, higher_is_better=higher_is_better)
    views = {place: view for place, ratio in enumerate(sampled) if (view := ratio.view) is not None}
    verdicts = dict(zip(views, judge_family(list(views.values()), rule), strict=True))
    return [_ratio(ratio, verdicts.get(place)) for place, ratio in enumerate(sampled)]


def _ratio(sampled: SittingRatio, verdict: Judgement | None) -> EarlierRatio:
    if verdict is None:
        return EarlierRatio(ratio=sampled.ratio, ci95=None, verdict="undecided", sittings=sampled.sittings)
    interval, level = verdict.deciding
    return EarlierRatio(
        ratio=exp(verdict.mean),
        ci95=None if interval is None else (exp(interval[0]), exp(interval[1])),
        verdict=verdict.verdict,
        sittings=(len(sampled.samples[0]), len(sampled.samples[1])),
        level=level,
    )


def _sittings(measured: Speed | Latency) -> list[float]:
    """The figure of each sitting; results of earlier versions were of one."""
    if measured.per_sitting:
        return measured.per_sitting
    return [measured.typical if isinstance(measured, Speed) else measured.p50]


def _not_shared(values: Sequence[float], measured: Comparison, other: Comparison) -> list[float]:
    """The values of the sittings that the other result does not tell of."""
    if len(values) != len(measured.sittings):
        return list(values)
    shared = [(sitting.date, sitting.machine) for sitting in other.sittings]
    return [
        value
        for value, sitting in zip(values, measured.sittings, strict=True)
        if (sitting.date, sitting.machine) not in shared
    ]


def exact_cost(now: int, then: int) -> EarlierRatio | None:
    """The ratio of two figures without noise, less of which is better."""
    if not now or not then:
        return None
    rule = Rule(margin=COST_MARGIN, alpha=ALPHA, higher_is_better=False)
    ratio = exact_ratio(now, then)
    return EarlierRatio(ratio=ratio.value, ci95=None, verdict=judge(ratio.log, rule).verdict)


def step_bytes(memory: Memory | None) -> int:
    """The bytes that a training step needs; 0 where that was not measured."""
    return 0 if memory is None else memory.step
