"""Gates for CI: `--expect "gru.accuracy >= lstm.accuracy - 0.01"`, read by a small grammar, never evaluated.

A gate holds only if the whole interval of left less right clears it, fails only if the whole interval lies on
the other side, and is undecided otherwise. The judge is that of the pairs: a combination of scores is taken
seed by seed on the metric's grid and, where the answers are known, over seeds × test examples; the wider
interval on each side decides. Figures of an earlier result that is not paired with this one are independent
of it (Welch, 1947); one that is paired is held against seed by seed, and each result's own test examples, of
which the file tells the spread but no single answer, are counted as if they were independent. Where a file
tells no spread of answers either, a share counts its own binomial sampling, and the gate on any other score
of examples stays undecided: seeds alone cannot decide what other test examples could overturn.

The level is the look's α. The gates of one command that are decided from seeds are a family: Holm's steps
(1979) keep the chance that any of them is decided wrongly at α, and the interval printed with a gate is the
one of its step. Exact figures need no level, and figures that bring an interval of their own (a half-life, a
speed over sittings, the range of peaks) stay at 95 % outside the family.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from seqcli.experiments.gates.gate_grammar import Gate, GateName, Operator, parse_gate
from seqcli.results.common import Expectation, GateLimit, GateNeed, GateVerdict
from seqcli.statistics.combinations import AnswerProducts, crossed_apart
from seqcli.statistics.folds import corrected
from seqcli.statistics.intervals import ApproximateMean, Estimate, estimate, independent
from seqcli.statistics.planning import Spread, clearing
from seqcli.statistics.verdict_claims import holm_levels

__all__ = [
    "UNKNOWN",
    "Gate",
    "GateName",
    "Lookup",
    "Quantity",
    "judge",
    "judge_family",
    "parse_gate",
]


Varies = Literal["seeds", "sittings", "range"]


@dataclass(frozen=True)
class Quantity:
    """The value of a figure that a gate names.

    Args:
        value: The mean, or an exact figure; infinite where there is no bound.
        interval: Its 95 % interval; None where the spread is unknown.
        per_seed: One value a seed, for combinations; empty where there are none.
        exact: Whether the figure has no spread at all, such as a number of parameters.
        sample: Which seeds these are: quantities of one sample are paired, those of two are independent.
        over_seeds: Whether `per_seed` are independent values of which the mean is judged, even alone.
        resolution: The metric's smallest step.
        answers: The products of all models' answers, if known, and which row is this one's.
        sampling: Where they are not: the variance of the score over other examples, by its own sampling, and
            its degrees of freedom; infinite where that cannot be told. None of what is no score of examples.
        unit: What it is in: 'share', 'BLEU', 'ms'.
        least: The least value that there can be.
        most: The greatest.
        varies: What its interval rests on, where that is not seeds: sittings, or the range over processes.
        test_to_train: Of a cross-validation, whose folds `per_seed` then holds: n_test / n_train; else 0.
    """

    value: float
    interval: tuple[float, float] | None = None
    per_seed: tuple[float, ...] = ()
    exact: bool = False
    sample: str = ""
    over_seeds: bool = False
    resolution: float = 0.0
    answers: tuple[AnswerProducts, int] | None = None
    sampling: tuple[float, float] | None = None
    unit: str = ""
    least: float = -math.inf
    most: float = math.inf
    varies: Varies = "seeds"
    test_to_train: float = 0.0


UNKNOWN = Quantity(math.nan)
"""What was not measured: no gate on it can be decided."""


Lookup = Callable[[GateName], Quantity]


CHANCE, MOST_SEEDS = 0.8, 200
"""Of a verdict that advice stands for, and the most seeds worth naming: those of the pairs' rule."""


