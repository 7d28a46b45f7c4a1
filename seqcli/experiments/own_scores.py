"""`seqcli.conclude`: paired verdicts on scores that were found elsewhere, by the rules of a comparison."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from seqcli.data.kind import metric_named
from seqcli.data.metric import Metric
from seqcli.errors import DataError, UsageError, unknown_name
from seqcli.experiments.compare.reaching import NOT_COMPARED
from seqcli.experiments.compare.shared_examples import SharedExamples, quality_pair
from seqcli.results.conclude import Conclusion, ScoredModel, ScoredPair
from seqcli.results.measurements import Quality
from seqcli.statistics.crossed import Crossed, crossed
from seqcli.statistics.exact_tests import mcnemar
from seqcli.statistics.intervals import complete_pairs, estimate, paired_difference
from seqcli.statistics.own_score import score_interval
from seqcli.statistics.verdicts import Evidence, Rule, judge_family

ALPHA = 0.05  # `compare`'s own
LEAST_MODELS = 2  # a conclusion is about a difference
MEANS_ALIKE = 1e-6
"""Scores are often written with six decimals; `Evidence` takes no more apart."""

Scores = Mapping[str, Sequence[float | None]]
"""Each model's score in each run; None of a run that failed."""

Answers = Mapping[str, ArrayLike]
"""Each model's answer to each test example in each run: right or wrong, or a score, (S, N)."""


@dataclass(frozen=True)
class ScoreRule:
    """The rule by which scores are judged.

    Attributes:
        metric: What they are called.
        margin: The least difference that matters, in their own unit; None for the metric's usual one.
        higher_is_better: None for the metric's own direction.
        reference: The model that the others are held against; None for all pairs.
    """

    metric: str = "accuracy"
    margin: float | None = None
    higher_is_better: bool | None = None
    reference: str | None = None


def conclude_scores(scores: Scores, answers: Answers | None, stated: ScoreRule) -> Conclusion:
    """The verdict on every pair, Holm-corrected over them.

    Args:
        scores: At least two models, as many runs of each, paired in their order.
        answers: Their answers to the same test examples, or None.
        stated: By which rule.

    Raises:
        UsageError: There is one model alone, an unknown reference, or a score without a margin.
        DataError: Runs are missing, a score is no number of its scale, or answers do not belong to them.
    """
    runs = _checked(scores)
    labels = list(runs)
    if stated.reference is not None and stated.reference not in runs:
        raise unknown_name("reference", stated.reference, labels)
    known, rule = _rule(stated, [value for values in runs.values() for value in values if value is not None])
    tables = {} if answers is None else _tables(answers, runs)
    resolution = _resolution(known, tables)
    couples = [(b, a) for a, b in combinations(labels, 2) if stated.reference in (None, a, b)]
    couples = [(b, a) if a == stated.reference else (a, b) for a, b in couples]
    return Conclusion(
        metric=stated.metric,
        higher_is_better=rule.higher_is_better,
        margin=rule.margin,
        alpha=rule.alpha,
        seeds=list(range(len(runs[labels[0]]))),
        examples=next(iter(tables.values())).shape[1] if tables else None,
        models=[
            ScoredModel(label=label, quality=_quality(runs[label], tables.get(label), known, resolution))
            for label in labels
        ],
        pairs=_pairs(couples, runs, tables, rule=rule, resolution=resolution),
    )


def _checked(scores: Scores) -> dict[str, list[float | None]]:
    """The scores as numbers, NaN as None."""
    runs = {str(label): [_number(value, str(label)) for value in values] for label, values in scores.items()}
    if len(runs) < LEAST_MODELS:
        raise UsageError(
            f"{len(runs)} model to conclude on",
            'Give two or more: {"mine": [0.81, 0.83], "theirs": [0.80, 0.84]}.',
        )
    counts = {label: len(values) for label, values in runs.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        counted_scores = ", ".join(f"{label} has {count}" for label, count in counts.items())
        raise DataError(
            f"runs are paired in their order, and {counted_scores}",
            "Give as many of each model, the same seed at the same place; None stands for one that failed.",
        )
    for label, values in runs.items():
        if all(value is None for value in values):
            raise DataError(f"{label} has no score", "Leave the model out.")
    return runs


def _number(value: object, label: str) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError) as error:
        raise DataError(f"{label}: {value!r} is not a score", "Give numbers, one a run.") from error
    if math.isinf(number):
        raise DataError(f"{label}: {number} is not a score", "A run that failed is None.")
    return None if math.isnan(number) else number


