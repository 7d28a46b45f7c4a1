"""`--baseline FILE.json`: this comparison beside an earlier one of the same task."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from seqcli.data.kind import metric_named
from seqcli.experiments.compare.earlier_conditions import ModelPair, conditions_of, unpaired_because
from seqcli.experiments.compare.earlier_costs import exact_cost, step_bytes, timed_family
from seqcli.results.common import Verdict
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierQuality
from seqcli.statistics.combinations import AnswerProducts, crossed_apart
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.intervals import (
    Estimate,
    complete_pairs,
    estimate,
    independent_difference,
    paired_difference,
)
from seqcli.statistics.own_score import sampling_variance
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge_family


def compare_with(now: Comparison, then: Comparison, *, file: str) -> EarlierComparison:
    """Every model of both, by its label, judged as pairs of models are: the models are one Holm family."""
    labels = {model.label: model for model in then.models}
    both = [(model, labels[model.label]) for model in now.models if model.label in labels]
    return EarlierComparison(
        file=file,
        signature=then.signature,
        paired=not unpaired_because(now, then),
        conditions=conditions_of(now, then, both),
        models=_models(now, then, both),
    )


def _models(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[EarlierModel]:
    qualities = _qualities(now, then, both)
    speeds = timed_family(now, then, [(model.train_speed, other.train_speed) for model, other in both])
    waits = timed_family(now, then, [(model.latency, other.latency) for model, other in both])
    return [
        EarlierModel(
            label=model.label,
            quality=qualities[place],
            train_speed=speeds[place],
            latency=waits[place],
            memory=exact_cost(step_bytes(model.memory), step_bytes(other.memory)),
            parameters=exact_cost(model.parameters.total, other.parameters.total),
        )
        for place, (model, other) in enumerate(both)
    ]


@dataclass(frozen=True)
class _Difference:
    """Now less then of one model: both means, and what a verdict can rest on (None: on nothing)."""

    now: float
    then: float
    unchanged: bool
    view: Evidence | None


def _qualities(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[EarlierQuality | None]:
    """The verdicts on all models, by the look's level and the margin of this result."""
    differences = [_difference(now, then, *pair) for pair in both]
    rule = Rule(
        margin=now.protocol.margin,
        alpha=now.protocol.alpha,
        higher_is_better=now.task.higher_is_better,
        most=math.inf if now.task.scale_max is None else now.task.scale_max,
    )
    views = {
        n: difference.view
        for n, difference in enumerate(differences)
        if difference and difference.view and not difference.unchanged
    }
    verdicts = dict(zip(views, judge_family(list(views.values()), rule), strict=True))
    return [
        None
        if difference is None
        else _quality(difference, verdicts.get(place), paired=not unpaired_because(now, then))
        for place, difference in enumerate(differences)
    ]


def _quality(measured: _Difference, verdict: Judgement | None, *, paired: bool) -> EarlierQuality:
    interval, level = (None, None) if verdict is None else verdict.deciding
    word: Verdict = "undecided" if verdict is None else verdict.verdict
    return EarlierQuality(
        now=measured.now,
        then=measured.then,
        difference=measured.now - measured.then,
        ci95=interval,
        level=level,
        verdict="equivalent" if measured.unchanged else word,
        examples=verdict is not None and verdict.evidence.crossed is not None,
        test="paired t" if paired else "Welch",
        unchanged=measured.unchanged,
    )


