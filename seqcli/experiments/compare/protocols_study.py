"""`--match hidden,params`: the same models under several protocols, and what these say together."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import sqrt

from seqcli.data.kind import metric_named
from seqcli.experiments.compare.comparison_claims import across_protocols
from seqcli.experiments.compare.comparison_inputs import ComparisonInputs, crossed_contrast
from seqcli.experiments.compare.conclude import conclude
from seqcli.experiments.compare.plan import plan
from seqcli.experiments.compare.recommend import recommend
from seqcli.experiments.compare.store import Store
from seqcli.experiments.compare.study import Study
from seqcli.experiments.config import CompareConfig
from seqcli.results.common import JointVerdict, Verdict
from seqcli.results.compare import Alternative, Comparison
from seqcli.results.compared_pairs import Agreement, Contrast, Pair
from seqcli.results.events import Event
from seqcli.statistics.intervals import paired_difference
from seqcli.statistics.verdicts import Evidence as Paired
from seqcli.statistics.verdicts import Rule, judge_family


class ProtocolStudy(Study[Comparison]):
    """One comparison for each protocol."""

    record = Comparison

    @classmethod
    def of(cls, config: CompareConfig) -> "ProtocolStudy":
        """The study of a configuration with several protocols.

        Raises:
            UsageError: A model or setting is unknown, or a protocol cannot make the models equal.
            DataError: The data cannot be read.
        """
        single = [plan(config, match) for match in config.match]
        return cls(config, tuple(replace(planned, what=planned.protocol.words) for planned in single))

    def run(self, store: Store, should_stop: Callable[[], bool]) -> Generator[Event, None, Comparison]:
        """All comparisons, as alternatives of the first."""
        evidence = yield from self.evidence(store, should_stop)
        return together([conclude(concluded) for concluded in evidence], evidence)

    def judged(self, result: Comparison) -> Comparison:
        """Gates are about the first protocol."""
        return self.plans[0].judged(result)


def together(points: Sequence[Comparison], evidence: Sequence[ComparisonInputs] = ()) -> Comparison:
    """The first protocol's result with the others beside it; `evidence` is what each rests on.

    A pair on which they contradict each other has no winner, whatever the first one says.
    """
    first, *others = points
    agreements = agree(points, evidence)
    return first.model_copy(
        update={
            "status": "complete" if all(point.status == "complete" for point in points) else "partial",
            "alternatives": [
                Alternative(match=point.protocol.match, models=point.models, pairs=point.pairs)
                for point in others
            ],
            "agreement": agreements,
            "guide": across_protocols(first.guide, agreements, first.models),
            "recommendation": recommend(
                first.models,
                first.pairs,
                first.recurrence,
                agreements,
                task=first.task,
                fresh_seed=first.protocol.fresh_seed,
            ),
            "failures": [failure for point in points for failure in point.failures],
        }
    )


def agree(points: Sequence[Comparison], evidence: Sequence[ComparisonInputs] = ()) -> list[Agreement]:
    """Return the joint verdict of the protocols on every pair of models.

    Each two protocols are held against each other by the difference of their differences, paired by seed and
    Holm-corrected over all pairs of models and of protocols, at the level of the look. Where the answers are
    at hand, the difference counts seeds and test examples as every pair does.
    """
    first = points[0]
    task = first.task
    cells = [(pair, a, b) for pair in first.pairs for a, b in combinations(points, 2)]
    by_match = {inputs.match: inputs for inputs in evidence}
    estimates = [_difference_of_differences(*cell, by_match) for cell in cells]
    known = [place for place, estimate in enumerate(estimates) if estimate is not None]
    alpha = min(point.protocol.alpha for point in points)
    rule = Rule(margin=first.protocol.margin, alpha=alpha, higher_is_better=task.higher_is_better)
    verdicts = judge_family([each for each in estimates if each is not None], rule)
    contrasts: dict[tuple[str, str], list[Contrast]] = {}
    for place, verdict in zip(known, verdicts, strict=True):
        pair, a, b = cells[place]
        contrast = Contrast(
            match=a.protocol.match,
            other=b.protocol.match,
            difference=verdict.mean,
            ci95=verdict.ci95,
            interval=verdict.deciding[0],
            level=verdict.deciding[1],
            p_value=verdict.p_different,
            verdict=verdict.verdict,
        )
        contrasts.setdefault((pair.a, pair.b), []).append(contrast)
    return [_agreement(points, pair, contrasts.get((pair.a, pair.b), [])) for pair in first.pairs]


def _agreement(points: Sequence[Comparison], pair: Pair, contrasts: list[Contrast]) -> Agreement:
    verdicts = {point.protocol.match: _same(point, pair).quality.verdict for point in points}
    contradicted = any(contrast.verdict in ("better", "worse") for contrast in contrasts)
    return Agreement(
        a=pair.a,
        b=pair.b,
        verdicts=dict(sorted(verdicts.items())),
        verdict=joint(list(verdicts.values()), contradicted=contradicted),
        contrasts=contrasts,
    )


def _same(point: Comparison, pair: Pair) -> Pair:
    """The same two models under another protocol."""
    return next(other for other in point.pairs if (other.a, other.b) == (pair.a, pair.b))


def _difference_of_differences(
    pair: Pair, first: Comparison, second: Comparison, by_match: Mapping[str, ComparisonInputs]
) -> Paired | None:
    """(a − b) under the one protocol less (a − b) under the other, over the seeds that both have.

    None for a task that is solved or not, whose scores have two humps, and where no seed is whole.
    """
    if pair.quality.solved is not None:
        return None
    per_seed = [_differences(point, pair) for point in (first, second)]
    seeds = [seed for seed in per_seed[0] if seed in per_seed[1]]
    if not seeds:
        return None
    # Four values on the metric's grid vary twice as much as the two that `paired_difference` counts on.
    step = metric_named(first.task.metric).resolution(first.task.test) * sqrt(2)
    mean = paired_difference(*([each[seed] for seed in seeds] for each in per_seed), resolution=step)
    measured = [
        by_match[point.protocol.match] for point in (first, second) if point.protocol.match in by_match
    ]
    if len(measured) < 2:
        return Paired(mean)
    places = [(place, sign) for place, sign in zip(measured, (1.0, -1.0), strict=True)]
    return Paired(mean, crossed_contrast(pair.a, pair.b, places))


def _differences(point: Comparison, pair: Pair) -> dict[int, float]:
    """The difference a − b at each seed at which both finished."""
    scores = {model.label: model.quality.per_seed for model in point.models}
    rows = zip(point.protocol.seeds, scores[pair.a], scores[pair.b], strict=True)
    return {seed: a - b for seed, a, b in rows if a is not None and b is not None}


def joint(verdicts: Sequence[Verdict], *, contradicted: bool) -> JointVerdict:
    """One verdict of several, the first protocol's first.

    'depends' where one says better and another worse, or where the differences are shown to be apart and the
    protocols do not all decide alike. 'better' and 'equivalent' do not contradict each other: what the first
    protocol says then stands, for it asks the question. 'undecided' where one leaves it open.

    Args:
        verdicts: One a protocol, in the order in which they were asked for.
        contradicted: Whether the difference of two protocols' differences is shown not to be 0, nor within
            the margin.
    """
    distinct = set(verdicts)
    if distinct == {verdicts[0]} and verdicts[0] != "undecided":
        return verdicts[0]
    if {"better", "worse"} <= distinct or contradicted:
        return "depends"
    return "undecided" if "undecided" in distinct else verdicts[0]
