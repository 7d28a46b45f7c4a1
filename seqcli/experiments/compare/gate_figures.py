"""The figures that a gate can name in the result of `compare`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from seqcli.data.kind import metric_named
from seqcli.experiments.compare.earlier_conditions import unpaired_because
from seqcli.experiments.compare.reference import answers_in, own_sampling
from seqcli.experiments.gates.gate_grammar import EARLIER
from seqcli.experiments.gates.judging import UNKNOWN, Gate, GateName, Lookup, Quantity, judge_family
from seqcli.results.common import Expectation
from seqcli.results.compare import Comparison, ModelResult
from seqcli.results.measurements import ENOUGH_SITTINGS, Memory, Timed
from seqcli.statistics.folds import Folds
from seqcli.statistics.intervals import estimate

QuantityOf = Callable[[ModelResult, Sequence[int]], Quantity]
"""A figure of one model, over the places of the seeds at which every model has a value."""


def judge_gates(
    gates: Sequence[Gate], result: Comparison, earlier: Comparison | None = None
) -> list[Expectation]:
    """Return the verdict of the comparison on each gate; `baseline.…` names figures of the earlier one."""
    lookups = [(gate, _lookup_for(gate, result, earlier)) for gate in gates]
    fresh = result.protocol.fresh_seed
    return [
        judged
        if judged.need is None
        else judged.model_copy(update={"need": judged.need.model_copy(update={"first_seed": fresh})})
        for judged in judge_family(lookups, result.protocol.alpha)
    ]


def _lookup_for(gate: Gate, result: Comparison, earlier: Comparison | None) -> Lookup:
    """Return the lookup by which one gate reads this result, and the earlier one if it names it."""
    result_places = _complete_places(result)
    if earlier is None or not any(name.earlier for name in gate.terms):
        return _figures_in(result, result_places)
    earlier_places = _complete_places(earlier)
    paired = not unpaired_because(result, earlier)
    if paired:
        result_places = earlier_places = [place for place in result_places if place in earlier_places]
    now, then = (
        _figures_in(compared, places, sampled=True)
        for compared, places in ((result, result_places), (earlier, earlier_places))
    )
    identical = {
        model.label
        for model in result.models
        for other in earlier.models
        if paired
        and model.label == other.label
        and all(model.quality.per_seed[place] == other.quality.per_seed[place] for place in result_places)
    }

    def find(name: GateName) -> Quantity:
        timed = _measured(earlier if name.earlier else result, name)
        if name.label in identical and ".".join(name.parts) in scores_of(result.task.metric):
            # The same runs again, to the last answer: there is no noise between the two.
            return replace((then if name.earlier else now)(name), resolution=0.0, answers=None, sampling=None)
        if not name.earlier:
            return now(name) if timed is None else _of_sittings(now(name), timed)
        if timed is not None:
            return replace(_of_sittings(then(name), timed), sample=EARLIER)
        over_seeds = ".".join(name.parts) in _over_seeds_of(result.task.metric)
        return then(name) if paired and over_seeds else replace(then(name), sample=EARLIER)

    return find


def _measured(result: Comparison, name: GateName) -> Timed | None:
    """Return the timing that the name means; None for figures of another kind."""
    if name.parts not in (("train_speed",), ("latency",)):
        return None
    model = next(model for model in result.models if model.label == name.label)
    return model.train_speed if name.parts == ("train_speed",) else model.latency


def _over_seeds_of(metric: str) -> tuple[str, ...]:
    """The figures that have one value a seed; others are of cost blocks, which are never paired over time."""
    return (*scores_of(metric), "epochs_to_best")


def _complete_places(result: Comparison) -> list[int]:
    """The places of the seeds at which every model has a value."""
    return [
        place
        for place in range(len(result.protocol.seeds))
        if all(model.quality.per_seed[place] is not None for model in result.models)
    ]


def _figures_in(result: Comparison, shared: Sequence[int], *, sampled: bool = False) -> Lookup:
    """Return the lookup in one result; `sampled` where it may tell nothing of answers, as foreign files."""
    figures = figures_of(result.task.metric)
    products = None if len(shared) < 2 else answers_in(result)
    of_quality = scores_of(result.task.metric)

    def find(name: GateName) -> Quantity:
        model = next(model for model in result.models if model.label == name.label)
        figure = ".".join(name.parts)
        quantity = _by_fold(figures[figure](model, shared), result, shared)
        if figure not in of_quality:
            return quantity
        tested = figure != "valid"
        metric = metric_named(result.task.metric)
        row = _row(result, model) if tested else None
        return replace(
            quantity,
            resolution=metric.resolution(result.task.test if tested else result.task.valid),
            answers=None if products is None or row is None else (products, row),
            sampling=own_sampling(result, quantity.value, tested=tested) if sampled else None,
            unit="share" if metric.share else metric.name,
            least=-math.inf if metric.most is None else 0.0,
            most=math.inf if metric.most is None else metric.most,
        )

    return find


def _by_fold(quantity: Quantity, result: Comparison, shared: Sequence[int]) -> Quantity:
    """The figure fold by fold, in a cross-validation; any other, and one that is none of runs, as it is."""
    validation = result.protocol.folds
    if validation is None or not quantity.over_seeds or not quantity.per_seed:
        return quantity
    folds = Folds(validation.folds, validation.test_to_train)
    values: list[float | None] = [None] * len(result.protocol.seeds)
    for place, value in zip(shared, quantity.per_seed, strict=True):
        values[place] = value
    over_folds = folds.mean(values)
    return replace(
        quantity,
        value=over_folds.mean,
        interval=over_folds.ci95,
        per_seed=tuple(folds.means(values)),
        test_to_train=folds.test_to_train,
    )


def scores_of(metric: str) -> tuple[str, ...]:
    """The figures that are scores by the metric."""
    return (metric, "quality", "quality.mean", "valid")


def _row(result: Comparison, model: ModelResult) -> int | None:
    labels = [] if result.answers is None else result.answers.labels
    return labels.index(model.label) if model.label in labels else None


def figures_of(metric: str) -> Mapping[str, QuantityOf]:
    """The figures that a gate may name, under the names that the JSON has; the metric under its own too."""
    return {**FIGURES, metric: _quality, "quality": _quality, "quality.mean": _quality}


def _over_seeds(values: Sequence[float | None], shared: Sequence[int]) -> Quantity:
    known = tuple(value for place in shared if (value := values[place]) is not None)
    if not known:
        return UNKNOWN
    summary = estimate(known)
    return Quantity(summary.mean, summary.ci95, known, over_seeds=True)


def _quality(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.quality.per_seed, shared)


def _valid(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.quality.valid_per_seed, shared)


def _epochs(model: ModelResult, shared: Sequence[int]) -> Quantity:
    return _over_seeds(model.epochs_to_best, shared)


def _speed(model: ModelResult, _: Sequence[int]) -> Quantity:
    speed = model.train_speed
    return UNKNOWN if speed is None else _timed(speed, speed.typical, speed.unit)


def _latency(model: ModelResult, _: Sequence[int]) -> Quantity:
    latency = model.latency
    return UNKNOWN if latency is None else _timed(latency, latency.p50, latency.unit)


def _timed(timed: Timed, value: float, unit: str) -> Quantity:
    """The figure with its interval over sittings: one sitting decides no gate on an absolute figure."""
    # Two models of one result are compared process by process, since the sitting's state cancels between
    # them.
    return Quantity(value, timed.ci95, tuple(timed.samples), unit=unit, varies="sittings")


def _of_sittings(quantity: Quantity, measured: Timed | None) -> Quantity:
    """The figure for a gate over two results, which share no sitting: one value a sitting, from three on."""
    values = () if measured is None else tuple(measured.per_sitting)
    return replace(quantity, per_seed=values if len(values) >= ENOUGH_SITTINGS else ())


def _peak(model: ModelResult, _: Sequence[int]) -> Quantity:
    """The range over processes stands for the interval."""
    if model.memory is None:
        return UNKNOWN
    low, high = model.memory.peak
    return Quantity((low + high) / 2, (float(low), float(high)), varies="range")


def _exact(read: Callable[[ModelResult], float | None]) -> QuantityOf:
    def figure(model: ModelResult, _: Sequence[int]) -> Quantity:
        value = read(model)
        return UNKNOWN if value is None else Quantity(float(value), exact=True)

    return figure


def _bytes(read: Callable[[Memory], int]) -> QuantityOf:
    return _exact(lambda model: None if model.memory is None else read(model.memory))


FIGURES: Mapping[str, QuantityOf] = {
    "valid": _valid,
    "epochs_to_best": _epochs,
    "train_speed": _speed,
    "latency": _latency,
    "memory.peak": _peak,
    "memory.parameters": _bytes(lambda memory: memory.parameters),
    "memory.optimizer": _bytes(lambda memory: memory.optimizer),
    "memory.activations": _bytes(lambda memory: memory.activations),
    "parameters.total": _exact(lambda model: model.parameters.total),
    "parameters.embedding": _exact(lambda model: model.parameters.embedding),
    "parameters.recurrent": _exact(lambda model: model.parameters.recurrent),
    "parameters.head": _exact(lambda model: model.parameters.head),
    "flops_per_step": _exact(lambda model: model.flops_per_step),
    "gates": _exact(lambda model: model.gates),
}