def _difference(
    now: Comparison, then: Comparison, model: ModelResult, other: ModelResult
) -> _Difference | None:
    """Seed by seed where data, protocol and seeds agree; else two independent samples."""
    current_scores, earlier_scores = model.quality.per_seed, other.quality.per_seed
    paired = not unpaired_because(now, then)
    if paired:
        a, b = complete_pairs(current_scores, earlier_scores)
    else:
        a, b = (
            np.array([value for value in values if value is not None])
            for values in (current_scores, earlier_scores)
        )
    if not (a.size and b.size):
        return None
    resolution = metric_named(now.task.metric).resolution(min(now.task.test, then.task.test))
    samples = [estimate(values, resolution=resolution) for values in (a, b)]
    examples = [
        _told_of_examples(result, model.label, sample.mean)
        for result, sample in zip((now, then), samples, strict=True)
    ]
    over_seeds = [paired_difference(a, b, resolution=resolution)] if paired else samples
    return _Difference(
        samples[0].mean,
        samples[1].mean,
        paired and current_scores == earlier_scores,
        _view(over_seeds, examples),
    )


@dataclass(frozen=True)
class _ToldOfExamples:
    """One result's facts about a model's test examples; neither where its score is not of examples."""

    answers: tuple[AnswerProducts, list[float]] | None = None
    sampling: tuple[float, float] | None = None

    @property
    def silent(self) -> bool:
        """Say whether the score is of examples of which nothing at all is known."""
        return self.sampling is not None and math.isinf(self.sampling[0])


def _told_of_examples(result: Comparison, label: str, score: float) -> _ToldOfExamples:
    products, answers = answers_in(result), result.answers
    if products is not None and answers is not None and label in answers.labels:
        return _ToldOfExamples(answers=(products, [float(answer == label) for answer in answers.labels]))
    return _ToldOfExamples(sampling=own_sampling(result, score, tested=True))


def _view(over_seeds: Sequence[Estimate], by_result: Sequence[_ToldOfExamples]) -> Evidence | None:
    """Seeds, paired (one estimate) or apart (two), and both results' examples as far as they tell of them."""
    if any(part.sd is None for part in over_seeds) or any(part.silent for part in by_result):
        return None
    if len(over_seeds) == 1:
        return Evidence(over_seeds[0], _over_examples(over_seeds[0], by_result))
    over_examples = [
        _over_examples(part, [answers]) for part, answers in zip(over_seeds, by_result, strict=True)
    ]
    now, then = (crossed_view or seeds for crossed_view, seeds in zip(over_examples, over_seeds, strict=True))
    crossed_view = independent_difference(now, then)
    examples = [part for part in over_examples if part is not None]
    crossed = Crossed(
        mean=crossed_view.mean,
        variance=crossed_view.variance,
        degrees=crossed_view.degrees,
        seeds=min(part.n for part in over_seeds),
        examples=min((part.examples for part in examples), default=0),
        examples_variance=sum(part.examples_variance for part in examples),
    )
    return Evidence(independent_difference(over_seeds[0], over_seeds[1]), crossed if examples else None)


def _over_examples(over_seeds: Estimate, examples: Sequence[_ToldOfExamples]) -> Crossed | None:
    """The same with test examples; None where the score is not of examples."""
    known = [part.answers for part in examples if part.answers is not None]
    sampled = [part.sampling for part in examples if part.sampling is not None]
    return crossed_apart(over_seeds, known, sampled) if known or sampled else None


def answers_in(result: Comparison) -> AnswerProducts | None:
    """The answers of the result's models."""
    answers = result.answers
    if answers is None:
        return None
    matrices = (np.array(matrix) for matrix in (answers.by_seeds, answers.by_examples, answers.rest))
    return AnswerProducts(answers.seeds, answers.examples_degrees, *matrices)


def own_sampling(result: Comparison, score: float, *, tested: bool) -> tuple[float, float] | None:
    """Return the variance that other examples may add to a score without answers, and degrees of freedom.

    Infinite for a test score of a whole corpus, which tells nothing of its sentences; None for a score that
    is not of examples, and for such a validation score, of which no answers are ever kept.
    """
    metric = metric_named(result.task.metric)
    examples = result.task.test if tested else result.task.valid
    if metric.right is not None and examples > 1 and math.isfinite(score):
        return sampling_variance(score, examples), examples - 1.0
    return (math.inf, 1.0) if metric.of_corpus and tested else None