def _rule(stated: ScoreRule, values: Sequence[float]) -> tuple[Metric, Rule]:
    """The metric as far as it is known, and what was declared."""
    metric = metric_named(stated.metric)
    higher = metric.higher_is_better if stated.higher_is_better is None else stated.higher_is_better
    unknown = metric.margin == 0.0  # of a score that no kind of task has, nothing is known but its name
    if unknown and (stated.margin is None or stated.higher_is_better is None):
        raise UsageError(
            f"{stated.metric!r} is not a score that seqcli knows: say its margin and higher_is_better",
            "Declare the least difference that matters, in the score's own unit: margin=0.01.",
        )
    most = math.inf if metric.most is None else metric.most
    if metric.most is not None and not all(0 <= value <= most for value in values):
        raise DataError(
            f"{stated.metric} goes from 0 to {most:g}, and there is {min(values):g} to {max(values):g}",
            "Give it in its own unit (shares, not percent), or name another metric.",
        )
    margin = metric.margin if stated.margin is None else stated.margin
    if not metric.higher_is_better and stated.margin is None:  # a share of the least loss
        margin *= min(values)
    if not (math.isfinite(margin) and margin > 0):
        raise UsageError(f"a margin of {margin:g} is not above 0", "In the score's own unit: margin=0.01.")
    return metric, Rule(margin=margin, alpha=ALPHA, higher_is_better=higher, most=most)


def _tables(answers: Answers, runs: Mapping[str, Sequence[float | None]]) -> dict[str, NDArray[np.float64]]:
    """The answers of every model, (S, N), checked against its scores."""
    if set(answers) != set(runs):
        raise DataError(
            f"answers are of {', '.join(map(str, answers)) or 'nobody'}, scores of {', '.join(runs)}",
            "Give the answers of all models, or of none.",
        )
    tables = {}
    for label, values in runs.items():
        try:
            table = np.asarray(answers[label], dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise DataError(f"{label}: its answers are not a table", "Give runs × test examples.") from error
        if table.ndim != 2 or table.shape[0] != len(values) or table.shape[1] < 2:
            raise DataError(
                f"{label}: answers of shape {table.shape} beside {len(values)} scores",
                f"Give a row a run and a column a test example: ({len(values)}, N).",
            )
        _check_means(label, table, values)
        tables[label] = table
    if len({table.shape for table in tables.values()}) > 1:
        shapes = ", ".join(f"{label} {table.shape}" for label, table in tables.items())
        raise DataError(f"the models did not answer the same examples: {shapes}", "Use one test set.")
    return tables


def _check_means(label: str, table: NDArray[np.float64], values: Sequence[float | None]) -> None:
    """Refuse answers that are not those of the scores."""
    for run, (row, value) in enumerate(zip(table, values, strict=True)):
        if value is None:
            continue
        mean = float(row.mean())
        if not abs(mean - value) <= MEANS_ALIKE:  # NaN is not either
            raise DataError(
                f"{label}, run {run}: its answers have the mean {mean:g}, its score is {value:g}",
                "A score must be the mean of its answers, to six decimals.",
            )


def _resolution(metric: Metric, tables: Mapping[str, NDArray[np.float64]]) -> float:
    """The smallest step of a score: one test example of a share, where their number is known."""
    if metric.right is None or not tables:
        return metric.step
    return metric.resolution(next(iter(tables.values())).shape[1])


def _quality(
    values: Sequence[float | None], table: NDArray[np.float64] | None, metric: Metric, resolution: float
) -> Quality:
    finished = [place for place, value in enumerate(values) if value is not None]
    summary = estimate([value for value in values if value is not None], resolution=resolution)
    view = None if table is None else crossed(table[finished])
    most = math.inf if metric.most is None else metric.most
    return Quality(
        metric=metric.name,
        mean=summary.mean,
        ci95=score_interval(summary, view, most=most, share=metric.right is not None),
        per_seed=list(values),
        valid_per_seed=[None] * len(values),
        failed=len(values) - len(finished),
    )


def _pairs(
    couples: Sequence[tuple[str, str]],
    runs: Mapping[str, Sequence[float | None]],
    tables: Mapping[str, NDArray[np.float64]],
    *,
    rule: Rule,
    resolution: float,
) -> list[ScoredPair]:
    """All pairs as one family."""
    both = {couple: complete_pairs(runs[couple[0]], runs[couple[1]]) for couple in couples}
    shared = {couple: _shared(couple, runs, tables) for couple in couples}
    possible = [couple for couple in couples if len(both[couple][0])]
    views = [
        Evidence(paired_difference(*both[couple], resolution=resolution), shared[couple].crossed)
        for couple in possible
    ]
    judged = dict(zip(possible, judge_family(views, rule), strict=True))
    qualities = {couple: quality_pair(judgement, shared[couple]) for couple, judgement in judged.items()}
    return [ScoredPair(a=a, b=b, quality=qualities.get((a, b), NOT_COMPARED)) for a, b in couples]


def _shared(
    couple: tuple[str, str],
    runs: Mapping[str, Sequence[float | None]],
    tables: Mapping[str, NDArray[np.float64]],
) -> SharedExamples:
    """The two models' answers to the same examples, in the runs that both finished."""
    if not tables:
        return SharedExamples(None, ())
    a, b = couple
    complete = [
        place for place, scores in enumerate(zip(runs[a], runs[b], strict=True)) if None not in scores
    ]
    first, second = tables[a][complete], tables[b][complete]
    view: Crossed | None = crossed(first - second) if len(complete) > 1 else None
    right = np.isin(first, (0.0, 1.0)).all() and np.isin(second, (0.0, 1.0)).all()
    tests = tuple(mcnemar(x > 0, y > 0) for x, y in zip(first, second, strict=True)) if right else ()
    return SharedExamples(view, tests)
