"""`--baseline FILE.json`: this comparison beside an earlier one of the same task."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from seqcli.data.files import check_readable
from seqcli.data.kind import metric_named
from seqcli.errors import DataError, disk_fault
from seqcli.results.common import Verdict
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierQuality, EarlierRatio
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Machine, Memory, Speed
from seqcli.results.wording import counted
from seqcli.runs.sealed import unsealed
from seqcli.statistics.combinations import AnswerProducts, crossed_apart
from seqcli.statistics.crossed import Crossed
from seqcli.statistics.intervals import (
    ApproximateMean,
    Estimate,
    complete_pairs,
    estimate,
    exact_ratio,
    geometric_mean,
    independent_difference,
    paired_difference,
)
from seqcli.statistics.own_score import sampling_variance
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Evidence, Judgement, Rule, judge, judge_family

SCHEMA = "seqcli.compare/1"
ALPHA = 0.05
"""Of figures of cost, which are looked at once; quality goes by the look's own level."""
LARGEST_RESULT = 1 << 26
"""Bytes; a result of a hundred models and a hundred seeds has a twentieth of that."""


def read_comparison(path: Path) -> Comparison:
    """The result of an earlier `seqcli compare --format json`.

    Raises:
        DataError: The file cannot be read, is no such result, or was edited.
        UsageError: It is a folder, a pipe or a device.
    """
    values = read_document(path, _EXAMPLE)
    schema = values.get("schema") if isinstance(values, dict) else None
    if not isinstance(values, dict) or schema != SCHEMA:
        raise DataError(f"{path} is of schema {schema!r}, not {SCHEMA!r}", _EXAMPLE)
    values = unsealed_result(values, path)
    try:
        return Comparison.from_json(values)
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        raise DataError(f"{path} is not a whole {SCHEMA}: {where}: {fault['msg']}", _EXAMPLE) from error


def read_document(path: Path, advice: str) -> object:
    """A JSON document that a person named.

    Args:
        path: The file.
        advice: Where to get one, said with every refusal.

    Raises:
        DataError: The file cannot be read, or is too large or no JSON.
        UsageError: It is a folder, a pipe or a device.
        StorageError: The disk fails.
    """
    check_readable(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_RESULT + 1)
        if len(content) > LARGEST_RESULT:
            raise DataError(f"{path} has more than {LARGEST_RESULT:,} bytes: it is no result", advice)
        values: object = json.loads(content)
    except OSError as error:
        raise disk_fault(error) or DataError(f"{path} cannot be read: {error.strerror}", advice) from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path} is not JSON: {error}", advice) from error
    return values


def unsealed_result(values: dict[str, object], path: Path) -> dict[str, object]:
    """A result's document without its hash; one without a hash is of an earlier version.

    Raises:
        DataError: It was edited after seqcli wrote it.
    """
    try:
        return unsealed(values)
    except ValueError as error:
        raise DataError(f"{path} cannot be trusted: {error}", "Take the file as it was written.") from error


_EXAMPLE = "Write one with: seqcli compare … --format json > FILE.json"


def read_baseline(path: Path, metric: str) -> Comparison:
    """An earlier result that this one can be held against.

    Raises:
        DataError: The file cannot be read, is no such result, or is scored by another metric.
    """
    earlier = read_comparison(path)
    if earlier.task.metric != metric:
        raise DataError(
            f"{path} is scored by {earlier.task.metric}, this comparison by {metric}",
            "A baseline must be of the same metric.",
        )
    if earlier.protocol.folds is not None:
        raise DataError(
            f"{path} is a cross-validation, whose runs were tested on other rows",
            "A baseline must be of one split: compare without --folds.",
        )
    return earlier


def compare_with(now: Comparison, then: Comparison, *, file: str) -> EarlierComparison:
    """Every model of both, by its label, judged as pairs of models are: the models are one Holm family."""
    notes = unpaired_because(now, then)
    labels = {model.label: model for model in then.models}
    both = [(model, labels[model.label]) for model in now.models if model.label in labels]
    unpaired = sorted(set(labels) ^ {model.label for model in now.models})
    if unpaired:
        notes = [*notes, f"only one of the two has {', '.join(unpaired)}"]
    notes = [*notes, *_about_answers(now, then), *_about_sittings(now, then, both)]
    return EarlierComparison(
        file=file,
        signature=then.signature,
        paired=not unpaired_because(now, then),
        notes=notes,
        models=_models(now, then, both),
    )


ModelPair = tuple[ModelResult, ModelResult]
"""A model now, and the same one then."""


def _about_answers(now: Comparison, then: Comparison) -> list[str]:
    """Name the file without answers to test examples, and what that leaves of a verdict."""
    metric = metric_named(now.task.metric)
    files = [
        name
        for name, compared in (("this result", now), ("the baseline", then))
        if answers_in(compared) is None
    ]
    if not files or not (metric.right is not None or metric.of_corpus):
        return []
    missing = f"{' and '.join(files)} told no answers to test examples"
    if metric.right is None:
        return [f"{missing}: others could overturn what seeds agree on, so {metric.name} has no verdict"]
    return [f"{missing}: the sampling of a share counts for them, which is more than the answers would"]