@dataclass(frozen=True)
class _Combined:
    """Left less right: its value, and either views of its spread by t or an interval of its own.

    `limit` is what keeps it undecided if it is, `spread` its noise where more of one thing would help.
    """

    value: float
    views: tuple[ApproximateMean, ...] = ()
    own: tuple[float, float] | None = None
    possible: tuple[float, float] = (-math.inf, math.inf)
    limit: GateLimit = "seeds"
    spread: Spread | None = None

    @property
    def p_value(self) -> float:
        """Of 'left equals right', in the view that is less sure."""
        return max(float(view.claims(1.0).different) for view in self.views)

    def need(self, alpha: float) -> GateNeed:
        """Return what would decide it at this level, were its value the true one."""
        if not math.isfinite(self.value):
            return GateNeed(limit="unmeasured" if math.isnan(self.value) else self.limit)
        if self.spread is None or self.limit != "seeds":
            return GateNeed(limit=self.limit)
        clears = clearing(self.spread, abs(self.value), alpha=alpha, chance=CHANCE, cap=MOST_SEEDS)
        near = clears.seeds is None and clears.times is None
        return GateNeed(limit=clears.limit, seeds=clears.seeds, times=clears.times, near=near)

    def interval(self, alpha: float) -> tuple[float, float] | None:
        """The wider, end by end, of the views' (1 − alpha) intervals; the own one whatever alpha.

        It stays inside what the metrics allow: no accuracy is above 100 %.
        """
        if not self.views:
            return self.own
        ends = [view.interval(alpha) for view in self.views]
        least, most = self.possible
        return max(least, min(end.low for end in ends)), min(most, max(end.high for end in ends))


def judge(gate: Gate, lookup: Lookup) -> Expectation:
    """Return the verdict on one gate at 5 %."""
    return judge_family([(gate, lookup)])[0]


def judge_family(gates: Sequence[tuple[Gate, Lookup]], alpha: float = 0.05) -> list[Expectation]:
    """Return the verdicts on the gates of one command.

    Args:
        gates: Each with how its names are read.
        alpha: The look's level, for the whole family.
    """
    combined = [_combined(gate, lookup) for gate, lookup in gates]
    noisy = [place for place, sum_of_terms in enumerate(combined) if sum_of_terms.views]
    levels = holm_levels([combined[place].p_value for place in noisy], alpha)
    deciding = dict(zip(noisy, map(float, levels), strict=True))
    return [
        _expectation(gate, lookup, sum_of_terms, deciding.get(place, 0.05))
        for place, ((gate, lookup), sum_of_terms) in enumerate(zip(gates, combined, strict=True))
    ]


def _expectation(gate: Gate, lookup: Lookup, combined: _Combined, alpha: float) -> Expectation:
    interval = combined.interval(alpha)
    low, high = interval if interval is not None else (-math.inf, math.inf)
    terms = [(name, factor) for name, factor in gate.terms.items() if factor]
    units = {lookup(name).unit for name, _ in terms}
    verdict = _verdict(gate.operator, low, high)
    expectation = Expectation(
        text=gate.text,
        verdict=verdict,
        need=combined.need(alpha) if verdict == "undecided" else None,
        difference=_bound(combined.value),
        ci95=_bounds(combined.interval(0.05)),
        interval=_bounds(interval),
        level=1 - alpha,
        unit=units.pop() if len(units) == 1 else "",
    )
    if len(terms) > 1:
        return expectation
    ((name, factor),) = terms or [(next(iter(gate.terms)), 1.0)]
    ends = None if interval is None else sorted((end - gate.constant) / factor for end in interval)
    return expectation.model_copy(
        update={
            "name": str(name),
            "value": _bound((combined.value - gate.constant) / factor),
            "value_interval": None if ends is None else _bounds((ends[0], ends[1])),
        }
    )


def _combined(gate: Gate, lookup: Lookup) -> _Combined:
    """Left less right with its spread; without one where that is unknown."""
    terms = [(factor, lookup(name)) for name, factor in gate.terms.items() if factor]
    total = gate.constant + math.fsum(factor * quantity.value for factor, quantity in terms)
    exact = gate.constant + math.fsum(factor * quantity.value for factor, quantity in terms if quantity.exact)
    noisy = [(factor, quantity) for factor, quantity in terms if not quantity.exact]
    if not noisy:
        return _Combined(total, own=(exact, exact))
    varies: Varies = next((noise.varies for _, noise in noisy if noise.varies != "seeds"), "seeds")
    if len(noisy) == 1 and not noisy[0][1].over_seeds:
        factor, quantity = noisy[0]
        if quantity.interval is None:
            return _Combined(total, limit="spread" if varies == "seeds" else varies)
        ends = sorted(exact + factor * end for end in quantity.interval)
        return _Combined(total, own=(ends[0], ends[1]), limit=varies)
    unknown = [noise.sampling for _, noise in noisy if noise.answers is None and noise.sampling is not None]
    if any(math.isinf(variance) for variance, _ in unknown):
        return _Combined(total, limit="answers")
    combined = _with_views(total, exact, noisy)
    if any(quantity.test_to_train for _, quantity in noisy):
        return replace(combined, limit="rows" if combined.views else combined.limit)
    return combined if varies == "seeds" else replace(combined, limit=varies)


