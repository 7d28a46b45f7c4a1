"""`--baseline FILE.json`: this comparison beside an earlier one of the same task."""

import json
from collections.abc import Sequence
from math import exp
from pathlib import Path

import numpy as np
from pydantic import ValidationError

from seqcli.data.files import check_readable
from seqcli.data.kind import metric_named
from seqcli.errors import DataError, disk_fault
from seqcli.results.common import Interval, Verdict
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.earlier import EarlierComparison, EarlierModel, EarlierQuality, EarlierRatio
from seqcli.results.measurements import ENOUGH_SITTINGS, Latency, Machine, Memory, Speed
from seqcli.results.wording import counted
from seqcli.runs.sealed import unsealed
from seqcli.statistics.combinations import AnswerProducts, crossed_apart
from seqcli.statistics.evidence import Evidence
from seqcli.statistics.intervals import (
    Estimate,
    complete_pairs,
    estimate,
    exact_ratio,
    geometric_mean,
    paired_difference,
)
from seqcli.statistics.satterthwaite import ApproximateMean, independent_difference
from seqcli.statistics.student import COST_MARGIN
from seqcli.statistics.verdicts import Rule, judge

SCHEMA = "seqcli.compare/1"
ALPHA = 0.05
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
        raise DataError(f"{path} is no JSON: {error}", advice) from error
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
    return earlier


def compare_with(now: Comparison, then: Comparison, *, file: str) -> EarlierComparison:
    """Every model of both, by its label."""
    notes = unpaired_because(now, then)
    labels = {model.label: model for model in then.models}
    both = [(model, labels[model.label]) for model in now.models if model.label in labels]
    alone = sorted(set(labels) ^ {model.label for model in now.models})
    if alone:
        notes = [*notes, f"only one of the two has {', '.join(alone)}"]
    notes = [*notes, *_about_sittings(now, then, both)]
    return EarlierComparison(
        file=file,
        signature=then.signature,
        paired=not unpaired_because(now, then),
        notes=notes,
        models=[_model(now, then, model, other) for model, other in both],
    )


def _about_sittings(
    now: Comparison, then: Comparison, both: Sequence[tuple[ModelResult, ModelResult]]
) -> list[str]:
    """Where and when the two were timed, as far as that keeps them from being held against each other."""
    timed = [(_samples(model.train_speed), _samples(other.train_speed)) for model, other in both]
    if not any(here and there for here, there in timed):
        return []
    if all(here == there for here, there in timed):
        return ["speed and latency are kept from the very blocks of the baseline: nothing was timed anew"]
    here, there = _machines(now), _machines(then)
    if not (here and there):
        return ["speed and latency were timed at another time, maybe on another machine: no verdict"]
    if here != there:
        return [f"speed and latency were timed on {_named(here)} now, {_named(there)} then: no verdict"]
    fewest = min(len(now.sittings), len(then.sittings))
    if fewest < ENOUGH_SITTINGS:
        why = "speed and latency were timed in other sittings, which differ more than their processes"
        return [f"{why}: a verdict needs {ENOUGH_SITTINGS} on either side (--measure-again adds one)"]
    return []


def _machines(result: Comparison) -> list[Machine]:
    """The machines that cost was measured on, each once."""
    every = [sitting.machine for sitting in result.sittings]
    return [machine for place, machine in enumerate(every) if machine not in every[:place]]


def _named(machines: Sequence[Machine]) -> str:
    return " and ".join(
        f"{one.host} ({one.cpu}, {one.instruction_set}, torch {one.torch},"
        f" {counted(one.threads, 'thread')}, {one.device})"
        for one in machines
    )


def unpaired_because(now: Comparison, then: Comparison) -> list[str]:
    """Why seed k of the one is not to be paired with seed k of the other; nothing where it is."""
    told = (
        ("the data", now.task.data_sha256[:8], then.task.data_sha256[:8]),
        ("the protocol", now.protocol.match, then.protocol.match),
        ("the seeds", _listed(now.protocol.seeds), _listed(then.protocol.seeds)),
    )
    return [
        f"not paired: {what} differ: {here} now, {there} then" for what, here, there in told if here != there
    ]


def _listed(seeds: Sequence[int]) -> str:
    return ",".join(map(str, seeds))


def _model(now: Comparison, then: Comparison, model: ModelResult, other: ModelResult) -> EarlierModel:
    return EarlierModel(
        label=model.label,
        quality=_quality(now, then, model, other),
        train_speed=_timed(now, then, model.train_speed, other.train_speed),
        latency=_timed(now, then, model.latency, other.latency),
        memory=_exact(_step(model.memory), _step(other.memory)),
        parameters=_exact(model.parameters.total, other.parameters.total),
    )


def _samples(measured: Speed | Latency | None) -> list[float]:
    return [] if measured is None else measured.samples


def _step(memory: Memory | None) -> int:
    return 0 if memory is None else memory.step


def _quality(
    now: Comparison, then: Comparison, model: ModelResult, other: ModelResult
) -> EarlierQuality | None:
    """Seed by seed where data, protocol and seeds agree; else two independent samples."""
    here, there = model.quality.per_seed, other.quality.per_seed
    paired = not unpaired_because(now, then)
    resolution = metric_named(now.task.metric).resolution(min(now.task.test, then.task.test))
    if paired:
        a, b = complete_pairs(here, there)
    else:
        a, b = (np.array([value for value in values if value is not None]) for values in (here, there))
    if not (a.size and b.size):
        return None
    difference = paired_difference(a, b, resolution=resolution) if paired else None
    spreads = [_answers_of(result, model.label) for result in (now, then)]
    samples = [estimate(values, resolution=resolution) for values in (a, b)]
    higher_is_better = now.task.higher_is_better
    margin = now.protocol.margin * (1.0 if higher_is_better else abs(samples[1].mean))
    rule = Rule(margin=margin, alpha=ALPHA, higher_is_better=higher_is_better)
    unchanged = paired and here == there
    found = _paired(difference, spreads, rule) if difference else _apart(samples, spreads, rule)
    return EarlierQuality(
        now=samples[0].mean,
        then=samples[1].mean,
        difference=samples[0].mean - samples[1].mean,
        ci95=found[0],
        level=found[1],
        verdict="equivalent" if unchanged else found[2],
        examples=all(spreads),
        test="paired t" if paired else "Welch",
        unchanged=unchanged,
    )