def _about_sittings(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[str]:
    """Return the places and times of timing, as far as they keep the two from being compared."""
    timed = [(_samples(model.train_speed), _samples(other.train_speed)) for model, other in both]
    if not any(mine and theirs for mine, theirs in timed):
        return []
    if all(mine == theirs for mine, theirs in timed):
        return ["speed and latency are kept from the very blocks of the baseline: nothing was timed anew"]
    mine, theirs = _machines(now), _machines(then)
    if not (mine and theirs):
        return ["speed and latency were timed at another time, maybe on another machine: no verdict"]
    if mine != theirs:
        return [f"speed and latency were timed on {_named(mine)} now, {_named(theirs)} then: no verdict"]
    fewest = min(len(now.sittings), len(then.sittings))
    if fewest < ENOUGH_SITTINGS:
        why = "speed and latency were timed in other sittings, which differ more than their processes"
        return [f"{why}: a verdict needs {ENOUGH_SITTINGS} on either side (--measure-again adds one)"]
    return []


def _machines(result: Comparison) -> list[Machine]:
    """The machines that cost was measured on, each once."""
    machines = [sitting.machine for sitting in result.sittings]
    return [machine for place, machine in enumerate(machines) if machine not in machines[:place]]


def _named(machines: Sequence[Machine]) -> str:
    return " and ".join(
        f"{machine.host} ({machine.cpu}, {machine.instruction_set}, torch {machine.torch},"
        f" {counted(machine.threads, 'thread')}, {machine.device})"
        for machine in machines
    )


def unpaired_because(now: Comparison, then: Comparison) -> list[str]:
    """Return the reasons not to pair seed k of the one with seed k of the other; none where they pair."""
    settings = (
        ("the data", now.task.data_sha256[:8], then.task.data_sha256[:8]),
        ("the protocol", now.protocol.match, then.protocol.match),
        ("the seeds", _listed(now.protocol.seeds), _listed(then.protocol.seeds)),
    )
    return [
        f"not paired: {what} differ: {current} now, {earlier} then"
        for what, current, earlier in settings
        if current != earlier
    ]


def _listed(seeds: Sequence[int]) -> str:
    return ",".join(map(str, seeds))


def _models(now: Comparison, then: Comparison, both: Sequence[ModelPair]) -> list[EarlierModel]:
    qualities = _qualities(now, then, both)
    speeds = _timed_family(now, then, [(model.train_speed, other.train_speed) for model, other in both])
    waits = _timed_family(now, then, [(model.latency, other.latency) for model, other in both])
    return [
        EarlierModel(
            label=model.label,
            quality=qualities[place],
            train_speed=speeds[place],
            latency=waits[place],
            memory=_exact(_step(model.memory), _step(other.memory)),
            parameters=_exact(model.parameters.total, other.parameters.total),
        )
        for place, (model, other) in enumerate(both)
    ]


def _samples(measured: Speed | Latency | None) -> list[float]:
    return [] if measured is None else measured.samples


def _step(memory: Memory | None) -> int:
    return 0 if memory is None else memory.step


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
    mine, theirs = model.quality.per_seed, other.quality.per_seed
    paired = not unpaired_because(now, then)
    if paired:
        a, b = complete_pairs(mine, theirs)
    else:
        a, b = (np.array([value for value in values if value is not None]) for values in (mine, theirs))
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
        samples[0].mean, samples[1].mean, paired and mine == theirs, _view(over_seeds, examples)
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
    over_examples = [_over_examples(part, [its]) for part, its in zip(over_seeds, by_result, strict=True)]
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


def _timed_family(
    now: Comparison, then: Comparison, timed: Sequence[tuple[Speed | Latency | None, Speed | Latency | None]]
) -> list[EarlierRatio | None]:
    """The ratios of one figure of all models, which are one family, as the pairs of a comparison are.

    Sittings are the highest level that varies: the processes of one sitting, however many, tell nothing of
    how far another sitting of the same program would lie. Two machines are never compared.
    """
    both = {n: (mine, theirs) for n, (mine, theirs) in enumerate(timed) if mine and theirs}
    more_is_better = any(isinstance(mine, Speed) for mine, _ in both.values())
    ratios = [_over_sittings(now, then, *pair) for pair in both.values()]
    ratio_of = dict(zip(both, _ratio_family(ratios, higher_is_better=more_is_better), strict=True))
    return [ratio_of.get(place) for place in range(len(timed))]


def over_sittings(now: Sequence[float], then: Sequence[float], *, higher_is_better: bool) -> EarlierRatio:
    """The ratio of two absolute figures alone, one value a sitting."""
    ratio = geometric_mean(now).value / geometric_mean(then).value
    paired = SittingRatio(ratio, (len(now), len(then)), (list(now), list(then)), comparable=True)
    return _ratio_family([paired], higher_is_better=higher_is_better)[0]


def _over_sittings(
    now: Comparison, then: Comparison, mine: Speed | Latency, theirs: Speed | Latency
) -> SittingRatio:
    a, b = _sittings(mine), _sittings(theirs)
    return SittingRatio(
        ratio=geometric_mean(a).value / geometric_mean(b).value,
        sittings=(len(a), len(b)),
        samples=(_not_shared(a, now, then), _not_shared(b, then, now)),
        comparable=_machines(now) == _machines(then),
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


def _not_shared(values: Sequence[float], mine: Comparison, other: Comparison) -> list[float]:
    """The values of the sittings that the other result does not tell of."""
    if len(values) != len(mine.sittings):
        return list(values)
    shared = [(sitting.date, sitting.machine) for sitting in other.sittings]
    return [
        value
        for value, sitting in zip(values, mine.sittings, strict=True)
        if (sitting.date, sitting.machine) not in shared
    ]


def _exact(now: int, then: int) -> EarlierRatio | None:
    """The ratio of two figures without noise, less of which is better."""
    if not now or not then:
        return None
    rule = Rule(margin=COST_MARGIN, alpha=ALPHA, higher_is_better=False)
    ratio = exact_ratio(now, then)
    return EarlierRatio(ratio=ratio.value, ci95=None, verdict=judge(ratio.log, rule).verdict)