def _with_views(total: float, exact: float, noisy: Sequence[tuple[float, Quantity]]) -> _Combined:
    """Left less right over seeds, and over test examples where they are known; without views at one seed."""
    samples = [
        [(factor, quantity) for factor, quantity in noisy if quantity.sample == sample]
        for sample in sorted({quantity.sample for _, quantity in noisy})
    ]
    sums = [_over_seeds(parts) for parts in samples]
    known = [each for each in sums if each is not None]
    if len(known) < len(sums):
        return _Combined(total, limit="spread")
    views = [independent(known)]
    crossed = [_over_answers(parts, each) for parts, each in zip(samples, known, strict=True)]
    if any(each is not None for each in crossed):
        views.append(independent([each or over for each, over in zip(crossed, known, strict=True)]))
    shifted = tuple(replace(view, mean=exact + view.mean) for view in views)
    return _Combined(
        shifted[0].mean, views=shifted, possible=_possible(exact, noisy), spread=_spread(views, known)
    )


def _spread(views: Sequence[ApproximateMean], over_seeds: Sequence[Estimate]) -> Spread | None:
    """The noise by its sources; None without any. Two samples count as many seeds as the smaller has."""
    seeds = min(estimate.n for estimate in over_seeds)
    of_examples = max(views[-1].variance - views[0].variance, 0.0)
    if views[-1].variance == 0.0:
        return None
    return Spread(math.sqrt(views[0].variance * seeds), seeds - 1, of_examples)


def _possible(exact: float, noisy: Sequence[tuple[float, Quantity]]) -> tuple[float, float]:
    """The least and the greatest value of the combination."""
    ends = [sorted((factor * quantity.least, factor * quantity.most)) for factor, quantity in noisy]
    return exact + sum(low for low, _ in ends), exact + sum(high for _, high in ends)


def _over_seeds(parts: Sequence[tuple[float, Quantity]]) -> Estimate | None:
    """One sample's combination seed by seed; None where that has no spread, or numbers of seeds differ."""
    if len({len(quantity.per_seed) for _, quantity in parts}) > 1:
        return None
    rows = zip(*(quantity.per_seed for _, quantity in parts), strict=True)
    sums = [math.fsum(factor * x for (factor, _), x in zip(parts, row, strict=True)) for row in rows]
    if len(sums) < 2 or not all(map(math.isfinite, sums)):
        return None
    # The spread of a sum of values on a grid is at least that of their grids together.
    step = math.hypot(*(factor * quantity.resolution for factor, quantity in parts))
    overlap = max(quantity.test_to_train for _, quantity in parts)
    return corrected(estimate(sums, resolution=step), overlap)


def _over_answers(parts: Sequence[tuple[float, Quantity]], over_seeds: Estimate) -> ApproximateMean | None:
    """The same mean with the test examples counted too; None where they are no part of the figures."""
    known = [(factor, quantity.answers) for factor, quantity in parts if quantity.answers is not None]
    sampled = [
        (factor**2 * quantity.sampling[0], quantity.sampling[1])
        for factor, quantity in parts
        if quantity.answers is None and quantity.sampling is not None
    ]
    if len(known) + len(sampled) < len(parts) or over_seeds.sd is None:
        return None
    results = {id(products): products for _, (products, _) in known}
    factors = {name: [0.0] * len(products.by_seeds) for name, products in results.items()}
    for factor, (products, row) in known:
        factors[id(products)][row] += factor
    if sampled or len(results) > 1:
        weighted = [(products, factors[name]) for name, products in results.items()]
        return crossed_apart(over_seeds, weighted, sampled)
    ((name, products),) = results.items()
    if products.seeds != over_seeds.n:
        return None
    variance, degrees = products.variance(factors[name])
    return ApproximateMean(over_seeds.mean, variance, degrees)


def _verdict(operator: Operator, low: float, high: float) -> GateVerdict:
    if operator in ("<", "<="):
        low, high = -high, -low
    if low > 0 or (low >= 0 and operator in (">=", "<=")):
        return "holds"
    if high < 0 or (high <= 0 and operator in (">", "<")):
        return "fails"
    return "undecided"


def _bounds(ends: tuple[float, float] | None) -> tuple[float | None, float | None] | None:
    return None if ends is None else (_bound(ends[0]), _bound(ends[1]))


def _bound(end: float) -> float | None:
    return end if math.isfinite(end) else None