def _timed(
    now: Comparison, then: Comparison, here: Speed | Latency | None, there: Speed | Latency | None
) -> EarlierRatio | None:
    """The ratio of two times' geometric means over sittings, with a verdict from three on either side on.

    Sittings are the highest level that varies: the processes of one sitting, however many, tell nothing of
    how far another sitting of the same program would lie. Sittings that both results tell of are left out of
    the test, and two machines are never compared.
    """
    if here is None or there is None:
        return None
    a, b = _sittings(here), _sittings(there)
    ratio = geometric_mean(a).value / geometric_mean(b).value
    own_a, own_b = _not_shared(a, now, then), _not_shared(b, then, now)
    if min(len(own_a), len(own_b)) < ENOUGH_SITTINGS or _machines(now) != _machines(then):
        return EarlierRatio(ratio=ratio, ci95=None, verdict="undecided", sittings=(len(a), len(b)))
    return over_sittings(own_a, own_b, higher_is_better=isinstance(here, Speed))


def over_sittings(now: Sequence[float], then: Sequence[float], *, higher_is_better: bool) -> EarlierRatio:
    """The ratio of two absolute figures, one value a sitting: two independent samples (Welch, 1947).

    Below three sittings on a side there is no verdict.
    """
    counts = (len(now), len(then))
    logs = geometric_mean(now).log, geometric_mean(then).log
    ratio = exp(logs[0].mean - logs[1].mean)
    if min(counts) < ENOUGH_SITTINGS:
        return EarlierRatio(ratio=ratio, ci95=None, verdict="undecided", sittings=counts)
    rule = Rule(margin=COST_MARGIN, alpha=ALPHA, higher_is_better=higher_is_better)
    interval, level, word = _independent(*logs, rule)
    ends = None if interval is None else (exp(interval[0]), exp(interval[1]))
    return EarlierRatio(ratio=ratio, ci95=ends, verdict=word, sittings=counts, level=level)


def _sittings(measured: Speed | Latency) -> list[float]:
    """The figure of each sitting; results of earlier versions were of one."""
    if measured.per_sitting:
        return measured.per_sitting
    return [measured.typical if isinstance(measured, Speed) else measured.p50]


def _not_shared(values: Sequence[float], mine: Comparison, other: Comparison) -> list[float]:
    """The values of the sittings that the other result does not tell of."""
    if len(values) != len(mine.sittings):
        return list(values)
    shared = [(one.date, one.machine) for one in other.sittings]
    return [
        value
        for value, one in zip(values, mine.sittings, strict=True)
        if (one.date, one.machine) not in shared
    ]


def _exact(now: int, then: int) -> EarlierRatio | None:
    """The ratio of two figures without noise, less of which is better."""
    if not now or not then:
        return None
    rule = Rule(margin=COST_MARGIN, alpha=ALPHA, higher_is_better=False)
    ratio = exact_ratio(now, then)
    return EarlierRatio(ratio=ratio.value, ci95=None, verdict=judge(ratio.log, rule).verdict)


Answers = tuple[AnswerProducts, list[float]] | None
"""How a model's answers vary over examples: its result's products, and which of the models it is."""
Decided = tuple[Interval | None, float | None, Verdict]


def _answers_of(result: Comparison, label: str) -> Answers:
    """None where the result does not tell it."""
    told = result.answers
    if told is None or label not in told.labels:
        return None
    matrices = (np.array(matrix) for matrix in (told.by_seeds, told.by_examples, told.rest))
    products = AnswerProducts(told.seeds, told.examples_degrees, *matrices)
    return products, [float(one == label) for one in told.labels]


def _paired(difference: Estimate, spreads: Sequence[Answers], rule: Rule) -> Decided:
    """Seed by seed, and over both results' test examples where they tell of them."""
    known = [spread for spread in spreads if spread is not None]
    view: Evidence | Estimate = difference
    if len(known) == len(spreads) and difference.sd is not None:
        view = Evidence(difference, crossed_apart(difference, known))
    verdict = judge(view, rule)
    return (*verdict.deciding, verdict.verdict)


def _apart(samples: Sequence[Estimate], spreads: Sequence[Answers], rule: Rule) -> Decided:
    """Two samples that share nothing, with their own test examples; undecided where one has no spread."""
    if any(sample.sd is None for sample in samples):
        return None, None, "undecided"
    known = [spread for spread in spreads if spread is not None]
    views: list[Estimate | ApproximateMean] = list(samples)
    if len(known) == len(spreads):
        views = [crossed_apart(sample, [spread]) for sample, spread in zip(samples, known, strict=True)]
    verdict = judge(independent_difference(views[0], views[1]), rule)
    return (*verdict.deciding, verdict.verdict)


def _independent(a: Estimate, b: Estimate, rule: Rule) -> Decided:
    """Undecided without an interval where one of the samples has no spread to tell."""
    if a.sd is None or b.sd is None:
        return None, None, "undecided"
    verdict = judge(independent_difference(a, b), rule)
    return (*verdict.deciding, verdict.verdict)
